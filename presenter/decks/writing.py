"""A sheet as a section of a lesson: what is shown, then what is said, in the lesson's dialect."""

from __future__ import annotations

import json
import re

from presenter import text as texts
from presenter.decks.sheets import Deck, Sheet
from presenter.plates import NEXT
from presenter.script import LAYOUTS
from presenter.script.stretches import LONGEST_PAUSE

RULE = "\n\n---\n\n"
"""Between two sections."""
_CLICK = "\ue000"
"""Stands for a build until everything else is written."""
_CLICKS = re.compile(r"\[(?:click|build)\]|<click>", re.I)
_DIRECTIVE = re.compile(
    rf"\[pause(?: (\d{{1,2}}(?:\.\d{{1,3}})?) ?s?)?\]|\[layout (?:{'|'.join(LAYOUTS)})\]"
    r"|\[/?(?:slow|fast|emphasis)\]"
)
"""Directives that somebody may have written into the notes of a deck; all else in brackets is said."""
_SPECIAL = re.compile(r"[\\`*\[\]{}<>$&~]|!(?=\[)|(?<!\w)_|_(?!\w)")
_BLOCK = re.compile(r"(?=[#>|+=-])|(?=~~~)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_BULLET = re.compile(r"^[-–—•▪◦‣·*+]\s+")


def lesson(deck: Deck, names: list[str], language: str) -> str:
    """The text of a lesson folder's ``lesson.md``.

    Args:
        names: of each sheet's files, without suffix.
        language: BCP 47, or ``""`` where nothing is said.
    """
    head = f"---\ntitle: {_value(deck.title)}\n" + (f"language: {language}\n" if language else "") + "---\n\n"
    sections = [section(sheet, name, language) for sheet, name in zip(deck.sheets, names, strict=True)]
    return head + RULE.join(sections) + "\n"


def section(sheet: Sheet, name: str, language: str) -> str:
    """What a lesson says and shows for a sheet; where it has no notes, its title is said."""
    return "\n\n".join(filter(None, [shown(sheet, name), narration(sheet, language)]))


def shown(sheet: Sheet, name: str) -> str:
    """The Markdown of what is shown: a plate, a clip, or the deck's own Markdown."""
    if not sheet.pictures and not sheet.clip:
        return sheet.shown
    title = re.sub(r"[\[\]\\]", "", sheet.title)
    first, *others = [f"slides/{file}" for file, _ in files(sheet, name)]
    return " ".join([f"![{title}]({first})", *(f"![{NEXT}]({other})" for other in others)])


def files(sheet: Sheet, name: str) -> list[tuple[str, bytes]]:
    """The files of a sheet, by the names that they get in ``slides/``."""
    if sheet.clip:
        return [(f"{name}{sheet.clip_suffix}", sheet.clip)]
    found = []
    for index, content in enumerate(sheet.pictures, 1):
        suffix = ".jpg" if content.startswith(b"\xff\xd8") else ".png"
        found.append((f"{name}{suffix}" if index == 1 else f"{name}-{index}{suffix}", content))
    return [*found, *sheet.files]


def narration(sheet: Sheet, language: str) -> str:
    """What is said on a sheet, with its builds where the notes have ``[click]``, else evenly spread."""
    return said(sheet.said or sheet.title, sheet.builds, language)


def said(words: str, builds: int = 0, language: str = "") -> str:
    """Plain text as paragraphs of a lesson that say just that; directives with a meaning stay.

    Args:
        words: a line for each paragraph.
        builds: how many builds it carries.
        language: for the ends of sentences.
    """
    words, _ = texts.clean(words.replace(_CLICK, ""))
    words = _CLICKS.sub(_CLICK if builds else "", words)
    for _ in range(words.count(_CLICK) - builds):
        words = words[: words.rindex(_CLICK)] + words[words.rindex(_CLICK) + 1 :]
    lines = [" ".join(_BULLET.sub("", line.strip(), count=1).split()) for line in words.split("\n")]
    text = _with_builds("\n".join(filter(None, lines)), builds, language)
    return "\n\n".join(_escaped(line) for line in text.split("\n") if line)


def _with_builds(text: str, builds: int, language: str) -> str:
    """The builds that nobody placed, each before a sentence, or before a word where there are too few."""
    missing = builds - text.count(_CLICK)
    if missing <= 0 or not text:
        return text
    starts = [start for start, _ in texts.sentences(text, language or "en")][1:]
    if len(starts) < missing:
        starts = [start for start, _ in texts.words(text)][1:]
    if not starts:
        return _CLICK * missing + text
    for index in reversed(range(missing)):
        at = starts[min(len(starts) - 1, (index + 1) * len(starts) // (missing + 1))]
        if len(starts) == missing:
            at = starts[index]
        text = text[:at] + _CLICK + text[at:]
    return text


def _escaped(line: str) -> str:
    """A paragraph that is said as it stands, whatever Markdown would make of it."""
    parts, at = [], 0
    for match in _DIRECTIVE.finditer(line):
        if match[1] is None or float(match[1]) <= LONGEST_PAUSE:
            parts += [_SPECIAL.sub(r"\\\g<0>", line[at : match.start()]), match[0]]
            at = match.end()
    out = "".join([*parts, _SPECIAL.sub(r"\\\g<0>", line[at:])])
    out = re.sub(rf"\s*{_CLICK}\s*", " [build] ", out).strip()
    out = _NUMBERED.sub(r"\1\\\2", out, count=1) if _NUMBERED.match(out) else out
    return "\\" + out if _BLOCK.match(out) else out


def note(words: str) -> str:
    """Words that are kept in the lesson and neither said nor shown."""
    lines = " ".join(words.split())
    return f"> note: {lines}"


def _value(title: str) -> str:
    """A title as YAML."""
    plain = re.fullmatch(r"\w[\w .,()/-]*[\w.)]|\w", title) is not None
    return title if plain else json.dumps(title, ensure_ascii=False)
