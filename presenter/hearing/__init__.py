"""Listening to what an engine said: is it the sentence that it was given?

Neural speech engines fail at times: they leave words out, say them twice, babble on or fall silent. Each of
these is told from good speech by something simple that needs no trained model and no language of its own.
The measure of a good sentence is the embedded voice saying the same text. The limits are such that none of
47 sentences read by three people for audio books was refused.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from presenter.engines import Recording, Speaker, load
from presenter.errors import InputError, WorkError
from presenter.hearing.comparison import again, distance, progress, unlikeness
from presenter.hearing.recogniser import transcribe, word_error
from presenter.types import Arrays, Samples, Style, Timing, Wave

__all__ = [
    "Careful",
    "Flaw",
    "Hearing",
    "distance",
    "hear",
    "progress",
    "transcribe",
    "unlikeness",
    "word_error",
]

_log = logging.getLogger(__name__)

SHORT, LONG = 0.5, 2.0
"""Seconds of speech, as shares of what the embedded voice needs; readers have 0.81 to 1.75."""
SLACK = 0.4
"""So many seconds shorter or longer is always allowed: one word is not said at any exact length."""
PAUSE = 1.5
"""The longest silence inside a sentence (s), where the embedded voice makes none that is longer; readers
have 0.7 s at most."""
QUOTED = 60
"""So much of a sentence is quoted in a message (characters)."""
CLIPPED = 0.001
"""Share of samples at full scale that is heard as distortion."""
TRIES = 4
"""How often a sentence is said at most: once, and three times more with other seeds."""
MISSING, ADDED = 0.45, 0.3
"""``progress`` below which words are missing and below which others were put in; readers have 0.70 and 0.37
at least, and those who speak faster less of the first."""
UNLIKE = 4.85
"""``unlikeness`` from which other words are heard than were to be said; readers have at most 4.78, and
98 in 100 have more when compared with a wrong text of about that length."""
DOUBTFUL = 4.5
"""``unlikeness`` from which a recogniser is asked, where one is installed."""
ERRORS = 0.75
"""Word error from which a recogniser hears another text: 0.67 at most in readers, 0.82 at least with a wrong
text, by the small recogniser that is used here."""

_FAINT = 10 ** (-35 / 20)
"""Share of the loudest 10 ms below which nothing is said."""
_MORE = 0.5
"""So much more than the reference may come again in a text that repeats itself (s)."""
_SHORTEST = 1.5
"""Sentences that the embedded voice says in less are too short to be told apart by ``unlikeness`` (s)."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with a spoken sentence."""

    kind: str
    """``broken``, ``silent``, ``clipped``, ``short``, ``long``, ``pause``, ``repeated``, ``missing``,
    ``added`` or ``words``."""
    message: str
    """What was heard, with the actual value and the limit; begins in lower case and has no full stop."""
    certain: bool = True
    """False where good speech may sound like this."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard of a sentence."""

    flaws: tuple[Flaw, ...]
    """The worst first; none where it is the sentence."""
    unlikeness: float
    """How unlike the sentence it sounds, see ``unlikeness``; 0 where it was not compared."""

    @property
    def failed(self) -> bool:
        """Whether it cannot be used."""
        return any(flaw.certain for flaw in self.flaws)

    @property
    def badness(self) -> tuple[int, int, float]:
        """For choosing the best of several: smaller is better."""
        certain = sum(flaw.certain for flaw in self.flaws)
        return certain, len(self.flaws) - certain, self.unlikeness


def hear(wave: Wave, said: str, language: str, *, speed: float = 1.0) -> Hearing:
    """Compare a spoken sentence with its text. The same arguments give the same answer.

    Args:
        said: the text that was to be said, as it is spoken: numbers in words.
        language: BCP 47 code; in one that the embedded voice does not speak, only what needs no comparison
            is looked at.
        speed: factor on the usual pace that was asked for.
    """
    samples = wave.samples
    if len(samples) == 0 or not np.isfinite(samples).all():
        what = "it holds values that are no numbers" if len(samples) else "it has no sound"
        return Hearing((Flaw("broken" if len(samples) else "silent", what),), 0.0)
    level = _level(wave)
    loud = level > level.max() * _FAINT
    spoken = float(loud.sum()) / 100
    reference = _reference(said, language)
    expects = reference is None or bool(np.abs(reference.samples).max(initial=0.0) > 0)
    if not expects:
        return Hearing((), 0.0)
    if level.max() < 1e-3 or spoken < 0.05:
        return Hearing((Flaw("silent", "nothing is heard"),), 0.0)
    flaws = [*_clipping(samples), *_pauses(loud, reference), *_repetition(wave, loud, reference)]
    if reference is None:
        return Hearing(tuple(flaws), 0.0)
    flaws = [*_length(spoken, reference, speed), *flaws]
    if flaws or reference.seconds < _SHORTEST:
        return Hearing(tuple(flaws), 0.0)
    unlike = unlikeness(wave, reference)
    flaws = [*_words(wave, said, language, unlike), *_progress(wave, reference, speed)]
    return Hearing(tuple(flaws), unlike)


