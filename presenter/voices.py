"""Segments become speeches: spoken by an engine, warmed and levelled, timed by the written words."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from presenter import audio, delivery, warmth
from presenter.align import align, pitch, spoken_seconds, spread
from presenter.engines import Speaker, engines, load
from presenter.errors import InputError, WorkError
from presenter.hearing import Careful
from presenter.text import Reading
from presenter.types import RATE, Arrays, Part, Samples, Segment, Span, Speech, Style, Timing, Voice, Wave

VERSION = "3"
"""Version of the speaking step: raise it when its output changes for equal inputs."""
LEVEL = -18.0
"""Loudness of a voice (LUFS): as the finished lesson's -16, less some room for peaks."""
LEAD = 0.08
"""Silence before the first sound (s): lips open before they are heard, and a cut does not clip a word."""
TAIL = 0.30
"""Silence after the last sound (s): with the next segment's lead, readers pause 0.35 to 0.5 s between
sentences."""
FADE = 0.005
"""Rise and fall at the ends (s): short enough to keep a plosive, long enough not to click."""
_MARGIN = 0.02
"""What stays around the sound when silence is cut off (s)."""
_FAINT = 10 ** (-50 / 20)
"""Share of the peak below which the ends count as silence."""
_HIGH = 165.0
"""Fundamental frequency that parts high voices from low ones (Hz)."""
_REFERENCES = ("benjamin", "f2")
"""Variants of the embedded voice whose times are carried over: to a low voice and to a high one."""
_CALIBRATION = (
    "Every green leaf is a small factory, and it runs on sunshine. Today we look at how plants make "
    "their food from light, water and air."
)
"""Said once in each voice to find its equaliser and gain: a voice keeps them over all its sentences."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the embedded engine makes one of its voices."""

    name: str
    variant: str
    pitch: float
    """Semitones."""
    liveliness: float
    pace: float
    """Words a minute."""


# Chosen among the library's 100 variants by the word error rate of a speech recogniser, by the distance
# of their spectrum from that of human speech, by a natural pitch (near 200 Hz and near 110 Hz), and
# because they repeat exactly: some others read memory that was never set.
_KINDS = (
    _Kind("aria", "f2", 0.0, 1.1, 156),
    _Kind("noah", "edward", 1.0, 1.2, 154),
    _Kind("clara", "f5", -0.5, 1.1, 152),
    _Kind("felix", "benjamin", -1.5, 1.2, 150),
    _Kind("ruth", "f1", -1.0, 1.2, 148),
)


def builtin() -> tuple[Voice, ...]:
    """The voices that need nothing downloaded; each speaks every language of the embedded engine."""
    return tuple(Voice(kind.name, kind.name.title(), "espeak") for kind in _KINDS)


def find_voice(name: str, language: str) -> Voice:  # noqa: ARG001
    """The built-in voice of that name in any case; ``auto`` is the first.

    Raises:
        InputError: ``E-VOICE-NAME`` when there is none.
    """
    wanted = name.strip().lower()
    for voice in builtin():
        if wanted in ("auto", voice.id):
            return voice
    known = [voice.id for voice in builtin()]
    near = difflib.get_close_matches(wanted, known, 1)
    hint = f'Did you mean "{near[0]}"? ' if near else ""
    raise InputError(
        "E-VOICE-NAME", f'There is no voice "{name}".', f"{hint}Known: auto, {', '.join(known)}.", "voice"
    )


def arrays(voice: Voice) -> Arrays:
    """What the voice's engine needs to speak in it; empty where it has no built-in voice of that id."""
    for kind in _KINDS:
        if voice.engine == "espeak" and voice.id == kind.name:
            return {
                "variant": np.array(kind.variant),
                "pitch": np.array(kind.pitch),
                "liveliness": np.array(kind.liveliness),
                "pace": np.array(kind.pace),
            }
    return {}


def study(voice: Voice) -> Arrays:
    """``arrays`` with the colour of an embedded voice measured: slow, once a voice, can be kept as .npz.

    Adds ``equaliser``, float64 (20,) in dB, and ``gain``, float64 () in dB.
    """
    found = dict(arrays(voice))
    if found:
        colour = _colour_of(found)
        found["equaliser"], found["gain"] = np.array(colour.gains), np.array(colour.gain)
    return found


