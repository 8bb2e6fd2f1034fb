"""Inline text: the words of a paragraph without markup, and what its directives ask for."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from presenter.errors import InputError
from presenter.text import clean, is_word, unsayable, words
from presenter.text.characters import is_unspaced
from presenter.types import Pronunciation

Directive: TypeAlias = Literal[
    "pause", "layout", "build", "point",
    "lang", "slow", "fast", "speed", "pitch", "lively", "emphasis",
    "/lang", "/slow", "/fast", "/speed", "/pitch", "/lively", "/emphasis",
]  # fmt: skip

STRETCHES = ("lang", "slow", "fast", "speed", "pitch", "lively", "emphasis")
"""Directives that hold up to their counterpart with a slash."""
HELD = rf"\[(?:(?:{'|'.join(STRETCHES)})(?:[ ][^\[\]\n]*)?|/(?:{'|'.join(STRETCHES)}))\](?!\()"
"""Such a directive or its counterpart, as regular expression text."""
SINGLE = r"\[(?:pause|layout|build|point)(?:[ ][^\[\]\n]*)?\](?!\()"
"""Any other directive."""

_MOST_EMPHASISED = 5
"""Words that Markdown's stars make the voice emphasise; longer stretches are only formatted so."""

CLOSERS = ".,;:!?…)]}\"'”’»。，；：！？、）」』।॥"
"""Punctuation that stays with the word before it."""

_SAY = r"\{say:[ ]*(?P<%s>[^{}\n]*)\}"
_TAG = r"<(?P<slash>/?)(?P<tag>[A-Za-z][\w:-]*)(?:\s[^<>]*|/)?>"
_LINK_TARGET = r"\((?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"

_TOKEN = re.compile(
    "|".join(
        [
            r"\\(?P<escape>[!-/:-@\[-`{-~])",
            r"(?P<ticks>`+)(?!`)(?P<code>.{1,2000}?)(?<!`)(?P=ticks)(?!`)",
            r"(?P<comment><!--.*?(?:-->|\Z))",
            rf"(?P<image>!\[[^\]\n]*\]{_LINK_TARGET}(?:\{{#[\w-]{{1,60}}\}})?)",
            rf"(?P<directive>{HELD}|{SINGLE})",
            rf"\[(?P<phrase>[^\[\]\n]+)\]{_SAY % 'phrase_say'}",
            rf"[ ]?{_SAY % 'say'}",
            rf"\[(?P<link>[^\[\]\n]+)\]{_LINK_TARGET}",
            r"<(?P<address>(?:https?://|mailto:)[^<>\s]+|[\w.+-]+@[\w.-]+)>",
            _TAG,
            r"(?<![\w$])\$(?P<formula>[^\s$](?:[^$\n]{0,300}[^\s$\\])?)\$(?![\w$])",
            r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)",
            r"(?<![\d\\])(?P<mark>\*{1,3}|~~)(?=\S)(?P<strong>.{1,600}?)(?<=[^\s\\])(?P=mark)(?![*~\d])",
            r"(?<!\w)(?P<rule>_{1,3})(?=\S)(?P<soft>.{1,600}?)(?<=[^\s\\])(?P=rule)(?!\w)",
        ]
    ),
    re.S,
)

_ACTIVE = """
applet audio base button canvas embed form frame frameset iframe input link math meta object script
style svg template textarea video amazon:effect mstts:express-as mstts:backgroundaudio
"""
_REFUSED = {
    "break": "Write [pause 1] for a pause of one second.",
    "phoneme": "Write word{say: ...} to change how a word is said.",
    "say-as": "Write word{say: ...} to change how a word is said.",
    "voice": "Choose the voice in the settings at the head of the lesson.",
    "prosody": "Write [slow] ... [/slow] or [pitch +2] ... [/pitch].",
    "speak": "A lesson in SSML begins with <speak>; any other needs no tags.",
    "img": "Show a picture with ![what it shows](file.png).",
} | dict.fromkeys(_ACTIVE.split(), "Remove it.")
"""Tag -> what to write instead."""

_FORMATTING = """
a abbr b big blockquote br center cite code div em emphasis font h1 h2 h3 h4 h5 h6 hr i ins kbd li mark
ol p s section small span strong strike sub sup tt u ul
"""
_DROPPED = frozenset(_FORMATTING.split())
"""Tags that only format: their content is said, they are not."""


@dataclass(frozen=True, slots=True)
class Event:
    """A directive and where it stands."""

    at: int
    """Offset into the flow's text: it stands before this character."""
    name: Directive
    argument: str
    source: int
    """Offset into the lesson's source."""
    until: int = 0
    """Where the directive ends in the source."""


@dataclass(slots=True)
class Flow:
    """The text of a block as it is shown in captions, and where each character comes from."""

    text: str = ""
    origin: list[int] = field(default_factory=list)
    """Source offset of each character of the text."""
    events: list[Event] = field(default_factory=list)
    pronunciations: list[Pronunciation] = field(default_factory=list)
    markup: set[int] = field(default_factory=set)
    """Source offsets of markup that belongs to the words beside it."""
    shown: list[str] = field(default_factory=list)
    """Markdown of pictures, and of a formula, in it."""
    dropped: set[str] = field(default_factory=set)
    """Formatting tags that were left out."""

    def line(self) -> str:
        """The text on one line, for titles."""
        return self.text.strip()


def read(source: str, start: int, end: int) -> Flow:
    """Read the inline text between two offsets of the source.

    Raises:
        InputError: ``E-SCRIPT-TAG`` for a tag that asks for more than formatting, ``E-SCRIPT-SAY`` for
            a pronunciation that cannot be said.
    """
    reader = _Reader(source)
    reader.read(start, end)
    return reader.finish()


