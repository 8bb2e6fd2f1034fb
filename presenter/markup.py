"""Markdown of a slide, read into the small tree that the slide template draws.

A block is a dict with a ``kind``: heading, paragraph, list, table, code, quote, pictures, formula, rule.
Text is a list of runs: ``{"kind": "text", "text": ...}``, strong, emphasis, strike, link (with
``runs``), code, formula, break. Where a slide is built up step by step, each list item and each other
block carries its number as ``unit``.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from presenter import formulas, typeset

Tree = dict[str, Any]

MAX_LEVEL = 4
"""Lists and quotes inside each other beyond this are drawn at this level."""


@functools.cache
def _markdown() -> MarkdownIt:
    # The same dialect as the lesson's: indented text is no code, raw HTML is shown as it was written.
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return markdown.use(dollarmath_plugin, allow_digits=False).disable(["code", "reference", "lheading"])


@dataclass(slots=True)
class Page:
    """A slide's content."""

    blocks: list[Tree] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    """File names as the author wrote them, in order; a block of pictures holds indices into this."""
    units: int = 0
    """List items and other blocks below the title that can appear one after another."""
    lines: int = 0
    """Lines that it takes at least: list items, rows of tables, lines of code, other blocks."""


def read(markdown: str) -> Page:
    """The blocks of a slide; nothing here raises for an author's text."""
    page = Page()
    _Reader(page).blocks(_markdown().parse(markdown), page.blocks, 0)
    return page


def plain(runs: Sequence[Tree]) -> str:
    """The text of runs without their marks."""
    return "".join(plain(run["runs"]) if "runs" in run else str(run.get("text", "")) for run in runs)


class _Reader:
    def __init__(self, page: Page) -> None:
        self.page = page

    def unit(self) -> int:
        self.page.units += 1
        self.page.lines += 1
        return self.page.units - 1

    def blocks(self, tokens: Sequence[Token], out: list[Tree], level: int) -> None:
        """Append the blocks of a run of tokens; ``level`` counts the lists and quotes around them."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = at + 1 if token.nesting == 0 else _closing(tokens, at) + 1
            self.block(token, tokens[at + 1 : end - 1], out, level)
            at = end

    def block(self, token: Token, inside: Sequence[Token], out: list[Tree], level: int) -> None:
        kind = token.type
        if kind == "heading_open":
            out.append({"kind": "heading", "level": int(token.tag[1]), "runs": self.runs(inside[0])})
        elif kind == "paragraph_open":
            self.paragraph(inside[0], out, level)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.list_of(token, inside, out, level)
        elif kind == "blockquote_open":
            quote: Tree = {"kind": "quote", "blocks": [], "unit": self.unit() if level == 0 else None}
            self.blocks(inside, quote["blocks"] if level < MAX_LEVEL else out, level + 1)
            if level < MAX_LEVEL:
                out.append(quote)
        elif kind == "table_open":
            out.append(self.table(inside, level))
        elif kind == "fence":
            language = token.info.strip().split(" ")[0]
            text = token.content.rstrip("\n").expandtabs(4)
            self.page.lines += text.count("\n")
            out.append({"kind": "code", "language": language, "text": text, "unit": self.own(level)})
        elif kind in ("math_block", "math_block_label"):
            out.append({"kind": "formula", "formula": formulas.read(token.content), "unit": self.own(level)})
        elif kind == "hr":
            out.append({"kind": "rule", "unit": None})

    def own(self, level: int) -> int | None:
        """A number for a block that stands alone; inside a list item it appears with the item."""
        return self.unit() if level == 0 else None

    def paragraph(self, inline: Token, out: list[Tree], level: int) -> None:
        """A paragraph; pictures in it become blocks of their own."""
        rest: list[Token] = []
        pictures: list[Tree] = []
        for child in inline.children or []:
            if child.type != "image":
                rest.append(child)
                continue
            self.page.pictures.append(str(child.attrs.get("src", "")))
            pictures.append({"index": len(self.page.pictures) - 1, "alt": child.content})
        runs = self.inline(rest)
        formula = runs[0] if len(runs) == 1 and runs[0]["kind"] == "formula" and runs[0]["block"] else None
        if formula:
            out.append({"kind": "formula", "formula": formula["formula"], "unit": self.own(level)})
        elif plain(runs).strip() or any(run["kind"] == "formula" for run in runs):
            out.append({"kind": "paragraph", "runs": runs, "unit": self.own(level)})
        for picture in pictures:
            picture["unit"] = self.own(level)
        if pictures and out and out[-1]["kind"] == "pictures":
            out[-1]["pictures"] += pictures
        elif pictures:
            out.append({"kind": "pictures", "pictures": pictures})

    def list_of(self, token: Token, inside: Sequence[Token], out: list[Tree], level: int) -> None:
        ordered = token.type == "ordered_list_open"
        start = int(token.attrs.get("start", 1)) if ordered else 1
        items: list[Tree] = []
        at = 0
        while at < len(inside):
            end = _closing(inside, at)
            # The time of layout doubles with each level, so very deep items are drawn as paragraphs.
            item: Tree = {"unit": self.unit(), "blocks": [] if level < MAX_LEVEL else out}
            self.blocks(inside[at + 1 : end], item["blocks"], level + 1)
            items.append(item)
            at = end + 1
        if level < MAX_LEVEL:
            out.append({"kind": "list", "ordered": ordered, "start": start, "level": level, "items": items})

    def table(self, inside: Sequence[Token], level: int) -> Tree:
        rows: list[list[list[Tree]]] = []
        aligns: list[str] = []
        for index, token in enumerate(inside):
            if token.type == "tr_open":
                rows.append([])
                self.page.lines += 1
            elif token.type in ("th_open", "td_open"):
                rows[-1].append(self.runs(inside[index + 1]))
                if token.type == "th_open":
                    aligns.append(str(token.attrs.get("style", "text-align:left")).split(":")[-1])
        return {"kind": "table", "aligns": aligns, "rows": rows, "unit": self.own(level)}

    def runs(self, inline: Token) -> list[Tree]:
        return self.inline(inline.children or [])

    def inline(self, tokens: Sequence[Token]) -> list[Tree]:
        out: list[Tree] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = at + 1 if token.nesting == 0 else _closing(tokens, at) + 1
            if token.nesting == 1:
                kind = {
                    "strong_open": "strong",
                    "em_open": "emphasis",
                    "s_open": "strike",
                    "link_open": "link",
                }
                out.append(
                    {"kind": kind.get(token.type, "emphasis"), "runs": self.inline(tokens[at + 1 : end - 1])}
                )
            elif token.type == "softbreak" and _joins(tokens, at):
                pass  # a line's end between full-width characters is no space
            else:
                out.append(_run(token))
            at = end
        return out


def _joins(tokens: Sequence[Token], at: int) -> bool:
    around = tokens[at - 1].content[-1:] + tokens[at + 1].content[:1] if 0 < at < len(tokens) - 1 else ""
    return len(around) == 2 and all(unicodedata.east_asian_width(character) in "WF" for character in around)


def _run(token: Token) -> Tree:
    if token.type == "code_inline":
        return {"kind": "code", "text": typeset.clean(token.content)}
    if token.type in ("math_inline", "math_inline_double"):
        return {
            "kind": "formula",
            "formula": formulas.read(token.content),
            "block": token.type != "math_inline",
        }
    if token.type == "hardbreak":
        return {"kind": "break"}
    if token.type == "softbreak":
        return {"kind": "text", "text": " "}
    return {"kind": "text", "text": typeset.clean(token.content)}


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Index of the token that closes the one at ``at``."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1
