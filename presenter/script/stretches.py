"""Stretches: which characters of a paragraph are said in which language and in which way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from presenter.errors import InputError
from presenter.script.inline import CLOSERS, STRETCHES, Event, Flow
from presenter.text import canonical, sentences, words
from presenter.types import Stretch, Style

SLOW, FAST = 0.8, 1.2
"""Speed of ``[slow]`` and ``[fast]``."""
LONGEST_PAUSE = 10.0
"""Seconds that a lesson may ask for at one place."""
LIMITS = {"speed": (0.5, 2.0), "pitch": (-12.0, 12.0), "lively": (0.0, 2.0)}
"""Directive -> lowest and highest value: factors, and semitones for the pitch."""
_DEGREES = {"": 1, "none": 0, "reduced": -1, "moderate": 1, "strong": 2}
_SENTENCE_END = re.compile(r"[.!?…。！？।॥][\"'”’»)\]」』]*\s*$")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters [start, end) of a flow that are said in one way."""

    start: int
    end: int
    language: str
    style: Style


def read(flow: Flow, language: str, source: str, warnings: list[str]) -> list[Run]:
    """The runs of a flow, from its first character to its last; directives lie over one another.

    Args:
        language: BCP 47 tag of what no ``[lang]`` names.
        source: the lesson, for the lines of messages.
        warnings: takes what is odd but harmless.

    Raises:
        InputError: ``E-SCRIPT-STYLE``, ``E-SCRIPT-LANG``.
    """
    found: list[Run] = []
    opened: list[tuple[Event, str, Style]] = []
    at, now = 0, (language, Style())
    for event in flow.events:
        name = event.name.removeprefix("/")
        if name not in STRETCHES:
            continue
        closing = event.name != name
        end = max(at, after_closers(flow.text, event.at) if closing else event.at)
        if end > at:
            found.append(Run(at, end, *now))
            at = end
        if not closing:
            opened.append((event, *_opened(event, source)))
        elif not _close(opened, name):
            warnings.append(f"Line {_line(source, event)}: [/{name}] ends nothing.")
        now = _laid_over(language, opened)
    for event, _, _ in opened:
        warnings.append(
            f"Line {_line(source, event)}: [{event.name}] has no [/{event.name}] in its paragraph; it holds "
            "to the end of it."
        )
    if at < len(flow.text):
        found.append(Run(at, len(flow.text), *now))
    return found


def embraced(flow: Flow, begin: int, stop: int, taken: int) -> tuple[int, int]:
    """The source of a sentence [begin, stop) with the markup and the directives that belong to it alone.

    Args:
        taken: where the sentence before ends in the source.
    """
    pairs = _pairs(flow.events)
    before = None
    while before != (begin, stop):
        before = begin, stop
        while begin > taken and begin - 1 in flow.markup:
            begin -= 1
        while stop in flow.markup:
            stop += 1
        for opening, closing in pairs:
            inside = begin <= closing.source <= stop
            if opening.until == begin and opening.source >= taken and inside:
                begin = opening.source
            if closing.source == stop and opening.source >= begin:
                stop = closing.until
    return begin, stop


def _pairs(events: Sequence[Event]) -> list[tuple[Event, Event]]:
    """Directives of stretches with their counterparts; those that Markdown's stars stand for are left out."""
    found: list[tuple[Event, Event]] = []
    opened: list[Event] = []
    for event in events:
        name = event.name.removeprefix("/")
        if name not in STRETCHES or not event.until:
            continue
        if event.name == name:
            opened.append(event)
            continue
        own = next((one for one in reversed(opened) if one.name == name), None)
        if own:
            opened.remove(own)
            found.append((own, event))
    return found


def after_closers(text: str, at: int) -> int:
    """The first character from ``at`` on that is no punctuation of the word before."""
    while at < len(text) and text[at] in CLOSERS:
        at += 1
    return at


def _close(opened: list[tuple[Event, str, Style]], name: str) -> bool:
    for index in range(len(opened) - 1, -1, -1):
        if opened[index][0].name == name:
            del opened[index]
            return True
    return False


def _laid_over(language: str, opened: Sequence[tuple[Event, str, Style]]) -> tuple[str, Style]:
    style = Style()
    for _, own, other in opened:
        language = own or language
        style = style.changed_by(other)
    return language, style


