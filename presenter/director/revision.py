"""A lesson with edits applied: characters of the source are exchanged, and the result is read again.

Edits name slides and sentences of the lesson that they were made for. They are applied one by one, and
what changed its id on the way is found again by its place. After each edit everything that it does not
concern must read as before, or nothing is changed at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import assert_never

from presenter import script
from presenter.director import head, outline, splices
from presenter.director.edits import LESSON, Delete, Edit, Insert, Move, Replace, Set
from presenter.errors import InputError
from presenter.script.stretches import LIMITS
from presenter.types import Script, Segment, Slide

_ITEM = re.compile(r"^(?P<mark>[ ]{0,3}(?:[-+*]|\d{1,9}[.)])[ \t]+)\S.*$", re.M)


def apply(source: str, edits: Sequence[Edit], *, limit: int = 20_000) -> str:
    """The lesson's source after the edits.

    Args:
        source: the lesson that the edits' ids are from; may be empty where one replaces all of it.
        limit: longest lesson (characters).

    Raises:
        InputError: ``E-EDIT-TARGET`` where something is no longer there, ``E-EDIT-TEXT`` where the words to
            be replaced are not there, ``E-EDIT-VALUE`` for a setting that cannot be, ``E-EDIT-LAST`` for
            deleting all that is said, ``E-EDIT-SPILL`` where an edit would change more than it says, and
            what ``script.parse`` raises of the result.
    """
    if edits and isinstance(edits[0], Replace) and edits[0].target == LESSON and not edits[0].old:
        source, edits = edits[0].new, edits[1:]
    work = _Revision(script.parse(source, limit=limit), limit)
    for edit in edits:
        work.apply(edit)
    return work.now.source


@dataclass
class _Revision:
    """A lesson between two edits."""

    now: Script
    limit: int
    moved: dict[str, str] = field(default_factory=dict)
    """Id in the lesson that the edits were made for -> id by now."""

    def apply(self, edit: Edit) -> None:
        match edit:
            case Insert():
                self._insert(edit)
            case Replace():
                self._replace(edit)
            case Delete():
                self._delete(edit)
            case Move():
                self._move(edit)
            case Set():
                self._set(edit)
            case _:
                assert_never(edit)

    # --- finding ------------------------------------------------------------------------------

    def find(self, target: str) -> Segment | Slide:
        name = self.moved.get(target, target)
        things: tuple[Segment | Slide, ...] = (*self.now.segments, *self.now.slides)
        for thing in things:
            if thing.id == name:
                return thing
        raise InputError(
            "E-EDIT-TARGET",
            "What this edit is about is no longer in the lesson.",
            "Say again what should change.",
            "edit",
        )

    def section(self, target: str) -> outline.Section:
        thing = self.find(target)
        if isinstance(thing, Slide):
            return outline.section_of(self.now, thing.id)
        raise _wrong("that is no slide")

    def read(self, source: str, *, keeps: bool = True) -> None:
        """Go on with a new source; where it ``keeps``, the words said stay the same."""
        before, after = self.now, script.parse(source, limit=self.limit)
        if keeps and [one.text for one in before.segments] != [one.text for one in after.segments]:
            raise _spill()
        follow = _followed(before.segments, after.segments) | _followed(before.slides, after.slides)
        kept = {old: follow.get(name, name) for old, name in self.moved.items()}
        self.moved = {old: new for old, new in follow.items() if old != new} | kept
        self.now = after

    def said(self, source: str, words: list[str | None]) -> None:
        """Go on with a new source in which exactly these sentences are said; None is any number of new."""
        found = [one.text for one in script.parse(source, limit=self.limit).segments]
        at = words.index(None) if None in words else len(words)
        rest = words[at + 1 :]
        same = found[:at] == words[:at] and found[len(found) - len(rest) :] == rest
        if not same or len(found) < at + len(rest) or (None not in words and len(found) > at):
            raise _spill()
        self.read(source, keeps=False)

    def texts(self) -> list[str | None]:
        return [one.text for one in self.now.segments]

    # --- the five edits -------------------------------------------------------------------------

    def _insert(self, edit: Insert) -> None:
        if edit.what == "slide":
            self._insert_slide(edit)
        elif edit.what == "item":
            self._insert_item(edit)
        else:
            self._insert_sentence(edit)

    def _insert_slide(self, edit: Insert) -> None:
        sections = outline.outline(self.now)
        body = edit.text.strip()
        if edit.beside == LESSON:
            at = sections[0].start if edit.place in ("first", "before") else len(self.now.source)
        else:
            section = self.section(edit.beside)
            at = section.start if edit.place in ("first", "before") else section.end
        wanted = outline.layouts(self.now)
        words = self.texts()
        count = sum(one.span[0] < at for one in self.now.segments)
        self.said(splices.put(self.now.source, at, body), [*words[:count], None, *words[count:]])
        self._keep_layouts(wanted)

    def _insert_item(self, edit: Insert) -> None:
        section = self.section(edit.beside)
        source = self.now.source
        line = " ".join(edit.text.split())
        items = [
            match
            for match in _ITEM.finditer(source, section.head, section.end)
            if not any(one.span[0] < match.end() and one.span[1] > match.start() for one in section.segments)
        ]
        if items:
            first = edit.place == "first"
            mark = items[0 if first else -1]["mark"]
            mark = mark if first else re.sub(r"\d+", lambda number: str(int(number[0]) + 1), mark)
            at = items[0].start() if first else items[-1].end()
            new = f"{mark}{line}\n" if first else f"\n{mark}{line}"
            self.read(source[:at] + new + source[at:])
            return
        heading = source.find("\n", section.head, section.end) if source[section.head] == "#" else -1
        at = heading + 1 if heading >= 0 else section.head
        self.read(splices.put(source, at, f"- {line}"))

    def _insert_sentence(self, edit: Insert) -> None:
        words, source = self.texts(), self.now.source
        beside: Segment | Slide | str = LESSON if edit.beside == LESSON else self.find(edit.beside)
        first = edit.place in ("first", "before")
        own = self.now.segments
        if isinstance(beside, Slide):
            section = self.section(edit.beside)
            own = section.segments
            if not own:
                count = sum(one.span[0] < section.end for one in self.now.segments)
                self.said(
                    splices.put(source, section.end, splices.spoken(edit.text)),
                    [*words[:count], None, *words[count:]],
                )
                return
        segment = beside if isinstance(beside, Segment) else own[0 if first else -1]
        number = [one.id for one in self.now.segments].index(segment.id) + (not first)
        at = splices.start_of(source, segment) if first else splices.end_of(source, segment)
        self._put_in(at, at, edit.text, [*words[:number], None, *words[number:]])

    def _replace(self, edit: Replace) -> None:
        if edit.target == LESSON:
            raise _wrong("the whole lesson can only be replaced first")
        thing, source, words = self.find(edit.target), self.now.source, self.texts()
        if isinstance(thing, Slide):
            self.read(self._shown_replaced(thing, edit))
            return
        start, end = thing.span
        number = [one.id for one in self.now.segments].index(thing.id)
        own = source[start:end]
        if edit.old and edit.old not in own:
            raise InputError(
                "E-EDIT-TEXT", f'"{edit.old[:60]}" is not in that sentence.', "Look at its words.", "edit"
            )
        new = _exchanged(own, edit.old, edit.new) if edit.old else edit.new
        if not new.strip():
            raise _wrong("a sentence needs words; it can be deleted instead")
        self._put_in(start, end, new, [*words[:number], None, *words[number + 1 :]])

    def _put_in(self, start: int, end: int, text: str, words: list[str | None]) -> None:
        """Words in place of others, or between two sentences; in a paragraph of their own where they would
        run into the sentence beside them ("Neither have I. Trees ..." may be one)."""
        source, line = self.now.source, splices.spoken(text)
        before, after = source[:start].rstrip(" "), source[end:].lstrip(" ")
        left = "" if not before or (before.endswith(("\n", "]")) and start == len(before)) else " "
        right = "" if not after or after.startswith("\n") else " "
        for above, below in ((left, right), (left, "\n\n"), ("\n\n", right), ("\n\n", "\n\n")):
            try:
                return self.said(f"{before}{above}{line}{below}{after}", words)
            except InputError as error:
                if error.code != "E-EDIT-SPILL":
                    raise
        raise _spill()

    def _shown_replaced(self, slide: Slide, edit: Replace) -> str:
        """The source with characters of what a slide shows exchanged; what is said stays."""
        section, source = self.section(edit.target), self.now.source
        shown = list(source[section.head : section.end])
        for one in section.segments:
            for at in range(one.span[0] - section.head, one.span[1] - section.head):
                shown[at] = "\0"  # stands in no lesson
        masked = "".join(shown)
        if not edit.old or edit.old not in masked:
            message = f'"{edit.old[:60]}" is not shown on the slide "{slide.title}".'
            raise InputError("E-EDIT-TEXT", message, "Look at its words.", "edit")
        out, at = [], 0
        for match in re.finditer(re.escape(edit.old), masked):
            out += [source[section.head + at : section.head + match.start()], edit.new]
            at = match.end()
        return source[: section.head] + "".join(out) + source[section.head + at :]

    def _delete(self, edit: Delete) -> None:
        thing, source, words = self.find(edit.target), self.now.source, self.texts()
        if isinstance(thing, Slide):
            section = self.section(edit.target)
            gone = {one.id for one in section.segments}
            self._check_left(len(gone))
            wanted = outline.layouts(self.now)
            kept: list[str | None] = [one.text for one in self.now.segments if one.id not in gone]
            self.said(splices.joined(source[: section.start], source[section.end :]), kept)
            self._keep_layouts(wanted)
            return
        self._check_left(1)
        number = [one.id for one in self.now.segments].index(thing.id)
        start, end = splices.start_of(source, thing), splices.end_of(source, thing)
        self.said(splices.cut(source, start, end), [*words[:number], *words[number + 1 :]])

    def _check_left(self, count: int) -> None:
        if count and count >= len(self.now.segments):
            raise InputError(
                "E-EDIT-LAST", "Nothing would be left to say.", "Replace the words instead.", "edit"
            )

    def _move(self, edit: Move) -> None:
        thing = self.find(edit.target)
        if isinstance(thing, Slide):
            self._move_slide(edit)
        else:
            self._move_sentence(thing, edit)

    def _move_slide(self, edit: Move) -> None:
        wanted = outline.layouts(self.now)
        sections = list(outline.outline(self.now))
        section = self.section(edit.target)
        others = [one for one in sections if one != section]
        if edit.beside == LESSON:
            at = 0 if edit.place in ("first", "before") else len(others)
        else:
            other = self.section(edit.beside)
            if other == section:
                raise _wrong("a slide cannot be moved beside itself")
            at = others.index(other) + (edit.place in ("after", "last"))
        order = [*others[:at], section, *others[at:]]
        source = self.now.source
        preface = source[: sections[0].start]
        text = preface
        for one in order:
            body = source[one.head : one.end].rstrip()
            ruled = one.start < one.head or not body.startswith("#")
            if ruled and text.strip() and one is not order[0]:
                body = f"---\n\n{body}"
            text = f"{text.rstrip()}\n\n{body}" if text.strip() else body
        ending = source[len(source.rstrip()) :]
        self.said(text + ending, [segment.text for one in order for segment in one.segments])
        self._keep_layouts(wanted)

    def _move_sentence(self, segment: Segment, edit: Move) -> None:
        source = self.now.source
        start, end = splices.start_of(source, segment), splices.end_of(source, segment)
        text = source[segment.span[0] : end]  # what its first word reveals stays with the slide
        rest = [one for one in self.now.segments if one.id != segment.id]
        if edit.beside == LESSON:
            beside = rest[0 if edit.place in ("first", "before") else -1]
        else:
            thing = self.find(edit.beside)
            own = self.section(edit.beside).segments if isinstance(thing, Slide) else ()
            own = tuple(one for one in own if one.id != segment.id)
            if isinstance(thing, Slide) and not own:
                raise _wrong("nothing is said over that slide yet")
            beside = thing if isinstance(thing, Segment) else own[0 if edit.place == "first" else -1]
        if beside.id == segment.id:
            raise _wrong("a sentence cannot be moved beside itself")
        first = edit.place in ("first", "before")
        at = splices.start_of(source, beside) if first else splices.end_of(source, beside)
        number = [one.id for one in rest].index(beside.id) + (not first)
        words: list[str | None] = [one.text for one in rest]
        new = f"{text} " if first else f" {text}"
        if at <= start:
            moved = source[:at] + new + splices.cut(source[at:], start - at, end - at)
        else:
            moved = splices.cut(source[:at], start, end) + new + source[at:]
        self.said(moved, [*words[:number], segment.text, *words[number:]])

    # --- settings -------------------------------------------------------------------------------

    def _set(self, edit: Set) -> None:
        if edit.target == LESSON:
            self.read(head.put(self.now.source, edit.name, edit.value))
            return
        thing = self.find(edit.target)
        if edit.name in LIMITS:
            own = self.section(edit.target).segments if isinstance(thing, Slide) else (thing,)
            self._set_style(own, edit.name, edit.value)
        elif isinstance(thing, Slide) and edit.name == "layout":
            self._set_layout(thing, edit.value)
        elif isinstance(thing, Slide) and edit.name == "title":
            self._set_title(edit)
        elif isinstance(thing, Segment) and edit.name == "pause":
            self._set_pause(thing, edit.value)
        elif isinstance(thing, Segment) and edit.name == "layout":
            at = splices.start_of(self.now.source, thing)
            self.read(f"{self.now.source[:at]}[layout {edit.value}] {self.now.source[at:]}")
        else:
            raise _wrong(f'"{edit.name[:40]}" is no setting of it')

    def _set_layout(self, slide: Slide, value: str) -> None:
        wanted = outline.layouts(self.now)
        section, source = outline.section_of(self.now, slide.id), self.now.source
        self.read(splices.layout_put(source, section, value or self.now.setting("layout") or "auto"))
        wanted.pop(slide.id, None)
        self._keep_layouts(wanted)

    def _keep_layouts(self, wanted: dict[str, str]) -> None:
        """Give slides their layout back that they had from a directive further up."""
        now = {self.moved.get(name, name): layout for name, layout in wanted.items()}
        for slide in self.now.slides:
            layout = now.get(slide.id)
            if layout is not None and outline.layouts(self.now).get(slide.id, layout) != layout:
                section = outline.section_of(self.now, slide.id)
                self.read(splices.layout_put(self.now.source, section, layout))

    def _set_title(self, edit: Set) -> None:
        section, source = self.section(edit.target), self.now.source
        title = " ".join(edit.value.split())
        match = re.compile(r"(#{1,6}[ \t]*)([^\n]*)").match(source, section.head)
        if match is None:
            self.read(splices.put(source, section.head, f"## {title}"))
            return
        directives = "".join(re.findall(r"[ \t]*\[(?:layout|pause|build)[^\[\]\n]*\]", match[2]))
        self.read(f"{source[: match.end(1)]}{title}{directives}{source[match.end() :]}")

    def _set_pause(self, segment: Segment, value: str) -> None:
        source, end = self.now.source, segment.span[1]
        new = f" [pause {_number('pause', value, 0.0, 10.0):g}]" if value else ""
        self.read(source[:end] + new + source[splices.end_of(source, segment) :])

    def _set_style(self, segments: Sequence[Segment | Slide], name: str, value: str) -> None:
        """Have sentences said in another way, whatever held for them before."""
        low, high = LIMITS[name]
        plain = 0.0 if name == "pitch" else 1.0
        wanted = _number(name, value, low, high) if value else plain
        numbers = [[one.id for one in self.now.segments].index(one.id) for one in segments]
        for first, last in _paragraphs(self.now, numbers):
            source = self.now.source
            start, end = self.now.segments[first].span[0], self.now.segments[last].span[1]
            start, end = splices.with_wrapping(source, start, end, name)
            bare = splices.without(source[start:end], name)
            outer = self._style_of(source[:start] + bare + source[end:], first, name)
            own = wanted - outer if name == "pitch" else wanted / (outer or 1.0)
            own = min(max(round(own, 3), low), high)
            new = bare if own == plain else f"[{name} {own:+g}]" if name == "pitch" else f"[{name} {own:g}]"
            self.read(source[:start] + (bare if own == plain else f"{new}{bare}[/{name}]") + source[end:])

    def _style_of(self, source: str, number: int, name: str) -> float:
        style = script.parse(source, limit=self.limit).segments[number].style
        return {"speed": style.speed, "pitch": style.pitch, "lively": style.liveliness}[name]


def _followed(before: Sequence[Segment | Slide], after: Sequence[Segment | Slide]) -> dict[str, str]:
    """Where each thing went: its id before -> after. What was exchanged is found by its place."""
    old, new = [one.id for one in before], [one.id for one in after]
    found: dict[str, str] = {name: name for name in set(old) & set(new)}
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left = [name for name in old[a:b] if name not in found]
        right = [name for name in new[c:d] if name not in old]
        if len(left) == len(right):
            found.update(zip(left, right, strict=True))
    return found


def _exchanged(line: str, old: str, new: str) -> str:
    """A line with words exchanged: where they stand as whole words only there, else wherever they stand."""
    start, end = (r"\b" if one.isalnum() and one.isascii() else "" for one in (old[0], old[-1]))
    whole = re.compile(start + re.escape(old) + end)
    return whole.sub(lambda _: new, line) if whole.search(line) else line.replace(old, new)


def _wrong(what: str) -> InputError:
    return InputError("E-EDIT-VALUE", f"This edit cannot be: {what}.", "Say it in another way.", "edit")


def _spill() -> InputError:
    return InputError(
        "E-EDIT-SPILL",
        "This edit would change other sentences, too, so nothing was changed.",
        "Write plain sentences, without headings, lists or open brackets.",
        "edit",
    )


def _number(name: str, value: str, low: float, high: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise _wrong(f'{name} is "{value[:40]}"; a number from {low:g} to {high:g} is needed')
    return number


def _paragraphs(lesson: Script, numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring sentences of one paragraph: numbers of the first and the last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            between = lesson.source[lesson.segments[number - 1].span[1] : lesson.segments[number].span[0]]
            if not re.search(r"\n\s*\n", between):
                runs[-1] = runs[-1][0], number
                continue
        runs.append((number, number))
    return runs
