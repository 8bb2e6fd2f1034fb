"""Phonemes to lip movements: which shape the mouth has at each frame.

Coarticulation follows the dominance functions of Cohen & Massaro, "Modeling coarticulation in
synthetic visual speech" (Models and Techniques in Computer Animation, 1993): every phoneme pulls
each parameter towards its target, with a strength that falls off exponentially with the distance
in time, and the curve is the weighted mean of all pulls. So a /t/ leaves the rounding to the vowel
beside it. What a weighted mean cannot promise is added on top: the lips really meet for p, b and m
and the lower lip really touches the teeth for f and v.

Viseme groups extend those of MPEG-4 Facial Animation (ISO/IEC 14496-2) by the front rounded
vowels and the approximants. Times are measured where the sound is heard; the mouth is ``LEAD`` early.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presenter.types import Span, Timing, Track

Floats = NDArray[np.float64]

NAMES = ("jaw", "low", "up", "wide", "round", "press", "tuck", "tongue")
"""Parameters, each 0 (rest) to 1: jaw opening; lower lip drawn down; upper lip raised; corners drawn
apart; lips rounded and protruded; lips pressed together; lower lip tucked under the upper teeth;
tongue raised towards the teeth."""

JAW, LOW, UP, WIDE, ROUND, PRESS, TUCK, TONGUE = range(len(NAMES))

LEAD = 0.030
"""Seconds by which the mouth is ahead of the sound, as in natural speech."""

UPPER_LIP = np.array([-0.010, 0.0, -0.026, 0.0, 0.004, 0.004, 0.0, 0.0])
LOWER_LIP = np.array([0.150, 0.040, 0.0, 0.0, 0.020, -0.004, -0.012, 0.0])
"""How far one unit of each parameter moves the middle of a lip's inner edge: downwards, in E, the
distance between the outer corners of the eyes. Rounding counts only while the lips are not pressed."""

SHORTEST_REST = 0.12
"""Seconds of silence from which the mouth closes; shorter gaps are part of the articulation."""
SHORTEST_CLOSURE = 0.060
"""Seconds for which p, b and m keep the lips together at least."""
_RAMP = 0.050
"""Seconds in which lips meet or part around a closure."""
_ENDS = 0.08
"""Seconds in which the mouth leaves the rest at the start of a segment and comes back at its end."""
_RATE = 200
"""Samples a second at which curves are computed before the shutter averages them."""

#            jaw  low   up    wide  round press tuck  tongue
SHAPES: dict[str, tuple[float, ...]] = {
    "sil": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.0),
    "PP": (0.02, 0.00, 0.00, 0.00, 0.00, 1.00, 0.00, 0.0),  # p b m
    "BB": (0.10, 0.06, 0.04, 0.00, 0.15, 0.00, 0.00, 0.0),  # bilabial fricatives: nearly closed
    "FF": (0.10, 0.00, 0.70, 0.05, 0.00, 0.00, 1.00, 0.0),  # f v
    "VV": (0.13, 0.06, 0.26, 0.05, 0.00, 0.00, 0.60, 0.0),  # labiodental approximant
    "TH": (0.22, 0.35, 0.20, 0.05, 0.00, 0.00, 0.00, 1.0),
    "DD": (0.16, 0.40, 0.25, 0.12, 0.00, 0.00, 0.00, 0.7),  # t d n
    "L": (0.28, 0.35, 0.20, 0.05, 0.00, 0.00, 0.00, 0.9),
    "KK": (0.26, 0.30, 0.20, 0.08, 0.00, 0.00, 0.00, 0.2),  # k g ng x
    "CH": (0.12, 0.55, 0.45, 0.00, 0.50, 0.00, 0.00, 0.3),  # sh ch
    "SH": (0.10, 0.55, 0.40, 0.25, 0.12, 0.00, 0.00, 0.4),  # the same with spread lips
    "SS": (0.05, 0.55, 0.35, 0.25, 0.00, 0.00, 0.00, 0.3),
    "RR": (0.18, 0.35, 0.20, 0.00, 0.45, 0.00, 0.00, 0.2),
    "J": (0.18, 0.45, 0.30, 0.50, 0.00, 0.00, 0.00, 0.5),
    "W": (0.10, 0.10, 0.05, 0.00, 1.00, 0.00, 0.00, 0.0),
    "H": (0.32, 0.25, 0.20, 0.05, 0.00, 0.00, 0.00, 0.0),  # takes the shape of its neighbours
    "EE": (0.20, 0.55, 0.35, 0.65, 0.00, 0.00, 0.00, 0.4),
    "I": (0.32, 0.40, 0.28, 0.35, 0.00, 0.00, 0.00, 0.3),
    "E": (0.50, 0.40, 0.30, 0.30, 0.00, 0.00, 0.00, 0.2),
    "ae": (0.75, 0.40, 0.40, 0.30, 0.00, 0.00, 0.00, 0.1),
    "aa": (0.90, 0.30, 0.25, 0.00, 0.00, 0.00, 0.00, 0.0),
    "AH": (0.42, 0.28, 0.22, 0.05, 0.00, 0.00, 0.00, 0.1),
    "O": (0.55, 0.20, 0.15, 0.00, 0.60, 0.00, 0.00, 0.0),
    "U": (0.22, 0.15, 0.08, 0.00, 0.95, 0.00, 0.00, 0.0),
    "Y": (0.16, 0.22, 0.12, 0.00, 0.92, 0.00, 0.00, 0.4),  # front and rounded: German ü, French u
    "OE": (0.38, 0.24, 0.16, 0.00, 0.68, 0.00, 0.00, 0.2),  # German ö, French eu
}

# How strongly a viseme insists on each parameter, 0 to 1; vowels insist on nearly everything.
_VOWEL = (1.0, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 0.6)
STRENGTHS: dict[str, tuple[float, ...]] = {
    "sil": (0.90, 0.90, 0.90, 0.50, 0.50, 1.0, 1.0, 1.0),
    "PP": (1.00, 1.00, 1.00, 0.15, 0.15, 1.0, 1.0, 0.3),
    "BB": (0.90, 0.90, 0.90, 0.20, 0.20, 1.0, 1.0, 0.3),
    "FF": (0.90, 0.80, 0.80, 0.30, 0.25, 1.0, 1.0, 0.3),
    "VV": (0.80, 0.70, 0.70, 0.25, 0.20, 1.0, 1.0, 0.3),
    "TH": (0.60, 0.60, 0.60, 0.30, 0.20, 1.0, 1.0, 1.0),
    "DD": (0.45, 0.50, 0.50, 0.20, 0.10, 1.0, 1.0, 1.0),
    "L": (0.50, 0.50, 0.50, 0.20, 0.10, 1.0, 1.0, 1.0),
    "KK": (0.35, 0.30, 0.30, 0.15, 0.10, 1.0, 1.0, 0.5),
    "CH": (0.70, 0.90, 0.90, 0.50, 0.90, 1.0, 1.0, 0.6),
    "SH": (0.70, 0.85, 0.85, 0.50, 0.40, 1.0, 1.0, 0.6),
    "SS": (0.80, 0.80, 0.80, 0.40, 0.30, 1.0, 1.0, 0.6),
    "RR": (0.50, 0.50, 0.50, 0.40, 0.80, 1.0, 1.0, 0.5),
    "J": (0.60, 0.60, 0.60, 0.60, 0.40, 1.0, 1.0, 0.8),
    "W": (0.80, 0.70, 0.70, 1.00, 1.00, 1.0, 1.0, 0.4),
    "H": (0.10, 0.10, 0.10, 0.10, 0.10, 0.6, 0.6, 0.1),
}

_LETTERS = {
    "PP": "pbmɓʙʘ",
    "BB": "βɸ",
    "FF": "fvɱⱱ",
    "VV": "ʋ",
    "TH": "θðǀ",
    "DD": "tdnɾɗrɽɖʈɳǃ",
    "L": "lɫɭɺɬɮʎʟǁ",
    "KK": "kgɡŋxɣqɢɴχʁʀɠʛcɟɲʄǂ",
    "CH": "ʃʒ",
    "SH": "ɕʑʂʐçʝ",
    "SS": "sz",
    "RR": "ɹɻɚɝ",
    "J": "jɰ",
    "W": "wɥʍ",
    "H": "hɦʔħʕʜʢʡ",
    "EE": "i",
    "I": "ɪᵻɨɯɘ",
    "E": "eɛ",
    "ae": "æ",
    "aa": "aɑɶ",
    "AH": "əɐʌɤɜɞ",
    "O": "oɔɒɵ",
    "U": "uʊʉᵿ",
    "Y": "yʏ",
    "OE": "øœ",
}
_VISEMES = {letter: viseme for viseme, letters in _LETTERS.items() for letter in letters}
# Symbols of several letters; espeak-ng writes Mandarin's retroflex sounds with a full stop.
_GROUPS = {
    "ts.": "SH", "tʂ": "SH", "ʈʂ": "SH", "dʐ": "SH", "ɖʐ": "SH", "s.": "SH", "z.": "SH", "tɕ": "SH",
    "dʑ": "SH", "tç": "SH", "tʃ": "CH", "dʒ": "CH", "ts": "SS", "dz": "SS", "tθ": "TH", "ɜː": "RR", "i.": "I",
    "o-": "AH", "e-": "AH", "i\u032a": "I",
}  # fmt: skip
_VOWELS = frozenset({"EE", "I", "E", "ae", "aa", "AH", "O", "U", "Y", "OE"})
_ROUNDED = frozenset({"W", "U", "O", "Y", "OE", "CH", "RR"})
_GLIDE = 0.5
"""Share of a glide or consonant beside a vowel that has 1, where one label holds several sounds."""


class _Piece(NamedTuple):
    start: float
    end: float
    viseme: str
    label: str


def visemes_of(label: str) -> tuple[str, ...]:
    """The mouth shapes of one phoneme label, in order.

    Args:
        label: IPA as an engine writes it, with stress, length, tone and diacritics or without:
            ``ˈaɪ`` gives ``("aa", "I")``. ``""`` and ``_`` are silence; a language switch such as
            ``(en)`` has no shape at all.

    Returns:
        Keys of ``SHAPES``. A symbol in no table counts as the plain letter below its diacritics,
        any other letter as a relaxed vowel, since a moving mouth is the smaller mistake.
    """
    if not label.strip("_:|ˈˌ' "):
        return ("sil",)
    if label.startswith("("):
        return ()
    text = unicodedata.normalize("NFD", label)
    found: list[str] = []
    at = 0
    while at < len(text):
        group = next((g for g in _GROUPS if text.startswith(g, at)), None)
        viseme = _GROUPS[group] if group else _viseme(text[at])
        at += len(group) if group else 1
        aspiration = viseme == "H" and found and text[at - 1] == "h" and found[-1] not in _VOWELS
        if viseme and not aspiration:
            found.append(viseme)
    return tuple(found) or ("H",)


def _viseme(letter: str) -> str:
    if letter in _VISEMES:
        return _VISEMES[letter]
    # Modifier letters (length, aspiration, stress) are of category Lm, combining marks of Mn.
    return "AH" if unicodedata.category(letter) in ("Ll", "Lu", "Lo") else ""


def _merged(phonemes: Sequence[Span], seconds: float) -> Iterator[Span]:
    """Phonemes with silences joined, and with silence before the first and after the last."""
    silence: Span | None = Span("", -1.0, phonemes[0].start if phonemes else seconds + 1.0)
    for phoneme in (*phonemes, Span("", phonemes[-1].end if phonemes else 0.0, seconds + 1.0)):
        if visemes_of(phoneme.label) == ("sil",):
            silence = Span("", silence.start if silence else phoneme.start, phoneme.end)
        elif phoneme.end > phoneme.start:
            if silence and silence.end > silence.start:
                yield silence
            silence = None
            yield phoneme
    if silence:
        yield silence


def _pieces(timing: Timing, seconds: float) -> list[_Piece]:
    pieces = []
    for phoneme in _merged(timing.phonemes, seconds):
        visemes = visemes_of(phoneme.label)
        weights = [1.0 if viseme in _VOWELS else _GLIDE for viseme in visemes]
        at = phoneme.start
        for viseme, weight in zip(visemes, weights, strict=True):
            end = at + (phoneme.end - phoneme.start) * weight / sum(weights)
            pieces.append(_Piece(at, end, viseme, phoneme.label))
            at = end
    return pieces


def _closure(piece: _Piece) -> tuple[float, float]:
    """When the lips are together (or the lip at the teeth), in seconds of the sound."""
    return piece.start - 0.005, max(piece.start - 0.005 + SHORTEST_CLOSURE, piece.end - 0.015)


def closures(timing: Timing) -> tuple[Span, ...]:
    """When the lips have to be seen closed: one span for each p, b and m.

    Returns:
        Spans labelled with the phoneme, in seconds of the picture (the lead is taken off), each at
        least ``SHORTEST_CLOSURE`` long.
    """
    end = timing.phonemes[-1].end if timing.phonemes else 0.0
    spans = []
    for piece in _pieces(timing, end):
        if piece.viseme == "PP":
            first, last = _closure(piece)
            start = max(0.0, first - LEAD)
            spans.append(Span(piece.label, start, max(last - LEAD, start + SHORTEST_CLOSURE)))
    return tuple(spans)


def _blend(pieces: Sequence[_Piece], times: Floats) -> Floats:
    """The weighted mean of all targets: (len(times), 8)."""
    total = np.zeros((len(times), len(NAMES)))
    weight = np.full_like(total, 1e-4)
    for piece in pieces:
        strength = np.array(STRENGTHS.get(piece.viseme, _VOWEL)) ** 1.5
        seconds = piece.end - piece.start
        if piece.viseme == "sil":
            width = 0.0525
            if seconds < SHORTEST_REST:
                strength *= 0.2
        else:
            width = float(np.clip(0.034 + 0.19 * min(seconds, 0.25), 0.035, 0.09))
        flat = 0.225 * seconds
        centre = (piece.start + piece.end) / 2
        reach = flat + 5.0 * width + (2.0 * width if piece.viseme in _ROUNDED else 0.0)
        low, high = np.searchsorted(times, (centre - reach, centre + reach))
        away = times[low:high] - centre
        fall = np.maximum(np.abs(away) - flat, 0.0) / width
        pull = np.exp(-(fall**1.6))[:, None] * strength
        if piece.viseme in _ROUNDED:  # lips begin to round well before the sound
            early = np.where(away < 0, fall / 1.6, fall)
            pull[:, ROUND] = np.exp(-(early**1.6)) * strength[ROUND]
        total[low:high] += pull * np.array(SHAPES[piece.viseme])
        weight[low:high] += pull
    return total / weight


def _contact(pieces: Sequence[_Piece], viseme: str, times: Floats) -> Floats:
    """0..1 for each time: 1 where lips (or lip and teeth) touch for the viseme."""
    touch = np.zeros(len(times))
    for piece in pieces:
        if piece.viseme != viseme:
            continue
        first, last = _closure(piece)
        low, high = np.searchsorted(times, (first - _RAMP, last + 1.2 * _RAMP))
        part = times[low:high]
        ramp = np.clip(np.minimum((part - first) / _RAMP + 1, (last - part) / (1.2 * _RAMP) + 1), 0, 1)
        touch[low:high] = np.maximum(touch[low:high], ramp * ramp * (3 - 2 * ramp))
    return touch


def _enforce(values: Floats, closed: Floats, bitten: Floats) -> None:
    """Make contacts happen that the mean of neighbours only comes near to; in place, (T, 8)."""
    bitten = bitten * (1 - closed)
    values[:, [JAW, LOW, UP, TONGUE]] *= (1 - closed)[:, None]
    values[:, PRESS] = closed
    values[:, TUCK] = np.maximum(values[:, TUCK] * (1 - closed) * 0.6, bitten)
    values[:, JAW] += (0.10 - values[:, JAW]) * bitten
    values[:, LOW] *= 1 - bitten
    values[:, UP] = np.maximum(values[:, UP], SHAPES["FF"][UP] * bitten)


def track(timing: Timing, seconds: float, fps: int, *, loudness: NDArray[np.floating] | None = None) -> Track:
    """How the mouth moves.

    Args:
        timing: when each phoneme is heard; only ``phonemes`` is read.
        seconds: length of the sound.
        fps: frames a second of the result.
        loudness: (T,) how loud each frame is, 0 to 1; louder speech opens the jaw a little more.
            Without it every frame counts as normal effort.

    Returns:
        A track of ``ceil(seconds x fps)`` frames over ``NAMES``, float32 in [0, 1]: each frame the mean
        over the time its shutter is open. Silence is exactly zero, and so are the first and the last frame.
    """
    count = math.ceil(round(seconds * fps, 6))
    finer = max(1, round(_RATE / fps))
    times = (np.arange(count * finer) + 0.5) / (fps * finer) + LEAD

    def shutter(curve: Floats) -> Floats:
        mean: Floats = curve.reshape(count, finer, *curve.shape[1:]).mean(axis=1)
        return mean

    pieces = _pieces(timing, seconds)
    values = shutter(_blend(pieces, times))
    # A shutter that is open a little before or after a closure must not leave a chink.
    closed = np.minimum(shutter(_contact(pieces, "PP", times)) / 0.95, 1.0)
    bitten = np.minimum(shutter(_contact(pieces, "FF", times)) / 0.95, 1.0)
    if loudness is not None:
        effort = np.nan_to_num(np.asarray(loudness, dtype=np.float64))[:count]
        effort = np.pad(effort, (0, count - len(effort)))
        values[:, JAW] *= 0.80 + 0.35 * np.clip(effort, 0, 1)
    _enforce(values, closed, bitten)
    away = np.minimum(np.arange(count), np.arange(count)[::-1]) / fps / _ENDS
    away = np.clip(away, 0, 1)
    values *= (away * away * (3 - 2 * away))[:, None]
    values[values < 2e-3] = 0.0
    return Track(np.clip(values, 0, 1).astype(np.float32), NAMES, fps)


def opening(track: Track) -> NDArray[np.float32]:
    """The intended distance between the middles of the lips' inner edges.

    Args:
        track: a track over ``NAMES``.

    Returns:
        float32 (T,) in E, the distance between the outer corners of the eyes; 0 is closed.
    """
    values = track.values.astype(np.float64)
    values[:, ROUND] *= 1 - values[:, PRESS]
    gap: Floats = values @ (LOWER_LIP - UPPER_LIP)
    return np.maximum(gap, 0.0).astype(np.float32)
