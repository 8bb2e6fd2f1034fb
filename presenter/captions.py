"""Captions: what is said, cut into cues that can be read while it is said.

Limits as broadcasters use them (BBC and Netflix timed text guidelines): at most two lines of 42
characters (18 in scripts of full-width characters), shown for 1 to 7 seconds, broken at the ends of
clauses, with lines of about equal length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from presenter.types import Segment, Span, Timing

LINES = 2
COLUMNS = 42
"""Characters of a line; a full-width character counts as 42 / 18."""
COLUMNS_WIDE = 18
SHORTEST = 1.0
"""Seconds that a cue is shown at least, where there is time."""
LONGEST = 7.0
GAP = 0.12
"""Seconds (3 frames at 25 fps): cues stand this far apart or touch; what lies between would flicker."""

_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"'”’»)\]」』]*$")
_CLAUSE_END = re.compile(r"[,;:，、；：—–،][\"'”’»)\]」』]*$")
_NOT_AT_START = set("，。！？；：、）」』”’》〉】…—,.!?;:)]}»।")
_NOT_AT_END = set("（「『“‘《〈【([{«")
_SMALL = {
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "with", "from", "and", "or", "but",
    "as", "if", "is", "are", "was", "than", "that", "which", "who", "der", "die", "das", "den", "dem",
    "des", "ein", "eine", "einen", "und", "oder", "zu", "im", "am", "auf", "mit", "von", "für", "el",
    "la", "los", "las", "un", "una", "de", "del", "y", "o", "en", "con", "por", "para", "que", "le",
    "les", "une", "du", "et", "ou", "à", "au", "aux", "dans", "sur", "pour", "par",
}  # fmt: skip
"""Words that belong to the next one: a line or a cue does not end with them if it can be helped."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of the text that is never cut: a word with its punctuation, or one full-width character."""

    text: str
    start: float
    end: float
    space: bool
    """Is there a space before it?"""


def cues(segment: Segment, timing: Timing, seconds: float) -> tuple[Span, ...]:
    """The captions of a segment.

    Args:
        timing: words whose labels stand in the segment's text, in this order.
        seconds: length of the segment, pauses included; no cue ends later.

    Returns:
        Sorted spans that do not overlap; the label is one line, or two with ``\\n`` between them.
        All words of the text are shown once, as written.
    """
    pieces = _pieces(segment.text, timing.words, seconds)
    if not pieces:
        return ()
    groups = _grouped(pieces)
    return tuple(_timed([(_lines(group), group[0].start, group[-1].end) for group in groups], seconds))


# --- words with times ---------------------------------------------------------------------------


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def width(text: str) -> float:
    """Length of a line in columns: combining marks count nothing, full-width characters more."""
    if text.isascii():
        return len(text)
    total = 0.0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            continue
        total += COLUMNS / COLUMNS_WIDE if _is_wide(character) else 1.0
    return total


def _pieces(text: str, words: Sequence[Span], seconds: float) -> list[_Piece]:
    times = _times(text, words, seconds)
    pieces: list[_Piece] = []
    for match in re.finditer(r"\S+", text):
        at = match.start()
        for index, part in enumerate(_parts(match[0])):
            inside = times[at : at + len(part)]
            pieces.append(_Piece(part, inside[0][0], inside[-1][1], index == 0 and bool(pieces)))
            at += len(part)
    return pieces


def _parts(word: str) -> list[str]:
    """A word as one part, or its full-width characters one by one with their punctuation."""
    parts: list[str] = []
    for character in word:
        joins = not parts or character in _NOT_AT_START or parts[-1][-1] in _NOT_AT_END
        narrow = parts and not _is_wide(character) and not _is_wide(parts[-1][-1])
        if parts and (joins or narrow or unicodedata.combining(character)):
            parts[-1] += character
        else:
            parts.append(character)
    limit = COLUMNS
    return [part[i : i + limit] for part in parts for i in range(0, len(part), limit)]


def _times(text: str, words: Sequence[Span], seconds: float) -> list[tuple[float, float]]:
    """For each character when it is heard; what no word covers takes the time of its neighbours."""
    known: list[tuple[float, float] | None] = [None] * len(text)
    at = 0
    for word in words:
        found = text.find(word.label, at) if word.label else -1
        if found < 0:
            continue
        step = (word.end - word.start) / len(word.label)
        for index in range(len(word.label)):
            known[found + index] = (word.start + index * step, word.start + (index + 1) * step)
        at = found + len(word.label)
    if not any(known):
        step = seconds / max(1, len(text))
        return [(index * step, (index + 1) * step) for index in range(len(text))]
    out: list[tuple[float, float]] = []
    last = next(time for time in known if time)[0]
    for time in known:
        start, end = time if time else (last, last)
        out.append((min(max(start, last), seconds), min(max(end, last), seconds)))
        last = out[-1][1]
    return out


