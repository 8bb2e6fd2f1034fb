"""pocket-tts by Kyutai: clones a voice from ten seconds of it, in real time on a CPU, in seven languages.

Each language is a model of its own: a folder in checkpoints/pocket named as the library names it
(``english``, ``german_24l`` ...) with its ``model.safetensors`` and ``tokenizer.json``. A folder with a
``config.yaml`` besides may hold any model of the library's kind, named by its language. The library
would fetch what is missing from the internet; here it is only ever given files that are there.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from presenter import audio, text
from presenter.engines import Recording, too_short, weights
from presenter.errors import EngineMissing, InputError, SetupError, WorkError
from presenter.types import Arrays, Samples, Style, Timing, Wave

PROMPT = 12.0
"""So much of a person's speech is listened to (s): more makes every sentence slower, and the kept voice
larger (some 0.6 MB a second)."""
SHORTEST = 3.0
"""The least speech that a voice is learnt from (s)."""
RATE = 24_000
"""Samples a second of the prompt that a voice keeps (Hz)."""
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pt")
"""What the library has models for."""
NOTHING = 0.2
"""Length of the silence that stands for a text without any sound, such as an ellipsis (s)."""
_PAUSE = 0.25
"""Silence between two lines of a prompt (s)."""
_FAINT = 10 ** (-40 / 20)
"""Share of the peak below which the ends of a recording count as silence."""
_FOLDER = "checkpoints/pocket"
_STATES = 4
"""Voices that are kept studied in memory."""

_log = logging.getLogger(__name__)

State = dict[str, dict[str, Any]]
"""What the model remembers of a voice: module -> name -> tensor."""


class Pocket:
    """Kyutai's pocket-tts.

    A voice is the sound that it was learnt from, ``prompt`` float32 (N,) at ``RATE``, and for each model
    that was there the state of the model after hearing it, as ``MODEL/MODULE/NAME`` arrays; MODEL carries
    the digest of the weights, because another model cannot read the state. A model that came later hears
    the prompt when it is first used. Speed is honoured by ``audio.stretch``; pitch and liveliness are
    those of the recordings: the model has no control for them.
    """

    def __init__(self) -> None:
        if importlib.util.find_spec("pocket_tts") is None:
            raise ModuleNotFoundError("No module named 'pocket_tts'", name="pocket-tts")
        self._folder = weights.find("pocket")
        _load.cache_clear()  # a new engine means that model files were replaced
        self._fresh: dict[tuple[str, bytes], State] = {}

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes of the models that are there, sorted."""
        return tuple(sorted(_models(self._folder)))

    def weights(self, language: str = "") -> tuple[Path, ...]:
        """The files of the model for a language, or of all models."""
        models = _models(weights.find("pocket"))
        wanted = [models[text.base(language)]] if text.base(language) in models else list(models.values())
        names = ("model.safetensors", "tokenizer.json", "tokenizer.model", "config.yaml")
        return tuple(folder / name for folder in wanted for name in names if (folder / name).is_file())

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Listen to a person.

        Args:
            references: lines in the order of preference; the first that fit into ``PROMPT`` are used.

        Raises:
            InputError: ``E-VOICE-SHORT`` for less than ``SHORTEST`` seconds of speech.
            SetupError: ``E-MODEL-BROKEN`` when a model does not load.
        """
        prompt = _prompt(references)
        known: dict[str, Any] = {"prompt": prompt}
        for folder in _models(self._folder).values():
            for module, rows in self._hear(folder, prompt).items():
                known |= {f"{_name(folder)}/{module}/{key}": value.numpy() for key, value in rows.items()}
        return known

    def speak(
        self, text: str, language: str, voice: Arrays, *, style: Style, seed: int
    ) -> tuple[Wave, Timing | None]:
        """Say ``text``, cut by the library where it is long for its model; the times are not known.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language that the library has no model for.
            EngineMissing: ``E-MODEL-MISSING`` for one whose model is not there.
            SetupError: ``E-MODEL-BROKEN`` when the model does not load.
            WorkError: ``E-VOICE-ENGINE`` when it fails.
        """
        folder = self._model_for(language)
        if not any(char.isalnum() for char in text):
            return Wave(np.zeros(round(NOTHING * RATE), np.float32), RATE), None
        model = _load(folder)
        state = self._state(folder, voice)
        try:
            with _repeatable(seed):
                spoken = model.generate_audio(state, text)
        except RuntimeError as error:
            raise WorkError("E-VOICE-ENGINE", "The voice engine gave no sound.", "Try again.") from error
        samples = spoken.numpy().astype(np.float32)
        peak = float(np.abs(samples).max(initial=0.0))
        if peak > 0.99:
            samples *= np.float32(0.99 / peak)
        return audio.stretch(Wave(samples, int(model.sample_rate)), style.speed), None

    def _model_for(self, language: str) -> Path:
        base = text.base(language)
        models = _models(self._folder)
        if base in models:
            return models[base]
        if base not in LANGUAGES:
            names = ", ".join(text.name(code) for code in sorted({*LANGUAGES, *models}))
            raise InputError(
                "E-SCRIPT-LANG",
                f'The voice engine "pocket" cannot speak {text.name(language)}.',
                f"Supported are {names}.",
                "language",
            )
        folder = text.name(base).lower()
        raise EngineMissing(
            "E-MODEL-MISSING",
            f'The voice engine "pocket" has no model for {text.name(base)} here.',
            f"Put its model.safetensors and tokenizer.json into {_FOLDER}/{folder}.",
            "language",
        )

    def _state(self, folder: Path, voice: Arrays) -> State:
        """What this model remembers of the voice: as it was kept, or from the prompt."""
        kept = _unpacked(_name(folder), voice)
        if kept:
            return kept
        prompt = np.asarray(voice["prompt"], np.float32)
        key = (_name(folder), hashlib.sha256(prompt.tobytes()).digest())
        if key not in self._fresh:
            while len(self._fresh) >= _STATES:
                self._fresh.pop(next(iter(self._fresh)))
            self._fresh[key] = self._hear(folder, prompt)
        return self._fresh[key]

    def _hear(self, folder: Path, prompt: Samples) -> State:
        import torch

        model = _load(folder)
        sound = audio.resample(Wave(prompt, RATE), int(model.sample_rate))
        with _repeatable(0):
            state: State = model.get_state_for_audio_prompt(torch.from_numpy(sound.copy())[None])
        return state


# --- models ---


def _models(folder: Path) -> dict[str, Path]:
    """Language -> folder of its model; of several the one with the shortest name, which is the quickest."""
    found: dict[str, Path] = {}
    for place in sorted(folder.iterdir(), key=lambda place: (len(place.name), place.name)):
        code = text.canonical(place.name) or text.canonical(place.name.split("_")[0].title())
        complete = (place / "model.safetensors").is_file() and _tokenizer(place) is not None
        if code and complete and _config(place) is not None:
            found.setdefault(text.base(code), place)
    return found


def _tokenizer(folder: Path) -> Path | None:
    files = (folder / "tokenizer.json", folder / "tokenizer.model")
    return next((file for file in files if file.is_file()), None)


def _config(folder: Path) -> Path | None:
    """The description of a model: its own, or the library's for the model of that name."""
    spec = importlib.util.find_spec("pocket_tts")
    places = (spec.submodule_search_locations or ()) if spec else ()
    files = [folder / "config.yaml", *(Path(place) / "config" / f"{folder.name}.yaml" for place in places)]
    return next((file for file in files if file.is_file()), None)


