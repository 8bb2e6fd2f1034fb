"""What differs between two versions of a lesson, as people read it: by slide, sentence and word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias, TypeVar

from presenter import script, text
from presenter.director import outline
from presenter.types import Script, Segment, Slide

_State: TypeAlias = Literal["same", "added", "removed", "changed", "moved"]
_Way: TypeAlias = tuple[tuple[int, str], str, str, str, str]
"""Number and title of a slide, the words of a sentence, what of its way changed, before and after."""
_SETTINGS_OF = {"lively": "liveliness"}
"""What the setting of a lesson is called, where its name differs."""
_Thing = TypeVar("_Thing", Segment, Slide)


@dataclass(frozen=True, slots=True)
class Word:
    """Some characters and whether they stay."""

    text: str
    state: Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs."""

    kind: Literal["added", "removed", "changed", "moved"]
    what: str
    """``sentence``, ``slide`` (what is shown), or the name of a setting, such as ``voice`` or ``speed``."""
    slide: int
    """Number of the slide that it is about, from 1; where it is removed, in the old version. 0: none."""
    title: str = ""
    """Of that slide."""
    before: str = ""
    after: str = ""
    words: tuple[Word, ...] = ()
    """Of a changed sentence or slide: all of its words, those of both versions in reading order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions side by side."""

    changes: tuple[Change, ...]
    kept: int
    """Sentences that are said as before."""
    touched: int
    """Sentences of the new version that are not."""


def diff(old: str, new: str, *, limit: int = 20_000) -> Difference:
    """What differs between two sources; an empty old one is a lesson with nothing in it.

    Raises:
        InputError: what ``script.parse`` raises.
    """
    after = script.parse(new, limit=limit)
    before = script.parse(old, limit=limit) if old.strip() else None
    changes = [*_settings(before, after), *_slides(before, after), *_sentences(before, after)]
    known = {one.id for one in before.segments} if before else set()
    kept = sum(one.id in known for one in after.segments)
    return Difference(tuple(changes), kept, len(after.segments) - kept)


def words_of(old: str, new: str) -> tuple[Word, ...]:
    """The words of two texts in reading order, each marked; spaces belong to the word before."""
    before, after = _tokens(old), _tokens(new)
    found: list[Word] = []
    old_words, new_words = ([token.strip() or token for token in tokens] for tokens in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, old_words, new_words, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Word("".join(after[c:d]), "same"))
            continue
        if b > a:
            found.append(Word("".join(before[a:b]), "removed"))
        if d > c:
            found.append(Word("".join(after[c:d]), "added"))
    return tuple(found)


def plain(difference: Difference) -> str:
    """The difference for a terminal: ``-`` goes, ``+`` comes, ``~`` changes, ``>`` moves."""
    lines, where = [], None
    for change in difference.changes:
        if (change.slide, change.title) != where:
            where = change.slide, change.title
            lines.append(f"Slide {change.slide}: {change.title}" if change.slide else "Lesson")
        lines.append(_line(change))
    return "\n".join(lines)


def _line(change: Change) -> str:
    if change.words:
        marks = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
        shown = ""
        for word in change.words:
            left, right = marks[word.state]
            body = word.text.rstrip()
            shown += f"{left}{body}{right}{word.text[len(body) :]}"
        return f"  ~ {shown}"
    if change.kind == "moved":
        return f"  > {change.after}"
    if change.what not in ("sentence", "slide"):
        return f"  ~ {change.what}: {change.before or '(not set)'} -> {change.after or '(not set)'}"
    return f"  - {change.before}" if change.kind == "removed" else f"  + {change.after}"


def _tokens(line: str) -> list[str]:
    """Words with the spaces after them; scripts without spaces by character."""
    return re.findall(r"[぀-ヿ㐀-鿿]|[^\s぀-ヿ㐀-鿿]+[ \t]*|\s", line)


def _settings(before: Script | None, after: Script) -> Iterator[Change]:
    old, new = dict(before.settings) if before else {}, dict(after.settings)
    for key in [*old, *(key for key in new if key not in old)]:
        if old.get(key) != new.get(key):
            yield Change("changed", key, 0, "", old.get(key, ""), new.get(key, ""))


def _places(lesson: Script | None) -> dict[str, tuple[int, str]]:
    return {one.id: (at, one.title) for at, one in enumerate(lesson.slides, 1)} if lesson else {}


def _slides(before: Script | None, after: Script) -> Iterator[Change]:
    was, now = _places(before), _places(after)
    for state, left, right in _slide_pairs(before, after):
        if state == "changed" and left and right:
            shown = words_of(left.markdown, right.markdown)
            yield Change("changed", "slide", *now[right.id], left.markdown, right.markdown, shown)
        elif state == "moved" and right:
            yield Change("moved", "slide", *now[right.id], right.title, right.title)
        elif state == "added" and right:
            yield Change("added", "slide", *now[right.id], "", right.markdown)
        elif state == "removed" and left:
            yield Change("removed", "slide", *was[left.id], left.markdown, "")
    if before:
        then, layouts = outline.layouts(before), outline.layouts(after)
        own = dict(after.settings).get("layout")
        implied = own != dict(before.settings).get("layout") and {*layouts.values()} == {own}
        for name, layout in layouts.items():
            if name in then and then[name] != layout and not implied:
                yield Change("changed", "layout", *now[name], then[name], layout)


