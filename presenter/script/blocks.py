"""Blocks: what of a lesson is said, what is shown, and where slides begin."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

Kind = Literal["heading", "said", "shown", "code", "rule", "note"]

_NOTE = re.compile(r"\s*>[>\s]*[*_]*note[*_]*\s*:", re.I)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the lesson's outermost level."""

    kind: Kind
    """``shown`` may hold inline Markdown, ``code`` (also a formula) is taken as it is."""
    start: int
    """First character (offset into the source)."""
    end: int
    """One past the last character, without line ends."""
    level: int = 0
    """1 to 6 for a heading."""
    items: int = 0
    """In how many steps it can appear: the items of a list, else 1."""


@functools.cache
def _markdown() -> MarkdownIt:
    # Inline text is read elsewhere, with offsets. Indented text is a paragraph here, for the sake of
    # plain text; a line of dashes is always a rule; "[word]: text" is said rather than swallowed.
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin)
    return markdown.disable(["code", "lheading", "reference", "inline", "text_join"])


def read(source: str, start: int) -> list[Block]:
    """The blocks of a cleaned source from the offset on, in order."""
    offsets = [start]
    for line in source[start:].split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    blocks: list[Block] = []
    for token in _markdown().parse(source[start:]):
        if token.level == 0 and token.nesting >= 0 and token.map:
            first, last = token.map
            begin, end = offsets[first], min(offsets[last], len(source))
            block = Block(_kind(token, source[begin:end]), begin, end, _level(token))
            blocks.append(_trimmed(block, source))
        elif token.type == "list_item_open" and blocks:
            blocks[-1] = replace(blocks[-1], items=blocks[-1].items + 1)
    return [replace(block, items=max(1, block.items)) for block in blocks]


def _kind(token: Token, text: str) -> Kind:
    if token.type == "heading_open":
        return "heading"
    if token.type == "hr":
        return "rule"
    if token.type == "blockquote_open":
        return "note" if _NOTE.match(text) else "shown"
    if token.type in ("fence", "math_block", "math_block_label"):
        return "code"
    if token.type in ("bullet_list_open", "ordered_list_open", "table_open"):
        return "shown"
    return "said"


def _level(token: Token) -> int:
    return int(token.tag[1]) if token.type == "heading_open" else 0


def _trimmed(block: Block, source: str) -> Block:
    text = source[block.start : block.end]
    return replace(block, end=block.start + len(text.rstrip()))
