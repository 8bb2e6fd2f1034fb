"""XTTS-v2 by Coqui: clones a voice from seconds of it and speaks it in 17 languages.

The model's four files are placed in checkpoints/xtts by the user, who accepts their licence (CPML, not for
commercial use). They are run by coqui-tts, on a GPU where there is one.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from presenter import audio
from presenter.engines import Recording, too_short, weights
from presenter.engines.xtts import clauses, files
from presenter.errors import EngineMissing, InputError, WorkError
from presenter.text import canonical
from presenter.text import name as language_name
from presenter.types import Arrays, Samples, Style, Timing, Wave

RATE = 24_000
"""Samples a second of what it says (Hz)."""

# How the next piece of sound is drawn: the publisher's demonstration of XTTS-v2 speaks with the first two,
# the others are the defaults of ``Xtts.inference`` in coqui-tts.
TEMPERATURE = 0.75
REPETITION_PENALTY = 5.0
TOP_K = 50
TOP_P = 0.85

LISTENED = 30
"""So many seconds of the lines together shape how the voice speaks, and so many of each line its colour."""
CHUNK = 4
"""Seconds that the model hears at a time; what it makes of them is averaged. Both as in the settings that
are published with the model."""
SHORTEST = 3.0
"""The least speech that a voice is learnt from (s): coqui-tts asks for more than three."""
NOTHING = 0.2
"""Length of the silence that stands for a text without any sound, such as an ellipsis (s)."""
PART = 20
"""Tokens in a part of a stream: each is 1024 samples at 22 050 Hz, together nearly a second."""
_SHORTEST_LINE = 0.5
"""Lines below it (s) are no speech, and too short for the model's filters."""
_LATENT_RATE, _EMBEDDING_RATE = 22_050, 16_000
"""What the two halves of the model listen at (Hz)."""
_LOUDEST = 0.99
_NEEDED = {"zh": ("pypinyin",), "ja": ("cutlet", "unidic_lite")}
"""Packages that spell a language's writing for the model."""
_STOPS = re.compile(r"(?<=[^\s.。?])(?=[.?]+(?:\s|$)|。)")
"""Where a full stop or a question mark follows its word at once."""
_TURKISH = str.maketrans("Iİ", "ıi")
"""Small letters that are others than Unicode's for every language."""

