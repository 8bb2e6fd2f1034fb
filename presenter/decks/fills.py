"""How shapes are filled and outlined (child process only)."""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from presenter.decks.board import Board, Tree
from presenter.decks.colours import Palette, number


def says_fill(properties: Any) -> bool:
    """Whether an element says how it is filled, be it not at all."""
    return properties is not None and any(
        str(child.tag).rpartition("}")[2].endswith("Fill") for child in properties
    )


def fill_of(properties: Any, palette: Palette) -> Any:
    """A colour, a gradient ``{"stops": [[colour, share] ...], "angle"}``, ``"none"``; None: nothing said."""
    for child in () if properties is None else properties:
        kind = str(child.tag).rpartition("}")[2]
        if kind == "noFill":
            return "none"
        if kind == "solidFill":
            return palette.of(child)
        if kind == "pattFill":
            return palette.of(child.find(qn("a:fgClr")))
        if kind == "gradFill":
            stops = [[palette.of(stop) or "#808080ff", min(max(number(stop.get("pos")) / 1000, 0.0), 100.0)]
                     for stop in child.iter(qn("a:gs"))]  # fmt: skip
            linear = child.find(qn("a:lin"))
            angle = number(linear.get("ang")) / 60_000 if linear is not None else 90.0
            if len(stops) >= 2:
                return {"stops": sorted(stops, key=lambda stop: float(str(stop[1])))[:12], "angle": angle}
            return stops[0][0] if stops else None
    return None


def line_of(properties: list[Any], style: Any, board: Board) -> Tree | None:
    """The outline that the first of some properties, else the shape\'s style, asks for; None without one."""
    lines = [
        found for each in properties if each is not None and (found := each.find(qn("a:ln"))) is not None
    ]
    colour = next((found for each in lines if (found := fill_of(each, board.palette))), None)
    if isinstance(colour, dict):
        colour = colour["stops"][0][0]
    reference = None if style is None else style.find(qn("a:lnRef"))
    if colour is None and reference is not None and number(reference.get("idx")) > 0:
        colour = board.palette.of(reference)
    if colour in (None, "none"):
        return None
    width = next((number(each.get("w")) for each in lines if each.get("w") is not None), 12_700.0)
    dash = next((str(each.get("val")) for each in _all(lines, "a:prstDash")), "solid")
    head, tail = (
        next((each.get("type", "none") != "none" for each in _all(lines, name)), False)
        for name in ("a:headEnd", "a:tailEnd")
    )
    return {"colour": colour, "width": min(max(width / 12_700 * board.point, 0.5), 100.0),
            "dash": dash != "solid", "head": head, "tail": tail}  # fmt: skip


def _all(parents: list[Any], tag: str) -> list[Any]:
    return [found for each in parents if (found := each.find(qn(tag))) is not None]
