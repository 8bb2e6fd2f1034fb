"""What whoever gives consent agrees to, in their language."""

from __future__ import annotations

import functools
import tomllib

from presenter import text
from presenter.settings import ROOT


def statement(language: str) -> str:
    """The statement in the language of a BCP 47 tag, or in English."""
    base = (text.canonical(language) or language).split("-")[0]
    known = _statements()
    return known.get({"cmn": "zh", "yue": "zh"}.get(base, base), known["en"])


@functools.cache
def _statements() -> dict[str, str]:
    rows = tomllib.loads((ROOT / "assets" / "statements.toml").read_text(encoding="utf-8"))
    return {tag: str(words) for tag, words in rows.items()}
