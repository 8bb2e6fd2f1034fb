"""Slides of a PPTX drawn with the bundled fonts: the embedded renderer.

What is drawn are plain values that the sandbox made of the file: boxes, outlines, words, tables, pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presenter import typeset
from presenter.decks.limits import PICTURE_WIDTH

_JPEG = b"\xff\xd8"


def draw(
    slide: Mapping[str, Any], height: int, files: Mapping[str, bytes], language: str
) -> tuple[bytes, ...]:
    """A slide as PNG, one for each of its builds; a build that cannot be seen gives no picture.

    Args:
        slide: of the tree that ``powerpoint.read`` makes.
        height: of the picture; it is ``PICTURE_WIDTH`` wide.
        files: pictures of the deck by name.
        language: BCP 47, for the order of fonts.
    """
    import typst

    things = [_drawable(thing) for thing in slide["things"]]
    used = {thing["file"]: files[thing["file"]] for thing in things if thing["kind"] == "picture"}
    names = {
        name: f"{index}.jpg" if content.startswith(_JPEG) else f"{index}.png"
        for index, (name, content) in enumerate(used.items())
    }
    data = {
        "width": PICTURE_WIDTH,
        "height": height,
        "language": typeset.language_of(language),
        "fonts": typeset.families(language, "Inter"),
        "ground": slide["ground"],
        "steps": slide["steps"],
        "things": [
            thing | {"file": names[thing["file"]]} if thing["kind"] == "picture" else thing
            for thing in things
        ],
    }
    try:
        pages = typeset.pages("deck", data, {names[name]: content for name, content in used.items()})
    except typst.TypstError:
        # A picture or an outline that typst does not take: the words are what has to be seen.
        data["things"] = [thing for thing in things if thing["kind"] in ("text", "table")]
        pages = typeset.pages("deck", data)
    return tuple(page for index, page in enumerate(pages) if index == 0 or page != pages[index - 1])


def _drawable(thing: dict[str, Any]) -> dict[str, Any]:
    for paragraph in _paragraphs(thing):
        for run in paragraph["runs"]:
            run["text"] = typeset.clean(run["text"])
    return thing


def _paragraphs(thing: dict[str, Any]) -> list[dict[str, Any]]:
    cells = (cell for row in thing.get("rows", ()) for cell in row["cells"])
    return [*thing.get("paragraphs", ()), *(one for cell in cells for one in cell["paragraphs"])]
