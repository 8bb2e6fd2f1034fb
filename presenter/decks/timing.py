"""Animations by click as builds: what appears with which click (child process only)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pptx.oxml.ns import qn

MOST_STEPS = 40
"""Builds of one slide; later ones come all at once."""
NEVER = 10_000


class Builds:
    """When the shapes of a slide appear and go, read from its timing tree.

    Only whether something is there counts: how it moves in or out is not shown, emphasis is left out. A click
    that makes nothing appear or go is no build.
    """

    def __init__(self, slide: Any = None) -> None:
        self.count = 0
        """Clicks that change what is seen."""
        self._from: dict[tuple[int, int], int] = {}
        self._until: dict[int, int] = {}
        self._groups: list[int] = []
        timing = None if slide is None else slide.find(qn("p:timing"))
        main = [] if timing is None else [
            node for node in timing.iter(qn("p:cTn")) if node.get("nodeType") == "mainSeq"
        ]  # fmt: skip
        for node in main[:1]:
            for click in node.findall(f"{qn('p:childTnLst')}/{qn('p:par')}"):
                self._read(click)

    def _read(self, click: Any) -> None:
        effects = [node for node in click.iter(qn("p:cTn")) if node.get("presetClass") in ("entr", "exit")]
        targets = [(node, target) for node in effects for target in list(node.iter(qn("p:spTgt")))[:1]]
        if not targets:
            return
        clicked = any(node.get("nodeType") == "clickEffect" for node in click.iter(qn("p:cTn")))
        if clicked and self.count < MOST_STEPS:
            self.count += 1
        for node, target in targets:
            shape = int(str(target.get("spid") or 0)) if str(target.get("spid") or 0).isdigit() else 0
            lines = target.find(f"{qn('p:txEl')}/{qn('p:pRg')}")
            if node.get("presetClass") == "exit":
                self._until.setdefault(shape, self.count)
            elif lines is None:
                self._from.setdefault((shape, -1), self.count)
            else:
                ends = [int(value) for name in ("st", "end") if (value := str(lines.get(name))).isdigit()]
                for index in range(ends[0], min(ends[-1], ends[0] + 200) + 1) if ends else ():
                    self._from.setdefault((shape, index), self.count)

    def start(self, shape: int) -> int:
        """From which build on a shape is seen, 0 for at once; in a group, no earlier than the group."""
        own = [self._from.get((each, -1), 0) for each in (*self._groups, shape)]
        return max(own)

    def end(self, shape: int) -> int:
        """From which build on it is gone."""
        return min(self._until.get(each, NEVER) for each in (*self._groups, shape))

    def paragraph(self, shape: int, index: int) -> int:
        """From which build on a paragraph is seen."""
        return max(self.start(shape), self._from.get((shape, index), 0))

    @contextmanager
    def group(self, shape: int) -> Iterator[None]:
        """What is read meanwhile stands in this group."""
        self._groups.append(shape)
        try:
            yield
        finally:
            self._groups.pop()
