"""What is to be said about a recording at once, in plain words, while the microphone is still there.

The limits were set on recordings of 137 readers, so that none of them would be asked to read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used

from presenter import audio
from presenter.people.folders import Verdict
from presenter.people.hearing import Heard, listen
from presenter.people.lines import Line, lines
from presenter.people.reading import match
from presenter.people.timbre import stranger, timbre, two
from presenter.types import Samples, Wave

DOUBTFUL = frozenset({"E-VOICE-QUALITY", "E-VOICE-LINE", "E-VOICE-PACE", "E-VOICE-OTHER"})
"""Verdicts in which a machine may be wrong: whoever listened can keep the recording all the same."""

LEAST_LINE, LEAST_FREE = 1.0, 6.0
"""Seconds of speech that a line and a free recording need."""
_QUIET, _QUIET_WARN = -50.0, -38.0
"""Loudness (LUFS)."""
_CLIPPED, _CLIPPED_WARN = 0.02, 0.005
"""Share of the samples within 2 % of the highest; unclipped speech has 0.0003."""
_NOISY, _NOISY_WARN = 10.0, 17.0
"""Speech above noise (dB)."""
_EDGE = 12.0
"""Speech this near to its mean level in the first or last 20 ms was cut off (dB)."""
_WRONG, _UNSURE = -1.5, -2.2
"""Deviations by which a line must fit better than the others; see ``reading``."""
_SURE, _CLEARLY = -3.0, 1.5
"""The same for another line that was read instead, and how far it must be ahead."""
_FAST, _FAST_WARN, _SLOW_WARN = 0.55, 0.7, 2.4
"""Time that a line took, over the embedded voice's; readers had 0.9 to 1.5."""
_STEADY = 5.0
"""Change of the cepstrum in 80 ms below which nothing is spoken; speech has 8 to 18, 5.5 in loud noise."""
_MUSICAL, _MUSICAL_CHANGE = 0.62, 11.0
"""Share of steady steps of the pitch (below an eighth of a semitone in 10 ms) and the change with it; in
speech the share is 0.1 to 0.55."""
_HISS, _HISS_CHANGE = 0.03, 9.0
"""Share of voiced frames and the change with it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A recording in numbers and words."""

    seconds: float
    """Length of the recording (s)."""
    speech: float
    """Length of the speech in it, without pauses (s)."""
    level: float
    """Loudness (LUFS, BS.1770-4), at least -99."""
    peak: float
    """Highest sample (0..1)."""
    noise: float
    """How far the speech is above the noise (dB)."""
    timbre: tuple[float, ...]
    """What is typical of the person; see ``timbre``."""
    verdicts: tuple[Verdict, ...]
    """The worst first, never empty."""

    @property
    def usable(self) -> bool:
        """Whether it can be part of a voice as it is."""
        return all(verdict.severity != "redo" for verdict in self.verdicts)


def judge(wave: Wave, line: Line | None = None, others: Sequence[Sequence[float]] = ()) -> Judgement:
    """Judge a recording; takes a fraction of a second for a line.

    Args:
        wave: at its own rate: clipping cannot be seen any more after resampling.
        line: what was to be read; None for a free recording.
        others: timbres of the person's other recordings.
    """
    heard = listen(wave.samples, wave.rate)
    level = max(-99.0, float(audio.loudness([audio.resample(wave)])))
    own = timbre(heard)
    verdicts = sorted(
        _verdicts(wave, heard, level, own, line, others), key=lambda verdict: verdict.severity != "redo"
    )
    return Judgement(
        seconds=wave.seconds,
        speech=heard.seconds,
        level=level,
        peak=float(np.abs(wave.samples).max(initial=0.0)),
        noise=heard.noise,
        timbre=own,
        verdicts=tuple(verdicts) or (Verdict("ok", "", "Clear and complete."),),
    )


def _verdicts(
    wave: Wave,
    heard: Heard,
    level: float,
    own: Sequence[float],
    line: Line | None,
    others: Sequence[Sequence[float]],
) -> Iterator[Verdict]:
    if heard.seconds < 0.1:
        yield _redo("E-VOICE-SILENT", "No speech heard.", "Check the microphone.")
        return
    if not _spoken(heard):
        yield _redo("E-VOICE-NOSPEECH", "This is noise or music, not speech.", "Record the voice alone.")
        return
    least = LEAST_FREE if line is None else LEAST_LINE
    if heard.seconds < least:
        what = f"{heard.seconds:.1f} s of speech; at least {least:.0f} s are needed."
        yield _redo("E-VOICE-SHORT", what, "Read the whole line." if line else "Record a longer text.")
        return
    yield from _sound(wave, heard, level)
    voices = two(heard)
    if voices is not None:
        times = ", ".join(f"{int(at) // 60}:{int(at) % 60:02d}" for at in voices)
        yield _redo("E-VOICE-TWO", f"Two voices heard ({times}).", "Record one person.")
    elif stranger(own, others):
        yield _redo(
            "E-VOICE-OTHER",
            "This sounds like another person than the other lines.",
            "Let the same person read all lines, at the same place.",
        )
    if line is not None:
        yield from _words(heard, line)


