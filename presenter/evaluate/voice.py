"""The score card of a voice: how near it comes to the person, how clearly and how fast it speaks.

A voice is learnt from some of a person's lines and says others, which it has never heard; beside it stand the
person's own recordings of those and the embedded voice as it is. Nothing of what is made here is kept.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter import audio, delivery, hearing, voices
from presenter.align import listening
from presenter.engines import Recording, Speaker, find, load
from presenter.errors import InputError, SetupError
from presenter.evaluate import speakers
from presenter.evaluate.card import Measure, finite
from presenter.evaluate.lines import Line
from presenter.text import Reading
from presenter.types import RATE, Arrays, Samples, Segment, Span, Style, Voice, Wave

MANY = 100.0
"""Seconds of recordings from which on a voice has to come nearer to the person."""
LIKE, LIKE_FEW = 0.85, 0.70
"""Least likeness to the person after many and after few recordings."""
CLEAR, CLEAR_FEW = 0.8, 1.0
"""Most word errors, as a share of the embedded voice's."""
_FULL = 0.999
"""Level from which a sample counts as clipped."""
_MEDIAN, _MOST = 0.040, 0.120
"""Largest errors of times: half of the words, and 95 in 100 (s)."""

Report = Callable[[float, str], None]
"""Is told how much is done (0..1) and what is being done."""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of the voice, and the same of what stands beside it."""

    measure: Measure
    real: float | None = None
    """The person's own recordings."""
    plain: float | None = None
    """The embedded voice as it is."""

    def line(self) -> str:
        """For a terminal: state, title, person, plain voice, this voice, bar and note in columns."""
        state = {True: "ok", False: "MISSED", None: "-"}[self.measure.passed]
        cells = "".join(f"{_cell(value):>9}" for value in (self.real, self.plain, self.measure.value))
        title = f"{self.measure.title} ({self.measure.unit})" if self.measure.unit else self.measure.title
        return f"{state:<6}  {title:<48}{cells}   {self.measure.bar:<14}  {self.measure.note}".rstrip()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """What was measured of a voice."""

    voice: str
    engine: str
    learnt: int
    """Lines that it was learnt from."""
    learnt_seconds: float
    lines: int
    """Lines that it said, none of them among those."""
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """Whether no bar was missed. What could not be measured does not count."""
        return all(row.measure.passed is not False for row in self.rows)

    def find(self, name: str) -> Row:
        """The row of that name; KeyError when there is none."""
        for row in self.rows:
            if row.measure.name == name:
                return row
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the fields, and ``passed`` of the card and of each row."""
        found = asdict(self)
        for values, row in zip(found["rows"], self.rows, strict=True):
            values["passed"] = row.measure.passed
        return {**found, "passed": self.passed}


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """Lines in one voice."""

    sounds: tuple[Wave, ...]
    seconds: float
    """Of processor time that saying them took."""


def evaluate_voice(
    name: str,
    engine: str,
    heard: Sequence[Line],
    *,
    learnt: Sequence[Line] = (),
    known: Arrays | None = None,
    others: Mapping[str, Sequence[Line]] | None = None,
    real: bool = True,
    language: str = "en",
    report: Report = lambda _done, _text: None,
) -> VoiceCard:
    """Learn a voice and measure it on lines that it was not learnt from.

    Args:
        name: of the voice, for the card.
        engine: name of a speech engine.
        heard: the lines that are said; with their recordings where ``real``.
        learnt: the lines that the voice is learnt from.
        known: what the engine knows about the voice already, instead of ``learnt``.
        others: lines of other people, by name: is the voice nearer to its own person than to them?
        real: whether the recordings in ``heard`` are those of the person.
        language: BCP 47 code of all lines.
        report: is told about the progress.

    Raises:
        InputError: ``E-LINES-FEW`` without lines to say, ``E-VOICE-CLONE`` when the engine cannot learn.
        SetupError: the engine is not there.
    """
    if not heard:
        raise InputError("E-LINES-FEW", "No lines are left to be said.", "Learn from fewer lines.", "lines")
    speaker: Speaker = load("speaker", engine)
    engine = find("speaker", engine).name
    report(0.0, "learning the voice")
    start = time.process_time()
    arrays = known if known is not None else speaker.study([_recording(line, language) for line in learnt])
    spent = time.process_time() - start
    texts = [line.text for line in heard]
    clone = _say(texts, speaker, engine, arrays, language, lambda done: report(0.2 + 0.4 * done, "speaking"))
    again = _say(texts[:1], speaker, engine, arrays, language, lambda _: None)
    plain = _plain(texts, language, heard if real else ())
    own = _Said(tuple(line.wave for line in heard), 0.0) if real else None
    report(0.7, "listening")
    seconds = sum(line.wave.seconds for line in learnt)
    rows = [
        *_likeness(clone, plain, own, others or {}, few=seconds < MANY),
        _word_error(texts, clone, plain, own, language, few=seconds < MANY),
        *_melody(clone, plain, own),
        *_sound(clone, plain, own),
        *_speed(clone, again, spent if known is None else None),
        *_times(heard, language),
    ]
    return VoiceCard(name, engine, len(learnt), round(seconds, 1), len(heard), tuple(rows))


def _recording(line: Line, language: str) -> Recording:
    return Recording(line.wave, line.text, language)


def _say(
    texts: Sequence[str],
    speaker: Speaker,
    engine: str,
    arrays: Arrays,
    language: str,
    done: Callable[[float], None],
) -> _Said:
    sounds = []
    start = time.process_time()
    for index, text in enumerate(texts):
        segment, reading = _read(text, language)
        speech = voices.speak(
            segment, reading, speaker=speaker, speaker_name=engine, voice=arrays, style=Style()
        )
        sounds.append(Wave(speech.samples, RATE))
        done((index + 1) / len(texts))
    return _Said(tuple(sounds), time.process_time() - start)


def _read(text: str, language: str) -> tuple[Segment, Reading]:
    segment = Segment("line", text, language, "")
    return segment, delivery.read(segment, lambda _: {})


def _plain(texts: Sequence[str], language: str, heard: Sequence[Line]) -> _Said:
    """The embedded voice that is nearest in pitch."""
    hertz = [found for line in heard if (found := listening.pitch(line.wave))]
    name = "noah" if hertz and np.median(hertz) < 165 else "aria"
    arrays = voices.study(Voice(name, name.title(), "espeak"))
    return _say(texts, load("speaker", "espeak"), "espeak", arrays, language, lambda _: None)


# --- whose voice it is ---


def _likeness(
    clone: _Said, plain: _Said, own: _Said | None, others: Mapping[str, Sequence[Line]], *, few: bool
) -> list[Row]:
    bar = LIKE_FEW if few else LIKE
    title = "likeness to the person"
    if own is None or len(own.sounds) < 2:
        note = "two recordings of the person are needed"
        return [Row(Measure("likeness", title, None, least=bar, note=note))]
    try:
        person = _embedded(own.sounds)
    except SetupError as error:
        return [Row(Measure("likeness", title, None, least=bar, note=f"not measured: {error.hint}"))]
    centre = _middle(person)
    made = _embedded(clone.sounds)
    # Each of the person's own lines is compared with the others.
    itself = [float(one @ _middle(np.delete(person, index, axis=0))) for index, one in enumerate(person)]
    rows = [
        Row(
            Measure("likeness", title, float((made @ centre).mean()), least=bar, note="1 is the same"),
            float(np.mean(itself)),
            float((_embedded(plain.sounds) @ centre).mean()),
        )
    ]
    if others:
        rivals = np.stack([_middle(_embedded([line.wave for line in group])) for group in others.values()])
        nearer = made @ centre > (made @ rivals.T).max(axis=1)
        real = person @ centre > (person @ rivals.T).max(axis=1)
        note = f"against {len(rivals)} others, the nearest at {float((made @ rivals.T).max()):.2f}"
        rows.append(
            Row(
                Measure("nearest", "lines nearer to the person than to others", 100.0 * float(nearer.mean()),
                        "%", least=100.0, note=note),
                100.0 * float(real.mean()),
            )
        )  # fmt: skip
    return rows


def _embedded(sounds: Sequence[Wave]) -> NDArray[np.float32]:
    return speakers.embeddings(sounds)


def _middle(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = rows.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


# --- what is understood ---


def _word_error(
    texts: Sequence[str], clone: _Said, plain: _Said, own: _Said | None, language: str, *, few: bool
) -> Row:
    title = "word error of a small recogniser"
    found = [_errors(texts, said, language) if said else None for said in (clone, plain, own)]
    error, beside, real = found
    if error is None or beside is None:
        note = 'not measured: pip install -e ".[evaluate]"' if language.startswith("en") else "English only"
        return Row(Measure("word-error", title, None, note=note))
    share = CLEAR_FEW if few else CLEAR
    note = f"at most {share:g} of the plain voice's"
    return Row(Measure("word-error", title, error, most=round(share * beside, 3), note=note), real, beside)


def _errors(texts: Sequence[str], said: _Said, language: str) -> float | None:
    """Wrong words as a share of all words."""
    wrong = count = 0.0
    for text, sound in zip(texts, said.sounds, strict=True):
        heard = hearing.transcribe(sound, language)
        if heard is None:
            return None
        size = max(1, len(text.split()))
        wrong += size * hearing.word_error(text, heard)
        count += size
    return wrong / count


# --- how it sounds ---


def _melody(clone: _Said, plain: _Said, own: _Said | None) -> list[Row]:
    found = [_pitch(said) if said else (None, None, None) for said in (clone, plain, own)]
    made, beside, real = found
    rows = (
        ("pitch", "median pitch", "Hz"),
        ("range", "range of the pitch, 5 to 95 %", "semitones"),
        ("voiced", "share of the speech that is voiced", "%"),
    )
    return [
        Row(Measure(name, title, made[index], unit), real[index], beside[index])
        for index, (name, title, unit) in enumerate(rows)
    ]


def _pitch(said: _Said) -> tuple[float | None, float | None, float | None]:
    """Median (Hz), range (semitones), voiced share of the frames with speech (%)."""
    hertz: list[float] = []
    frames = voiced = 0
    for sound in said.sounds:
        period, repeats = listening.periods(sound)
        loud, _ = listening.levels(sound)
        speech = listening.quiet(listening.bands(sound)) < 0.5
        clear = speech & (repeats > 0.7) & (loud > -25.0)
        frames, voiced = frames + int(speech.sum()), voiced + int(clear.sum())
        hertz += (1.0 / period[clear]).tolist()
    if not hertz:
        return None, None, None
    low, middle, high = np.percentile(hertz, [5, 50, 95])
    return float(middle), float(12 * np.log2(high / low)), 100.0 * voiced / max(1, frames)


def _sound(clone: _Said, plain: _Said, own: _Said | None) -> list[Row]:
    wrong = sum(int((~np.isfinite(sound.samples)).sum()) for sound in clone.sounds)
    return [
        Row(Measure("broken", "samples that are no numbers", wrong, most=0)),
        Row(
            Measure("clipped", "clipped samples", _clipped(clone), "%", most=0.0),
            _clipped(own) if own else None,
            _clipped(plain),
        ),
        Row(
            Measure("loudness", "loudness as it is published", finite(_published(clone)), "LUFS", -17, -15),
            finite(audio.loudness(audio.resample(sound) for sound in own.sounds)) if own else None,
            finite(_published(plain)),
        ),
    ]


def _clipped(said: _Said) -> float:
    clipped = sum(int((np.abs(sound.samples) >= _FULL).sum()) for sound in said.sounds)
    return 100.0 * clipped / max(1, sum(len(sound.samples) for sound in said.sounds))


def _published(said: _Said) -> float:
    """Loudness of all lines together after mastering."""
    parts: list[Samples] = [sound.samples for sound in said.sounds]
    return audio.loudness(audio.master(parts, audio.LOUDNESS - audio.loudness(parts)))


# --- how fast, and how exact in time ---


def _speed(clone: _Said, again: _Said, spent: float | None) -> list[Row]:
    seconds = sum(sound.seconds for sound in clone.sounds)
    one, other = clone.sounds[0].samples, again.sounds[0].samples
    same = len(one) == len(other) and bool(np.array_equal(one, other))
    rows = [
        Row(
            Measure(
                "real-time", "processor time for a second of speech", clone.seconds / seconds, "s", most=0.3
            )
        ),
        Row(Measure("repeats", "lines that differ when they are said again", 0 if same else 1, most=0)),
    ]
    if spent is not None:
        rows.append(Row(Measure("enrolment", "processor time for learning the voice", spent, "s", most=60)))
    return rows


def _times(heard: Sequence[Line], language: str) -> list[Row]:
    """How far the times found in the recordings are from those that are known."""
    errors: list[float] = []
    lines = 0
    for line in heard:
        if line.words:
            segment, reading = _read(line.text, language)
            found = voices.timed(line.wave, delivery.parts(segment, reading, Style())).words
            errors += edge_errors(found, line.words)
            lines += 1
    if not errors:
        return []
    note = f"{len(errors)} edges of words in {lines} recordings"
    half, most = np.percentile(errors, [50, 95])
    return [
        Row(
            Measure("times", "error of words' edges, half of them", float(half), "s", most=_MEDIAN, note=note)
        ),
        Row(Measure("times-95", "error of words' edges, 95 in 100", float(most), "s", most=_MOST, note=note)),
    ]


def edge_errors(found: Sequence[Span], true: Sequence[Span]) -> list[float]:
    """Seconds by which the starts and ends of words differ that both sequences of spans have, in order."""
    one, other = ([_bare(span.label) for span in spans] for spans in (found, true))
    pairs = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return [
        abs(edge - meant)
        for a, b, size in pairs
        for here, there in zip(found[a : a + size], true[b : b + size], strict=True)
        for edge, meant in ((here.start, there.start), (here.end, there.end))
    ]


def _bare(label: str) -> str:
    return "".join(char for char in label.lower() if char.isalnum() or char == "'")
