"""Outlines of shapes: the usual preset shapes, and those that an author drew (child process only).

The presets follow presetShapeDefinitions of ECMA-376 with their default proportions; one that is not here
is a rectangle.
"""

from __future__ import annotations

import math
from typing import Any

from pptx.oxml.ns import qn

from presenter.decks.colours import number

Tree = dict[str, Any]
MOST_POINTS = 4000

_POLYGONS: dict[str, list[tuple[float, float]]] = {
    "triangle": [(0.5, 0), (1, 1), (0, 1)],
    "rtTriangle": [(0, 0), (1, 1), (0, 1)],
    "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
    "flowChartDecision": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
    "parallelogram": [(0.25, 0), (1, 0), (0.75, 1), (0, 1)],
    "flowChartInputOutput": [(0.2, 0), (1, 0), (0.8, 1), (0, 1)],
    "trapezoid": [(0.25, 0), (0.75, 0), (1, 1), (0, 1)],
    "hexagon": [(0.25, 0), (0.75, 0), (1, 0.5), (0.75, 1), (0.25, 1), (0, 0.5)],
    "octagon": [(0.29, 0), (0.71, 0), (1, 0.29), (1, 0.71), (0.71, 1), (0.29, 1), (0, 0.71), (0, 0.29)],
    "pentagon": [(0.5, 0), (1, 0.38), (0.81, 1), (0.19, 1), (0, 0.38)],
    "plus": [(0.25, 0), (0.75, 0), (0.75, 0.25), (1, 0.25), (1, 0.75), (0.75, 0.75), (0.75, 1), (0.25, 1),
             (0.25, 0.75), (0, 0.75), (0, 0.25), (0.25, 0.25)],
}  # fmt: skip
_STRAIGHT = {"line", "straightConnector1"}
_ROUNDED = {"roundRect": 0.1667, "flowChartAlternateProcess": 0.1667,
            "flowChartTerminator": 0.5, "round2SameRect": 0.1667, "snip1Rect": 0.0}  # fmt: skip


def outline(properties: Any, w: float, h: float) -> Tree:
    """The form of a ``p:spPr``: ``rect`` with a radius (pixels), ``ellipse``, ``line`` or ``curve``.

    The moves of a curve are ``["m"|"l", x, y]``, ``["c", six numbers]`` and ``["z"]``, in pixels from the
    box's corner.
    """
    custom = properties.find(qn("a:custGeom"))
    if custom is not None:
        return {"form": "curve", "moves": _custom(custom, w, h)}
    preset = properties.find(qn("a:prstGeom"))
    name = "rect" if preset is None else str(preset.get("prst"))
    given = {} if preset is None else _adjustments(preset)
    if name in _STRAIGHT:
        return {"form": "line"}
    if name in ("ellipse", "flowChartConnector", "donut", "cloud"):
        return {"form": "ellipse"}
    if name in _ROUNDED:
        return {"form": "rect", "radius": min(w, h) * min(max(given.get("adj", _ROUNDED[name]), 0.0), 0.5)}
    if "Connector" in name:
        return {"form": "curve", "moves": _joint(name, w, h)}
    points = _callout(given) if name.startswith("wedge") else None
    points = points or _POLYGONS.get(name) or _pointed(name, w, h, given)
    if points is None:
        return {"form": "rect", "radius": 0.0}
    corners = [(px * w, py * h) for px, py in points]
    moves: list[list[Any]] = [["l" if index else "m", *corner] for index, corner in enumerate(corners)]
    return {"form": "curve", "moves": [*moves, ["z"]]}


def _adjustments(preset: Any) -> dict[str, float]:
    found = {}
    for guide in preset.iter(qn("a:gd")):
        found[str(guide.get("name"))] = number(str(guide.get("fmla")).removeprefix("val ")) / 100_000
    return found


