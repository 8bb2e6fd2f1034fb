"""Sections: what lies between two headings becomes a slide and the segments said over it."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from presenter.elements import NAME
from presenter.errors import InputError
from presenter.script import inline, stretches
from presenter.script.blocks import Block
from presenter.script.front import LAYOUTS
from presenter.script.inline import HELD, SINGLE, Event, Flow
from presenter.script.stretches import LONGEST_PAUSE
from presenter.text import LONGEST, is_word, words
from presenter.types import Mark, Pause, Pronunciation, Segment, Slide, Stretch, Style

MOST_SEGMENTS = 500
_PARAGRAPH_PAUSE = 0.35
_SLIDE_PAUSE = 0.6


@dataclass(slots=True)
class Section:
    """A stretch of the lesson with one slide, or with none."""

    start: int
    title: str = ""
    level: int = 0
    """Of its last heading; 0 without one."""
    shown: list[str] = field(default_factory=list)
    items: int = 0
    """In how many steps what is shown below the heading can appear."""
    flows: list[Flow] = field(default_factory=list)
    """Headings and paragraphs, for their directives; only those in ``said`` are spoken."""
    said: list[Flow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """A segment that is still being put together."""

    flow: Flow
    start: int
    end: int
    section: int
    language: str
    style: Style = field(default_factory=Style)
    stretches: tuple[Stretch, ...] = ()
    pauses: dict[int, float] = field(default_factory=dict)
    """Offset into the flow of the word before which there is silence -> seconds."""
    asked: float = 0.0
    natural: float = 0.0
    layout: str | None = None
    marks: list[Mark] = field(default_factory=list)


def read(source: str, found: Iterable[Block]) -> list[Section]:
    """Group blocks into sections; a subheading right below a heading stays on its slide."""
    parts = [Section(0)]
    for block in found:
        if block.kind == "note":
            continue
        part = parts[-1]
        if block.kind == "rule":
            parts.append(Section(block.end))
            continue
        if block.kind == "code":
            part.shown.append(source[block.start : block.end])
            part.items += 1
            continue
        flow = inline.read(source, block.start, block.end)
        if block.kind == "heading":
            untouched = not part.flows and not part.shown
            subtitle = bool(part.level) and block.level > part.level and not part.said and not part.items
            if not untouched and not subtitle:
                parts.append(part := Section(block.start))
            _add_heading(source, part, block, flow)
        else:
            _add(source, part, block, flow)
    for part in parts:
        part.title = part.title or _named_by_picture(part.shown)
    return parts


def _named_by_picture(shown: list[str]) -> str:
    """The title of a slide that begins with a picture and has no heading: what the picture shows."""
    found = re.match(r"!\[([^\]\n]*)\]\(", shown[0]) if shown else None
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", found[1]).strip() if found else ""


def _add_heading(source: str, part: Section, block: Block, flow: Flow) -> None:
    title = re.sub(rf"^\s*#{{1,6}}\s*|\s+#+\s*$|\s*{NAME}\s*$", "", flow.line())
    part.title = part.title or title
    if not part.level:
        part.start = block.start
    part.level = block.level
    part.shown.append(_bare(source[block.start : block.end]))
    # Its words are not said, but its directives hold for what follows.
    silent = Flow(
        events=[
            Event(0, event.name, event.argument, event.source)
            for event in flow.events
            if event.name in ("pause", "layout", "build", "point")
        ]
    )
    part.flows.append(silent)


def _add(source: str, part: Section, block: Block, flow: Flow) -> None:
    text = source[block.start : block.end]
    spoken = any(map(is_word, flow.text))
    formula = re.fullmatch(r"\s*\$[^$]+\$\s*", text) is not None
    if block.kind == "shown" or formula:
        part.shown.append(_bare(text))
        part.items += block.items
        return
    pictures = [each for each in flow.shown if each.startswith("!")]
    part.shown.extend(pictures)
    part.items += len(pictures)
    part.flows.append(flow)
    if spoken:
        part.said.append(flow)
    if flow.dropped:
        tags = ", ".join(f"<{name}>" for name in sorted(flow.dropped))
        part.warnings.append(f"Line {_line(source, block.start)}: formatting tags were left out: {tags}.")


def _bare(markdown: str) -> str:
    """Markdown of something shown, without directives, pronunciations and comments."""
    markdown = re.sub(r"<!--.*?(?:-->|\Z)", "", markdown, flags=re.S)
    markdown = re.sub(r"\[([^\[\]\n]+)\]\{say:[^{}\n]*\}|[ ]?\{say:[^{}\n]*\}", r"\1", markdown)
    markdown = re.sub(HELD, "", markdown)
    markdown = re.sub(rf"(?<=[ ]){SINGLE}[ ]?|[ ]?{SINGLE}", "", markdown)
    return "\n".join(line.rstrip() for line in markdown.split("\n")).strip("\n")


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1


def build(
    source: str, parts: list[Section], language: str
) -> tuple[tuple[Slide, ...], tuple[Segment, ...], list[str]]:
    """Slides, segments and warnings of the sections."""
    drafts, warnings = _Drafter(source, language).draft(parts)
    if len(drafts) > MOST_SEGMENTS:
        message = f"The lesson has {len(drafts):,} sentences; the limit is {MOST_SEGMENTS}."
        raise InputError("E-SCRIPT-SEGMENTS", message, "Split the lesson into several.", "script")
    slides: list[Slide] = []
    ids: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for number, part in enumerate(parts):
        warnings.extend(part.warnings)
        markdown = "\n\n".join(part.shown)
        own = [draft for draft in drafts if draft.section == number]
        _check_points(source, own, markdown)
        if not markdown:
            continue
        builds = sum(mark.action == "build" for draft in own for mark in draft.marks)
        line = _line(source, part.start)
        if not own:
            warnings.append(
                f'Line {line}: nothing is said about the slide "{part.title}", so it is not shown.'
            )
        if builds > part.items:
            warnings.append(f"Line {line}: {builds} builds, but the slide has {part.items} things to reveal.")
        ids[number] = _name(markdown, seen)
        slides.append(Slide(ids[number], part.title, markdown, 1 + min(builds, part.items), line))
    named: Counter[str] = Counter()
    segments: list[Segment] = []
    for draft in drafts:
        taken = segments[-1].span[1] if segments else 0
        segments.append(_segment(draft, ids.get(draft.section, ""), named, taken))
    return tuple(slides), tuple(segments), warnings


def _check_points(source: str, drafts: list[_Draft], markdown: str) -> None:
    """Make sure that all that is pointed at stands on the slide."""
    asked = [(draft, mark.argument) for draft in drafts for mark in draft.marks if mark.action == "point"]
    if not any(argument for _, argument in asked):
        return
    from presenter import elements, markup

    page = markup.read(markdown)
    for draft, argument in asked:
        if argument and elements.find(page.elements, argument) is None:
            line = _line(source, draft.flow.origin[draft.start])
            if not page.elements:
                message = "there is no slide here to point at"
                hint = "Put a heading or a list before it."
            else:
                message = f'the slide has no "{argument[:40]}" to point at'
                hint = f"Known: {elements.known(page.elements)}, or words that stand there."
            raise InputError("E-SCRIPT-POINT", f"Line {line}: {message}.", hint, "script")


def _name(content: object, seen: Counter[str]) -> str:
    """Ten hexadecimal digits of the content's sha256, and ``-2``, ``-3`` for its equals."""
    digest = hashlib.sha256(repr(content).encode()).hexdigest()[:10]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _segment(draft: _Draft, slide: str, seen: Counter[str], taken: int) -> Segment:
    """``taken``: where the segment before ends in the source; markup between two belongs to the first."""
    flow, start, end = draft.flow, draft.start, draft.end
    text = flow.text[start:end]
    pronunciations = tuple(
        Pronunciation(max(say.start, start) - start, min(say.end, end) - start, say.say)
        for say in flow.pronunciations
        if say.start < end and say.end > start
    )
    marks = tuple(sorted(draft.marks, key=lambda mark: mark.at))
    # The pause is left out: the natural one depends on what follows, and ids must not.
    pauses = tuple(Pause(at - start, seconds) for at, seconds in sorted(draft.pauses.items()))
    directed = draft.style, draft.stretches, pauses
    heard = () if directed == (Style(), (), ()) else directed
    name = _name((text, draft.language, pronunciations, marks, draft.layout, *heard), seen)
    begin, stop = stretches.embraced(flow, flow.origin[start], flow.origin[end - 1] + 1, taken)
    pause = max(draft.natural, draft.asked)
    return Segment(
        name,
        text,
        draft.language,
        slide,
        draft.layout,
        marks,
        pronunciations,
        pause,
        (begin, stop),
        *directed,
    )


