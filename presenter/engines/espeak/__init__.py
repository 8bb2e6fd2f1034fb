"""The embedded voice: espeak-ng inside the process."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from presenter.engines import Recording
from presenter.engines.espeak import library, sounds, timing
from presenter.errors import InputError
from presenter.text import canonical, is_word
from presenter.types import Arrays, Part, Span, Style, Timing, Wave

PACE = 156.0
"""Words a minute where a voice names no pace of its own: calm explaining; news are read at 170."""
NOTHING = 0.2
"""Length of the silence that stands for a text without any sound, such as an ellipsis (s)."""
_PITCH_STEP = 5.0
"""Steps of the library's pitch (0 to 99, usually 50) in a semitone, measured together with the range."""
_HEADROOM = 80.0
"""Volume in percent: at 100 the loudest variants clip."""
_EMPHASIS = {-1: (1.12, -1.5, 0.8), 0: (1.0, 0.0, 1.0), 1: (0.88, 3.5, 0.95), 2: (0.78, 5.5, 0.95)}
"""Emphasis -> factor on the speed, semitones, factor on the volume."""
_STRESSED = 3
"""The library's own degree of emphasis that stresses each word, small ones too."""


class Espeak:
    """espeak-ng: formant synthesis, over 100 languages, hundreds of times faster than real time.

    A voice is a few small arrays, all optional: ``variant`` (the name of one of the library's
    voice variants), ``pitch`` (semitones), ``liveliness`` (factor on the range of the intonation),
    ``pace`` (words a minute).
    """

    def __init__(self) -> None:
        library.voices()

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes it can speak, sorted."""
        bases = {tag.split("-")[0] for tag in library.voices()} | {"zh", "no", "nn"}
        return tuple(sorted({canonical(tag) or tag for tag in library.voices()} | bases))

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Has nothing to learn.

        Raises:
            InputError: ``E-VOICE-CLONE`` when there are recordings to learn from.
        """
        if references:
            raise InputError(
                "E-VOICE-CLONE", "The embedded voice cannot learn from recordings.",
                "Choose one of its own voices, or another voice engine.", "voice",
            )  # fmt: skip
        return {}

    def speak(
        self,
        text: str,
        language: str,
        voice: Arrays,
        *,
        style: Style,
        seed: int = 0,
    ) -> tuple[Wave, Timing]:
        """Say ``text``; ``seed`` is that of the noise in breathy voices.

        Returns:
            Sound at 22 050 Hz that begins within 0.1 s and ends 0.05 s after the last sound, and its
            timing: words as substrings of ``text``, phonemes in IPA with stress marks, gapless.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language it cannot speak.
        """
        return self.perform([Part(text, language, style)], voice, seed=seed)

    def perform(self, parts: Sequence[Part], voice: Arrays, *, seed: int = 0) -> tuple[Wave, Timing]:
        """Say parts of one language as one phrase, without a break between them.

        Styles change, words are emphasised and sounds replaced inside the phrase, so its melody stays
        whole; pauses between parts are left to the caller. Returns and raises as ``speak``.
        """
        # Characters that cannot be spoken become spaces, so that the others keep their places.
        parts = [Part(_sayable(part.text), part.language, part.style, part.sound) for part in parts]
        text = "".join(part.text for part in parts)
        identifier = library.resolve(parts[0].language)
        if identifier == "jpx/ja":
            _check_kana(text)
        phrase = _Phrase(parts, identifier, voice)
        samples, rate, heard = library.synthesize(
            "".join(phrase.sent), phrase.name, phrase.parameters, seed=seed, phonemes=phrase.sounds
        )
        heard = [event._replace(at=phrase.place(event.at)) for event in heard]
        phonemes = timing.phonemes(heard, samples, rate)
        # The library reads lone punctuation out by its name.
        sayable = any(unicodedata.category(char)[0] in "LNS" for char in text)
        if not sayable or all(not span.label for span in phonemes):
            silence = np.zeros(round(NOTHING * rate), np.float32)
            return Wave(silence, rate), Timing((), (Span("", 0.0, len(silence) / rate),))
        found = Timing(timing.words(text, heard, phonemes), phonemes)
        samples, found = timing.breathe(samples, rate, found)
        return Wave(samples, rate), found


