"""What the parts of presenter say in English, in another language of the page.

Errors, verdicts, warnings and findings are made below the page and know one language. The tables in
``assets/web/phrases`` hold their English texts as they stand in the source, with numbered fields for the
values, and the same in the other languages; a text is found by its words, its values are put into the
translation. What stands in no table stays English.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.numbers import get_decimal_symbol

from presenter import text

LONGEST = 1000
"""Characters of a text whose values are looked for; longer ones quote something."""

_FIELD = re.compile(r"\{(\d)\}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?( ?%)?")


@dataclass(frozen=True, slots=True)
class Pattern:
    """An English text with fields."""

    english: str
    shape: re.Pattern[str]
    said: str
    """The same in another language."""

    def fill(self, values: Sequence[str]) -> str:
        """It with its values, in the order in which they stand in English."""
        return _FIELD.sub(lambda field: values[int(field[1])], self.said)


class Phrases:
    """The texts of one language.

    Args:
        code: of the language, such as ``de``.
        folder: where the tables lie.
    """

    def __init__(self, code: str, folder: Path) -> None:
        self._code = code
        self._whole: dict[str, str] = {}
        self._patterns: list[Pattern] = []
        self._decimal = get_decimal_symbol(code)
        for english, row in tables(folder).items():
            if code in row and _FIELD.search(english):
                self._patterns.append(Pattern(english, _shape(english), row[code]))
            elif code in row:
                self._whole[english] = row[code]
        self._patterns.sort(key=lambda one: -len(_FIELD.sub("", one.english)))

    def __call__(self, english: str) -> str:
        """The text in this language, or as it is where no table has it."""
        return self._find(english)[0]

    def _find(self, english: str) -> tuple[str, int]:
        """The text in this language, and how many characters of it are not known."""
        if english in self._whole:
            return self._whole[english], 0
        best = english, len(english)
        for pattern in self._patterns if len(english) <= LONGEST else ():
            if found := pattern.shape.fullmatch(english):
                values = [self._value(value) for value in found.groups()]
                unknown = sum(count for _, count in values)
                if unknown < best[1]:  # of two that fit, the one that leaves less in English is meant
                    best = pattern.fill([said for said, _ in values]), unknown
        return best

    def _value(self, value: str) -> tuple[str, int]:
        """A number, a phrase or a language is said in this language; what somebody wrote stays as it is."""
        if _NUMBER.fullmatch(value):
            return value.replace(".", self._decimal), 0
        if not value.strip() or value in self._whole:
            return self._whole.get(value, value), 0
        bare = value.strip()
        said, unknown = self._find(bare)
        if said == bare:
            said = self._language(bare)
        return value.replace(bare, said), unknown

    def _language(self, value: str) -> str:
        tag = text.canonical(value) if value.istitle() else None
        return text.name(tag, self._code) if tag and text.name(tag) == value else value


def _shape(english: str) -> re.Pattern[str]:
    """What finds a text and its values; the first may be empty, as it may be a sentence that was left out."""
    parts = _FIELD.split(english)[::2]
    first = "(.*?)" if english.startswith("{0}") else re.escape(parts[0]) + "(.+?)"
    return re.compile(first + "(.+?)".join(re.escape(part) for part in parts[1:]), re.DOTALL)


@functools.cache
def tables(folder: Path) -> dict[str, dict[str, str]]:
    """English text -> language -> text, of all tables in a folder."""
    rows: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        rows |= tomllib.loads(path.read_text(encoding="utf-8"))
    return rows


@functools.cache
def phrases(code: str, folder: Path) -> Phrases:
    """Those of a language; made once."""
    return Phrases(code, folder)
