"""A PDF into a ``Deck``: read and drawn in the sandbox, some pages at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from presenter.decks.limits import limited
from presenter.decks.sheets import Deck, Sheet

BATCH = 10
"""Pages that are drawn in one call of the sandbox, which limits time and memory for each."""


def read(data: bytes, report: Callable[[float, str], None]) -> Deck:
    """Read a PDF; raises what ``reading.read`` does."""
    report(0.0, "reading the PDF")
    tree = json.loads(bytes(limited("presenter.decks.pdf:contents", data)["tree"]))
    rows = tree["pages"]
    made = pictures(data, [row["cut"] for row in rows], lambda done: report(done, "drawing the pages"))
    sheets = (
        Sheet(index, row["title"], row["notes"], (picture,))
        for index, (row, picture) in enumerate(zip(rows, made, strict=True), 1)
    )
    return Deck(tree["title"], tuple(sheets), "PDFium")


def count(data: bytes) -> int:
    """How many pages a PDF has."""
    return len(json.loads(bytes(limited("presenter.decks.pdf:contents", data)["tree"]))["pages"])


def pictures(data: bytes, cuts: Sequence[float], report: Callable[[float], None]) -> list[bytes]:
    """The pages of a PDF as PNG.

    Args:
        cuts: for each page the share of its height that is shown, from the top.
        report: is told how far it is (0..1).
    """
    made: list[bytes] = []
    rows = [[float(index), cut] for index, cut in enumerate(cuts)]
    for begin in range(0, len(rows), BATCH):
        report(begin / len(rows))
        wanted = rows[begin : begin + BATCH]
        found = limited("presenter.decks.pdf:pictures", data, pages=wanted)
        made += (bytes(found[str(int(index))]) for index, _ in wanted)
    return made
