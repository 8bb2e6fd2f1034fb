"""The lesson editor as it is shown: slide cards, the text with its structure, the settings, the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from babel.dates import format_datetime

from presenter import compose
from presenter.lessons import Entry, Lesson, Version
from presenter.store import digest
from presenter.storyboard import Board, Card
from presenter.types import Box, Script
from presenter.web import views
from presenter.web.elements import button, escape
from presenter.web.words import Words

SIGNS = {"done": "✓", "changed": "~", "new": "+"}
SMALL, LARGE = 480, 1120
"""Widths of the picture on a card and on the stage (px)."""
TABS = ("slides", "text", "look")


def editor(words: Words, panels: Mapping[str, str]) -> str:
    """Slides, text and settings of a lesson, one at a time."""
    tabs = "".join(
        f"<button type='button' role='tab' id='tab-{name}' data-tab='panel-{name}' "
        f"aria-controls='panel-{name}'"
        f" aria-selected='{'false' if index else 'true'}'{' tabindex=-1' if index else ''}>"
        f"{words(f'editor.{name}')}</button>"
        for index, name in enumerate(TABS)
    )
    bodies = "".join(
        f"<div role='tabpanel' id='panel-{name}' aria-labelledby='tab-{name}'{' hidden' if index else ''}>"
        f"{panels[name]}</div>"
        for index, name in enumerate(TABS)
    )
    return (
        f"<section class='panel editor' aria-label='{words('editor.title')}'>"
        f"<div role='tablist' id='editor-tabs' aria-label='{words('editor.title')}'>{tabs}"
        f"</div>{bodies}</section>"
    )


# --- slide cards ---


def slides(words: Words, lesson: str, place: str, board: Board | None) -> str:
    """A card for each slide.

    Args:
        place: where the lesson's pictures are served.
    """
    if board is None:
        return f"<div data-place='slides'><p class='soft'>{words('editor.no-slides')}</p></div>"
    last = len(board.cards)
    cards = "".join(_card(words, lesson, place, board, card, last) for card in board.cards)
    return f"<ol data-place='slides' class='cards' data-part>{cards}</ol>"


def _card(words: Words, lesson: str, place: str, board: Board, card: Card, last: int) -> str:
    title = card.title or words.plain("editor.untitled")
    about = words.plain("editor.slide", number=card.number)
    sentences = escape(" ".join(card.sentences))
    moves = "".join(
        button(words.plain(f"editor.{way}"), look="tiny", about=about, post=f"lessons/{lesson}/move",
               body={"slide": card.slide, "way": way})
        for way, possible in (("earlier", card.number > 1), ("later", card.number < last))
        if possible and card.slide
    )  # fmt: skip
    options = "".join(
        f"<option value='{name}'{' selected' if name == card.layout.name else ''}>{words(f'layout.{name}')}"
        f"</option>"
        for name in compose.LAYOUTS
    )
    layout = (
        f"<label><span class='unseen'>{words('editor.layout')} {escape(about)}</span>"
        f"<select name='layout' id='layout-{card.number}' "
        f"data-change='lessons/{lesson}/layout?slide={card.slide}'>{options}</select></label>"
        if card.slide
        else ""
    )
    ask = (
        f"<button type='button' class='tiny' data-into='say' "
        f"data-fill='{words('editor.ask-fill', number=card.number)}'>"
        f"{words('editor.ask')}<span class='unseen'> {escape(about)}</span></button>"
    )
    return (
        f"<li class='card'>{frame(place, board, card)}<div class='about'>"
        f"<h3><span class='number'>{card.number}</span> <span dir='auto'>{escape(title)}</span></h3>"
        f"<p class='state {card.state}'><span aria-hidden='true'>{SIGNS[card.state]}</span> "
        f"{words(f'editor.{card.state}')}</p>"
        f"<p class='said' dir='auto'>{sentences}</p><div class='tools'>{layout}{moves}{ask}</div></div></li>"
    )


def frame(place: str, board: Board, card: Card, width: int = SMALL) -> str:
    """A slide with the presenter, as the video will show it."""
    recipe, layout, slide, head = board.recipe, card.layout, "", ""
    query = f"layout={layout.name}&size={recipe.width}x{recipe.height}&width={width}"
    if card.slide and layout.slide is not None:
        address = escape(f"{place}/slides/{card.slide}?{query}&v={_mark(board, card)}")
        slide = f"<img class='slide' loading='lazy' alt='' src='{address}' style='{_at(layout.slide)}'>"
    if layout.head is not None:
        address = escape(f"{place}/head?{query}&v={digest(str(recipe.portrait))[:12]}")
        head = f"<img class='head {layout.shape}' alt='' src='{address}' style='{_at(layout.head)}'>"
    return f"<div class='frame' style='aspect-ratio: {recipe.width} / {recipe.height}'>{slide}{head}</div>"


def _mark(board: Board, card: Card) -> str:
    """Changes whenever the slide's picture does."""
    recipe = board.recipe
    slide = next(one for one in recipe.script.slides if one.id == card.slide)
    return digest(slide.title, slide.markdown, recipe.theme.name, recipe.width, recipe.height)[:12]