def _slide_pairs(before: Script | None, after: Script) -> list[tuple[_State, Slide | None, Slide | None]]:
    old = before.slides if before else ()
    return _paired(old, after.slides, [one.markdown for one in old], [one.markdown for one in after.slides])


def _sentences(before: Script | None, after: Script) -> Iterator[Change]:
    old = before.segments if before else ()
    was, now = _places(before), _places(after)
    carried = {right.id for state, _, right in _slide_pairs(before, after) if state == "moved" and right}
    ways: list[_Way] = []
    pairs = _paired(old, after.segments, [one.text for one in old], [one.text for one in after.segments])
    for state, left, right in pairs:
        if left and right:
            place = now.get(right.slide, (0, ""))
            if state == "changed":
                words = words_of(left.text, right.text)
                yield Change("changed", "sentence", *place, left.text, right.text, words)
            elif state == "moved" and right.slide not in carried:
                yield Change("moved", "sentence", *place, right.text, right.text)
            ways += [(place, right.text, *row) for row in _directions(left, right)]
        elif right:
            yield Change("added", "sentence", *now.get(right.slide, (0, "")), "", right.text)
        elif left:
            yield Change("removed", "sentence", *was.get(left.slide, (0, "")), left.text, "")
    set_anew = {change.what for change in _settings(before, after)}
    yield from _gathered(ways, Counter(now.get(one.slide, (0, "")) for one in after.segments), set_anew)


def _gathered(ways: Sequence[_Way], said: Counter[tuple[int, str]], set_anew: set[str]) -> Iterator[Change]:
    """The ways of speaking that changed: once for a slide whose sentences all changed alike, and not at all
    where that is what a setting of the lesson did to every sentence.

    Args:
        said: sentences of each slide.
        set_anew: settings of the lesson that changed.
    """
    by_slide = Counter((place, *way) for place, _, *way in ways)
    by_lesson = Counter(tuple(way) for _, _, *way in ways)
    told = set()
    for place, words, name, old, new in ways:
        everywhere = by_lesson[name, old, new] == said.total()
        if everywhere and _SETTINGS_OF.get(name, name) in set_anew:
            continue
        key = (place, name, old, new)
        if by_slide[key] == said[place] > 1:
            if key not in told:
                yield Change("changed", name, *place, old, new)
            told.add(key)
        else:
            yield Change("changed", name, *place, old, f"{new} ({_short(words)})")


def _directions(left: Segment, right: Segment) -> list[tuple[str, str, str]]:
    """How a sentence is said otherwise than before: what of it, before and after."""
    rows = [
        ("speed", f"{left.style.speed:g}", f"{right.style.speed:g}"),
        ("pitch", f"{left.style.pitch:+g}", f"{right.style.pitch:+g}"),
        ("lively", f"{left.style.liveliness:g}", f"{right.style.liveliness:g}"),
        ("language", left.language, right.language),
    ]
    # A pause of the paragraph's end belongs to its place and was not asked for.
    rows += [("pause", f"{left.pause:g}", f"{right.pause:g}")] if max(left.pause, right.pause) > 0.6 else []
    return [row for row in rows if row[1] != row[2]]


def _short(line: str) -> str:
    spans = text.words(line)
    return line if len(spans) <= 6 else f"{line[: spans[5][1]]} …"


def _paired(
    old: Sequence[_Thing], new: Sequence[_Thing], names: Sequence[str], others: Sequence[str]
) -> list[tuple[_State, _Thing | None, _Thing | None]]:
    """What became of each thing, in reading order.

    Args:
        names, others: the words by which the old and the new things are told apart.
    """
    blocks = SequenceMatcher(None, names, others, autojunk=False).get_opcodes()
    gone = [at for tag, a, b, _, _ in blocks if tag != "equal" for at in range(a, b)]
    come = [at for tag, _, _, c, d in blocks if tag != "equal" for at in range(c, d)]
    moved: dict[int, int] = {}
    for at in come:
        source = next((one for one in gone if names[one] == others[at]), None)
        if source is not None:
            moved[at] = source
            gone.remove(source)
    found: list[tuple[_State, _Thing | None, _Thing | None]] = []
    for tag, a, b, c, d in blocks:
        if tag == "equal":
            found += [("same", old[a + k], new[c + k]) for k in range(b - a)]
            continue
        left = [one for one in range(a, b) if one in gone]
        for at in range(c, d):
            partner = next((one for one in left if _alike(names[one], others[at])), None)
            if at in moved:
                found.append(("moved", old[moved[at]], new[at]))
            elif partner is None:
                found.append(("added", None, new[at]))
            else:
                left.remove(partner)
                found.append(("changed", old[partner], new[at]))
        found += [("removed", old[one], None) for one in left]
    return found


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() > 0.4
