"""What is heard for the words of SSML's ``say-as``."""

from __future__ import annotations

import re

from presenter import text
from presenter.text import numerals
from presenter.text.vocabulary import SYMBOLS

_ORDERS = {"y": r"(\d{4}|\d{2})", "m": r"(\d{1,2})", "d": r"(\d{1,2})"}
_CENTURY = 50
"""Years of two digits from here on are of the last century."""


def said_as(words: str, kind: str, layout: str, language: str) -> str:
    """The words that are heard.

    Args:
        words: as written.
        kind: ``interpret-as``: characters, spell-out, verbatim, digits, cardinal, number, ordinal, date,
            telephone; others (time, currency, unit, fraction, address ...) are read as any text.
        layout: ``format`` of a date: an order of y, m and d such as ``dmy``.
        language: BCP 47 tag.
    """
    base = text.base(language)
    known = base in numerals.POINT
    if kind in ("characters", "spell-out", "verbatim"):
        return " ".join(_character(char, base) for char in words if not char.isspace())
    number = re.fullmatch(r"[^\d-]*(-?\d{1,15})\D*", re.sub(r"(?<=\d)[,.\s](?=\d{3}(?!\d))", "", words))
    if known and kind in ("digits", "telephone"):
        return _telephone(words, base)
    if known and number and kind in ("cardinal", "number"):
        return numerals.cardinal(int(number[1]), base)
    if known and number and kind == "ordinal":
        return numerals.ordinal(int(number[1]), base)
    if kind == "date":
        words = _date(words, layout)
    return text.read(words, language).text


def _character(char: str, language: str) -> str:
    if char.isdecimal() and language in numerals.POINT:
        return numerals.digits(char, language)
    return char.upper() if char.isalpha() else char


def _telephone(words: str, language: str) -> str:
    """Digit by digit, with a short pause between groups."""
    plus = f"{SYMBOLS[language]['+']} " if words.strip().startswith("+") else ""
    return plus + ", ".join(numerals.digits(group, language) for group in re.findall(r"\d+", words))


def _date(words: str, layout: str) -> str:
    """The date as year-month-day where its format says which is which, else as it is written."""
    order = [letter for letter in layout.lower() if letter in _ORDERS]
    match = re.fullmatch(r"\D+".join(_ORDERS[letter] for letter in order), words.strip())
    if match is None or sorted(order) != ["d", "m", "y"]:
        return words
    parts = dict(zip(order, map(int, match.groups()), strict=True))
    year = parts["y"]
    if year < 100:
        year += 1900 if year >= _CENTURY else 2000
    return f"{year}-{parts['m']:02}-{parts['d']:02}"
