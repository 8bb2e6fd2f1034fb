"""Charts as rectangles, lines and words: columns, lines, areas, pies, points (child process only)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from pptx.oxml.ns import qn

from presenter.decks.colours import Palette

Tree = dict[str, Any]
Bounds = tuple[float, float, float, float]

MOST_SERIES, MOST_VALUES = 12, 200


def things(chart: Any, box: Bounds, palette: Palette, point: float) -> list[Tree]:
    """What a chart of python-pptx is drawn of, in pixels.

    Raises:
        ValueError: for a kind that is not known here; python-pptx raises other errors for broken ones.
    """
    return list(_Drawing(chart, box, palette, point).all())


class _Drawing:
    def __init__(self, chart: Any, box: Bounds, palette: Palette, point: float) -> None:
        plot = chart.plots[0]
        self.kind = str(plot._element.tag).rpartition("}")[2].removesuffix("Chart").removesuffix("3D")
        if self.kind not in ("bar", "line", "area", "pie", "doughnut", "scatter"):
            raise ValueError(self.kind)
        self.palette, self.point, self.box = palette, point, box
        every = [series for one in chart.plots for series in one.series][:MOST_SERIES]
        self.series = [[_number(value) for value in list(one.values)[:MOST_VALUES]] for one in every]
        self.names = [str(one.name or "")[:40] for one in every]
        self.labels = (
            [] if self.kind == "scatter" else [str(label)[:40] for label in plot.categories][:MOST_VALUES]
        )
        self.xs = [[_number(v) for v in _x_values(one)][:MOST_VALUES] for one in every]
        self.title = self._title(chart)
        self.legend = bool(chart.has_legend) or (len(every) > 1 and self.kind not in ("pie", "doughnut"))
        direction = plot._element.find(qn("c:barDir"))
        self.lying = direction is not None and direction.get("val") == "bar"
        grouping = plot._element.find(qn("c:grouping"))
        self.grouping = "clustered" if grouping is None else str(grouping.get("val"))
        self.valued = plot.has_data_labels if hasattr(plot, "has_data_labels") else False
        self.ink, self.faint = palette.named("tx1")[:7] + "d0", palette.named("tx1")[:7] + "30"
        self.size = min(14 * point, box[3] / 18)

    def _title(self, chart: Any) -> str:
        if chart.has_title and chart.chart_title.has_text_frame:
            return str(chart.chart_title.text_frame.text)[:120]
        deleted = chart._chartSpace.chart.find(qn("c:autoTitleDeleted"))
        hidden = deleted is not None and deleted.get("val") in ("1", "true")
        return self.names[0] if len(self.names) == 1 and not hidden else ""

    def colour(self, index: int) -> str:
        return self.palette.named(f"accent{index % 6 + 1}")

    def all(self) -> Iterator[Tree]:
        x, y, w, h = self.box
        size = self.size
        if self.title:
            yield self.text(self.title, (x, y, w, 2.4 * size), 1.35 * size, "center", "horizon")
            y, h = y + 2.4 * size, h - 2.4 * size
        pie = self.kind in ("pie", "doughnut")
        names = self.labels if pie else self.names
        if (self.legend or pie) and any(names):
            yield from self.key(names, (x, y + h - 2 * size, w, 2 * size))
            h -= 2.4 * size
        if pie:
            yield from self.slices((x, y, w, h))
        else:
            yield from self.plot((x, y, w, h))

    # --- parts ---

    def text(self, words: str, box: Bounds, size: float, align: str, anchor: str) -> Tree:
        run = {"text": words, "size": size, "colour": self.ink, "bold": False, "italic": False,
               "underline": False, "strike": False, "mono": False, "script": ""}  # fmt: skip
        paragraph = {"runs": [run], "size": size, "align": align, "rtl": False, "bullet": None, "margin": 0.0,
                     "indent": 0.0, "before": 0.0, "after": 0.0, "leading": 1.0, "step": 0}  # fmt: skip
        how = {
            "inset": [0, 0, 0, 0],
            "anchor": anchor,
            "foot": True,
            "wrap": True,
            "fit": "norm",
            "factor": 1.0,
        }
        return {"kind": "text", "box": box, "paragraphs": [paragraph], **how}

    def rect(self, box: Bounds, fill: str) -> Tree:
        return {
            "kind": "shape",
            "box": box,
            "form": {"form": "rect", "radius": 0.0},
            "fill": fill,
            "line": None,
        }

    def path(
        self, corners: Sequence[tuple[float, float]], fill: str | None, line: str | None, width: float
    ) -> Tree:
        left, top = self.box[0], self.box[1]
        moves: list[list[Any]] = [
            ["l" if index else "m", x - left, y - top] for index, (x, y) in enumerate(corners)
        ]
        form = {"form": "curve", "moves": [*moves, ["z"]] if fill else moves}
        pen = {"colour": line, "width": width, "dash": False, "head": False, "tail": False}
        return {"kind": "shape", "box": self.box, "form": form, "fill": fill, "line": pen if line else None}

    def key(self, names: Sequence[str], box: Bounds) -> Iterator[Tree]:
        x, y, w, h = box
        size = self.size
        widths = [1.8 * size + 0.6 * size * max(2, len(name)) for name in names]
        share = min(1.0, w / max(sum(widths), 1.0))
        at = x + (w - sum(widths) * share) / 2
        for index, (name, wide) in enumerate(zip(names, widths, strict=True)):
            yield self.rect((at, y + h / 2 - 0.35 * size, 0.7 * size, 0.7 * size), self.colour(index))
            room = (at + size, y, max(1.0, wide * share - 1.1 * size), h)
            yield self.text(name, room, size, "left", "horizon")
            at += wide * share

    def slices(self, box: Bounds) -> Iterator[Tree]:
        x, y, w, h = box
        values = [max(0.0, value) for value in self.series[0]] if self.series else []
        total = sum(values)
        if total <= 0:
            return
        radius = 0.46 * min(w, h)
        cx, cy = x + w / 2, y + h / 2
        turn = -math.pi / 2
        paper = self.palette.named("bg1")
        for index, value in enumerate(values):
            span = 2 * math.pi * value / total
            count = max(2, math.ceil(span / 0.05))
            arc = [turn + span * step / count for step in range(count + 1)]
            rim = [(cx + radius * math.cos(a), cy + radius * math.sin(a)) for a in arc]
            hole = 0.55 * radius if self.kind == "doughnut" else 0.0
            inner = (
                [(cx + hole * math.cos(a), cy + hole * math.sin(a)) for a in reversed(arc)]
                if hole
                else [(cx, cy)]
            )
            yield self.path([*rim, *inner], self.colour(index), paper, 0.12 * self.size)
            if self.valued and span > 0.2:
                middle, reach = turn + span / 2, (radius + hole) * 0.62
                at = cx + reach * math.cos(middle), cy + reach * math.sin(middle)
                room = (at[0] - 3 * self.size, at[1] - self.size, 6 * self.size, 2 * self.size)
                text = self.text(f"{value / total:.0%}", room, self.size, "center", "horizon")
                text["paragraphs"][0]["runs"][0]["colour"] = paper
                yield text
            turn += span

    def plot(self, box: Bounds) -> Iterator[Tree]:
        x, y, w, h = box
        size = self.size
        low, high, ticks = _ticks(self._totals())
        words = [_written(tick, ticks) for tick in ticks]
        wide = 0.62 * size * max(map(len, words)) + 0.6 * size
        if self.lying:
            wide = min(0.3 * w, 0.55 * size * max([4, *(len(label) for label in self.labels)]) + 0.6 * size)
        left, top, right, bottom = x + wide, y + 0.7 * size, x + w - 0.6 * size, y + h - 1.9 * size
        span = max(high - low, 1e-9)

        def at(value: float) -> float:
            share = (value - low) / span
            return left + share * (right - left) if self.lying else bottom - share * (bottom - top)

        for tick, word in zip(ticks, words, strict=True):
            where = at(tick)
            line = [(where, top), (where, bottom)] if self.lying else [(left, where), (right, where)]
            yield self.path(line, None, self.faint, 0.07 * size)
            room = ((where - 3 * size, bottom + 0.3 * size, 6 * size, 1.5 * size) if self.lying
                    else (x, where - size, wide - 0.5 * size, 2 * size))  # fmt: skip
            yield self.text(word, room, size, "center" if self.lying else "right", "horizon")
        yield from self.categories((left, top, right, bottom), x, wide)
        if self.kind == "bar":
            yield from self.bars((left, top, right, bottom), at, max(low, min(high, 0.0)))
        else:
            yield from self.curves((left, top, right, bottom), at)
        foot = max(low, min(high, 0.0))
        axis = [(at(foot), top), (at(foot), bottom)] if self.lying else [(left, at(foot)), (right, at(foot))]
        yield self.path(axis, None, self.ink, 0.09 * size)

    def categories(self, frame: Bounds, x: float, wide: float) -> Iterator[Tree]:
        left, top, right, bottom = frame
        size = self.size
        if self.kind == "scatter":
            low, high, ticks = _ticks([value for xs in self.xs for value in xs])
            for tick in ticks:
                where = left + (tick - low) / max(high - low, 1e-9) * (right - left)
                room = (where - 3 * size, bottom + 0.3 * size, 6 * size, 1.5 * size)
                yield self.text(_written(tick, ticks), room, size, "center", "horizon")
            return
        count = max(1, len(self.labels))
        step = ((bottom - top) if self.lying else (right - left)) / count
        every = max(1, math.ceil(count * (1.6 * size) / max(bottom - top, 1)) if self.lying
                    else math.ceil(2.5 * size / max(step, 0.1)))  # fmt: skip
        for index in range(0, count if self.labels else 0, every):
            if self.lying:
                room = (x, bottom - (index + 1) * step, wide - 0.5 * size, step)
                yield self.text(self.labels[index], room, size, "right", "horizon")
            else:
                room = (left + index * step, bottom + 0.3 * size, step * every, 1.5 * size)
                yield self.text(self.labels[index], room, size, "center", "horizon")

    def bars(self, frame: Bounds, at: Any, foot: float) -> Iterator[Tree]:
        left, top, right, bottom = frame
        count = max(1, max(map(len, self.series), default=1))
        step = ((bottom - top) if self.lying else (right - left)) / count
        stacked = self.grouping in ("stacked", "percentStacked")
        thick = 0.66 * step / (1 if stacked else max(1, len(self.series)))
        ends = [[0.0] * count, [0.0] * count]  # of positive and of negative stacks
        for number_, values in enumerate(self.series):
            for index, value in enumerate(values):
                begin = foot
                if stacked:
                    sums = ends[value < 0]
                    begin, sums[index] = sums[index], sums[index] + value
                    value += begin
                one, other = sorted((at(begin), at(value)))
                shift = index * step + 0.17 * step + (0 if stacked else number_ * thick)
                box = ((one, bottom - shift - thick, other - one, thick) if self.lying
                       else (left + shift, one, thick, other - one))  # fmt: skip
                yield self.rect(box, self.colour(number_))
                if self.valued:
                    yield self.value(value - (begin if stacked else 0.0), box)

    def value(self, value: float, box: Bounds) -> Tree:
        """The number at the end of a bar."""
        x, y, w, h = box
        size = self.size
        room = (x + w + 0.2 * size, y, 6 * size, h)
        if not self.lying:
            room = (x - 2 * size, y - 1.4 * size, w + 4 * size, 1.4 * size)
        align = "left" if self.lying else "center"
        return self.text(_written(value, [value]), room, 0.9 * size, align, "horizon")

    def curves(self, frame: Bounds, at: Any) -> Iterator[Tree]:
        left, _, right, bottom = frame
        low, high, _ = _ticks([value for xs in self.xs for value in xs])
        for number_, values in enumerate(self.series):
            if self.kind == "scatter":
                across = [left + (v - low) / max(high - low, 1e-9) * (right - left) for v in self.xs[number_]]
            else:
                step = (right - left) / max(1, len(values))
                across = [left + (index + 0.5) * step for index in range(len(values))]
            corners = [(px, at(value)) for px, value in zip(across, values, strict=False)]
            if not corners:
                continue
            if self.kind == "area":
                closed = [(corners[0][0], bottom), *corners, (corners[-1][0], bottom)]
                yield self.path(closed, self.colour(number_)[:7] + "b0", None, 0.0)
            if self.kind != "scatter":
                yield self.path(corners, None, self.colour(number_), 0.2 * self.size)
            radius = 0.25 * self.size
            for px, py in (
                corners if self.kind == "scatter" or (len(corners) <= 24 and self.kind == "line") else ()
            ):
                box = (px - radius, py - radius, 2 * radius, 2 * radius)
                yield {"kind": "shape", "box": box, "form": {"form": "ellipse"}, "fill": self.colour(number_),
                       "line": None}  # fmt: skip

    def _totals(self) -> list[float]:
        """The values that have to be on the axis."""
        if self.kind == "bar" and self.grouping in ("stacked", "percentStacked"):
            rows = list(zip(*self.series, strict=False))
            return [
                0.0,
                *(sum(max(v, 0) for v in row) for row in rows),
                *(sum(min(v, 0) for v in row) for row in rows),
            ]
        zero = [] if self.kind == "scatter" else [0.0]
        return [*zero, *(value for values in self.series for value in values)]


def _x_values(series: Any) -> list[Any]:
    found = series._element.find(qn("c:xVal"))
    return [] if found is None else [value.text for value in found.iter(qn("c:v"))]


def _number(value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def _ticks(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """The lowest and highest value of an axis and its four to seven round marks."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low <= 1e-9 * max(1.0, abs(high)):
        low, high = min(0.0, low), max(1.0, high)
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, last * step, [index * step for index in range(first, last + 1)]


def _written(value: float, others: Sequence[float]) -> str:
    if abs(value) >= 10_000_000:
        return f"{value / 1e6:,.0f} M"
    whole = all(abs(other - round(other)) < 1e-9 for other in (*others, value))
    return f"{value:,.0f}" if whole else f"{value:,.4g}"
