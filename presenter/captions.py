"""Captions: what is said, cut into cues that can be read while it is said.

Limits as broadcasters use them (BBC and Netflix timed text guidelines): at most two lines of 42
characters (18 in scripts of full-width characters), shown for 1 to 7 seconds and long enough to be read
at 20 characters a second, two frames apart, broken at the ends of clauses, with lines of about equal
length. A cue begins with its first word; where somebody speaks too fast for these limits, that comes first.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from presenter.errors import InputError
from presenter.text import clean
from presenter.types import Segment, Span, Timing

LINES = 2
COLUMNS = 42
"""Characters of a line; a full-width character counts as 42 / 18."""
COLUMNS_WIDE = 18
SHORTEST = 1.0
"""Seconds that a cue is shown at least, where there is time."""
LONGEST = 7.0
FASTEST = 20.0
"""Columns a second that can be read."""
GAP = 2 / 24
"""Seconds between cues: two frames, so that a change is seen."""
CLOSE = 0.5
"""Seconds: a longer wait for the next cue shows no text; in a shorter one it would flicker."""

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
    row = _Row.of(_pieces(segment.text, timing.words, seconds), seconds)
    return tuple(_timed(row, begin, end) for begin, end in _grouped(row))


def wait(spans: Sequence[Span], seconds: float) -> float:
    """How much longer a segment of so many seconds would have to be for its last cue to be read (s), or 0."""
    if not spans:
        return 0.0
    last = spans[-1]
    return max(0.0, last.start + _needed(width(last.label.replace("\n", " "))) + GAP - seconds)


def _needed(columns: float) -> float:
    """Seconds that a cue has to be shown to be read."""
    return max(SHORTEST, columns / FASTEST)


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


@dataclass(frozen=True, slots=True)
class _Row:
    """The pieces of a segment, with their columns added up."""

    pieces: tuple[_Piece, ...]
    columns: tuple[float, ...]
    """Columns of all pieces before each one, and of all; with the spaces between them."""
    seconds: float
    """Length of the segment."""

    @classmethod
    def of(cls, pieces: Sequence[_Piece], seconds: float) -> _Row:
        columns = [0.0]
        for piece in pieces:
            columns.append(columns[-1] + width(piece.text) + piece.space)
        return cls(tuple(pieces), tuple(columns), seconds)

    def width(self, begin: int, end: int) -> float:
        """Columns of a line of some pieces."""
        return self.columns[end] - self.columns[begin] - self.pieces[begin].space

    def text(self, begin: int, end: int) -> str:
        first, *rest = self.pieces[begin:end]
        return first.text + "".join(" " * piece.space + piece.text for piece in rest)

    def time(self, begin: int, end: int) -> float:
        """Seconds for which these pieces can be shown as a cue."""
        until = self.pieces[end].start if end < len(self.pieces) else self.seconds
        return min(until - GAP - self.pieces[begin].start, LONGEST)

    def fits(self, begin: int, end: int) -> bool:
        """Can they be one cue?"""
        if self.pieces[end - 1].end - self.pieces[begin].start > LONGEST:
            return False
        middle = begin + 1
        while middle < end and self.width(begin, middle + 1) <= COLUMNS:
            middle += 1
        return middle == end or self.width(middle, end) <= COLUMNS


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


def _grouped(row: _Row) -> list[tuple[int, int]]:
    """Cut into cues so that the sum of bad breaks and of uneven, hurried cues is the least (dynamic
    programming over where the last cue begins)."""
    pieces, count = row.pieces, len(row.pieces)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        after = _cost_of_break(pieces[end - 1], pieces[end]) if end < count else 0.0
        for begin in range(end - 1, -1, -1):
            if end - begin > 1 and not row.fits(begin, end):
                break
            cost = best[begin][0] + after + _cost_of_cue(row, begin, end)
            if cost < best[end][0]:
                best[end] = (cost, begin)
    groups: list[tuple[int, int]] = []
    end = count
    while end:
        groups.append((best[end][1], end))
        end = best[end][1]
    return groups[::-1]


def _cost_of_cue(row: _Row, begin: int, end: int) -> float:
    """Each cue costs something; one that is gone before it can be read costs more than any bad break."""
    columns = row.width(begin, end)
    hurried = max(0.0, _needed(columns) - row.time(begin, end))
    fill = columns / (LINES * COLUMNS)
    return 1.0 + (5.0 + 20.0 * hurried if hurried > 0 else 0.0) + max(0.0, 0.35 - fill) * 3.0


def _lines(row: _Row, begin: int, end: int) -> str:
    """One line, or two of about equal length; rather broken after a clause, rather the lower one longer."""
    if row.width(begin, end) <= COLUMNS:
        return row.text(begin, end)
    best: tuple[float, int] | None = None
    for index in range(begin + 1, end):
        above, below = row.width(begin, index), row.width(index, end)
        if above > COLUMNS or below > COLUMNS:
            continue
        cost = abs(above - below) / COLUMNS + 0.1 * (above > below)
        cost += 0.35 * _cost_of_break(row.pieces[index - 1], row.pieces[index])
        if best is None or cost < best[0]:
            best = (cost, index)
    if best is None:  # a single piece that is as wide as a line
        return row.text(begin, end)
    return f"{row.text(begin, best[1])}\n{row.text(best[1], end)}"


def _timed(row: _Row, begin: int, end: int) -> Span:
    """A cue begins with its first word and stays until it could be read, or until shortly before the next
    one; where little would be left until then, it stays."""
    label = _lines(row, begin, end)
    start = row.pieces[begin].start
    latest = max(start + row.time(begin, end), start)
    wanted = max(row.pieces[end - 1].end, start + _needed(row.width(begin, end)))
    if latest - wanted < CLOSE:
        wanted = latest
    return Span(label, start, min(wanted, latest))


# --- files --------------------------------------------------------------------------------------


def srt(spans: Sequence[Span], note: str = "") -> str:
    """SubRip: numbered cues with ``hh:mm:ss,mmm`` times. As it has no notes, the first cue shows ``note`` in
    brackets above its words."""
    notes = [f"[{note}]\n" if note else "", *[""] * len(spans)]
    blocks = [
        f"{number}\n{_clock(span.start, ',')} --> {_clock(span.end, ',')}\n{said}{_plain(span.label)}\n"
        for number, (span, said) in enumerate(zip(spans, notes, strict=False), 1)
    ]
    return "\n".join(blocks)


def vtt(spans: Sequence[Span], note: str = "") -> str:
    """WebVTT (W3C), with a note that players do not show.

    ``&``, ``<`` and ``>`` are escaped, so nothing in a text is read as markup.
    """
    blocks = [
        f"{_clock(span.start, '.')} --> {_clock(span.end, '.')}\n{_escaped(_plain(span.label))}\n"
        for span in spans
    ]
    head = [f"NOTE {' '.join(_escaped(note).split())}\n"] if note else []
    return "\n".join(["WEBVTT\n", *head, *blocks])


_TIMES = re.compile(
    r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})[ \t]*-->[ \t]*"
    r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})(?:[ \t].*)?"
)
LARGEST, MOST = 2_000_000, 20_000
"""Characters of a file of subtitles, and its cues."""


def read(content: str) -> tuple[Span, ...]:
    """The cues of a SubRip or WebVTT file, sorted, as plain text; where two overlap the first one gives way.

    Raises:
        InputError: ``E-SUBTITLES-FILE`` where there is no cue, or the file is too large.
    """
    if len(content) > LARGEST:
        raise _unreadable(f"The subtitles have {len(content):,} characters; the limit is {LARGEST:,}.")
    found: list[Span] = []
    for block in re.split(r"\n[ \t]*\n", re.sub(r"\r\n?", "\n", content)):
        lines = block.strip("\n").split("\n")
        at = next((index for index, line in enumerate(lines[:3]) if "-->" in line), None)
        times = _TIMES.fullmatch(lines[at].strip()) if at is not None else None
        if at is None or times is None:
            continue
        start, end = (_seconds(times.groups()[first : first + 4]) for first in (0, 4))
        label = html.unescape(re.sub(r"<[^<>\n]*>|\{\\[^{}\n]*\}", "", "\n".join(lines[at + 1 :])))
        label = _plain(clean(label)[0]).strip()
        if label and end > start:
            found.append(Span(label, start, end))
        if len(found) > MOST:
            raise _unreadable(f"The subtitles have more than {MOST:,} cues.")
    if not found:
        raise _unreadable("The subtitles hold no cue.")
    found.sort(key=lambda span: span.start)
    shown = [replace(one, end=min(one.end, other.start)) for one, other in pairwise(found)] + found[-1:]
    return tuple(span for span in shown if span.end > span.start)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _unreadable(message: str) -> InputError:
    return InputError("E-SUBTITLES-FILE", message, "Use a SubRip (.srt) or WebVTT (.vtt) file.", "subtitles")


def _plain(label: str) -> str:
    # An empty line would end the cue.
    return "\n".join(line for line in label.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _clock(seconds: float, point: str) -> str:
    total = round(max(0.0, seconds) * 1000)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
