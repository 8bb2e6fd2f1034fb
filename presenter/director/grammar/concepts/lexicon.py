"""Words that commands are made of, by what they mean, and messages taken apart into them.

    message -> folded (case, accents) -> longest known words at each place -> tokens

A language's module holds one table: a concept and the words for it. ``*`` stands for any ending.
What is in no table is an unknown word, and an unknown word is never skipped.
"""

from __future__ import annotations

import functools
import importlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from presenter.director.grammar.words import TEXT, unmarked

LETTERS = r"\w\u0900-\u097f"
"""``\\w`` leaves the vowel signs of Devanagari out."""
UNKNOWN, QUOTED = "words", "text"
NUMBER, ORDINAL = "number", "ordinal"
REFERENCE = "reference"
NOUNS = ("slide", "sentence", "item", "example")
"""Concepts of what can be counted in a lesson."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's words. Values are regular expression text without groups that capture; ``*`` is any
    ending, and accents, case and the dot below of Devanagari do not count."""

    concepts: Mapping[str, str]
    """Concept -> words for it, parted by bars; of words for two concepts the first counts."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Further words for numbers, counted only before a unit of time."""
    ordinals: Mapping[str, int] = field(default_factory=dict)
    """Further words for ordinals."""
    behind: bool = False
    """Whether "before", "after" and "on" follow what they are about."""
    spaced: bool = True
    """Whether words are parted by spaces."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a few that stand for one thing."""

    kind: str
    """A concept, or one of the kinds above."""
    said: str
    start: int
    """First character, counted in the message that was taken apart; ``end`` is one past the last."""
    end: int
    value: Any = None
    """Of a number its value; of an ordinal its number, negative from the end; of a text its number."""


def fold(words: str) -> str:
    """Words as they are compared: of the same length, without case, accents and curly marks."""
    return "".join(_folded(sign) for sign in words)


@functools.lru_cache(2048)
def _folded(sign: str) -> str:
    if sign in "’‘`´":
        return "'"
    if sign == "\u0901":  # candrabindu, for which many write anusvara
        return "\u0902"
    plain = (
        unicodedata.normalize("NFKD", sign)[0] if ord(sign) < 0x250 or 0xFF00 < ord(sign) < 0xFF60 else sign
    )
    low = plain.lower()
    return low if len(low) == 1 else sign


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A language's words, compiled."""

    lexicon: Lexicon
    pattern: re.Pattern[str]
    kinds: Sequence[str]
    """Kind of each group of the pattern."""
    numbers: Mapping[str, float]
    fractions: Mapping[str, float]
    ordinals: Mapping[str, int]
    words: frozenset[str]
    """All known words of four letters and more, as they are written."""

    def tokens(self, message: str, names: Sequence[str] = ()) -> tuple[Token, ...]:
        """A message taken apart.

        Args:
            message: in NFC, with marks for texts and numbers as ``words`` has them.
            names: known names, which are words like any other: kind ``name``.
        """
        return _tokens(self, unmarked(message), tuple(names))


_STOP = re.compile(r"[,;.!?…:。，、；！？：।()\"“”„«»–—-]+")
_FIGURE = re.compile(r"(\d+(?:[.,]\d+)?)(st|nd|rd|th|\.(?=\s\w)|ª|º|ere|er|eme|e|te[nrs]?|म)?(?![^\W\d_]{3})")
_KEPT = re.compile(rf"{TEXT}(\d+){TEXT}")


@functools.lru_cache(512)
def _tokens(reader: Reader, message: str, names: tuple[str, ...]) -> tuple[Token, ...]:
    line, found, at = fold(message), [], 0
    called = re.compile("|".join(rf"(?<!\w){re.escape(fold(one))}(?!\w)" for one in names) or r"(?!)")
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        token = _at(reader, message, line, at, called)
        found.append(token)
        at = token.end
    return tuple(_joined(message, _counted(reader, found)))


def _counted(reader: Reader, tokens: Sequence[Token]) -> list[Token]:
    """Tokens with words for numbers that count only before a unit as what else they are."""
    out = list(tokens)
    for at, token in enumerate(tokens):
        after = next((one.kind for one in tokens[at + 1 :] if one.kind != "filler"), "")
        said = fold(token.said)
        if (
            token.kind == "unit"
            and said in reader.ordinals
            and after in (*NOUNS, "half", NUMBER, ORDINAL, "last")
        ):
            out[at] = Token(ORDINAL, token.said, token.start, token.end, reader.ordinals[said])
        elif (
            token.kind not in (NUMBER, "fraction")
            and said in reader.numbers
            and after in ("unit", "changes", "percent")
        ):
            out[at] = Token(NUMBER, token.said, token.start, token.end, reader.numbers[said])
        elif token.kind == "fraction" and not (at + 1 < len(tokens) and tokens[at + 1].kind == "unit"):
            number = reader.numbers.get(fold(token.said))
            kind = NUMBER if number is not None else "half" if token.value == 0.5 else "filler"
            out[at] = Token(kind, token.said, token.start, token.end, number)
    return out


