"""Tables of slides, with the look of the style that decks have at first (child process only)."""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from presenter.decks import wording
from presenter.decks.board import Board, Tree
from presenter.decks.colours import mixed, number
from presenter.decks.fills import fill_of

MOST_CELLS = 2000
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_GRID = "{5940675A-B579-460E-94D1-54222C63F5DA}"


def add(board: Board, table: Any, box: tuple[float, float, float, float], shape: int) -> None:
    """Take in an ``a:tbl``."""
    scale = board.point / 12_700
    columns = [number(column.get("w")) * scale for column in table.iter(qn("a:gridCol"))]
    rows = table.findall(qn("a:tr"))
    if not columns or len(columns) * len(rows) > MOST_CELLS:
        board.lost.append("tables of more than 2,000 cells")
        return
    properties = table.find(qn("a:tblPr"))
    identity = table.findtext(f"{qn('a:tblPr')}/{qn('a:tableStyleId')}") or ""
    heading = properties is not None and properties.get("firstRow") in ("1", "true")
    banded = properties is not None and properties.get("bandRow") in ("1", "true")
    accent, ground = board.palette.named("accent1"), board.palette.named("bg1")
    read = []
    for y, row in enumerate(rows):
        own = heading and y == 0
        tint = mixed(accent, ground, 0.74 if banded and (y - heading) % 2 == 0 else 0.87)
        plain = identity in (_NO_STYLE, _GRID)
        fill = None if plain else accent if own else tint
        colour = board.palette.named("tx1" if plain or not own else "bg1")
        cells = [_cell(board, cell, fill, colour, own and not plain) for cell in row.findall(qn("a:tc"))]
        read.append({"height": number(row.get("h")) * scale, "cells": cells[: len(columns)]})
    line = None if identity == _NO_STYLE else board.palette.named("tx1" if identity == _GRID else "bg1")
    board.add("table", box, shape, columns=columns, rows=read, line=line)


def _cell(board: Board, cell: Any, fill: str | None, colour: str, bold: bool) -> Tree:
    properties = cell.find(qn("a:tcPr"))
    own = fill_of(properties, board.palette)
    body = cell.find(qn("a:txBody"))
    styles = wording.Styles([body], [board.defaults], board.palette, colour, firm=True)
    read = [] if body is None else wording.paragraphs(body, styles, board.point)
    board.characters += sum(len(run["text"]) for one in read for run in one["runs"])
    if board.characters > wording.MOST_CHARACTERS:
        read = []
    for run in (run for one in read for run in one["runs"] if bold):
        run["bold"] = True
    anchor = {"ctr": "horizon", "b": "bottom"}.get(
        "" if properties is None else properties.get("anchor", ""), "top"
    )
    solid = own["stops"][0][0] if isinstance(own, dict) else own
    spans = [max(1, min(50, int(number(cell.get(name), 1)))) for name in ("gridSpan", "rowSpan")]
    covered = any(cell.get(name) in ("1", "true") for name in ("hMerge", "vMerge"))
    return {"paragraphs": read, "fill": None if solid == "none" else solid or fill, "anchor": anchor,
            "across": spans[0], "down": spans[1], "covered": covered}  # fmt: skip
