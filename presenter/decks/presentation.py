"""A PPTX into a ``Deck``: parsed in the sandbox, drawn by LibreOffice or by the embedded renderer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from presenter import text
from presenter.decks import drawing, office, pages
from presenter.decks.limits import limited
from presenter.decks.sheets import Deck, Sheet, slides
from presenter.errors import InputError, SetupError

EMBEDDED, FAITHFUL = "the embedded renderer", "LibreOffice"
MOST_COPIES = 12
"""Copies of a deck that LibreOffice draws for its builds; each takes it a second or two."""


def read(data: bytes, renderer: str, report: Callable[[float, str], None]) -> Deck:
    """Read a PPTX; takes and raises what ``reading.read`` does."""
    report(0.0, "reading the deck")
    faithful = renderer == "libreoffice" or (renderer == "auto" and office.program() is not None)
    if renderer == "libreoffice" and office.program() is None:
        raise SetupError(
            "E-SLIDES-OFFICE",
            "LibreOffice is not installed.",
            "Install it, or choose --renderer embedded.",
            "renderer",
        )
    found = limited("presenter.decks.powerpoint:read", data)
    tree = json.loads(bytes(found["tree"]))
    files = {
        name.removeprefix("file:"): bytes(each) for name, each in found.items() if name.startswith("file:")
    }
    shown = [(index, slide) for index, slide in enumerate(tree["slides"], 1) if not slide["hidden"]]
    if not shown:
        raise InputError("E-SLIDES-NONE", "All slides of the deck are hidden.", "Show at least one.", "deck")
    notices = _notices(tree)
    pictures: list[tuple[bytes, ...]] | None = None
    drawn_by = FAITHFUL
    if faithful:
        pictures = _faithful(data, [slide["steps"] for _, slide in shown], report)
        if pictures is None and renderer == "libreoffice":
            hint = "Choose --renderer embedded, or export the deck as PDF."
            raise SetupError("E-SLIDES-OFFICE", "LibreOffice could not draw this deck.", hint, "renderer")
        if pictures is None:
            notices.append("LibreOffice could not draw this deck, so the embedded renderer did.")
    if pictures is None:
        drawn_by = EMBEDDED
        notices += _lost(tree["lost"])
        pictures = _embedded([slide for _, slide in shown], tree["height"], files, report)
    sheets = tuple(
        _sheet(index, slide, made, files) for (index, slide), made in zip(shown, pictures, strict=True)
    )
    return Deck(tree["title"], sheets, drawn_by, tuple(notices))


def _faithful(
    data: bytes, steps: Sequence[int], report: Callable[[float, str], None]
) -> list[tuple[bytes, ...]] | None:
    """The slides as LibreOffice draws them; None where it fails or gives another number of pages.

    It prints a slide as it is in the end. So it gets one copy of the deck for each build, without what comes
    later; of slides with more than ``MOST_COPIES`` builds the last ones come at once.

    Args:
        steps: builds of each slide that is shown.
    """
    most = max(steps)
    copies = [*range(min(most, MOST_COPIES)), most]
    report(0.1, "LibreOffice draws the slides")
    printed = office.to_pdf(
        [bytes(limited("presenter.decks.powerpoint:washed", data, step=step)["deck"]) for step in copies]
    )
    if printed is None:
        return None
    made: list[list[bytes]] = [[] for _ in steps]
    for index, (step, pdf) in enumerate(zip(copies, printed, strict=True)):
        report(0.5 + 0.5 * index / len(copies), "taking over the slides")
        there = [at for at, count in enumerate(steps) if count >= step]
        try:
            if pages.count(pdf) != len(there):
                return None
            found = pages.pictures(pdf, [1.0] * len(there), lambda _: None)
        except InputError:
            return None
        for at, picture in zip(there, found, strict=True):
            if not made[at] or made[at][-1] != picture:
                made[at].append(picture)
    return [tuple(each) for each in made]


def _embedded(
    rows: Sequence[Any], height: int, files: Mapping[str, bytes], report: Callable[[float, str], None]
) -> list[tuple[bytes, ...]]:
    words = " ".join(run["text"] for row in rows for thing in row["things"] if thing["kind"] == "text"
                     for one in thing["paragraphs"] for run in one["runs"])  # fmt: skip
    language = text.detect_language(words[:2000])[0] if words.strip() else "en"
    made = []
    for index, row in enumerate(rows):
        report(0.1 + 0.9 * index / len(rows), f"drawing slide {index + 1} of {len(rows)}")
        made.append(drawing.draw(row, height, files, language))
    return made


def _sheet(number: int, slide: Any, made: tuple[bytes, ...], files: Mapping[str, bytes]) -> Sheet:
    clip = slide["clip"]
    return Sheet(
        number, slide["title"], slide["notes"], made, builds=0 if clip else len(made) - 1,
        clip=files[clip] if clip else b"",
        clip_suffix=clip[clip.rindex(".") :].lower() if clip else ".mp4",
        identity=f"pptx-{slide['id']}",
    )  # fmt: skip


def _notices(tree: Any) -> list[str]:
    found = []
    rows = list(enumerate(tree["slides"], 1))
    if hidden := [index for index, slide in rows if slide["hidden"]]:
        found.append(f"{slides(hidden)} hidden: left out.")
    if linked := [index for index, slide in rows if slide["linked"]]:
        count = sum(slide["linked"] for _, slide in rows)
        what = "1 linked picture or video was" if count == 1 else f"{count} linked pictures or videos were"
        found.append(f"W-SLIDES-LINK: {what} left out ({slides(linked).lower()}). Embed them.")
    small = [index for index, slide in rows if slide["clip"] and slide["share"] < 0.25]
    if small:
        found.append(f"{slides(small)} with a small video: it is shown large, in place of the slide.")
    return found


def _lost(kinds: Mapping[str, int]) -> list[str]:
    return [
        f"The embedded renderer left out {kind} ({count} {'slide' if count == 1 else 'slides'})."
        for kind, count in kinds.items()
    ]
