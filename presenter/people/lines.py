"""The lines that somebody reads aloud so that a voice can be learnt: a table for each language."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass

from presenter import text
from presenter.settings import ROOT

_FOLDER = ROOT / "assets" / "enrolment"
_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence to read aloud."""

    id: str
    """``en-01``, ``en-02`` ... in the order in which they are shown."""
    text: str
    language: str
    """BCP 47; another than was asked for where there are no lines in that one."""


def written() -> tuple[str, ...]:
    """Languages that have lines of their own, as BCP 47 base tags, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def lines(language: str) -> tuple[Line, ...]:
    """The lines to read for a voice: 12 sentences of 4 to 9 s with every sound of the language.

    Args:
        language: BCP 47. Where it has no lines of its own, the English ones are given
            (``Line.language`` says so); one free recording in the person's own language is as good.
    """
    tag = text.canonical(language) or language
    base = tag.split("-")[0].lower()
    base = {"zh": "cmn"}.get(base, base)
    return _read(base if base in written() else _FALLBACK)


@functools.cache
def _read(base: str) -> tuple[Line, ...]:
    rows = tomllib.loads((_FOLDER / f"{base}.toml").read_text(encoding="utf-8"))
    return tuple(
        Line(f"{base}-{number:02d}", sentence, rows["language"])
        for number, sentence in enumerate(rows["lines"], 1)
    )