_INSTALL = 'Install it in this folder: pip install -e ".[xtts]".'
_FULL = "There is not enough memory for the voice engine."
_SILENT = "The voice engine gave no sound."

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Xtts:
    """XTTS-v2.

    A voice is ``gpt_cond_latent``, float32 (1, 32, 1024), and ``speaker_embedding``, float32 (1, 512, 1);
    ``{}`` is the first voice that comes with the model. Speed is the model's own: it stretches what goes
    into its vocoder, at the same pitch. Pitch and liveliness are those of the recordings.

    The same seed gives the same samples on the same machine; another device, another number of threads or
    another release of torch may give another rendering of the text.
    """

    def __init__(self) -> None:
        for module, package in (("torch", "torch"), ("TTS", "coqui-tts")):
            if importlib.util.find_spec(module) is None:
                raise ModuleNotFoundError(f"No module named '{module}'", name=package)
        self._folder = weights.find("xtts")
        self._languages = files.languages(self._folder / "config.json")
        self._loaded: Any = None

    def weights(self, language: str = "") -> tuple[Path, ...]:  # noqa: ARG002  (one network for all)
        """The model's files."""
        names = ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth")
        return tuple(weights.find("xtts") / name for name in names)

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes that the model was made for, sorted."""
        return self._languages

    def builtin(self) -> dict[str, Arrays]:
        """The voices that come with the model, by name.

        Raises:
            SetupError: ``E-MODEL-UNSAFE`` or ``E-MODEL-BROKEN`` when their file cannot be used.
        """
        found = _loader().voices(self._folder / "speakers_xtts.pth")
        return {name: {key: _array(value) for key, value in voice.items()} for name, voice in found.items()}

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Learn a voice: its embedding is the mean over the lines, its latents are of all lines together.

        Args:
            references: lines in the order of preference; none gives the first voice of the model.

        Raises:
            InputError: ``E-VOICE-SHORT`` for less than ``SHORTEST`` seconds.
            SetupError: ``E-MODEL-UNSAFE``, ``E-MODEL-BROKEN`` or ``E-MODEL-KIND`` for a model that does not
                load.
            WorkError: ``E-VOICE-ENGINE`` when the memory is too small.
        """
        if not references:
            return next(iter(self.builtin().values()), {})
        lines = [each.wave for each in references if each.wave.seconds >= _SHORTEST_LINE]
        seconds = sum(line.seconds for line in lines)
        if seconds < SHORTEST:
            raise too_short(seconds, SHORTEST)
        latent, embedding = self._attempt(lambda model: _conditioned(model, lines), seed=0)
        return {"gpt_cond_latent": _array(latent), "speaker_embedding": _array(embedding)}

    def speak(
        self, text: str, language: str, voice: Arrays, *, style: Style, seed: int
    ) -> tuple[Wave, Timing | None]:
        """Say ``text``, in pieces where it is longer than the model takes; the times are not known.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language that the model was not made for, ``E-VOICE-KIND``
                for a voice of another engine or model.
            EngineMissing: ``E-ENGINE-MISSING`` for a language whose writing needs a package.
            SetupError: ``E-MODEL-UNSAFE``, ``E-MODEL-BROKEN`` or ``E-MODEL-KIND`` for a model that does not
                load.
            WorkError: ``E-VOICE-ENGINE`` when the memory is too small or no sound came.
        """
        code = self._code(language)
        if not any(char.isalnum() for char in text):
            return _silence(NOTHING), None
        pieces = self._pieces(text, code)
        arguments = self._arguments(code, voice, style)
        sounds = [self._say(piece, arguments, seed) for piece in pieces]
        return Wave(clauses.join(pieces, sounds, RATE), RATE), None

    def stream(self, text: str, language: str, voice: Arrays, *, style: Style, seed: int) -> Iterator[Wave]:
        """Say ``text`` in parts of about a second, each as soon as it is there: for listening at once.

        It is another rendering than ``speak`` gives for the seed, without the same care at the joins.
        Nothing else can be said with this engine until it is used up.

        Raises:
            As ``speak``, when the first part is asked for.
        """
        code = self._code(language)
        if not any(char.isalnum() for char in text):
            yield _silence(NOTHING)
            return
        pieces = self._pieces(text, code)
        arguments = self._arguments(code, voice, style)
        from presenter.engines.xtts.draws import Draws

        draws = Draws(seed)
        for number, piece in enumerate(pieces):
            parts = self._model().inference_stream(piece, stream_chunk_size=PART, **arguments)
            while (part := _next(parts, draws)) is not None:
                if len(part):
                    yield Wave(_level(part), RATE)
            if number < len(pieces) - 1:
                yield _silence(clauses.pause(piece))

    def _say(self, piece: str, arguments: Mapping[str, Any], seed: int) -> Samples:
        return _level(self._attempt(lambda model: model.inference(piece, **arguments)["wav"], seed))

    # --- what goes in ---

    def _code(self, language: str) -> str:
        """The library's code for a language that it can speak and spell."""
        primary = (canonical(language) or language).split("-")[0]
        code = "zh" if primary == "cmn" else primary
        if code not in self._languages:
            raise InputError(
                "E-SCRIPT-LANG",
                f'The voice engine "xtts" cannot speak {language_name(language)}.',
                f"Supported are {', '.join(language_name(each) for each in self._languages)}.",
                "language",
            )
        for package in _NEEDED.get(code, ()):
            if importlib.util.find_spec(package) is None:
                raise EngineMissing(
                    "E-ENGINE-MISSING",
                    f'The voice engine "xtts" needs the package {package} to read {language_name(code)}.',
                    _INSTALL,
                    "speaker",
                )
        return "zh-cn" if code == "zh" else code

    def _pieces(self, text: str, code: str) -> list[str]:
        """The text in pieces that the model takes."""
        tokenizer, most = self._model().tokenizer, self._model().args.gpt_max_text_tokens
        longest = tokenizer.char_limits[code.split("-")[0]]

        def fits(piece: str) -> bool:
            return len(piece) <= longest and bool(len(tokenizer.encode(piece, lang=code)) < most)

        return clauses.split(_spelt(text, code), fits)

    def _arguments(self, code: str, voice: Arrays, style: Style) -> dict[str, Any]:
        """What ``inference`` and ``inference_stream`` take besides the text."""
        import torch

        args = self._model().args
        known = voice or self.study([])
        shapes = {
            "gpt_cond_latent": (1, -1, args.gpt_n_model_channels),
            "speaker_embedding": (1, args.d_vector_dim, 1),
        }
        if not all(name in known and _fits(known[name].shape, shape) for name, shape in shapes.items()):
            raise InputError(
                "E-VOICE-KIND",
                "This voice was not learnt by the XTTS model that is here.",
                "Choose another voice, or enrol it again.",
                "voice",
            )
        tensors = {name: torch.from_numpy(np.array(known[name], np.float32)) for name in shapes}
        return {
            **tensors, "language": code, "speed": style.speed, "temperature": TEMPERATURE,
            "repetition_penalty": REPETITION_PENALTY, "top_k": TOP_K, "top_p": TOP_P,
        }  # fmt: skip

    # --- the model ---

    def _model(self) -> Any:
        if self._loaded is None:
            loader = _loader()
            from presenter.engines.xtts.draws import Draws

            try:
                with Draws(0):
                    self._loaded = loader.load(self._folder)
            except MemoryError as error:
                raise _failed(_FULL) from error
            self._move_to_gpu()
        return self._loaded

    def _move_to_gpu(self) -> None:
        import torch

        if not torch.cuda.is_available():
            return
        try:
            self._loaded.cuda()
        except torch.OutOfMemoryError:
            self._move_to_cpu()

    def _move_to_cpu(self) -> None:
        import torch

        _log.warning("the GPU has too little memory free for XTTS: it speaks on the CPU, which takes longer")
        self._loaded.cpu()
        torch.cuda.empty_cache()

    def _attempt(self, work: Callable[[Any], _T], seed: int) -> _T:
        """What ``work`` makes with the model; on the CPU where the GPU's memory is too small."""
        model = self._model()
        import torch

        from presenter.engines.xtts.draws import Draws

        try:
            with Draws(seed):
                return work(model)
        except torch.OutOfMemoryError as error:
            if model.device.type == "cpu":
                raise _failed(_FULL) from error
        except (RuntimeError, MemoryError) as error:
            raise _failed(_FULL if _loader().lacks_memory(error) else _SILENT) from error
        self._move_to_cpu()  # outside of the handler, whose error holds on to what lies on the GPU
        return self._attempt(work, seed)


