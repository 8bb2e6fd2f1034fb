"""A PPTX as plain values: what is said, what is drawn, what comes with which click (child process only).

It is imported in the sandbox alone: what it needs has to be loaded before files can no longer be opened.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import numpy as np
from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn

from presenter.decks import package, shapes, wording
from presenter.decks.board import Board, Place
from presenter.decks.colours import Palette, number
from presenter.decks.limits import MOST_SLIDES, PICTURE_WIDTH
from presenter.decks.timing import Builds
from presenter.media import CLIPS
from presenter.types import Arrays

Tree = dict[str, Any]

_MEDIA = "{http://schemas.microsoft.com/office/powerpoint/2010/main}media"
_TITLE = 90
"""Characters of a title."""


def read(data: bytes) -> Arrays:
    """Everything that is needed of a PPTX.

    Returns:
        ``tree`` (N,) uint8: JSON with ``title``, ``width``, ``height``, ``slides``, ``linked``, ``lost``;
        and one ``file:<name>`` (N,) uint8 for each picture and clip.

    Raises:
        InputError: what ``package.check`` raises, ``E-SLIDES-MANY``, ``E-SLIDES-NONE``, ``E-SLIDES-BROKEN``.
    """
    with package.guarded():
        package.check(data)
        found = _Reader(Presentation(io.BytesIO(data))).read()
    files = {f"file:{name}": np.frombuffer(content, np.uint8) for name, content in found.pop("files").items()}
    tree = np.frombuffer(json.dumps(found).encode(), np.uint8)
    return {"tree": tree, **files}


def washed(data: bytes, *, step: int) -> Arrays:
    """A copy for other programs, without links, embedded programs and fonts, as it looks after some builds.

    Args:
        step: how many builds have happened; slides with fewer are hidden, as hidden ones are.

    Returns:
        ``deck`` (N,) uint8: the PPTX.

    Raises:
        InputError: as ``read``.
    """
    with package.guarded():
        package.check(data)
        deck = Presentation(io.BytesIO(data))
        for slide in deck.slides:
            builds = Builds(slide._element)
            if builds.count < step:
                slide._element.set("show", "0")
            elif builds.count:
                _undone(_tree(slide), builds, step)
        out = io.BytesIO()
        deck.save(out)
        copy = package.washed(package.check(out.getvalue()))
    return {"deck": np.frombuffer(copy, np.uint8)}


def _undone(tree: Any, builds: Builds, step: int) -> None:
    """Take out of a slide what is not seen after ``step`` builds; words keep their room."""
    for element in list(tree):
        named = next(element.iter(qn("p:cNvPr")), None)
        if named is None or element.tag == qn("p:nvGrpSpPr"):
            continue
        shape = int(number(named.get("id")))
        if builds.start(shape) > step or builds.end(shape) <= step:
            tree.remove(element)
        elif element.tag == qn("p:grpSp"):
            with builds.group(shape):
                _undone(element, builds, step)
        else:
            for index, paragraph in enumerate(element.iterfind(f"{qn('p:txBody')}/{qn('a:p')}")):
                if builds.paragraph(shape, index) > step:
                    for run in [*paragraph.findall(qn("a:r")), *paragraph.findall(qn("a:fld"))]:
                        paragraph.remove(run)


class _Reader:
    def __init__(self, deck: Any) -> None:
        self.deck = deck
        self.width = number(deck.slide_width, 12_192_000) or 12_192_000
        self.height = number(deck.slide_height, 6_858_000) or 6_858_000
        self.files: dict[str, bytes] = {}
        self.palettes: dict[int, Palette] = {}
        self.defaults = deck.part._element.find(qn("p:defaultTextStyle"))

    def read(self) -> Tree:
        count = len(self.deck.slides)
        if count > MOST_SLIDES:
            raise package.refused(
                "MANY", f"{count:,} slides; limit {MOST_SLIDES}.", "Split the deck into several."
            )
        if count == 0:
            raise package.refused("NONE", "The deck has no slides.", "Choose another file.")
        rows = [self.slide(slide, index) for index, slide in enumerate(self.deck.slides, 1)]
        lost = Counter(kind for row in rows for kind in set(row.pop("lost")))
        across = PICTURE_WIDTH
        return {
            "title": " ".join(str(self.deck.core_properties.title or "").split())[:_TITLE],
            "width": across,
            "height": max(64, min(4 * across, round(across * self.height / self.width))),
            "slides": rows,
            "lost": dict(lost),
            "files": self.files,
        }

    def slide(self, slide: Any, index: int) -> Tree:
        layout = slide.slide_layout
        master = layout.slide_master
        scale = PICTURE_WIDTH / self.width
        height = PICTURE_WIDTH * self.height / self.width
        builds = Builds(slide._element)
        styles = master._element.find(qn("p:txStyles"))
        named = {} if styles is None else {
            kind: styles.find(qn(f"p:{kind}Style")) for kind in ("title", "body", "other")
        }  # fmt: skip
        board = Board(
            self.palette(master), 12_700 * scale, PICTURE_WIDTH, height, builds, self.files,
            self.defaults, named, index,
        )  # fmt: skip
        place = Place(scale, scale)
        ground = shapes.background(board, slide, layout, master)
        still, board.builds = board.builds, Builds()
        if slide._element.get("showMasterSp", "1") not in ("0", "false"):
            if layout._element.get("showMasterSp", "1") not in ("0", "false"):
                shapes.draw_tree(board, master, _tree(master), place, decoration=True)
            shapes.draw_tree(board, layout, _tree(layout), place, decoration=True)
        board.builds = still
        above = len(board.things)
        shapes.draw_tree(board, slide, _tree(slide), place, decoration=False)
        clip, share, unplayable = self.clip(slide, board)
        return {
            "id": int(slide.slide_id),
            "hidden": slide._element.get("show") in ("0", "false"),
            "title": _title(slide, board.things[above:]),
            "notes": _notes(slide),
            "steps": builds.count,
            "ground": ground,
            "things": board.things,
            "clip": clip,
            "share": share,
            "linked": sum(
                relation.is_external and not package.is_hyperlink(relation.reltype)
                for part in (slide.part, layout.part, master.part)
                for relation in part.rels.values()
            ),
            "lost": [*board.lost, *(["videos of another kind than MP4"] if unplayable else [])],
        }

    def palette(self, master: Any) -> Palette:
        """The colours of a slide master."""
        key = id(master.part)
        if key not in self.palettes:
            theme = None
            try:
                blob = master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob
                theme = etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True))
            except (KeyError, etree.XMLSyntaxError):
                pass
            names = master._element.find(qn("p:clrMap"))
            self.palettes[key] = Palette(theme, {} if names is None else dict(names.attrib))
        return self.palettes[key]

    def clip(self, slide: Any, board: Board) -> tuple[str, float, bool]:
        """The file of the slide's largest video, its share of the slide, and whether one is left out."""
        unplayable = False
        for element, share in sorted(board.clips, key=lambda each: -each[1]):
            media = next(element.iter(_MEDIA), None)
            link = next(element.iter(qn("a:videoFile")))
            identity = link.get(qn("r:link")) if media is None else media.get(qn("r:embed"))
            relation = slide.part.rels.get(identity)
            if relation is None or relation.is_external:
                continue  # counted with the links
            name = str(relation.target_part.partname).strip("/").replace("/", "-")
            if name.lower().endswith(CLIPS):
                self.files[name] = relation.target_part.blob
                return name, share, unplayable
            unplayable = True
        return "", 0.0, unplayable


def _tree(part: Any) -> Any:
    return part._element.find(f"{qn('p:cSld')}/{qn('p:spTree')}")


def _title(slide: Any, things: list[Tree]) -> str:
    """The title of a slide: what its placeholder says, else the paragraph in the largest letters."""
    holder = slide.shapes.title
    words = wording.plain(holder._element.txBody) if holder is not None and holder.has_text_frame else ""
    if not words.strip():
        rows = [
            (paragraph["size"], "".join(run["text"] for run in paragraph["runs"]))
            for thing in things
            if thing["kind"] == "text" and not thing["foot"]
            for paragraph in thing["paragraphs"]
        ]
        rows = [(size, text) for size, text in rows if any(char.isalpha() for char in text)]
        words = max(rows, key=lambda row: row[0], default=(0.0, ""))[1]
    words = " ".join(words.split())
    return words if len(words) <= _TITLE else words[:_TITLE].rpartition(" ")[0] + "…"


def _notes(slide: Any) -> str:
    if not slide.has_notes_slide:
        return ""
    frame = slide.notes_slide.notes_text_frame
    return "" if frame is None else wording.plain(frame._txBody)[: wording.MOST_CHARACTERS]
