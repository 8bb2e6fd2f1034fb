"""A new edition of a deck and a lesson that was edited since the last one: neither's work is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from presenter.decks import writing
from presenter.decks.sheets import Deck, Sheet
from presenter.script import blocks, front


@dataclass(frozen=True, slots=True)
class Known:
    """A slide as the last import wrote it."""

    name: str
    identity: str
    digest: str
    title: str
    section: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A lesson that follows the deck and keeps what a person wrote."""

    text: str
    names: list[str]
    """Of the sheets' files; a slide keeps its name for as long as it is in the deck."""
    warnings: list[str]
    unused: list[str]
    """Names whose files nothing shows any more."""


def merged(source: str, known: list[Known], deck: Deck, language: str) -> Merged:
    """Bring a lesson up to date.

    Args:
        source: the lesson's text as it is now.
        known: what the last import wrote, in its order.
        deck: the deck as it is now.
    """
    before = matched(known, deck.sheets)
    head, sections = _sections(source, known)
    taken = {row.name for row in known}
    names = [row.name if row else _fresh(taken) for row in before]
    out: list[str] = []
    warnings: list[str] = []
    gone = [row for row in known if row not in before]
    lost = {row.name: _farewell(sections[row.name], row, warnings) for row in gone if row.name in sections}
    order = [row.name for row in known if row.name in sections]
    out += [lost[name] for name in _leading(order, lost)]
    for sheet, name, row in zip(deck.sheets, names, before, strict=True):
        if row is None:
            out.append(writing.section(sheet, name, language))
        elif name in sections:
            out.append(_section(sections[name], row, sheet, language, warnings))
            following = order[order.index(name) + 1 :]
            out += [lost[each] for each in _leading(following, lost)]
        else:
            warnings.append(
                f'Slide {sheet.number} "{sheet.title}" was taken out of the lesson before and stays out.'
            )
    if any(row is None for row in before):
        added = [sheet.number for sheet, row in zip(deck.sheets, before, strict=True) if row is None]
        warnings.append(f"New in the deck: {', '.join(f'slide {number}' for number in added[:12])}.")
    text = head + writing.RULE.join(filter(None, (part.strip("\n") for part in out))) + "\n"
    return Merged(text, names, warnings, [row.name for row in gone])


def matched(known: list[Known], sheets: tuple[Sheet, ...]) -> list[Known | None]:
    """For each sheet the slide that it was: by its own identity, what it shows, its title, its place."""
    found: list[Known | None] = [None] * len(sheets)
    left = list(known)

    def pair(alike: object) -> None:
        for index, sheet in enumerate(sheets):
            if found[index] is None:
                other = next((row for row in left if alike(row, sheet)), None)  # type: ignore[operator]
                if other is not None:
                    found[index] = other
                    left.remove(other)

    pair(lambda row, sheet: bool(row.identity) and row.identity == sheet.identity)
    pair(lambda row, sheet: row.digest == sheet.digest)
    pair(lambda row, sheet: bool(row.title) and row.title == sheet.title)
    # Between two neighbours that are known, as many new ones as old ones: these are the old ones, changed.
    place = {row.name: index for index, row in enumerate(known)}
    at = 0
    while at < len(sheets):
        end = at
        while end < len(sheets) and found[end] is None:
            end += 1
        previous = found[at - 1] if at else None
        following = found[end] if end < len(sheets) else None
        first = place[previous.name] + 1 if previous else 0
        last = place[following.name] if following else len(known)
        between = [row for row in known[first:last] if row in left]
        if end > at and len(between) == end - at and not (sheets[at].identity and between[0].identity):
            found[at:end] = between
            left = [row for row in left if row not in between]
        at = end + 1
    return found


def _fresh(taken: set[str]) -> str:
    number = max((int(name) for name in taken), default=0) + 1
    taken.add(f"{number:02d}")
    return f"{number:02d}"


def _leading(order: list[str], lost: dict[str, str]) -> list[str]:
    """The names at the beginning of an order whose slides are gone."""
    found = []
    for name in order:
        if name not in lost:
            break
        found.append(name)
    return found