def _next(parts: Iterator[Any], draws: Any) -> Samples | None:
    try:
        with draws:
            part = next(parts, None)
    except (RuntimeError, MemoryError) as error:
        raise _failed(_FULL if _loader().lacks_memory(error) else _SILENT) from error
    return None if part is None else _array(part)


def _loader() -> ModuleType:
    """The module that loads models: with it come torch and coqui-tts, which takes seconds.

    Raises:
        EngineMissing: ``E-ENGINE-MISSING`` where what they need in turn is not there.
    """
    try:
        from presenter.engines.xtts import model

        model.coqui()
    except (ImportError, OSError) as error:
        name = getattr(error, "name", None) or "coqui-tts"
        raise EngineMissing(
            "E-ENGINE-MISSING", f'The voice engine "xtts" needs the package {name}.', _INSTALL, "speaker"
        ) from error
    return model


def _failed(message: str) -> WorkError:
    return WorkError("E-VOICE-ENGINE", message, "Try again.", "voice")


def _conditioned(model: Any, lines: Sequence[Wave]) -> tuple[Any, Any]:
    """As ``Xtts.get_conditioning_latents`` in coqui-tts, for sound that is in memory already."""
    import torch

    def heard(line: Wave, rate: int) -> Any:
        short = Wave(line.samples[: LISTENED * line.rate], line.rate)
        return torch.from_numpy(audio.resample(short, rate).copy())[None]

    together = torch.cat([heard(line, _LATENT_RATE) for line in lines], dim=1)
    latent = model.get_gpt_cond_latents(together, _LATENT_RATE, length=LISTENED, chunk_length=CHUNK)
    colours = [model.get_speaker_embedding(heard(line, _EMBEDDING_RATE), _EMBEDDING_RATE) for line in lines]
    return latent, torch.stack(colours).mean(dim=0)


def _spelt(text: str, code: str) -> str:
    """Text in the way that the model reads it as it is meant: small letters; no square brackets, which are
    its commands; full stops apart from their words, because it says "dot" where they are not; but none
    after an abbreviation, which the last word of a text is not."""
    text = text.translate(_TURKISH) if code == "tr" else text
    text = re.sub(r"[\[\]]", " ", text.lower()).strip()
    body = text.rstrip(".?。")
    return " ".join(_STOPS.sub(" ", _loader().expand(body, code) + text[len(body) :]).split())


def _fits(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    return len(shape) == len(wanted) and all(b in (a, -1) for a, b in zip(shape, wanted, strict=True))


def _array(tensor: Any) -> Any:
    return tensor.detach().float().cpu().numpy()


def _level(sound: Samples) -> Samples:
    return np.clip(sound, -_LOUDEST, _LOUDEST).astype(np.float32)


def _silence(seconds: float) -> Wave:
    return Wave(np.zeros(round(seconds * RATE), np.float32), RATE)
