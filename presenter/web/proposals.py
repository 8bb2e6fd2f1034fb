"""A change that waits for a click: sentence by sentence, or as the outline of a new lesson."""

from __future__ import annotations

import re
from collections.abc import Sequence

from presenter import text
from presenter.director import Change, Difference
from presenter.lessons import Lesson
from presenter.web.elements import button, escape
from presenter.web.words import Words

LINES = 14
"""So many changes are shown at once; the others wait behind a click."""
FEW = 8
"""A new lesson of so many sentences is shown with all of them."""

SIGNS = {"added": "+", "removed": "−", "changed": "~", "moved": "↕"}


def proposal(
    words: Words,
    lesson: Lesson,
    difference: Difference,
    price: str,
    notes: Sequence[str],
    *,
    fresh: bool = False,
) -> str:
    """A change that waits: what would be different and what rendering it would cost.

    Args:
        fresh: it is a lesson of its own, or all that there is of one.
    """
    count = len(difference.changes)
    head, shown = _outlined(words, difference) if fresh else _listed(words, difference)
    told = "".join(f"<p class='note'>{escape(words.said(note))}</p>" for note in notes)
    at = f"lessons/{lesson.id}"
    return (
        f"<section class='proposal' id='proposal' data-say='{words('chat.waits', 1 if fresh else count)}' "
        f"aria-labelledby='proposal-head'><h3 id='proposal-head'>{head}</h3>{shown}{told}"
        f"<p class='price'>{price}</p><p class='choices'>"
        f"{button(words.plain('chat.approve'), look='primary', post=f'{at}/approve', focus=True)}"
        f"<button type='button' class='plain' data-into='say' data-fill=''>{words('chat.change')}</button>"
        f"{button(words.plain('chat.discard'), post=f'{at}/discard')}</p></section>"
    )


def _listed(words: Words, difference: Difference) -> tuple[str, str]:
    """How many changes there are, and each of them."""
    rows = [_change(words, change) for change in difference.changes]
    more = (
        f"<details><summary>{words('chat.more', len(rows) - LINES)}</summary><ul class='changes'>"
        f"{''.join(rows[LINES:])}</ul></details>"
        if len(rows) > LINES
        else ""
    )
    return words("chat.changes", len(rows)), f"<ul class='changes'>{''.join(rows[:LINES])}</ul>{more}"


def _outlined(words: Words, difference: Difference) -> tuple[str, str]:
    """A new lesson: how long it is, its settings, and its slides with what is said over each."""
    said = [change for change in difference.changes if change.what == "sentence"]
    slides = {change.slide: change.title for change in difference.changes if change.slide}
    settings = "".join(
        f"<li>{words(f'look.{change.what}')}: {escape(_value(words, change.what, change.after))}</li>"
        for change in difference.changes
        if words.has(f"look.{change.what}")
    )
    opened = " open" if len(said) <= FEW else ""
    rows = []
    for number in sorted({*slides, *(change.slide for change in said)}):
        here = [change.after for change in said if change.slide == number]
        name = escape(slides.get(number) or words.plain("editor.untitled"))
        body = "".join(f"<p dir='auto'>{escape(one)}</p>" for one in here)
        count = f"<span class='small'>{words('editor.sentences', len(here))}</span>"
        summary = f"<span class='number'>{number or ''}</span> <span dir='auto'>{name}</span> {count}"
        rows.append(f"<li><details{opened}><summary>{summary}</summary>{body}</details></li>")
    counts = [words("editor.slide-count", len(slides))] if slides else []
    head = " · ".join([*counts, words("editor.sentences", len(said))])
    told = f"<ul class='facts'>{settings}</ul>" if settings else ""
    return f"{words('lesson.new')}: {head}", f"{told}<ol class='outline'>{''.join(rows)}</ol>"


def _change(words: Words, change: Change) -> str:
    """One change: its sign, where it is, and its words, those that come and go marked by more than colour."""
    where = (
        words("chat.slide", number=change.slide, title=change.title) if change.slide else words("chat.lesson")
    )
    names = (f"chat.what.{change.what}", f"look.{change.what}")
    what = next((words(name) for name in names if words.has(name)), escape(change.what))
    if change.words:
        plain = _plain if change.what == "slide" else str
        shown = "".join(_word(words, plain(word.text), word.state) for word in change.words).strip()
    else:
        before, after = (_value(words, change.what, value) for value in (change.before, change.after))
        shown = _word(words, before, "removed") + " " + _word(words, after, "added")
        shown = shown.replace("</del>  <ins>", "</del> <span aria-hidden='true'>→</span> <ins>")
    return (
        f"<li class='{change.kind}'><span class='sign' aria-hidden='true'>{SIGNS[change.kind]}</span><div>"
        f"<p class='small'>{where} · {what}, {words(f'chat.kind.{change.kind}')}</p><p "
        f"dir='auto'>{shown}</p></div></li>"
    )


def _plain(markdown: str) -> str:
    """A slide's Markdown without the marks of headings and lists, its lines kept."""
    bare = re.sub(r"(^|\n)#{1,6} ", r"\1", re.sub(r"\n{2,}", "\n", markdown))
    return re.sub(r"(^|\n)[-*] ", r"\1• ", bare)


def _value(words: Words, what: str, value: str) -> str:
    """The value of a setting as its menu calls it."""
    name = f"{what}.{value}"
    if what in ("layout", "size", "captions", "speed") and words.has(name):
        return words.plain(name)
    if what in ("portrait", "voice", "theme"):
        return value[:1].upper() + value[1:]
    if what == "language" and value:
        return text.name(value)
    if what == "slide":
        return _plain(value)
    return re.sub(r"^[\d.]+", r"\g<0> ×", value) if what == "speed" else value


def _word(words: Words, said: str, state: str) -> str:
    if not said.strip():
        return escape(said)
    if state == "same":
        return escape(said)
    tag, what = ("del", words("chat.goes")) if state == "removed" else ("ins", words("chat.comes"))
    shown = f"<span class='unseen'>[{what}: </span>{escape(said.rstrip())}<span class='unseen'>]</span>"
    return f"<{tag}>{shown}</{tag}> "