def _sound(wave: Wave, heard: Heard, level: float) -> Iterator[Verdict]:
    clipped = _clipped(wave.samples)
    if clipped > _CLIPPED_WARN:
        share = f"{clipped:.0%}" if clipped >= 0.01 else f"{clipped:.1%}"
        what = f"{share.replace('%', ' %')} of the samples are clipped."
        yield _graded(clipped > _CLIPPED, "QUALITY", what, "Lower the input level.")
    if level < _QUIET_WARN:
        what = f"It is too quiet: {level:.0f} LUFS; {_QUIET_WARN:.0f} or more are good."
        yield _graded(level < _QUIET, "QUALITY", what, "Come closer, or raise the input level.")
    if heard.noise < _NOISY_WARN:
        what = f"It is noisy: the speech is {heard.noise:.0f} dB above the noise; {_NOISY_WARN:.0f} are good."
        yield _graded(heard.noise < _NOISY, "QUALITY", what, "Find a quiet room, come closer.")
    speech = 10 * np.log10((10 ** (heard.level[heard.speech] / 10)).mean())
    begins = bool(heard.level[:2].max() > speech - _EDGE)
    ends = bool(heard.level[-2:].max() > speech - _EDGE)
    if begins or ends:
        where = "beginning and the end are" if begins and ends else "beginning is" if begins else "end is"
        yield _graded(False, "CUT", f"The {where} cut off.", "Wait a moment before and after reading.")


def _words(heard: Heard, line: Line) -> Iterator[Verdict]:
    found = match(heard, line)
    if found.pace < _FAST:
        what = f"It took {found.pace:.0%} of the usual time: a part is missing, or it was read too fast."
        yield _redo("E-VOICE-PACE", what.replace("%", " %"), "Read the whole line calmly.")
    elif found.best != line.id and found.lead < min(_SURE, found.deviations - _CLEARLY):
        number = 1 + [other.id for other in lines(line.language)].index(found.best)
        what = f"This sounds like line {number}, not like the line shown."
        yield _redo("E-VOICE-LINE", what, "Read the words on the screen.")
    elif found.deviations > _WRONG:
        what = "This does not sound like the line shown."
        yield _redo("E-VOICE-LINE", what, "Read the words on the screen.")
    elif found.deviations > _UNSURE:
        what = "Some words may differ from the line shown."
        yield _graded(False, "LINE", what, "Listen to it, and read it again if so.")
    if found.pace < _FAST_WARN and found.pace >= _FAST:
        yield _graded(False, "PACE", "It was read very fast.", "Read calmly, as if you explain something.")
    if found.pace > _SLOW_WARN:
        yield _graded(False, "PACE", "It was read very slowly.", "Read as you speak usually.")


def _redo(code: str, message: str, hint: str) -> Verdict:
    return Verdict("redo", code, message, hint)


def _graded(again: bool, name: str, message: str, hint: str) -> Verdict:
    return Verdict("redo" if again else "warn", f"{'E' if again else 'W'}-VOICE-{name}", message, hint)


def _clipped(samples: Samples) -> float:
    """Share of the samples at the recording's upper or lower limit (0..1)."""
    size = np.abs(samples)
    return float((size > 0.98 * size.max(initial=0.0)).mean())


def _spoken(heard: Heard) -> bool:
    """Whether it changes as speech does, several times a second, in timbre and in pitch."""
    cepstra = scipy.fft.dct(heard.bands, norm="ortho", axis=1)[:, 1:13]
    inside = heard.speech[8:] & heard.speech[:-8]
    steps = np.linalg.norm(cepstra[8:] - cepstra[:-8], axis=1)[inside]
    change = float(steps.mean()) if len(steps) else 0.0
    voiced = heard.speech & (heard.pitch > 0)
    semitones = 12 * np.log2(np.maximum(heard.pitch, 1.0))
    moves = np.abs(np.diff(semitones))[voiced[1:] & voiced[:-1]]
    steady = float((moves < 0.12).mean()) if len(moves) else 0.0
    music = steady > _MUSICAL and change < _MUSICAL_CHANGE
    hiss = voiced.sum() < _HISS * heard.speech.sum() and change < _HISS_CHANGE
    return not (change < _STEADY or music or hiss)