def _at(box: Box) -> str:
    sides = {"left": box.x0, "top": box.y0, "width": box.width, "height": box.height}
    return ";".join(f"{side}:{100 * share:.2f}%" for side, share in sides.items())


# --- text ---


def text_of(words: Words, lesson: Lesson) -> str:
    """The lesson's text, to be written in."""
    return (
        f"<form data-place='text' class='source' data-post='lessons/{lesson.id}/source'>"
        f"<label for='source'>{words('editor.text-how')}</label>"
        f"<textarea id='source' name='source' rows='18' spellcheck='true' dir='auto'"
        f" data-save='lessons/{lesson.id}/source'>{escape(lesson.source)}</textarea>{version(lesson)}</form>"
        "<div data-place='hints' class='hints'></div>"
    )


def version(lesson: Lesson) -> str:
    """Which version the text was read from, so that two tabs do not overwrite each other."""
    return f"<span data-place='version'><input type='hidden' name='version' value='{lesson.revision}'></span>"


def hints(words: Words, script: Script | None, failure: str = "") -> str:
    """What is known about a text while it is written."""
    if script is None:
        return f"<div data-place='hints' class='hints' role='status'>{failure}</div>"
    facts = [words("editor.sentences", len(script.segments)), escape(words.language(script.language))]
    if script.slides:
        facts.insert(1, words("editor.slide-count", len(script.slides)))
    line = "".join(f"<li>{fact}</li>" for fact in facts)
    warnings = "".join(views.notice("warn", words.said(warning)) for warning in script.warnings)
    return (
        f"<div data-place='hints' class='hints' role='status'><ul class='facts'>{line}</ul>{warnings}</div>"
    )


# --- settings ---


def look(
    words: Words,
    lesson: Lesson,
    menus: Mapping[str, Sequence[tuple[str, str]]],
    chosen: Mapping[str, str],
    faces: Sequence[tuple[str, str, str]],
) -> str:
    """Who speaks and how it looks.

    Args:
        menus: setting -> its choices, each a value and a label (not escaped).
        chosen: setting -> the value that holds.
        faces: id, name and address of the picture of each presenter.
    """
    address = f"lessons/{lesson.id}/settings"
    tiles = "".join(
        f"<label class='face'><input type='radio' name='portrait' value='{escape(name)}' "
        f"data-change='{address}'"
        f"{' checked' if name == chosen.get('portrait') else ''}><img src='{escape(picture)}' alt=''>"
        f"<span>{escape(label)}</span></label>"
        for name, label, picture in faces
    )
    fields = "".join(
        f"<label>{words(f'look.{setting}')}<select name='{setting}' id='set-{setting}' "
        f"data-change='{address}'>"
        f"{_options(rows, chosen.get(setting, ''))}</select></label>"
        for setting, rows in menus.items()
    )
    return (
        f"<div data-place='look' class='look' data-part><fieldset "
        f"class='faces'><legend>{words('look.portrait')}"
        f"</legend>{tiles}<a class='face bring' href='#people'><span class='plus' aria-hidden='true'></span>"
        f"<span>{words('look.bring')}</span></a></fieldset><div class='settings-grid'>{fields}</div>"
        "<div data-message></div></div>"
    )


