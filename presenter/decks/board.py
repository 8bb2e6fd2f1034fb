"""What is drawn of a slide as it is collected, in pixels (child process only)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pptx.oxml.ns import qn

from presenter.decks.colours import Palette, number
from presenter.decks.timing import Builds

Tree = dict[str, Any]

MOST_THINGS = 1500
"""Of one slide; more are left out."""


@dataclass(frozen=True, slots=True)
class Place:
    """How a group's own coordinates (EMU) become pixels: scale and shift."""

    across: float
    down: float
    left: float = 0.0
    top: float = 0.0

    def box(self, xfrm: Any) -> tuple[float, float, float, float]:
        """x, y, width, height of an ``a:xfrm`` in pixels."""
        off, ext = xfrm.find(qn("a:off")), xfrm.find(qn("a:ext"))
        x, y = (number(off.get(name)) if off is not None else 0.0 for name in ("x", "y"))
        w, h = (max(0.0, number(ext.get(name))) if ext is not None else 0.0 for name in ("cx", "cy"))
        return self.left + x * self.across, self.top + y * self.down, w * self.across, h * self.down

    def inside(self, xfrm: Any) -> Place:
        """The place of what is in a group."""
        x, y, w, h = self.box(xfrm)
        off, ext = xfrm.find(qn("a:chOff")), xfrm.find(qn("a:chExt"))
        if off is None or ext is None:
            return self
        wide, high = number(ext.get("cx")), number(ext.get("cy"))
        across = w / wide if wide else self.across
        down = h / high if high else self.down
        return Place(across, down, x - number(off.get("x")) * across, y - number(off.get("y")) * down)


@dataclass(slots=True)
class Board:
    """What is drawn of one slide, as it is collected."""

    palette: Palette
    point: float
    """Pixels of a typographic point."""
    width: float
    height: float
    builds: Builds
    files: dict[str, bytes]
    """Pictures of the whole deck as PNG or JPEG by sha1."""
    defaults: Any = None
    """The presentation's default text style."""
    styles: dict[str, Any] = field(default_factory=dict)
    """The master's text styles: title, body, other."""
    number: int = 1
    things: list[Tree] = field(default_factory=list)
    characters: int = 0
    lost: list[str] = field(default_factory=list)
    """Kinds of things that could not be drawn."""
    clips: list[tuple[Any, float]] = field(default_factory=list)
    """Shapes that play a video, and the share of the slide that each covers."""

    def add(self, kind: str, box: tuple[float, float, float, float], shape: int, **more: Any) -> None:
        """Take in a thing to draw."""
        if len(self.things) >= MOST_THINGS:
            if "more than 1,500 shapes" not in self.lost:
                self.lost.append("more than 1,500 shapes")
            return
        x, y, w, h = (min(max(value, -20_000.0), 20_000.0) for value in box)
        thing = {"kind": kind, "x": x, "y": y, "w": w, "h": h, "rotation": 0.0, **more}
        self.things.append(thing | {"step": self.builds.start(shape), "until": self.builds.end(shape)})