def _name(folder: Path) -> str:
    return f"{folder.name}-{weights.digest(folder / 'model.safetensors')[:12]}"


@functools.lru_cache(maxsize=2)
def _load(folder: Path) -> Any:
    """The model, from files that are there and nothing else."""
    import yaml

    library = _library()
    config, tokenizer = _config(folder), _tokenizer(folder)
    try:
        assert config is not None
        assert tokenizer is not None
        known = yaml.safe_load(config.read_text(encoding="utf-8"))
        # Every place where a description can name a file: none may lead to the internet.
        known["weights_path"] = str(folder / "model.safetensors")
        known["weights_path_without_voice_cloning"] = None
        known["flow_lm"]["weights_path"] = known["mimi"]["weights_path"] = None
        known["flow_lm"]["lookup_table"]["tokenizer_path"] = str(tokenizer)
        kind = "tokenizers" if tokenizer.suffix == ".json" else "sentencepiece"
        known["flow_lm"]["lookup_table"]["tokenizer"] = kind
        with tempfile.TemporaryDirectory(prefix="presenter-") as place, _repeatable(0):
            file = Path(place) / "config.yaml"
            file.write_text(yaml.safe_dump(known), encoding="utf-8")
            model = library.TTSModel.load_model(config=file)
    # The library and those below it raise whatever they like at files that do not fit together.
    except Exception as error:
        _log.info("the model %s does not load: %s", folder.name, error)
        raise SetupError(
            "E-MODEL-BROKEN",
            f"The model in {_FOLDER}/{folder.name} does not load.",
            "Its files are damaged or do not belong together: get them again, all of one release.",
            "speaker",
        ) from error
    # It decodes what is ready at that moment, so that sums come out a little different each time; frame by
    # frame they do not.
    model.max_decoder_frames_per_call = 1
    return model


