"""Slides: Markdown drawn as a picture of any size with a theme.

The text is laid out anew for every size, made smaller in steps until it fits, and keeps clear of what
will stand on the slide (the head, captions, the label).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from presenter import charts, elements, markup, media, plates, themes, typeset
from presenter.elements import Element
from presenter.errors import InputError
from presenter.themes import Theme
from presenter.types import Box, Picture, Slide

SCALES = (1.27, 1.18, 1.09, 1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52)
"""Factors on the theme's sizes that are tried one after another; at the last, text is 2.4 % of the
slide's shorter side: about the smallest that can be read on a phone."""
MAX_LINES = 90
MAX_CHARACTERS = 8000
"""More than this does not fit at the smallest factor even in a tall picture; it is not even tried."""
STRIP = 0.092
"""Height of the strip at the top that belongs to label and logo, as a share of the shorter side."""
ROW_INSET = 0.29
"""Room above a table's words, as a share of the height of its last row."""
SLACK = 0.009
"""What places of rows and lines, which have others above and below them, leave free there (share of the
slide's shorter side)."""

Corners: TypeAlias = Mapping[int, Mapping[str, tuple[float, float]]]
"""Index of an element -> name of a corner -> x, y."""


def draw(
    slide: Slide,
    width: int,
    height: int,
    *,
    theme: Theme,
    step: int = 0,
    language: str = "en",
    folder: Path | None = None,
    keep_clear: tuple[Box, ...] = (),
) -> Picture:
    """Draw a slide.

    Args:
        width, height: of the picture, in pixels.
        step: how many builds have happened, 0 to ``slide.steps - 1``: as many list items or other
            blocks at the end are still hidden as builds are to come. They keep their place. Of a slide
            that is nothing but a picture, see ``plates``.
        language: BCP 47, for line breaks and the shapes of letters.
        folder: the lesson's folder, where pictures are; None where a lesson has none.
        keep_clear: pixels of the picture where nothing but background may be.

    Returns:
        uint8 (height, width, 3) RGB.

    Raises:
        InputError: ``E-SLIDES-PICTURE`` for a picture that is not in the lesson's folder or cannot be
            read, ``E-SLIDES-FULL`` when the slide does not fit even in small print.
    """
    import typst

    page = markup.read(slide.markdown)
    shown = plates.builds(page)
    if shown:
        name = page.pictures[max(0, shown - slide.steps + min(step, slide.steps - 1))]
        png, _ = media.picture(slide, name, folder)
        return plates.draw(png, width, height, background=theme.background, keep_clear=keep_clear)
    data, contents = _inputs(slide, page, width, height, theme, language, folder, keep_clear)
    data["step"] = page.units - slide.steps + min(step, slide.steps - 1)
    try:
        if page.lines > MAX_LINES or len(slide.markdown) > MAX_CHARACTERS:
            raise typeset.TooFull
        drawing = typeset.render("slide", data, contents)[0]
    except typeset.TooFull as error:
        raise InputError(
            "E-SLIDES-FULL",
            f"{media.called(slide)} has too much on it: it does not fit even in small print.",
            "Split it into two slides, or shorten its lists and code.",
            "script",
        ) from error
    except typst.TypstError as error:
        raise InputError(
            "E-SLIDES-DRAW",
            f"{media.called(slide)} cannot be drawn: {error.message}.",
            "Make its lists or formulas simpler.",
            "script",
        ) from error
    return np.ascontiguousarray(drawing[:height, :width, :3])


def pictures(slide: Slide, folder: Path | None) -> tuple[tuple[str, str], ...]:
    """The pictures and tables on a slide as (name, sha256), for cache keys.

    Raises:
        InputError: ``E-SLIDES-PICTURE`` as ``draw``.
    """
    names = markup.read(slide.markdown).pictures
    return tuple((name, media.digest(media.find(slide, name, folder))) for name in names)


@dataclass(frozen=True, slots=True)
class Clip:
    """What moves on a slide."""

    file: str
    """As the author wrote it."""
    place: str
    """What ``places`` knows it by."""