def speak(
    segment: Segment,
    reading: Reading,
    *,
    speaker: Speaker,
    speaker_name: str,
    voice: Arrays,
    style: Style,
    seed: int = 0,
) -> Speech:
    """Say a segment.

    Args:
        reading: what to say for the segment's text, as ``delivery.read`` gives it.
        speaker: the engine, and ``speaker_name`` its name in the table.
        voice: what the engine knows about the voice, from ``arrays`` or, sooner, from ``study``.

    Returns:
        48 kHz sound at about ``LEVEL``, with ``LEAD`` before and ``TAIL`` and the segment's own pause
        after it; words are substrings of ``segment.text`` in order, phonemes reach from 0 to the end.

    Raises:
        InputError: ``E-SCRIPT-LANG`` for a language that the engine cannot speak.
        WorkError: ``E-SPEECH-FAILED`` where an engine that is ``checked`` did not say it well in any try.
    """
    said = delivery.parts(segment, reading, style)
    if any(row.checked for row in engines("speaker") if row.name == speaker_name):
        speaker = Careful(speaker)
    wave, timing = delivery.perform(said, speaker=speaker, voice=voice, seed=seed)
    if timing is None:
        timing = timed(wave, said)
    samples = audio.resample(wave)
    if speaker_name == "espeak":
        colour = _colour_of(voice)
        samples = warmth.warm(samples, np.array(colour.gains))
        gain = colour.gain
    else:
        gain = LEVEL - audio.loudness([samples])
    samples = np.concatenate([np.zeros(0, np.float32), *audio.master([samples], gain)])
    samples, shift = _framed(samples, segment.pause)
    seconds = len(samples) / RATE
    spoken = _written(segment.text, reading, _moved(timing.words, shift, seconds))
    return Speech(
        segment.id, samples, Timing(spoken, _gapless(_moved(timing.phonemes, shift, seconds), seconds))
    )


# --- the sound ---


@dataclass(frozen=True, slots=True)
class _Colour:
    """What makes a formant voice sound like speech, fixed for the voice: no sentence stands out."""

    gains: tuple[float, ...]
    """Equaliser (dB)."""
    gain: float
    """dB."""


def _colour_of(voice: Arrays) -> _Colour:
    if "equaliser" in voice:
        return _Colour(tuple(voice["equaliser"].tolist()), float(voice["gain"].item()))
    return _colour(tuple(sorted((name, value.item()) for name, value in voice.items())))


@functools.lru_cache(maxsize=32)
def _colour(voice: tuple[tuple[str, str | float], ...]) -> _Colour:
    known = {name: np.array(value) for name, value in voice}
    wave, _ = load("speaker", "espeak").speak(_CALIBRATION, "en-US", known, style=Style(), seed=0)
    samples = audio.resample(wave)
    gains = warmth.balance(samples)
    return _Colour(tuple(gains.tolist()), LEVEL - audio.loudness([warmth.warm(samples, gains)]))