def _opened(event: Event, source: str) -> tuple[str, Style]:
    """Language, or ``""``, and style that a directive asks for."""
    name, argument = event.name, event.argument
    if name == "lang":
        language = canonical(argument) if argument else None
        if language is None:
            message = f'Line {_line(source, event)}: "{argument[:40]}" is not a language.'
            raise InputError("E-SCRIPT-LANG", message, "Write [lang de] ... [/lang], for example.", "script")
        return language, Style()
    if name == "emphasis":
        degree = _DEGREES.get(argument.lower())
        if degree is None:
            message = f'Line {_line(source, event)}: there is no emphasis "{argument[:40]}".'
            known = ", ".join(word for word in _DEGREES if word)
            raise InputError("E-SCRIPT-STYLE", message, f"Known: {known}.", "script")
        return "", Style(emphasis=degree)
    if name in ("slow", "fast"):
        return "", Style(speed=SLOW if name == "slow" else FAST)
    value = _number(event, source)
    if name == "speed":
        return "", Style(speed=value)
    return "", Style(pitch=value) if name == "pitch" else Style(liveliness=value)


def _number(event: Event, source: str) -> float:
    low, high = LIMITS[event.name]
    match = re.fullmatch(r"([+-]?\d{1,6}(?:[.,]\d{1,6})?)\s*(%)?", event.argument, re.ASCII)
    value = float(match[1].replace(",", ".")) / (100 if match[2] else 1) if match else None
    if value is None or not low <= value <= high:
        line = _line(source, event)
        is_limit = f"the limits are {low:g} and {high:g}"
        message = f'Line {line}: {event.name} is "{event.argument[:40]}"; {is_limit}.'
        example = "+2" if event.name == "pitch" else "0.8"
        hint = f"Write [{event.name} {example}] ... [/{event.name}], for example."
        raise InputError("E-SCRIPT-STYLE", message, hint, "script")
    return value


def _line(source: str, event: Event) -> int:
    return source.count("\n", 0, event.source) + 1


def cut(text: str, found: Sequence[Run], language: str) -> list[tuple[int, int]]:
    """Where the sentences of a flow are, as spans of characters: words of another language inside a
    sentence do not end it, and sentences in another language end by that language's rules."""
    spans = sentences(text, language)
    foreign = [run for run in found if run.language != language]
    if not foreign:
        return spans
    starts = {start for start, _ in spans}
    for run in foreign:
        starts -= {start for start in starts if run.start < start < run.end}
        starts |= {run.start + start for start, _ in sentences(text[run.start : run.end], run.language)[1:]}
        starts |= {edge for edge in (run.start, run.end) if _SENTENCE_END.search(text[:edge])}
    edges = [0, *sorted(start for start in starts if 0 < start < len(text)), len(text)]
    trimmed = ((b - len(text[a:b].lstrip()), a + len(text[a:b].rstrip())) for a, b in pairwise(edges))
    return [(a, b) for a, b in trimmed if a < b]


def within(
    text: str, start: int, end: int, found: Sequence[Run], language: str
) -> tuple[str, Style, tuple[Stretch, ...]]:
    """Language and style of a sentence, and its stretches that differ, with offsets from ``start``.

    A sentence that is said in one way has no stretches. A stretch that begins or ends inside a word takes
    all of it.

    Args:
        text: the flow's; the sentence is its characters [start, end).
        language: BCP 47 tag of what no ``[lang]`` names.
    """
    plain = language, Style()
    spans = [(start + first, start + last) for first, last in words(text[start:end])]
    ways = [_way(found, span, plain) for span in spans]
    whole = ways[0] if len(set(ways)) == 1 else plain
    edges = [start, *(edge for span in spans for edge in span), end]
    rows: list[Stretch] = []
    for way, group in groupby(range(len(spans)), key=ways.__getitem__):
        if way == whole:
            continue
        numbers = list(group)
        first, last = spans[numbers[0]][0], spans[numbers[-1]][1]
        # Signs beside the words, such as a currency's, belong to the stretch too.
        own = [
            run for run in found if (run.language, run.style) == way and run.start < last and run.end > first
        ]
        first = min(first, max(own[0].start, edges[2 * numbers[0]]))
        last = max(last, min(own[-1].end, edges[2 * numbers[-1] + 3]))
        first += len(text[first:last]) - len(text[first:last].lstrip())
        last = first + len(text[first:last].rstrip())
        rows.append(Stretch(first - start, last - start, way[1], way[0]))
    return *whole, tuple(rows)


def _way(found: Sequence[Run], span: tuple[int, int], plain: tuple[str, Style]) -> tuple[str, Style]:
    """How a word is said: as the first run over it that asks for anything."""
    over = [(run.language, run.style) for run in found if run.start < span[1] and run.end > span[0]]
    return next((way for way in over if way != plain), plain)