def _pointed(name: str, w: float, h: float, given: dict[str, float]) -> list[tuple[float, float]] | None:
    """Arrows, chevrons and stars, whose points keep their shape when the box is stretched."""
    shaft, head = given.get("adj1", 0.5), given.get("adj2", 0.5)
    if name in ("rightArrow", "leftArrow", "upArrow", "downArrow"):
        upright = name in ("upArrow", "downArrow")
        long, short = (h, w) if upright else (w, h)
        tip = 1 - min(1.0, head * min(w, h) / max(long, 0.1)) if short else 0.5
        a, b = 0.5 - shaft / 2, 0.5 + shaft / 2
        points = [(0, a), (tip, a), (tip, 0.0), (1, 0.5), (tip, 1.0), (tip, b), (0, b)]
        if name in ("leftArrow", "upArrow"):
            points = [(1 - px, py) for px, py in points]
        return [(py, px) for px, py in points] if upright else points
    if name in ("homePlate", "chevron"):
        back = min(1.0, given.get("adj", 0.5) * min(w, h) / max(w, 0.1))
        notch = [(back, 0.5)] if name == "chevron" else []
        return [(0, 0), (1 - back, 0), (1, 0.5), (1 - back, 1), (0, 1), *notch]
    if name.startswith("star") and name[4:].isdigit():
        count = min(32, int(name[4:]))
        inner = 0.382 if count == 5 else 0.7
        corners = []
        for index in range(2 * count):
            reach = 0.5 * (inner if index % 2 else 1.0)
            turn = math.pi * index / count - math.pi / 2
            corners.append((0.5 + reach * math.cos(turn), 0.5 + reach * math.sin(turn)))
        return corners
    return None


def _joint(name: str, w: float, h: float) -> list[list[Any]]:
    """A connector with corners, or a curved one."""
    if name.startswith("curved"):
        return [["m", 0.0, 0.0], ["c", w / 2, 0.0, w / 2, h, w, h]]
    corner = [["l", w, 0.0]] if name == "bentConnector2" else [["l", w / 2, 0.0], ["l", w / 2, h]]
    return [["m", 0.0, 0.0], *corner, ["l", w, h]]


def _callout(given: dict[str, float]) -> list[tuple[float, float]]:
    """A speech bubble: a rectangle with a tail, whose tip is given from the middle."""
    x, y = 0.5 + given.get("adj1", -0.208), 0.5 + given.get("adj2", 0.625)
    near, far = (0.17, 0.42) if x < 0.5 else (0.58, 0.83)
    above, below = (0.17, 0.42) if y < 0.5 else (0.58, 0.83)
    sides = {
        "top": [(near, 0.0), (x, y), (far, 0.0)],
        "right": [(1.0, above), (x, y), (1.0, below)],
        "bottom": [(far, 1.0), (x, y), (near, 1.0)],
        "left": [(0.0, below), (x, y), (0.0, above)],
    }
    upright = abs(y - 0.5) >= abs(x - 0.5)
    side = ("top" if y < 0.5 else "bottom") if upright else ("left" if x < 0.5 else "right")
    tail = {name: points if name == side else [] for name, points in sides.items()}
    return [(0, 0), *tail["top"], (1, 0), *tail["right"], (1, 1), *tail["bottom"], (0, 1), *tail["left"]]


def _custom(custom: Any, w: float, h: float) -> list[list[Any]]:
    moves: list[list[Any]] = []
    for path in custom.iter(qn("a:path")):
        across = w / (number(path.get("w")) or 1.0)
        down = h / (number(path.get("h")) or 1.0)
        at = (0.0, 0.0)
        for step in path:
            kind = str(step.tag).rpartition("}")[2]
            points = [(number(p.get("x")) * across, number(p.get("y")) * down) for p in step.iter(qn("a:pt"))]
            if kind == "close":
                moves.append(["z"])
            elif kind in ("moveTo", "lnTo") and points:
                moves.append(["m" if kind == "moveTo" else "l", *points[0]])
            elif kind == "cubicBezTo" and len(points) == 3:
                moves.append(["c", *points[0], *points[1], *points[2]])
            elif kind == "quadBezTo" and len(points) == 2:
                (cx, cy), (x1, y1) = points
                first = at[0] + (cx - at[0]) * 2 / 3, at[1] + (cy - at[1]) * 2 / 3
                second = x1 + (cx - x1) * 2 / 3, y1 + (cy - y1) * 2 / 3
                moves.append(["c", *first, *second, x1, y1])
            if points:
                at = points[-1]
            if len(moves) >= MOST_POINTS:
                return moves
    return moves
