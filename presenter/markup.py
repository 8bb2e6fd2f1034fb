"""Markdown of a slide, read into the small tree that the slide template draws.

A block is a dict with a ``kind``: heading, paragraph, list, table, code, quote, pictures, formula, rule.
Text is a list of runs: ``{"kind": "text", "text": ...}``, strong, emphasis, strike, link (with
``runs``), code, formula, break. Where a slide is built up step by step, each list item and each other
block carries its number as ``unit``; what can be pointed at carries its index among the page's elements as
``element``.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from presenter import formulas, typeset
from presenter.elements import NAME, Element, Kind

Tree = dict[str, Any]

TABLES = (".csv", ".tsv")
"""Endings of the files that are drawn as charts."""
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
    elements: list[Element] = field(default_factory=list)
    """What can be pointed at, in order."""
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

    def element(self, kind: Kind, name: str = "", text: str = "", inside: int | None = None) -> int:
        """Take in something that can be pointed at; its index."""
        number = 1 + sum(each.kind == kind for each in self.page.elements)
        self.page.elements.append(Element(kind, number, name, text, inside))
        return len(self.page.elements) - 1

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
            runs, name = _named(self.runs(inside[0]))
            element = self.element("title", name, plain(runs))
            out.append({"kind": "heading", "level": int(token.tag[1]), "runs": runs, "element": element})
        elif kind == "paragraph_open":
            self.paragraph(inside[0], out, level)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.list_of(token, inside, out, level)
        elif kind == "blockquote_open":
            quote: Tree = {"kind": "quote", "blocks": [], "unit": self.own(level), "element": None}
            if level == 0:
                quote["element"] = self.element("quote", text=_words(inside))
            self.blocks(inside, quote["blocks"] if level < MAX_LEVEL else out, level + 1)
            if level < MAX_LEVEL:
                out.append(quote)
        elif kind == "table_open":
            out.append(self.table(inside, level))
        elif kind == "fence":
            out.append(self.fence(token, level))
        elif kind in ("math_block", "math_block_label"):
            out.append(self.formula(formulas.read(token.content), token.content, level))
        elif kind == "hr":
            out.append({"kind": "rule", "unit": None})

    def own(self, level: int) -> int | None:
        """A number for a block that stands alone; inside a list item it appears with the item."""
        return self.unit() if level == 0 else None

    def fence(self, token: Token, level: int) -> Tree:
        """Code as it was written, or a chart of the table in it."""
        info, name = _cut_name(token.info.strip())
        if info.split(" ")[0] == "chart":
            self.page.lines += 6
            block = self.chart(info[5:], name, token.content, level)
            return {**block, "text": token.content}
        text = token.content.rstrip("\n").expandtabs(4)
        lines = text.split("\n")
        self.page.lines += len(lines) - 1
        element = self.element("code", name, text)
        for line in lines:
            self.element("line", text=line, inside=element)
        language = info.split(" ")[0]
        return {
            "kind": "code",
            "language": language,
            "text": text,
            "unit": self.own(level),
            "element": element,
        }

    def chart(self, info: str, name: str, words: str, level: int) -> Tree:
        """A chart whose table comes as ``text``, or in the file ``name``."""
        kind = (info.split() or ["bar"])[0].lower()
        element = self.element("chart", name, words)
        return {"kind": "chart", "chart": kind, "unit": self.own(level), "element": element}

    def formula(self, tree: Any, source: str, level: int) -> Tree:
        element = self.element("formula", text=source)
        return {"kind": "formula", "formula": tree, "unit": self.own(level), "element": element}

    def paragraph(self, inline: Token, out: list[Tree], level: int) -> None:
        """A paragraph; pictures in it become blocks of their own."""
        rest: list[Token] = []
        pictures: list[Tree] = []
        children = inline.children or []
        for at, child in enumerate(children):
            if child.type != "image":
                rest.append(child)
                continue
            self.page.pictures.append(str(child.attrs.get("src", "")))
            name = ""
            if at + 1 < len(children) and (named := re.match(NAME, children[at + 1].content)):
                name = named["name"]
                children[at + 1].content = children[at + 1].content[named.end() :]
            index = len(self.page.pictures) - 1
            if self.page.pictures[-1].lower().endswith(TABLES):
                out.append(
                    {**self.chart(child.content, name, child.content, level), "name": self.page.pictures[-1]}
                )
                continue
            element = self.element("picture", name, child.content)
            pictures.append({
                "index": index, "name": self.page.pictures[-1], "alt": child.content, "element": element,
                "number": self.page.elements[element].number,
            })  # fmt: skip
        runs = self.inline(rest)
        formula = runs[0] if len(runs) == 1 and runs[0]["kind"] == "formula" and runs[0]["block"] else None
        if formula:
            out.append(self.formula(formula["formula"], "", level))
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
            item["element"] = self.element("item")
            self.blocks(inside[at + 1 : end], item["blocks"], level + 1)
            self.name_item(item)
            items.append(item)
            at = end + 1
        if level < MAX_LEVEL:
            out.append({"kind": "list", "ordered": ordered, "start": start, "level": level, "items": items})

    def name_item(self, item: Tree) -> None:
        """Give an item the words of its first paragraph, and the name that stands behind them."""
        first = item["blocks"][0] if item["blocks"] else None
        if first and first["kind"] == "paragraph":
            first["runs"], name = _named(first["runs"])
            known = self.page.elements[item["element"]]
            self.page.elements[item["element"]] = replace(known, name=name, text=plain(first["runs"]))

    def table(self, inside: Sequence[Token], level: int) -> Tree:
        rows: list[list[list[Tree]]] = []
        aligns: list[str] = []
        element = self.element("table")
        for index, token in enumerate(inside):
            if token.type == "tr_open":
                rows.append([])
                self.page.lines += 1
            elif token.type in ("th_open", "td_open"):
                rows[-1].append(self.runs(inside[index + 1]))
                if token.type == "th_open":
                    aligns.append(str(token.attrs.get("style", "text-align:left")).split(":")[-1])
        found: list[int | None] = [None]
        for row in rows[1:]:
            cut = [_named(cell) for cell in row]
            row[:] = [cell for cell, _ in cut]
            text = " ".join(map(plain, row))
            found.append(self.element("row", "".join(name for _, name in cut), text, inside=element))
        return {
            "kind": "table", "aligns": aligns, "rows": rows, "unit": self.own(level),
            "element": element, "row-elements": found,
        }  # fmt: skip

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


def _named(runs: list[Tree]) -> tuple[list[Tree], str]:
    """Runs without the name behind them, and that name or ``""``."""
    if not runs or runs[-1]["kind"] != "text":
        return runs, ""
    text, name = _cut_name(runs[-1]["text"])
    return ([*runs[:-1], {**runs[-1], "text": text}], name) if name else (runs, "")


def _cut_name(text: str) -> tuple[str, str]:
    named = re.search(rf"\s*{NAME}\s*$", text)
    return (text[: named.start()], named["name"]) if named else (text, "")


def _words(tokens: Sequence[Token]) -> str:
    return " ".join(token.content for token in tokens if token.type == "inline")


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
