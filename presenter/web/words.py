"""What the page says, in the languages that it is there in: one file for each in ``assets/web/words``.

A text has a name such as ``library.empty``; ``{fields}`` in it are filled in. Where a number decides the
wording, the text is a table of the plural forms of the language (CLDR: ``one``, ``other`` ...).
"""

from __future__ import annotations

import datetime
import functools
import html
import tomllib
from collections.abc import Mapping
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit

from presenter import text
from presenter.web.phrases import phrases

FIRST = "en"
"""The language that has every text; another one borrows from it what it lacks."""

NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "hi": "हिन्दी", "zh": "中文"}
"""The languages of the page, each by its own name."""

Texts = Mapping[str, str | Mapping[str, str]]


class Words:
    """The texts of one language. What it gives is ready for HTML, also between quotes.

    Args:
        code: one of ``NAMES``.
        folder: where the files lie.
    """

    def __init__(self, code: str, folder: Path) -> None:
        self.code = code
        self._texts = {**read(folder / f"{FIRST}.toml"), **read(folder / f"{code}.toml")}
        self._plural = Locale.parse(code).plural_form
        self._phrases = phrases(code, folder.parent / "phrases")

    def __call__(self, name: str, /, count: float | None = None, **fields: object) -> str:
        """The text of that name, with its fields filled in and escaped.

        Args:
            count: the number that decides the wording; also the field ``count``.
        """
        return html.escape(self.plain(name, count, **fields), quote=True)

    def plain(self, name: str, /, count: float | None = None, **fields: object) -> str:
        """The same, not escaped: for file names and for text that is escaped later."""
        said = self._texts[name]
        if not isinstance(said, str):
            said = said.get(self._plural(count or 0), said["other"])
        return said.format(count=count, **fields)

    def language(self, code: str) -> str:
        """What a language is called in this one, with a capital letter; not escaped."""
        named = text.name(code, self.code)
        return named[:1].upper() + named[1:]

    def number(self, value: float, digits: int | None = 0) -> str:
        """A number as this language writes it.

        Args:
            digits: behind its decimal sign; None for as many as it has, at most three.
        """
        form = "#,##0.###" if digits is None else f"#,##0.{'0' * digits}" if digits else "#,##0"
        return format_decimal(value, form, locale=self.code)

    def unit(self, value: float, unit: str, digits: int = 0) -> str:
        """A number of some unit of CLDR, such as ``1.5 MB``; not escaped."""
        form = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return format_unit(value, unit, "short", format=form, locale=self.code)

    def date(self, day: str) -> str:
        """A day, from the beginning of an ISO 8601 time, as this language writes it."""
        return format_date(datetime.date.fromisoformat(day[:10]), "medium", locale=self.code)

    def said(self, english: str) -> str:
        """What a part of presenter says in English, in this language where it is known; not escaped."""
        return self._phrases(english)

    def has(self, name: str) -> bool:
        """Whether there is a text of that name."""
        return name in self._texts

    def group(self, name: str) -> dict[str, str]:
        """The texts below a name, by the rest of their names."""
        start = f"{name}."
        return {
            key.removeprefix(start): said
            for key, said in self._texts.items()
            if key.startswith(start) and isinstance(said, str)
        }


def choose(wanted: str, accepted: str) -> str:
    """The language to speak.

    Args:
        wanted: what somebody chose on the page, or ``""``.
        accepted: the header ``Accept-Language`` of the browser.
    """
    if wanted in NAMES:
        return wanted
    weighted = [(_weight(part), part.split(";")[0].strip()) for part in accepted.split(",")[:20]]
    tags = [tag for weight, tag in sorted(weighted, key=lambda row: -row[0]) if weight > 0]
    return negotiate_locale(tags, NAMES, sep="-") or next(
        (tag.split("-")[0] for tag in tags if tag.split("-")[0] in NAMES), FIRST
    )


def _weight(part: str) -> float:
    _, _, given = part.partition("q=")
    try:
        return float(given) if given else 1.0
    except ValueError:
        return 0.0


@functools.cache
def read(path: Path) -> Texts:
    """The texts of a file by their full names; a table of plural forms stays a table."""
    texts: dict[str, str | Mapping[str, str]] = {}

    def add(start: str, table: Mapping[str, object]) -> None:
        for name, value in table.items():
            if isinstance(value, str):
                texts[start + name] = value
            elif isinstance(value, dict):
                add(f"{start}{name}.", value) if "other" not in value else texts.update({start + name: value})

    add("", tomllib.loads(path.read_text(encoding="utf-8")))
    return texts