def _framed(samples: Samples, pause: float) -> tuple[Samples, float]:
    """The sound between its silences; and by how much it moved (s)."""
    peak = float(np.abs(samples).max(initial=0.0))
    heard = np.flatnonzero(np.abs(samples) > max(peak * _FAINT, 1e-4))
    if len(heard) == 0:
        return np.zeros(round((LEAD + TAIL + pause) * RATE), np.float32), LEAD
    margin = round(_MARGIN * RATE)
    first = max(0, int(heard[0]) - margin)
    sound = samples[first : int(heard[-1]) + margin].copy()
    fade = min(round(FADE * RATE), len(sound) // 2)
    rise = np.sin(np.linspace(0.0, np.pi / 2, fade, endpoint=False, dtype=np.float32)) ** 2
    sound[:fade] *= rise
    sound[len(sound) - fade :] *= rise[::-1]
    lead = round(LEAD * RATE) - (int(heard[0]) - first)
    tail = round((TAIL + pause) * RATE) - (first + len(sound) - 1 - int(heard[-1]))
    return np.pad(sound, (lead, tail)), (lead - first) / RATE


# --- the timing ---


def timed(wave: Wave, said: Sequence[Part]) -> Timing:
    """When parts were said, by comparing with the embedded voice saying the same where it can: the nearer
    of a high and a low voice, at the pace of the recording.

    Args:
        wave: the recording, at any rate.
        said: what is said in it, in order.
    """
    speaker: Speaker = load("speaker", "espeak")
    high = (pitch(wave) or 0.0) > _HIGH
    voice = {"variant": np.array(_REFERENCES[high])}
    try:
        plain, _ = delivery.perform(said, speaker=speaker, voice=voice)
        pace = spoken_seconds(plain) / max(spoken_seconds(wave), 0.05)
        paced = [replace(part, style=part.style.changed_by(Style(speed=pace))) for part in said]
        reference, timing = delivery.perform(paced, speaker=speaker, voice=voice)
    except InputError:
        timing = None
    if timing is None:
        return spread(wave, "".join(part.text for part in said))
    return align(wave, reference, timing)


def _moved(spans: Sequence[Span], shift: float, seconds: float) -> tuple[Span, ...]:
    def at(time: float) -> float:
        return min(max(time + shift, 0.0), seconds)

    return tuple(Span(span.label, at(span.start), at(span.end)) for span in spans)


def _gapless(spans: Sequence[Span], seconds: float) -> tuple[Span, ...]:
    """The spans with silence wherever nothing is heard, from 0 to ``seconds``; equal neighbours of
    silence are one."""
    out: list[Span] = []
    at = 0.0

    def add(label: str, end: float) -> None:
        nonlocal at
        if end <= at:
            return
        if out and label == out[-1].label == "":
            out[-1] = Span("", out[-1].start, end)
        else:
            out.append(Span(label, at, end))
        at = end

    for span in spans:
        add("", span.start)
        add(span.label, span.end)
    add("", seconds)
    return tuple(out)


def _written(written: str, reading: Reading, spoken: Sequence[Span]) -> tuple[Span, ...]:
    """Spoken words as words of the written text: those that stand for one written word are merged."""
    rows: list[tuple[int, int, float, float]] = []
    for begin, end, span in _placed(reading.text, spoken):
        first, last = reading.written(begin, end)
        if rows and first < rows[-1][1]:
            start, stop, since, _ = rows[-1]
            rows[-1] = (start, max(stop, last), since, span.end)
        elif first < last:
            rows.append((first, last, span.start, span.end))
        elif rows:
            rows[-1] = (*rows[-1][:3], span.end)
    return tuple(
        Span(written[first:last].strip(), since, until)
        for first, last, since, until in rows
        if written[first:last].strip()
    )


def _placed(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int, Span]]:
    """Each word with its characters [begin, end) in the text."""
    at = 0
    for span in spans:
        begin = text.find(span.label, at)
        if begin >= 0:
            at = begin + len(span.label)
            yield begin, at, span


# --- keeping ---


def save(speech: Speech, path: Path) -> None:
    """Keep a speech as one .npz, exactly."""
    rows = {
        "segment": speech.segment,
        "words": [(span.label, span.start, span.end) for span in speech.timing.words],
        "phonemes": [(span.label, span.start, span.end) for span in speech.timing.phonemes],
    }
    with path.open("wb") as stream:
        np.savez(stream, samples=speech.samples, timing=np.array(json.dumps(rows, ensure_ascii=False)))


def load_speech(path: Path) -> Speech:
    """A speech kept by ``save``.

    Raises:
        WorkError: ``E-STORE-FORGOTTEN`` where it was deleted meanwhile.
    """
    if not path.is_file():
        raise WorkError("E-STORE-FORGOTTEN", "A speech was deleted meanwhile.", "Start again.")
    with np.load(path, allow_pickle=False) as kept:
        name, timing = _rows(str(kept["timing"]))
        return Speech(name, kept["samples"], timing)


def load_timing(path: Path) -> Speech:
    """A speech kept by ``save`` with silence for its sound, which is most of the file and is not read."""
    with np.load(path, allow_pickle=False) as kept:
        name, timing = _rows(str(kept["timing"]))
        with kept.zip.open("samples.npy") as stream:
            np.lib.format.read_magic(stream)
            shape, _, _ = np.lib.format.read_array_header_1_0(stream)
        return silent(name, shape[0], timing)


def silent(segment: str, count: int, timing: Timing | None = None) -> Speech:
    """A speech of so many samples of silence, which take no memory."""
    return Speech(segment, np.broadcast_to(np.float32(0), (count,)), timing or Timing((), ()))


def _rows(text: str) -> tuple[str, Timing]:
    rows = json.loads(text)
    timing = Timing(tuple(Span(*row) for row in rows["words"]), tuple(Span(*row) for row in rows["phonemes"]))
    return rows["segment"], timing