class Careful:
    """A speaker that listens to itself: what went wrong is said again with the next seeds.

    The first try without a flaw is taken, otherwise the best one. It is the same each time, because tries
    and answers depend on the arguments only.
    """

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker

    def study(self, references: Sequence[Recording]) -> Arrays:
        """As the speaker itself."""
        return self._speaker.study(references)

    def languages(self) -> tuple[str, ...]:
        """As the speaker itself."""
        return self._speaker.languages()

    def speak(
        self, text: str, language: str, voice: Arrays, *, style: Style, seed: int
    ) -> tuple[Wave, Timing | None]:
        """As the speaker itself, with ``seed`` or one of the next ``TRIES`` - 1.

        Where nothing is worse than a doubt, the try that is nearest to the text is taken and a warning is
        logged.

        Raises:
            WorkError: ``E-SPEECH-FAILED`` when every try has a certain flaw or gave no sound.
        """
        best: tuple[Hearing, Wave, Timing | None] | None = None
        reason = "the engine gave no sound"
        for attempt in range(TRIES):
            try:
                wave, timing = self._speaker.speak(text, language, voice, style=style, seed=seed + attempt)
            except WorkError as error:
                _log.info("try %d failed: %s", attempt + 1, error.code)
                continue
            heard = hear(wave, text, language, speed=style.speed)
            _log.info("try %d: %s", attempt + 1, ", ".join(flaw.kind for flaw in heard.flaws) or "good")
            if best is None or heard.badness < best[0].badness:
                best = heard, wave, timing
            if not heard.flaws:
                break
        if best is None or best[0].failed:
            if best:
                reason = next(flaw.message for flaw in best[0].flaws if flaw.certain)
            raise WorkError(
                "E-SPEECH-FAILED",
                f'"{_shortened(text)}" could not be said well in {TRIES} tries: {reason}.',
                "Write the sentence in another way or split it, or choose another voice engine.",
                "script",
            )
        if best[0].flaws:
            _log.warning("a sentence may not be said as it is written; it was said %d times", TRIES)
        return best[1], best[2]


def _shortened(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1].rstrip() + "…"


# --- single flaws ---


def _reference(said: str, language: str) -> Wave | None:
    try:
        wave: Wave = load("speaker", "espeak").speak(said, language, {}, style=Style(), seed=0)[0]
    except InputError:
        return None
    return wave


def _level(wave: Wave) -> Any:
    """Level of each 10 ms, float64 (T,)."""
    step = max(1, wave.rate // 100)
    padded = np.pad(wave.samples.astype(np.float64), (0, -len(wave.samples) % step))
    return np.sqrt((padded.reshape(-1, step) ** 2).mean(axis=1))


def _loud(wave: Wave) -> Any:
    level = _level(wave)
    return level > max(level.max(initial=0.0) * _FAINT, 1e-6)


def _clipping(samples: Samples) -> list[Flaw]:
    share = float((np.abs(samples) >= 0.999).mean())
    if share <= CLIPPED:
        return []
    return [Flaw("clipped", f"{share:.1%} of its samples are clipped, {CLIPPED:.1%} are allowed")]


def _length(spoken: float, reference: Wave, speed: float) -> list[Flaw]:
    expected = float(_loud(reference).sum()) / 100 / speed
    about = f"{spoken:.1f} s are spoken, about {expected:.1f} s are expected"
    if spoken < expected * SHORT - SLACK / 4:
        return [Flaw("short", f"it is too short: {about}")]
    if spoken > expected * LONG + SLACK:
        return [Flaw("long", f"it is too long: {about}")]
    return []


def _longest_pause(loud: Any) -> float:
    return float(np.diff(np.flatnonzero(loud)).max(initial=1) - 1) / 100


def _pauses(loud: Any, reference: Wave | None) -> list[Flaw]:
    limit = max(PAUSE, _longest_pause(_loud(reference)) + 1.0 if reference else 0.0)
    longest = _longest_pause(loud)
    if longest <= limit:
        return []
    return [Flaw("pause", f"it is silent for {longest:.1f} s in the middle, at most {limit:.1f} s are usual")]


def _repetition(wave: Wave, loud: Any, reference: Wave | None) -> list[Flaw]:
    heard = again(wave, loud)
    # What the text itself repeats is repeated in the reference too.
    expected = again(reference, _loud(reference)).seconds if reference else 0.0
    if heard.seconds <= (expected + _MORE if expected else 0.0):
        return []
    return [Flaw("repeated", f"what is heard at {heard.at:.1f} s comes again at {heard.later:.1f} s")]


def _progress(wave: Wave, reference: Wave, speed: float) -> list[Flaw]:
    heard, told = progress(wave, reference)
    flaws = []
    if heard * speed < MISSING:
        flaws.append(Flaw("missing", "some of its words seem to be missing", certain=False))
    if told / speed < ADDED:
        flaws.append(Flaw("added", "something is heard that does not stand there", certain=False))
    return flaws


def _words(wave: Wave, said: str, language: str, unlike: float) -> list[Flaw]:
    if unlike <= DOUBTFUL:
        return []
    heard = transcribe(wave, language)
    if heard is None:
        if unlike <= UNLIKE:
            return []
        return [Flaw("words", "other words seem to be heard than were to be said", certain=False)]
    errors = word_error(said, heard)
    if errors <= ERRORS:
        return []
    return [Flaw("words", f"{errors:.0%} of its words are heard otherwise, at most {ERRORS:.0%} are usual")]