def clip(slide: Slide) -> Clip | None:
    """The clip that plays on a slide; None without one.

    Raises:
        InputError: ``E-SLIDES-CLIP`` when there are several.
    """
    found = [
        Clip(picture["name"], f"picture {picture['number']}")
        for block in _walk(markup.read(slide.markdown).blocks)
        for picture in block.get("pictures", [])
        if media.is_clip(picture["name"])
    ]
    if len(found) > 1:
        raise InputError(
            "E-SLIDES-CLIP", f"{media.called(slide)} has {len(found)} clips; one can play at a time.",
            "Give each its own slide.", "script",
        )  # fmt: skip
    return found[0] if found else None


def check(slide: Slide, folder: Path | None) -> None:
    """Make sure that files and charts of a slide can be drawn, before anything is.

    Raises:
        InputError: as ``draw``, but for what does not fit.
    """
    pictures(slide, folder)
    moving = clip(slide)
    if moving is not None:
        media.clip_frames(slide, moving.file, folder, 25)
    for block in _walk(markup.read(slide.markdown).blocks):
        if block["kind"] == "chart":
            _chart(slide, block, folder)


def places(
    slide: Slide,
    width: int,
    height: int,
    asked: Sequence[str],
    *,
    theme: Theme,
    language: str = "en",
    folder: Path | None = None,
    keep_clear: tuple[Box, ...] = (),
) -> dict[str, Box]:
    """Where elements of a slide are, in its pixels.

    Args:
        asked: what is looked for, see ``elements.find``; what is not there is left out.
        others: as for ``draw``.
    """
    page = markup.read(slide.markdown)
    if plates.builds(page):
        _, (across, down) = media.picture(slide, page.pictures[0], folder)
        place = plates.fitted(across, down, width, height, keep_clear)
        return {name: place for name in asked if elements.find(page.elements, name) is not None}
    data, contents = _inputs(slide, page, width, height, theme, language, folder, keep_clear)
    corners: dict[int, dict[str, tuple[float, float]]] = {}
    for element, part, x, y in typeset.spots("slide", {**data, "spots": True}, contents):
        before = corners.setdefault(element, {}).get(part, (x, y))
        corners[element][part] = min(before[0], x), min(before[1], y)
    found = {}
    for name in asked:
        index = elements.find(page.elements, name)
        box = None if index is None else _box(page.elements, index, corners)
        if index is not None and box is not None:
            close = SLACK * min(width, height) if page.elements[index].inside is not None else 0.0
            found[name] = Box(box.x0, box.y0 + close, box.x1, box.y1 - close)
    return found


def _box(known: Sequence[Element], index: int, corners: Corners) -> Box | None:
    """The place of an element; rows and lines are found between those beside them."""
    element = known[index]
    if element.inside is not None:
        outer = _box(known, element.inside, corners)
        if outer is None:
            return None
        beside = [at for at, other in enumerate(known) if other.inside == element.inside]
        at = beside.index(index)
        if element.kind == "line":
            tall = outer.height / len(beside)
            return Box(outer.x0, outer.y0 + tall * at, outer.x1, outer.y0 + tall * (at + 1))
        tops = [corners[row]["row"][1] for row in beside if row in corners] + [outer.y1]
        inset = (tops[-1] - tops[-2]) * ROW_INSET
        tops = [top - inset for top in tops[:-1]] + [outer.y1]
        return Box(outer.x0, tops[at], outer.x1, tops[at + 1])
    if not {"start", "end"} <= corners.get(index, {}).keys():
        return None
    (x0, y0), (x1, y1) = corners[index]["start"], corners[index]["end"]
    return Box(min(x0, x1), y0, max(x0, x1), y1)


# --- what the template needs --------------------------------------------------------------------


def _inputs(
    slide: Slide, page: markup.Page, width: int, height: int, theme: Theme, language: str,
    folder: Path | None, keep_clear: tuple[Box, ...],
) -> tuple[dict[str, Any], dict[str, bytes]]:  # fmt: skip
    """What the template reads, and the pictures that it opens."""
    data = _data(slide, page, width, height, theme, language, folder, keep_clear)
    contents = {}
    data["pictures"] = []
    for index, name in enumerate(page.pictures):
        if name.lower().endswith(markup.TABLES):
            data["pictures"].append(None)
            continue
        contents[f"{index}.png"], (wide, tall) = media.picture(slide, name, folder)
        moves = media.is_clip(name)
        data["pictures"].append({"name": f"{index}.png", "width": wide, "height": tall, "moves": moves})
    data["backdrop"] = {}
    for name, (content, (wide, tall)) in themes.pictures(theme).items():
        contents[f"{name}.png"] = content
        data["backdrop"][name] = {"name": f"{name}.png", "width": wide, "height": tall}
    return data, contents