@functools.cache
def _library() -> Any:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    import torch

    threads = torch.get_num_threads()
    import pocket_tts

    torch.set_num_threads(threads)  # importing it sets one thread, for everybody
    return pocket_tts


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """One thread, because sums depend on their number, and random numbers of a seed; both as before after."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.random.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


# --- voices ---


def _prompt(references: Sequence[Recording]) -> Samples:
    """Whole lines with pauses between, float32 (N,) at ``RATE``, at most ``PROMPT`` long."""
    pause = np.zeros(round(_PAUSE * RATE), np.float32)
    limit = round(PROMPT * RATE)
    pieces: list[Samples] = []
    for reference in references:
        sound = _trimmed(audio.resample(reference.wave, RATE))
        if not pieces and len(sound):
            pieces.append(_shortened(sound, limit))
        elif len(sound) and sum(map(len, pieces)) + len(pause) + len(sound) <= limit:
            pieces += [pause, sound]
    prompt = np.concatenate([np.zeros(0, np.float32), *pieces])
    seconds = len(prompt) / RATE
    if seconds < SHORTEST:
        raise too_short(seconds, SHORTEST)
    return prompt


def _trimmed(sound: Samples) -> Samples:
    peak = float(np.abs(sound).max(initial=0.0))
    heard = np.flatnonzero(np.abs(sound) > max(peak * _FAINT, 1e-4))
    return sound[heard[0] : heard[-1] + 1] if len(heard) else sound[:0]


def _shortened(sound: Samples, limit: int) -> Samples:
    """Cut in the deepest pause of the last third: a prompt that ends inside a word is gone on with."""
    if len(sound) <= limit:
        return sound
    step = RATE // 50
    first = limit * 2 // 3
    frames = sound[first : first + (limit - first) // step * step].reshape(-1, step)
    level = np.convolve((frames.astype(np.float64) ** 2).mean(axis=1), np.ones(4), mode="valid")
    return sound[: first + (int(level.argmin()) + 2) * step]


def _unpacked(name: str, voice: Mapping[str, Any]) -> State:
    import torch

    state: State = {}
    for path, value in voice.items():
        if path.startswith(f"{name}/"):
            module, _, key = path.removeprefix(f"{name}/").rpartition("/")
            state.setdefault(module, {})[key] = torch.from_numpy(np.array(value))
    return state
