"""When each word and phoneme of the library's sound is heard, and pauses that are long enough to follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from presenter import text as texts
from presenter.engines.espeak.library import PHONEME, WORD, Heard
from presenter.types import Samples, Span, Timing

STRETCH = 1.5
"""Factor on espeak-ng's pauses of 0.15 s at a comma and 0.3 s at a full stop, too short to follow."""
SHORTEST_PAUSE = 0.1
"""Silences between phonemes from this length on are pauses (s); shorter ones are closures of stops."""
TAIL = 0.05
"""Silence that stays after the last sound (s)."""
_QUIET = 0.011
"""Level below which sound counts as the closure of a stop: some variants echo or breathe in there."""
_FRAME = 0.005
"""Stretch over which that level is taken (s)."""
_LONGEST_CLOSURE = 0.15
_STOPS = frozenset("pbtdkgɡqcɟʈɖʔɢɓɗɠʛʄ")


def clean(label: str) -> str:
    """IPA of one phoneme; markers of a change of language, such as ``(en)``, are no sound."""
    if label.startswith("("):
        return ""
    return "".join(char for char in label if not char.isdigit() and char not in "#`").replace("?", "ʔ")


def phonemes(heard: Sequence[Heard], samples: Samples, rate: int) -> tuple[Span, ...]:
    """Gapless spans from 0 to the end; closures belong to their stops, ``""`` is a pause."""
    end = len(samples) / rate
    events = [event for event in heard if event.type == PHONEME and event.start <= end]
    marks: list[tuple[str, float]] = [("", 0.0)]
    for index, event in enumerate(events):
        label, start = clean(event.label), event.start
        until = events[index + 1].start if index + 1 < len(events) else end
        if not label and until - start < SHORTEST_PAUSE:
            continue  # a tone, a glide or a closure: the phoneme before it goes on
        if label.lstrip("ˈˌ")[:1] in _STOPS:
            start = _closure(samples, rate, marks[-1][1], start)
        if label == marks[-1][0] == "":
            continue
        if start <= marks[-1][1]:
            marks.pop()  # it had no length of its own
        marks.append((label, start))
    ends = [start for _, start in marks[1:]] + [end]
    return tuple(
        Span(label, start, stop) for (label, start), stop in zip(marks, ends, strict=True) if stop > start
    )


def _closure(samples: Samples, rate: int, earliest: float, release: float) -> float:
    """Where the silence before a stop's release begins: the library marks the release alone."""
    frame = round(_FRAME * rate)
    end = round(release * rate)
    count = int(min(release - earliest, _LONGEST_CLOSURE) / _FRAME)
    if count < 1:
        return release
    before = samples[end - count * frame : end].reshape(count, frame)
    loud = np.flatnonzero(np.sqrt((before**2).mean(axis=1)) > _QUIET)
    quiet = count - 1 - int(loud[-1]) if len(loud) else count
    if quiet == count:
        # Silence all the way is a pause; half of what a closure can take is enough of it.
        quiet = min(count, round(_LONGEST_CLOSURE / 2 / _FRAME))
    return release - quiet * frame / rate


def words(text: str, heard: Sequence[Heard], phonemes: Sequence[Span]) -> tuple[Span, ...]:
    """The text's words with the time from their first sound to the next word or pause."""
    events = [(event.at, event.start) for event in heard if event.type == WORD]
    spans = texts.words(text)
    if not spans:
        return ()
    starts: list[float | None] = []
    for begin, end in spans:
        inside = [_snap(start, phonemes) for at, start in events if begin <= at < end]
        starts.append(min(inside) if inside else None)
    last = max(span.end for span in phonemes if span.label)
    times = _filled(starts, spans, last)
    pauses = [span.start for span in phonemes if not span.label]
    found = []
    for (begin, end), start, following in zip(spans, times, [*times[1:], last], strict=True):
        stop = min([pause for pause in pauses if pause > start] + [following])
        found.append(Span(text[begin:end], start, max(start, stop)))
    return tuple(found)


def _snap(start: float, phonemes: Sequence[Span]) -> float:
    """The start of the phoneme that a word begins with: its mark is a little before or after it."""
    sounds = [span.start for span in phonemes if span.label]
    nearest = min(sounds, key=lambda sound: abs(sound - start), default=start)
    return nearest if abs(nearest - start) < _LONGEST_CLOSURE / 2 else start


def _filled(starts: Sequence[float | None], spans: Sequence[tuple[int, int]], end: float) -> list[float]:
    """Starts in order; words that the library spoke together with others share the time by length."""
    rows = zip(spans, starts, strict=True)
    known = [(begin, start) for (begin, _), start in rows if start is not None and start < end]
    if not known or known[0][0] > spans[0][0]:
        known.insert(0, (spans[0][0], 0.0))
    axis = [begin for begin, _ in known] + [spans[-1][1]]
    times = np.maximum.accumulate([start for _, start in known] + [end])
    return [float(value) for value in np.interp([begin for begin, _ in spans], axis, times)]


def breathe(samples: Samples, rate: int, timing: Timing) -> tuple[Samples, Timing]:
    """Longer pauses inside, a short one at the end, none at the start."""
    spans = list(timing.phonemes)
    lead = spans[0].end if not spans[0].label else 0.0
    lead = max(0.0, lead - TAIL)
    last = spans[-1].start + TAIL if not spans[-1].label else spans[-1].end
    stop = min(round(last * rate), len(samples))
    pieces: list[Samples] = []
    cuts: list[tuple[float, float]] = []
    at = round(lead * rate)
    for span in spans[1:-1]:
        if not span.label and span.end - span.start >= SHORTEST_PAUSE:
            middle = round((span.start + span.end) / 2 * rate)
            more = round((span.end - span.start) * (STRETCH - 1) * rate)
            pieces += [samples[at:middle], np.zeros(more, np.float32)]
            cuts.append((middle / rate, more / rate))
            at = middle
    out = np.concatenate([*pieces, samples[at:stop]]).astype(np.float32)
    total = len(out) / rate

    def moved(time: float) -> float:
        later = time - lead + sum(more for cut, more in cuts if cut <= time)
        return min(max(later, 0.0), total)

    def carried(row: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(Span(span.label, moved(span.start), moved(span.end)) for span in row)

    phonemes = [span for span in carried(spans) if span.end > span.start]
    phonemes[-1] = Span(phonemes[-1].label, phonemes[-1].start, total)
    return out, Timing(carried(timing.words), tuple(phonemes))
