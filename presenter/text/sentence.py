"""Sentences: where they end, and where a long one may be cut."""

from __future__ import annotations

import re

from presenter.text.characters import is_unspaced, is_word
from presenter.text.languages import base

LONGEST = 400
"""Characters of a sentence beyond which it is cut at a clause or a space."""

_ABBREVIATIONS = {
    "de": r"(?<!\d)\d{1,2}\.|\b(?:Hr|Fr|Nr|Str|Mio|Mrd|[zdus]|z\. ?B|d\. ?h|u\. ?a|v|n|Chr)\.",
    "en": r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|No|vs|approx)\.",
    "es": r"\b(?:Sr|Sra|Srta|Dr|Dra|Ud|Uds|p|pág|núm|EE)\.",
    "fr": r"\b(?:M|MM|Dr|Pr|p|cf|av|apr|fig|no|env)\.",
    "hi": r"(?:डॉ|श्री|प्रो|पं|कि|मी|रु|सं)\.",
}
"""Ends of what looks like a sentence to the library and is none, where a word follows."""

_CLAUSE = re.compile(r"[,;:，；：、、،؛—–]\s*|[)\]»”]\s+")


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Where the sentences are, as half-open spans of characters.

    The spans are sorted, do not overlap, hold every character that is not space, and begin and end
    at one. A sentence longer than ``LONGEST`` characters is cut after clause punctuation, else at a
    space, never inside a word.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _merge(text, _boundaries(text, language), language):
        start, end = _trim(text, start, end)
        while end - start > LONGEST:
            cut = _cut(text, start, end)
            if cut is None:
                break
            spans.append(_trim(text, start, cut))
            start, end = _trim(text, cut, end)
        if start < end:
            spans.append((start, end))
    return spans


def _boundaries(text: str, language: str) -> list[tuple[int, int]]:
    import sentencex

    spans, at = [], 0
    for part in sentencex.segment(base(language), text):
        spans.append((at, at + len(part)))
        at += len(part)
    if at != len(text):  # the library must give back what it got; a paragraph is better than lost words
        return [(0, len(text))]
    return spans


def _merge(text: str, spans: list[tuple[int, int]], language: str) -> list[tuple[int, int]]:
    """Join what was cut after an abbreviation, and what has no word of its own."""
    pattern = _ABBREVIATIONS.get(base(language))
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged:
            before = text[merged[-1][0] : start].rstrip()
            same_line = "\n\n" not in text[merged[-1][0] : end]
            abbreviated = pattern and re.search(f"(?:{pattern})$", before)
            wordless = not any(map(is_word, text[start:end])) or not any(map(is_word, before))
            if same_line and (abbreviated or wordless):
                merged[-1] = (merged[-1][0], end)
                continue
        merged.append((start, end))
    return merged


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, start: int, end: int) -> int | None:
    """Where to cut a sentence that is too long, or None where it is one long word."""
    # Halves of a sentence that is a little too long sound better than a long part and a crumb.
    parts = -(-(end - start) // LONGEST)
    window = min(LONGEST, -(-(end - start) // parts) + LONGEST // 5)
    limit, soonest = start + window, start + window // 3
    clauses = [
        match.end() for match in _CLAUSE.finditer(text, soonest, limit) if _outside_number(text, match)
    ]
    if clauses:
        return clauses[-1]
    space = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
    if space > start:
        return space
    for index in range(limit, start, -1):
        if is_unspaced(text[index - 1]) and is_unspaced(text[index]):
            return index
    later = re.compile(r"\s").search(text, limit, end)
    return later.start() if later else None


def _outside_number(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + 1]
    return match.group().endswith(" ") or not after.isdigit()