def _sections(source: str, known: list[Known]) -> tuple[str, dict[str, str]]:
    """The front matter, and what the lesson has for each slide; own slides belong to the one before."""
    body = front.read(source).end
    starts = [body]
    rules: dict[int, int] = {}
    for block in blocks.read(source, body):
        if block.kind == "rule":
            rules[block.end] = block.start
            starts.append(block.end)
        elif block.kind == "heading" and source[starts[-1] : block.start].strip():
            starts.append(block.start)
    ends = [rules.get(start, start) for start in starts[1:]] + [len(source)]
    found: dict[str, str] = {}
    head, last = source[:body].rstrip("\n") + "\n\n", ""
    for start, end in zip(starts, ends, strict=True):
        part = source[start:end].strip("\n")
        name = _owner(part, known, found)
        if name:
            found[name], last = part, name
        elif part.strip() and last:
            joint = "\n\n" if part.lstrip().startswith("#") else writing.RULE
            found[last] = found[last] + joint + part
        elif part.strip():
            head += part + writing.RULE
    return head, found


def _owner(part: str, known: list[Known], found: dict[str, str]) -> str:
    """The slide that a part of the lesson stands for: by its picture, else by the Markdown that it shows."""
    picture = re.search(r"\]\(<?slides/(\d{2,4})(?:-\d+)?\.\w+", part)
    names = {row.name for row in known}
    if picture and picture[1] in names and picture[1] not in found:
        return picture[1]
    heading = part.lstrip().split("\n")[0].strip()
    return next((row.name for row in known if row.name not in found and heading
                 and row.section.lstrip().split("\n")[0].strip() == heading), "")  # fmt: skip


def _section(mine: str, row: Known, sheet: Sheet, language: str, warnings: list[str]) -> str:
    """A section of three versions: what the last import wrote, what it is now, what the deck says now."""
    base, theirs = row.section.strip(), writing.section(sheet, row.name, language)
    if mine.strip() == base:
        return theirs
    if theirs.strip() == base:
        return mine
    new_shown, new_said = writing.shown(sheet, row.name), writing.narration(sheet, language)
    old_shown, old_said = _halves(base, sheet, new_shown, new_said)
    there = bool(old_shown) and old_shown in mine
    mine = mine.replace(old_shown, new_shown, 1) if there else mine
    if mine.replace(new_shown, "", 1).strip() == old_said:
        return theirs
    if new_shown.strip() != old_shown and not there:
        warnings.append(
            f'Slide {sheet.number} "{sheet.title}" shows something else now, and what the lesson shows was '
            "edited: this stays, the new one is beside it as a note."
        )
        mine += "\n\n" + writing.note(f"The deck shows now: {new_shown}")
    if new_said.strip() != old_said:
        warnings.append(
            f'Slide {sheet.number} "{sheet.title}" has other notes now, and its words in the lesson were '
            "edited: these stay, the new ones are beside them as a note."
        )
        mine += "\n\n" + writing.note(f"The deck says now: {new_said}")
    return mine


def _halves(base: str, sheet: Sheet, new_shown: str, new_said: str) -> tuple[str, str]:
    """What the last import showed and what it said. Where Markdown is shown, the half that is as before
    tells them apart; where both are others now, all counts as said."""
    if not sheet.shown:
        shown, _, said = base.partition("\n\n")
    elif base.endswith(new_said):
        shown, said = base.removesuffix(new_said), new_said
    else:
        shown = new_shown if base.startswith(new_shown) else ""
        said = base.removeprefix(shown)
    return shown.strip(), said.strip()


def _farewell(mine: str, row: Known, warnings: list[str]) -> str:
    words = re.sub(r"!\[[^\]\n]*\]\([^)\n]*\)", "", mine)
    words = " ".join(
        re.sub(r"^\s*(?:>\s*)?(?:note:\s*)?", "", line) for line in words.split("\n") if line.strip()
    )
    quoted = words if len(words) <= 200 else words[:199] + "…"
    name = f'"{row.title}"' if row.title else row.name
    warnings.append(
        f'W-DECK-REMOVED: Slide {name} is no longer in the deck. Its words are kept as a note: "{quoted}"'
    )
    return writing.note(f"No longer in the deck: {row.title}. {words}")