def _at(reader: Reader, message: str, line: str, at: int, called: re.Pattern[str]) -> Token:
    def token(kind: str, end: int, value: object = None) -> Token:
        return Token(kind, message[at:end], at, end, value)

    kept = _KEPT.match(message, at)
    if kept:
        return token(QUOTED, kept.end(), int(kept[1]))
    known = reader.pattern.match(line, at)
    name = called.match(line, at)
    if name and not (known and known.end() > name.end()):
        return token("name", name.end())
    if known and known.lastindex:
        kind, said = reader.kinds[known.lastindex - 1], known[0]
        value = {NUMBER: reader.numbers, ORDINAL: reader.ordinals, "fraction": reader.fractions}.get(kind, {})
        return token(kind, known.end(), value.get(" ".join(said.split())))
    figure = _FIGURE.match(line, at)
    if figure:
        number = float(figure[1].replace(",", "."))
        if figure[2] and number.is_integer():
            return token(ORDINAL, figure.end(), int(number))
        return token(NUMBER, figure.end(1), number)
    stop = _STOP.match(line, at)
    if stop:
        return token("stop", stop.end())
    if not reader.lexicon.spaced and not re.match(r"[a-z]", line[at]):
        return token(UNKNOWN, at + 1)
    word = re.compile(rf"[{LETTERS}]+|\S").match(line, at)
    assert word is not None  # a sign that is no space is at least itself
    return token(UNKNOWN, word.end())


_COUNTED = ("unit", "percent", "times-sign", "changes", *NOUNS)


def _joined(message: str, tokens: Sequence[Token]) -> list[Token]:
    """Tokens with neighbouring unknown words as one; a word between two of them that means nothing by
    itself goes along."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        last = out[-1] if out else None
        after = tokens[at + 1].kind if at + 1 < len(tokens) else ""
        counts = after in _COUNTED or not token.said[:1].isdigit()
        among = (last and last.kind == UNKNOWN) or (after == UNKNOWN and not (last and last.kind in NOUNS))
        if token.kind == NUMBER and not counts and among:
            token = Token(UNKNOWN, token.said, token.start, token.end)
        if token.kind == UNKNOWN and last and last.kind == UNKNOWN:
            out[-1] = Token(UNKNOWN, message[last.start : token.end], last.start, token.end)
        elif (
            token.kind == UNKNOWN
            and last
            and last.kind == "filler"
            and len(out) > 1
            and out[-2].kind == UNKNOWN
        ):
            first = out[-2]
            out[-2:] = [Token(UNKNOWN, message[first.start : token.end], first.start, token.end)]
        else:
            out.append(token)
    return out


def _alternatives(text: str) -> list[str]:
    depth, out = 0, [""]
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            out.append("")
        else:
            out[-1] += sign
    return [one.strip() for one in out if one.strip()]


def _pattern(text: str) -> str:
    text = fold(unicodedata.normalize("NFC", text)).replace("\u093c", "")
    text = "".join(sign + "\u093c?" if "\u0915" <= sign <= "\u0939" else sign for sign in text)
    text = re.sub(r"\((?!\?)", "(?:", text)
    for plain, pattern in (("-", "[ -]?"), (" ", r"\s+"), ("*", f"[{LETTERS}]*")):
        text = text.replace(plain, pattern)
    return text


@functools.cache
def reader(module: str) -> Reader:
    """The words of a language.

    Args:
        module: of this package and of ``grammar``, e.g. ``english``.
    """
    words = importlib.import_module(f"presenter.director.grammar.{module}").WORDS
    lexicon: Lexicon = importlib.import_module(f"{__package__}.{module}").LEXICON
    numbers = {fold(unicodedata.normalize("NFC", one)): float(value) for one, value in words.numbers.items()}
    ordinals = {
        fold(unicodedata.normalize("NFC", one)): value
        for one, value in {**words.ordinals, **lexicon.ordinals}.items()
    }
    fractions = {fold(unicodedata.normalize("NFC", one)): value for one, value in lexicon.numbers.items()}
    start, stop = (rf"(?<![{LETTERS}])", rf"(?![{LETTERS}])") if lexicon.spaced else ("", "")
    rows = [(kind, one) for kind, said in lexicon.concepts.items() for one in _alternatives(said)]
    rows += [(ORDINAL, one) for one in ordinals] + [("fraction", one) for one in fractions]
    rows += [(NUMBER, one) for one in numbers]
    rows.sort(key=lambda row: -len(re.sub(r"\([^()]*\)\?|[*?]", "", row[1])))
    pattern = "|".join(f"({start}(?:{_pattern(one)}){stop})" for _, one in rows)
    known = {word.casefold() for _, said in rows for word in re.findall(r"[^\W\d_]{4,}(?![*?])", said)}
    return Reader(
        lexicon,
        re.compile(pattern),
        [kind for kind, _ in rows],
        numbers,
        fractions,
        ordinals,
        frozenset(known),
    )
