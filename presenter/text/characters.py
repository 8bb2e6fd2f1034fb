"""Characters: what may stay in a text, and where its words are."""

from __future__ import annotations

import functools
import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"
_JOINED_SCRIPTS = (
    "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM",
    "MONGOLIAN", "MYANMAR", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU",
)  # fmt: skip
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO")

EMOJI = (
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u25fd\u25fe\u3030\u303d"
    "\u200d\ufe0f\u20e3\U000e0020-\U000e007f]"
)
"""Character class (as regular expression text) of emoji and of what binds them together."""


def clean(text: str) -> tuple[str, int]:
    """Make a text safe to show and to say.

    Returns:
        The text in NFC with ``\\n`` as the only line end, and how many characters were removed:
        control, NUL, zero-width, bidirectional controls, soft hyphens, half surrogates and
        non-characters. Joiners stay where a script or an emoji needs them. A byte order mark at
        the start and line ends do not count.
    """
    text = _LINE_ENDS.sub("\n", text.removeprefix("\ufeff"))
    kept = [char for index, char in enumerate(text) if char.isascii() or _may_stay(text, index)]
    kept = [char for char in kept if (char >= " " and char != "\x7f") or char in "\n\t"]
    return unicodedata.normalize("NFC", "".join(kept)), len(text) - len(kept)


def _may_stay(text: str, index: int) -> bool:
    char = text[index]
    category = unicodedata.category(char)
    if char in _JOINERS:
        return _joins(text, index)
    if category == "Cf":
        # Arabic and Kaithi number signs are visible; tags spell the flags of regions.
        flag_tag = "\U000e0020" <= char <= "\U000e007f" and "\U0001f3f4" in text[:index]
        return flag_tag or "NUMBER" in unicodedata.name(char, "")
    nonchar = category == "Cn" and (ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF)
    return category not in ("Cc", "Cs") and not nonchar


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands where it shapes letters or holds an emoji together."""
    before = text[index - 1] if index else ""
    after = text[index + 1] if index + 1 < len(text) else ""
    if before and writing_of(before) in _JOINED_SCRIPTS:
        return True
    return text[index] == "\u200d" and bool(re.match(EMOJI, before) and re.match(EMOJI, after))


@functools.lru_cache(maxsize=4096)
def writing_of(char: str) -> str:
    """The writing system of a character as the first word of its Unicode name, e.g. ``LATIN``, ``CJK``."""
    return unicodedata.name(char, "").partition(" ")[0].partition("-")[0]


def is_unspaced(char: str) -> bool:
    """Whether the character is of a writing system in which each character counts as a word."""
    return not char.isascii() and char.isalpha() and writing_of(char) in _UNSPACED


@functools.lru_cache(maxsize=4096)
def is_word(char: str) -> bool:
    """Whether the character is part of a word: a letter, a digit, or a mark that sits on one.

    Unlike ``\\w`` this holds for the vowel signs of Devanagari and its relatives.
    """
    return unicodedata.category(char)[0] in "LMN" or char in _JOINERS


def words(text: str) -> list[tuple[int, int]]:
    """Where the words are, as half-open spans of characters.

    A word is a run of letters, marks and digits with the apostrophes, hyphens, points and commas
    inside it (``don't``, ``3.50``, ``e-mail``). Each Han, Kana or Bopomofo character is a word.
    """
    found: list[tuple[int, int]] = []
    index, size = 0, len(text)
    while index < size:
        if not is_word(text[index]):
            index += 1
            continue
        start = index
        index += 1
        if not is_unspaced(text[start]):
            index = _end_of_word(text, index)
        found.append((start, index))
    return found


def _end_of_word(text: str, index: int) -> int:
    while index < len(text):
        char = text[index]
        inner = char in "'’-.,:_@" and index + 1 < len(text) and text[index - 1].isalnum()
        if inner:
            after = text[index + 1]
            digits = text[index - 1].isdigit() and after.isdigit()
            inner = digits or (char in "'’-_@" and after.isalpha() and not is_unspaced(after))
        if not (inner or (is_word(char) and not is_unspaced(char))):
            break
        index += 1
    return index