def _options(rows: Sequence[tuple[str, str]], chosen: str) -> str:
    known = any(value == chosen for value, _ in rows)
    extra = "" if known else f"<option value='{escape(chosen)}' selected>{escape(chosen)}</option>"
    return extra + "".join(
        f"<option value='{escape(value)}'{' selected' if value == chosen else ''}>{escape(label)}</option>"
        for value, label in rows
    )


# --- the bar above the stage ---


def bar(words: Words, lesson: Lesson | None, lessons: Sequence[Entry], versions: Sequence[Version]) -> str:
    """The lesson's name, the other lessons, undo and redo, and the past."""
    if lesson is None:
        title, tools = words("lesson.welcome"), _lessons(words, None, lessons) if lessons else ""
    else:
        title = escape(lesson.title or words.plain("lesson.untitled"))
        tools = (
            _step(words, "undo", lesson, possible=lesson.can_undo)
            + _step(words, "redo", lesson, possible=lesson.can_redo)
            + (_history(words, lesson, versions) if versions else "")
            + _lessons(words, lesson, lessons)
        )
    return (
        f"<div data-place='bar' class='lesson-bar' data-part><h1 tabindex='-1' dir='auto'>{title}</h1>"
        f"<div class='tools'>{tools}</div><div data-message></div></div>"
    )


def _lessons(words: Words, lesson: Lesson | None, lessons: Sequence[Entry]) -> str:
    """All lessons, a new one, and how to delete this one."""
    here = lesson.id if lesson else ""
    items = "".join(
        f"<li><a href='#lesson/{one.id}'{' aria-current=true' if one.id == here else ''}>"
        f"{escape(one.title or words.plain('lesson.untitled'))}</a></li>"
        for one in lessons
    )
    delete = ""
    if lesson is not None:
        sure = button(words.plain("lesson.delete-now"), look="danger", post=f"lessons/{here}/delete")
        delete = (
            f"<details><summary>{words('lesson.delete')} …</summary><p>{words('lesson.delete-what')}</p>"
            f"{sure}</details>"
        )
    return (
        f"<details class='drop-down'><summary>{words('lesson.lessons')}</summary><div><ul>{items}</ul>"
        f"<p><a class='plain' href='#lesson/new'>{words('lesson.new')}</a></p>{delete}</div></details>"
    )


def _step(words: Words, way: str, lesson: Lesson, *, possible: bool) -> str:
    state = "" if possible else " aria-disabled='true'"
    return (
        f"<button type='button' class='plain' id='{way}' data-post='lessons/{lesson.id}/{way}'{state}>"
        f"{words(f'lesson.{way}')}</button>"
    )


def _history(words: Words, lesson: Lesson, versions: Sequence[Version]) -> str:
    """All versions, the newest first."""
    rows = "".join(_version(words, lesson, version) for version in reversed(versions))
    return (
        f"<details class='drop-down history'><summary>{words('lesson.history')}</summary><div><ol>{rows}</ol>"
        "</div></details>"
    )


def _version(words: Words, lesson: Lesson, version: Version) -> str:
    number = words.plain("lesson.version", number=version.number)
    when = format_datetime(views.when(version.made), "short", locale=words.code)
    note = " ".join((version.name or version.summary).split())[:120] or words.plain("lesson.begun")
    act = button(
        words.plain("lesson.restore"), look="tiny", about=number, post=f"lessons/{lesson.id}/restore",
        body={"version": str(version.number)},
    )  # fmt: skip
    if version.number == lesson.at:
        act = f"<span class='chip'>{words('lesson.here')}</span>"
    return (
        f"<li><span>{escape(number)} <span class='small'>{escape(when)}</span><br>"
        f"<span class='small' dir='auto'>{escape(note)}</span></span>{act}</li>"
    )
