"""A Markdown deck into a ``Deck``: slides between lines of ``---``, notes in comments, as Marp has them.

What is shown stays Markdown, in the dialect of lessons. Paragraphs are said where a slide has no notes;
where it has, they are shown as items of a list. Items with ``*`` appear one after another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import yaml

from presenter import text as texts
from presenter.decks import folder
from presenter.decks.limits import MOST_SLIDES
from presenter.decks.sheets import Deck, Sheet, slides
from presenter.errors import InputError
from presenter.script import blocks

LARGEST = 1_000_000
"""Bytes of the text."""
_HEAD = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.S)
_DIRECTIVE = re.compile(
    r"_?(?:class|paginate|header|footer|theme|size|style|math|color|background\w*|headingDivider|transition|lang|title|"
    r"auto-?scaling|author|description|keywords|url|image|marp|fit)[ \t]*:.*",
    re.I,
)
_ACTIVE = re.compile(r"<(style|script)\b.*?(?:</\1\s*>|\Z)", re.S | re.I)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ONE_BY_ONE = re.compile(r"^[ \t]*\*[ \t]", re.M)
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\(\s*<?([^()\s<>]+)>?(?:\s+[\"'][^\n]*?[\"'])?\s*\)")
_KEYWORDS = re.compile(r"\b(?:bg|fit|cover|contain|auto|left|right|vertical|w|h|width|height|blur|brightness|"
                       r"opacity|grayscale|sepia)(?::[\w.%-]*)?(?=\s|$)")  # fmt: skip
"""What Marp reads in the alternative text of a picture."""


def is_deck(source: Path) -> bool:
    """Whether a Markdown file says that it is a deck: ``marp: true`` at its head."""
    try:
        with source.open("rb") as stream:
            head = _HEAD.match(stream.read(4000).decode("utf-8-sig", "replace").replace("\r\n", "\n"))
    except OSError:
        return False
    return head is not None and re.search(r"^marp[ \t]*:[ \t]*true\b", head[1], re.M) is not None


def read(source: Path) -> Deck:
    """Read a Markdown deck; raises what ``reading.read`` does."""
    try:
        with source.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        message = f'The file "{source.name}" cannot be read ({error.strerror}).'
        raise InputError("E-SLIDES-FILE", message, "Check its name and permissions.", "deck") from error
    except UnicodeDecodeError as error:
        message = f'"{source.name}" is not a text in UTF-8.'
        raise InputError("E-SCRIPT-TYPE", message, "Save it as plain text in UTF-8.", "deck") from error
    if len(data) > LARGEST:
        raise InputError("E-SLIDES-LARGE", "The deck has more than 1 MB.", "Split it into several.", "deck")
    text, _ = texts.clean(text)
    head = _HEAD.match(text)
    body = _ACTIVE.sub("", text[head.end() :] if head else text)
    parts = [part for part in _parted(body) if part.strip()]
    if len(parts) > MOST_SLIDES:
        message = f"{len(parts):,} slides; limit {MOST_SLIDES}."
        raise InputError("E-SLIDES-MANY", message, "Split the deck into several.", "deck")
    if not parts:
        raise InputError("E-SLIDES-NONE", "The deck has no slides.", "Choose another file.", "deck")
    readers = [_Slide(source.resolve().parent, number) for number in range(1, len(parts) + 1)]
    sheets = tuple(one.read(part) for one, part in zip(readers, parts, strict=True))
    missing = [one.number for one in readers if one.missing]
    count = sum(one.missing for one in readers)
    what = "1 linked or missing picture was" if count == 1 else f"{count} linked or missing pictures were"
    notices = (f"W-SLIDES-LINK: {what} left out ({slides(missing).lower()}). Put them beside the deck.",)
    return Deck(_title(head[1] if head else ""), sheets, "Markdown", notices if missing else ())


def _parted(body: str) -> list[str]:
    parts, at = [], 0
    for block in blocks.read(body, 0):
        if block.kind == "rule":
            parts.append(body[at : block.start])
            at = block.end
    return [*parts, body[at:]]


def _title(head: str) -> str:
    try:
        values = yaml.load(head, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return ""
    title = values.get("title", "") if isinstance(values, dict) else ""
    return " ".join(title.split())[:120] if isinstance(title, str) else ""


@dataclass(slots=True)
class _Slide:
    """One slide of a Markdown deck while it is read."""

    folder: Path
    number: int
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)
    """Pictures of the deck's folder -> their own names."""
    missing: int = 0

    def read(self, source: str) -> Sheet:
        notes = [comment.strip() for comment in _COMMENT.findall(source) if not _directs(comment)]
        said = "\n".join(note for note in notes if note)
        body = _TAG.sub(" ", re.sub(r"<br\s*/?>", "\n", _COMMENT.sub("", source), flags=re.I))
        shown: list[str] = []
        spoken: list[str] = []
        title, builds = "", 0
        for block in blocks.read(body, 0):
            words = body[block.start : block.end]
            if block.kind == "heading":
                heading = _plain(re.sub(r"^\s*#+[ \t]*|[ \t]+#+\s*$", "", words))
                shown.append(f"# {heading}" if not title else f"- **{heading}**")
                title = title or heading
            elif block.kind == "code":
                shown.append(words)
            elif block.kind == "shown":
                shown.append(self.with_pictures(words))
                builds += len(_ONE_BY_ONE.findall(words))
            else:
                self.paragraph(words, bool(said), shown, spoken)
        return Sheet(
            self.number, title[:120], said or "\n".join(spoken), shown="\n\n".join(filter(None, shown)),
            builds=builds, files=tuple(self.files.items()),
        )  # fmt: skip

    def paragraph(self, words: str, silent: bool, shown: list[str], spoken: list[str]) -> None:
        """A paragraph: its pictures are shown, its words are said, or shown where notes are said instead."""
        shown += [self.with_pictures(match[0]) for match in _PICTURE.finditer(words)]
        for line in _PICTURE.sub("", words).split("\n"):
            if clean := " ".join(line.split()):
                (shown if silent else spoken).append(f"- {clean}" if silent else _plain(clean))

    def with_pictures(self, words: str) -> str:
        return _PICTURE.sub(self.picture, words).strip()

    def picture(self, match: re.Match[str]) -> str:
        """A picture of the deck's folder, kept under a name of its own; nothing for any other."""
        name = PurePosixPath(match[2].replace("\\", "/"))
        path = (self.folder / name).resolve()
        if "://" in match[2] or not path.is_relative_to(self.folder) or not path.is_file():
            self.missing += 1
            return ""
        if path not in self.names:
            self.names[path] = self.keep(folder.picture(path), name.stem)
        alt = " ".join(_KEYWORDS.sub("", match[1]).split())
        return f"![{alt}](slides/{self.names[path]})"

    def keep(self, content: bytes, stem: str) -> str:
        """The name under which a picture is kept: pictures of two folders may be called alike."""
        stem = re.sub(r"[^\w-]+", "-", stem).strip("-")[:40] or "picture"
        suffix = ".jpg" if content.startswith(b"\xff\xd8") else ".png"
        own, count = f"{self.number:02d}-{stem}{suffix}", 1
        while own in self.files:
            count += 1
            own = f"{self.number:02d}-{stem}-{count}{suffix}"
        self.files[own] = content
        return own


def _directs(comment: str) -> bool:
    lines: Sequence[str] = [line.strip() for line in comment.strip().split("\n") if line.strip()]
    return all(_DIRECTIVE.fullmatch(line) for line in lines)


def _plain(words: str) -> str:
    """Without the marks of Markdown."""
    words = re.sub(r"\[([^\[\]\n]+)\]\([^()\s]*\)", r"\1", words)
    return re.sub(r"(\*{1,3}|_{1,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", words).strip()