class _Drafter:
    """Walks through the flows in order and carries over what a directive leaves for later words."""

    def __init__(self, source: str, language: str) -> None:
        self.source = source
        self.language = language
        self.drafts: list[_Draft] = []
        self.warnings: list[str] = []
        self.layout: str | None = None
        self.waiting: list[tuple[Literal["build", "point"], str]] = []
        """Marks for which no word has come yet: action and argument."""

    def draft(self, parts: list[Section]) -> tuple[list[_Draft], list[str]]:
        for number, part in enumerate(parts):
            for flow in part.flows:
                self.flow(flow, number)
            last = self.drafts[-1] if self.drafts else None
            if last and last.section == number:
                last.natural = _SLIDE_PAUSE
                starts = words(last.flow.text[last.start : last.end])
                last.marks.extend(Mark(starts[-1][0], *mark) for mark in self.waiting)
            self.waiting = []
        return self.drafts, self.warnings

    def flow(self, flow: Flow, section: int) -> None:
        own = self.cut(flow, section)
        before = self.drafts[-1] if self.drafts else None
        self.drafts.extend(own)
        starts = [start for start, _ in words(flow.text)]
        if own and self.layout:
            own[0].layout, self.layout = self.layout, None
        if own:
            own[-1].natural = _PARAGRAPH_PAUSE
            own[0].marks.extend(Mark(starts[0] - own[0].start, *mark) for mark in self.waiting)
            self.waiting = []
        for event in flow.events:
            if event.name == "pause":
                self.pause(event, own, starts, before)
            elif event.name == "layout":
                self.change(event, own, starts)
            elif event.name == "build":
                self.mark("build", "", event, own, starts)
            elif event.name == "point":
                off = event.argument.lower() in ("off", "none")
                self.mark("point", "" if off else event.argument, event, own, starts)

    def cut(self, flow: Flow, section: int) -> list[_Draft]:
        """The sentences of a flow that have words, and the wordless ones with their neighbours."""
        runs = stretches.read(flow, self.language, self.source, self.warnings)
        spans = stretches.cut(flow.text, runs, self.language)
        self.warn_long(flow, spans)
        worded: list[_Draft] = []
        begin: int | None = None
        for start, end in spans:
            if any(map(is_word, flow.text[start:end])):
                worded.append(_Draft(flow, start if begin is None else begin, end, section, self.language))
                begin = None
            elif worded:
                worded[-1].end = end
            elif begin is None:
                begin = start
        for draft in worded:
            draft.language, draft.style, draft.stretches = stretches.within(
                flow.text, draft.start, draft.end, runs, self.language
            )
        return worded

    def warn_long(self, flow: Flow, spans: list[tuple[int, int]]) -> None:
        if len(flow.text) <= LONGEST or not spans:
            return
        parts = [flow.text[start:end] for start, end in spans[:-1]]
        if not all(re.search(r"[.!?…。！？।॥]\W*$", part) for part in parts):
            line = _line(self.source, flow.origin[0])
            self.warnings.append(
                f"Line {line}: a sentence of more than {LONGEST} characters was cut at commas or spaces. "
                "Full stops make it sound better."
            )

    def pause(self, event: Event, own: list[_Draft], starts: list[int], before: _Draft | None) -> None:
        """Silence between the words of a sentence, or after the last sentence that began before it."""
        seconds = self.seconds(event)
        line = _line(self.source, event.source)
        for draft in own:
            said = [start for start in starts if draft.start <= start < draft.end]
            following = [start for start in said if start >= event.at]
            if following and following != said:
                seconds += draft.pauses.get(following[0], 0.0)
                self.check_pause(seconds, line)
                draft.pauses[following[0]] = seconds
                return
        ended = [draft for draft in own if draft.start < event.at]
        last = ended[-1] if ended else before
        seconds += last.asked if last else 0.0
        self.check_pause(seconds, line)
        if last is None:
            self.warnings.append(f"Line {line}: a pause before the first words is left out.")
        else:
            last.asked = seconds

    def check_pause(self, seconds: float, line: int) -> None:
        if seconds > LONGEST_PAUSE:
            message = f"{seconds:,.10g} s; limit {LONGEST_PAUSE:g} s (line {line})."
            raise InputError("E-SCRIPT-PAUSE", message, "Ask for a shorter pause.", "script")

    def seconds(self, event: Event) -> float:
        if not event.argument:
            return 1.0
        match = re.fullmatch(
            r"(\d{1,12}(?:[.,]\d{1,6})?|[.,]\d{1,6})\s*(ms|s|sec|seconds?)?", event.argument, re.ASCII
        )
        if match is None:
            line = _line(self.source, event.source)
            message = f'Line {line}: "{event.argument[:40]}" is not a number of seconds.'
            raise InputError("E-SCRIPT-PAUSE", message, "Write [pause 0.8], for example.", "script")
        return float(match[1].replace(",", ".")) / (1000 if match[2] == "ms" else 1)

    def change(self, event: Event, own: list[_Draft], starts: list[int]) -> None:
        """Change the layout: with a sentence where it begins there, else at the next word."""
        name = event.argument.lower()
        if name not in LAYOUTS:
            near = difflib.get_close_matches(name, LAYOUTS, 1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(LAYOUTS)}."
            message = f'Line {_line(self.source, event.source)}: there is no layout "{event.argument[:40]}".'
            raise InputError("E-SCRIPT-LAYOUT", message, hint, "script")
        word = next((start for start in starts if start >= event.at), None)
        draft = next((each for each in own if word is not None and each.start <= word < each.end), None)
        if draft is None or word is None:
            self.layout = name
        elif word == next(start for start in starts if start >= draft.start):
            draft.layout = name
        else:
            draft.marks.append(Mark(word - draft.start, "layout", name))
            after = own.index(draft) + 1
            if after < len(own):
                own[after].layout = own[after].layout or name
            else:
                self.layout = name

    def mark(
        self,
        action: Literal["build", "point"],
        argument: str,
        event: Event,
        own: list[_Draft],
        starts: list[int],
    ) -> None:
        """Something happens when the next word begins, or at the slide's last one where none follows."""
        for draft in own:
            for start in starts:
                if start >= event.at and draft.start <= start < draft.end:
                    draft.marks.append(Mark(start - draft.start, action, argument))
                    return
        self.waiting.append((action, argument))