class _Reader:
    """Collects a flow character by character, so that every offset stays known."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.chars: list[str] = []
        self.flow = Flow()

    def finish(self) -> Flow:
        while self.chars and self.chars[-1] == " ":
            self.chars.pop()
            self.flow.origin.pop()
        self.flow.text = "".join(self.chars)
        return self.flow

    def read(self, start: int, end: int) -> None:
        at = start
        for match in _TOKEN.finditer(self.source, start, end):
            self.put(at, match.start())
            self.token(match)
            at = match.end()
        self.put(at, end)

    def put(self, start: int, end: int) -> None:
        """Take over plain text; runs of space become one, a line end between Han characters none."""
        for index in range(start, end):
            char = self.source[index]
            if not char.isspace():
                self.add(char, index)
            elif self.chars and self.chars[-1] != " ":
                after = self.source[index:end].lstrip()[:1]
                joined = char == "\n" and is_unspaced(self.chars[-1]) and bool(after) and is_unspaced(after)
                if not joined:
                    self.add(" ", index)

    def add(self, char: str, index: int) -> None:
        self.chars.append(char)
        self.flow.origin.append(index)

    def token(self, match: re.Match[str]) -> None:
        start, end = match.span()
        kind = match.lastgroup or ""
        group = match.groupdict()
        if group["directive"]:
            self.directive(match)
        elif group["phrase"]:
            begin = len(self.chars)
            self.inside(match, "phrase")
            self.pronounce(begin, group["phrase_say"], start)
        elif group["say"] is not None:
            self.flow.markup.update(range(start, end))
            self.pronounce(self.last_word(), group["say"], start)
        elif group["tag"]:
            self.tag(match)
        elif group["escape"]:
            self.inside(match, "escape", plain=True)
        elif group["entity"]:
            self.entity(match)
        elif group["image"]:
            self.flow.shown.append(group["image"])
        elif group["formula"]:
            self.flow.shown.append(match.group())
            self.inside(match, "formula", plain=True)
        elif group["code"]:
            self.inside(match, "code", plain=True)
        elif group["address"]:
            self.inside(match, "address", plain=True)
        elif group["mark"] or group["rule"]:
            self.marked(match)
        elif not group["comment"]:
            self.inside(match, kind)

    def inside(self, match: re.Match[str], name: str, plain: bool = False) -> None:
        """Read what stands between markup; ``plain`` text holds no further markup."""
        begin, end = match.span(name)
        self.flow.markup.update(range(match.start(), begin))
        self.flow.markup.update(range(end, match.end()))
        if plain:
            self.put(begin, end)
        else:
            self.read(begin, end)

    def marked(self, match: re.Match[str]) -> None:
        """Read what stands between stars or lines: a few words of it are emphasised."""
        before, begin = len(self.flow.events), len(self.chars)
        self.inside(match, "strong" if match["mark"] else "soft")
        mark = match["mark"] or match["rule"]
        text = "".join(self.chars[begin:])
        weight = sum(0.4 if is_unspaced(text[start]) else 1.0 for start, _ in words(text))
        if mark != "~~" and 0 < weight <= _MOST_EMPHASISED:
            degree = "moderate" if len(mark) == 1 else "strong"
            self.flow.events.insert(before, Event(begin, "emphasis", degree, match.start()))
            self.flow.events.append(Event(len(self.chars), "/emphasis", "", match.end()))

    def directive(self, match: re.Match[str]) -> None:
        word, _, argument = match["directive"][1:-1].partition(" ")
        name: Directive = word  # type: ignore[assignment]
        after = self.source[match.end() : match.end() + 1]
        if after and after in CLOSERS and self.chars and self.chars[-1] == " ":
            self.chars.pop()
            self.flow.origin.pop()
        self.flow.events.append(Event(len(self.chars), name, argument.strip(), *match.span()))

    def last_word(self) -> int:
        """Where the last word begins; hyphens and apostrophes are part of it."""
        index = len(self.chars)
        while index and self.chars[index - 1] == " ":
            index -= 1
        while index and (is_word(self.chars[index - 1]) or self.chars[index - 1] in "'’-"):
            index -= 1
        return index

    def pronounce(self, start: int, say: str, source: int) -> None:
        say = " ".join(say.split())
        wrong = unsayable(say)
        if wrong:
            line = self.source.count("\n", 0, source) + 1
            hint = "Write plain words, a respelling such as tuh-MAY-toe, or IPA such as /təˈmeɪtoʊ/."
            raise InputError("E-SCRIPT-SAY", f'Line {line}: "{say[:40]}" {wrong}.', hint, "script")
        end = len(self.chars)
        while end > start and self.chars[end - 1] == " ":
            end -= 1
        if start < end and say:
            self.flow.pronunciations.append(Pronunciation(start, end, say))

    def tag(self, match: re.Match[str]) -> None:
        name = match["tag"].lower()
        if name in _REFUSED:
            line = self.source.count("\n", 0, match.start()) + 1
            message = f"<{match['slash']}{name}> is not allowed (line {line})."
            raise InputError("E-SCRIPT-TAG", message, _REFUSED[name], "script")
        if name not in _DROPPED:
            self.put(*match.span())
            return
        self.flow.dropped.add(name)
        self.flow.markup.update(range(*match.span()))
        if name in ("br", "p", "div", "li") and self.chars and self.chars[-1] != " ":
            self.add(" ", match.start())

    def entity(self, match: re.Match[str]) -> None:
        text = html.unescape(match.group())
        if text == match.group() or clean(text) != (text, 0) or "\ufffd" in text:
            self.put(*match.span())
            return
        self.flow.markup.update(range(match.start() + 1, match.end()))
        for char in text:
            self.add(" " if char.isspace() else char, match.start())