def _sayable(text: str) -> str:
    return "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)


def _check_kana(text: str) -> None:
    ideographs = [char for char in text if "CJK UNIFIED" in unicodedata.name(char, "")]
    if ideographs:
        raise InputError(
            "E-SCRIPT-LANG",
            f"The embedded voice reads Japanese in kana only; the text has {''.join(ideographs[:5])}.",
            "Write it in kana, or choose another voice engine.",
            "script",
        )


def _number(voice: Arrays, name: str, default: float) -> float:
    return float(np.asarray(voice[name], np.float64)) if name in voice else default


class _Phrase:
    """What is sent to the library: the words, and commands where the way of saying them changes."""

    def __init__(self, parts: Sequence[Part], identifier: str, voice: Arrays) -> None:
        variant = str(voice["variant"]) if "variant" in voice else ""
        if variant and variant not in library.variants():
            raise InputError(
                "E-VOICE-NAME",
                f'The embedded voice has no variant "{variant}".',
                "Choose another voice.",
                "voice",
            )
        self.identifier = identifier
        self.name = f"{identifier}+{variant}" if variant else identifier
        self.voice = voice
        self.sent: list[str] = []
        """Characters, or commands of several."""
        self.places: list[int] = []
        """For each character that is sent, the character of the text that it stands for."""
        self.at = 0
        self.sounds = any(part.sound for part in parts)
        now = _commands(parts[0].style, voice)
        self.parameters: dict[int, float] = {
            library.RATE: now["S"], library.PITCH: now["P"], library.RANGE: now["R"],
            library.VOLUME: now["A"], library.PUNCTUATION: 0, library.CAPITALS: 0, library.WORD_GAP: 0,
        }  # fmt: skip
        self._now = {**now, "F": 0}
        for part in parts:
            self._add(part)

    def place(self, at: int) -> int:
        """The character of the text behind a character that was sent."""
        return self.places[at] if at < len(self.places) else self.at

    def _add(self, part: Part) -> None:
        wanted = _commands(part.style, self.voice)
        text = part.text
        first = next((index for index, char in enumerate(text) if not char.isspace()), len(text))
        self._put(text[:first])
        if first == len(text):
            return
        changed = {letter: value for letter, value in wanted.items() if self._now[letter] != value}
        self._now.update(changed)
        for letter, value in changed.items():
            self._send(f"\x01{value}{letter}")
        self._say(text[first:], part.sound)

    def _say(self, text: str, sound: str) -> None:
        mnemonics = sounds.mnemonics(sound, self.identifier) if sound else ""
        inside = [index for index, char in enumerate(text) if is_word(char)]
        if not mnemonics or not inside:
            self._put(text)
            return
        self._put(text[: inside[0]])
        self._send(f"[[{mnemonics}]]")
        self.at += inside[-1] + 1 - inside[0]
        self._put(text[inside[-1] + 1 :])

    def _put(self, text: str) -> None:
        for char in text:
            # Between brackets stand mnemonics of phonemes, and nothing else.
            self.sent.append(" " if self.sounds and char in "[]" else char)
            self.places.append(self.at)
            self.at += 1

    def _send(self, command: str) -> None:
        self.sent.append(command)
        self.places += [self.at] * len(command)


def _commands(style: Style, voice: Arrays) -> dict[str, int]:
    """Values of the library's commands: speed (words a minute), pitch and range, volume, and emphasis."""
    factor, semitones, volume = _EMPHASIS[min(max(style.emphasis, -1), 2)]
    pitch = style.pitch + _number(voice, "pitch", 0.0)
    lively = style.liveliness * _number(voice, "liveliness", 1.0)
    pace = style.speed * factor * _number(voice, "pace", PACE)
    return {
        "S": round(min(max(pace, 80.0), 449.0)),
        "P": round(min(max(50.0 + (pitch + semitones) * _PITCH_STEP, 0.0), 99.0)),
        # The range is in Hz: it grows with the pitch so that it stays the same in semitones.
        "R": round(min(max(50.0 * lively * 2.0 ** (pitch / 12.0), 0.0), 99.0)),
        "A": round(_HEADROOM * volume),
        "F": _STRESSED if style.emphasis > 0 else 0,
    }
