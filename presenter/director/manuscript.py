"""A plain text, as it comes out of a word processor, becomes a lesson: its title lines become slides."""

from __future__ import annotations

import re

_LONGEST = 70
"""Most characters of a line that is taken for a title."""
_MARKDOWN = re.compile(r"^(?:#{1,6}\s|---\s*$|```)", re.M)
"""What only somebody writes who means the lesson's own dialect."""
_SENTENCE = re.compile(r"[.!?…:;,。！？：；，।][\"'»”’)\]]*$")
_BULLET = re.compile(r"^\s*[•◦▪‣·–—*-]\s+")
_NUMBER = re.compile(r"^(?:slide\s+)?\d{1,2}\s*[.):–-]\s+", re.I)


def lesson(words: str) -> str:
    """The source of a lesson of a text that somebody pasted.

    A short line without a full stop that stands above a paragraph is a title: the first line of all becomes
    the title slide, every other one a slide. Bullets of word processors become list items. A text that
    is written in the dialect, or has no title, stays as it is.
    """
    if _MARKDOWN.search(words):
        return words
    blocks = _blocks(words)
    titles = [_is_title(blocks, at) for at in range(len(blocks))]
    if not any(titles):
        return words
    out = []
    for at, (block, title) in enumerate(zip(blocks, titles, strict=True)):
        if title:
            name = _NUMBER.sub("", block)
            out.append(f"{'#' if at == 0 else '##'} {name}")
        else:
            out.append("\n".join(_BULLET.sub("- ", line) for line in block.splitlines()))
    return "\n\n".join(out) + "\n"


def _blocks(words: str) -> list[str]:
    """Paragraphs and lists; where no line is empty, each line is one, but lines of a list stay together.
    Lines that begin with a small letter go on with the one above, so such a text was broken into lines."""
    text = words.strip()
    if re.search(r"\n[ \t]*\n", text):
        parts = re.split(r"\n(?:[ \t]*\n)+", text)
        return [one for part in parts for one in _parted(part.strip("\n"))]
    lines = text.splitlines()
    wrapped = any(line.strip()[:1].islower() for line in lines)
    return [text] if wrapped else _grouped(lines)


def _parted(part: str) -> list[str]:
    """A paragraph, whose first line may be its title."""
    first, _, rest = part.partition("\n")
    wrapped = rest[:1].islower() or 2 * len(first) > len(rest.partition("\n")[0])
    if rest and _short(first) and (_BULLET.match(rest) or not wrapped):
        return [first.strip(), rest]
    return [part.strip()]


def _grouped(lines: list[str]) -> list[str]:
    out: list[str] = []
    for line in lines:
        if out and _BULLET.match(line) and _BULLET.match(out[-1].splitlines()[-1]):
            out[-1] += f"\n{line}"
        else:
            out.append(line.strip())
    return out


def _is_title(blocks: list[str], at: int) -> bool:
    """Whether a block is a title: short, no sentence, and something follows that belongs to it."""
    block = blocks[at]
    if "\n" in block or not _short(block) or at + 1 == len(blocks):
        return False
    above = blocks[at - 1].splitlines()[-1] if at else ""
    told = at == 0 or _ends(above) or bool(_BULLET.match(above)) or (at == 1 and _short(above))
    if block.endswith(("?", "？")):  # a title only over much more than an answer
        return told and len(blocks[at + 1]) > 3 * len(block) + 60 and "\n" not in block
    return told


def _short(line: str) -> bool:
    """Whether a line can be a title: few words that are no sentence, or a question."""
    bare = _NUMBER.sub("", line.strip())
    if not bare or len(bare) > _LONGEST or bare[0].islower() or _BULLET.match(line):
        return False
    question = bare.endswith(("?", "？")) and len(re.findall(r"[.!?？]", bare)) == 1
    return question or not _SENTENCE.search(bare)


def _ends(part: str) -> bool:
    return bool(re.search(r"[.!?…。！？।][\"'»”’)\]]*\s*$", part))