# --- cues ---------------------------------------------------------------------------------------


def _text(pieces: Sequence[_Piece]) -> str:
    return "".join((" " if piece.space and index else "") + piece.text for index, piece in enumerate(pieces))


def _fits(pieces: Sequence[_Piece]) -> bool:
    return _broken(pieces) is not None and pieces[-1].end - pieces[0].start <= LONGEST


def _cost_of_break(before: _Piece, after: _Piece) -> float:
    """How bad it is to cut here, 0 (end of a sentence) to 4."""
    if _SENTENCE_END.search(before.text):
        return 0.0
    if _CLAUSE_END.search(before.text):
        return 0.6
    if after.start - before.end > 0.25:  # the speaker pauses
        return 0.8
    if before.text.lower().strip("\"'“‘(") in _SMALL:
        return 4.0
    return 2.0


def _grouped(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Cut into cues so that the sum of bad breaks and of uneven, short cues is the least (dynamic
    programming over where the last cue begins)."""
    count = len(pieces)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        for begin in range(end - 1, -1, -1):
            group = pieces[begin:end]
            if end - begin > 1 and not _fits(group):
                break
            cost = best[begin][0] + _cost_of_cue(group)
            if end < count:
                cost += _cost_of_break(pieces[end - 1], pieces[end])
            if cost < best[end][0]:
                best[end] = (cost, begin)
    groups: list[list[_Piece]] = []
    end = count
    while end:
        begin = best[end][1]
        groups.append(pieces[begin:end])
        end = begin
    return groups[::-1]


def _cost_of_cue(group: Sequence[_Piece]) -> float:
    """Each cue costs something; one that is gone before it can be read costs more."""
    lasts = group[-1].end - group[0].start
    hurried = max(0.0, SHORTEST - lasts) * 3.0
    fill = width(_text(group)) / (LINES * COLUMNS)
    return 1.0 + hurried + max(0.0, 0.35 - fill) * 3.0


def _broken(pieces: Sequence[_Piece]) -> int | None:
    """Where to begin the second line: 0 for one line, None when two lines are not enough."""
    if width(_text(pieces)) <= COLUMNS:
        return 0
    best: tuple[float, int] | None = None
    for index in range(1, len(pieces)):
        above, below = width(_text(pieces[:index])), width(_text(pieces[index:]))
        if above > COLUMNS or below > COLUMNS:
            continue
        # Even lines, a clause's end before evenness, and rather the lower line longer.
        cost = abs(above - below) / COLUMNS + 0.35 * _cost_of_break(pieces[index - 1], pieces[index])
        cost += 0.1 * (above > below)
        if best is None or cost < best[0]:
            best = (cost, index)
    return best[1] if best else None


def _lines(pieces: Sequence[_Piece]) -> str:
    index = _broken(pieces)
    return _text(pieces) if not index else f"{_text(pieces[:index])}\n{_text(pieces[index:])}"


def _timed(found: list[tuple[str, float, float]], seconds: float) -> list[Span]:
    """Give cues time to be read: they begin with their first word and may stay until the next one."""
    out: list[Span] = []
    for index, (label, start, end) in enumerate(found):
        start = max(start, out[-1].end if out else 0.0)
        following = found[index + 1][1] if index + 1 < len(found) else seconds
        end = max(end, min(start + SHORTEST, following))
        if following - end < GAP:
            end = following
        end = min(max(end, start), start + LONGEST, seconds)
        out.append(Span(label, start, max(end, start)))
    return out


# --- files --------------------------------------------------------------------------------------


def srt(spans: Sequence[Span]) -> str:
    """SubRip: numbered cues with ``hh:mm:ss,mmm`` times."""
    blocks = [
        f"{number}\n{_clock(span.start, ',')} --> {_clock(span.end, ',')}\n{_plain(span.label)}\n"
        for number, span in enumerate(spans, 1)
    ]
    return "\n".join(blocks)


def vtt(spans: Sequence[Span]) -> str:
    """WebVTT (W3C): ``&``, ``<`` and ``>`` are escaped, so nothing in a text is read as markup."""
    blocks = [
        f"{_clock(span.start, '.')} --> {_clock(span.end, '.')}\n{_escaped(_plain(span.label))}\n"
        for span in spans
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _plain(label: str) -> str:
    # An empty line would end the cue.
    return "\n".join(line for line in label.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, point: str) -> str:
    total = round(max(0.0, seconds) * 1000)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