def _walk(blocks: Sequence[markup.Tree]) -> Iterator[markup.Tree]:
    """All blocks, also those inside of others."""
    for block in blocks:
        yield block
        yield from _walk(block.get("blocks", []))
        for item in block.get("items", []):
            yield from _walk(item["blocks"])


def _chart(slide: Slide, block: markup.Tree, folder: Path | None) -> markup.Tree:
    """A chart as the template draws it."""
    name = block.get("name", "")
    text = media.table(slide, name, folder) if name else block["text"]
    try:
        return {**block, **charts.read(block["chart"], text).data()}
    except charts.Unreadable as error:
        raise InputError(
            "E-SLIDES-CHART", f"{media.called(slide)}: {error}.",
            "Write one row a line, the name first: January, 12.", "script",
        ) from error  # fmt: skip


def _data(slide: Slide, page: markup.Page, width: int, height: int, theme: Theme, language: str,
          folder: Path | None, keep_clear: tuple[Box, ...]) -> dict[str, Any]:  # fmt: skip
    blocks = list(page.blocks)
    for block in _walk(blocks):
        if block["kind"] == "chart":
            block.update(_chart(slide, block, folder))
    title: list[markup.Tree] = []
    element = None
    if blocks and blocks[0]["kind"] == "heading":
        title, element = blocks[0]["runs"], blocks[0]["element"]
        del blocks[0]
    unit = min(width, height)
    margin = theme.margin * unit
    lowest = [box.y0 for box in keep_clear if not _at_top(box, height)]
    return {
        "width": width,
        "height": height,
        "unit": unit,
        "language": typeset.language_of(language),
        "right-to-left": typeset.right_to_left(language),
        "fonts": typeset.families(language, theme.sans),
        "theme": asdict(theme),
        "highlight": themes.highlight(theme),
        "spots": False,
        "strip": STRIP,
        "step": page.units,
        "scales": SCALES,
        # Above everything on the slide a title may be as wide as the slide.
        "band": {"x0": margin, "x1": width - margin, "y1": min(lowest, default=height) - margin * 0.45},
        "areas": _areas(width, height, margin, keep_clear),
        "title": title,
        "title-element": element,
        "longest": max(re.split("[\\s\u00ad\u200b]", markup.plain(title)), key=len),
        "blocks": blocks,
    }


def _areas(width: int, height: int, margin: float, keep_clear: tuple[Box, ...]) -> list[dict[str, float]]:
    """Where content may stand: rectangles, the largest first.

    Each rectangle lies between two vertical edges (a margin, or the side of something to keep clear
    of), and above, below or between whatever stands there.
    """
    gap = margin * 0.45
    top = max([margin * 0.86] + [box.y1 + gap for box in keep_clear if _at_top(box, height)])
    others = sorted((box for box in keep_clear if not _at_top(box, height)), key=lambda box: box.y0)
    lefts = [margin] + [box.x1 + gap for box in others]
    rights = [width - margin] + [box.x0 - gap for box in others]
    found = []
    for left in lefts:
        for right in rights:
            between = [box for box in others if box.x0 < right and box.x1 > left]
            begins = [top, *(box.y1 + gap for box in between)]
            ends = [*(box.y0 - gap for box in between), height - margin * 0.8]
            for begin, end in zip(begins, ends, strict=True):
                if right - left >= 0.42 * width and end - begin >= 0.2 * height:
                    found.append({"x0": left, "x1": right, "y0": begin, "y1": end})
    found.sort(key=lambda area: (area["x0"] - area["x1"]) * (area["y1"] - area["y0"]))
    return found or [{"x0": margin, "x1": width - margin, "y0": top, "y1": height - margin}]


def _at_top(box: Box, height: int) -> bool:
    """Does it belong to the strip at the top, below which everything begins?"""
    return box.y1 < height * 0.2
