"""Pieces of HTML that the screens share.

What their attributes mean is in ``assets/web/voices.js``: ``data-get`` and ``data-post`` name the screen
that a button leads to, ``data-play`` a sound, ``data-focus`` what the keyboard goes on with,
``data-message`` where complaints about this part of a screen appear, ``data-say`` what a screen reader
is told.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from presenter import text
from presenter.web.words import Words

SENTENCE = 200
"""Most characters of a sentence that is played as a sample."""


@dataclass(frozen=True, slots=True)
class Languages:
    """Choices of a menu of languages, each a label and a code."""

    scripted: Sequence[tuple[str, str]]
    """Those with lines to read."""
    other: Sequence[tuple[str, str]]
    all: Sequence[tuple[str, str]]
    """Both, in one order."""


def escape(value: str) -> str:
    """Text for anywhere in HTML, also between quotes."""
    return html.escape(value, quote=True)


def unseen(words: str) -> str:
    """Words for screen readers only, which say what a short label belongs to."""
    return f"<span class='unseen'> {escape(words)}</span>" if words else ""


def button(
    label: str,
    *,
    look: str = "plain",
    about: str = "",
    get: str = "",
    post: str = "",
    body: Mapping[str, str] | None = None,
    play: str = "",
    focus: bool = False,
) -> str:
    """A button that leads to a screen (get, post) or plays a sound.

    Args:
        about: what it belongs to, for screen readers.
        body: fields that are sent.
    """
    places = {"get": get, "post": post, "play": play, "body": json.dumps(body) if body else ""}
    where = "".join(f" data-{name}='{escape(value)}'" for name, value in places.items() if value)
    sign = "<span class='glyph' aria-hidden='true'></span>" if play else ""
    here = " data-focus" if focus else ""
    return f"<button type='button' class='{look}'{where}{here}>{sign}{escape(label)}{unseen(about)}</button>"


def submit(
    label: str,
    *,
    look: str = "plain",
    about: str = "",
    post: str = "",
    play: str = "",
    name: str = "",
    value: str = "",
) -> str:
    """A button that sends the fields of its form to a screen (post), or for a sound (play).

    Args:
        name, value: a field of the button's own.
    """
    places = {"data-post": post, "data-play": play, "name": name, "value": value}
    where = "".join(f" {place}='{escape(what)}'" for place, what in places.items() if what)
    sign = "<span class='glyph' aria-hidden='true'></span>" if play else ""
    return f"<button type='submit' class='{look}'{where}>{sign}{escape(label)}{unseen(about)}</button>"


def hidden(fields: Mapping[str, str]) -> str:
    """Fields of a form that nobody sees."""
    return "".join(
        f"<input type='hidden' name='{name}' value='{escape(value)}'>" for name, value in fields.items()
    )


def line(
    name: str,
    limit: int,
    *,
    value: str = "",
    hint: str = "",
    label: str = "",
    language: str = "",
    focus: bool = False,
) -> str:
    """A field for one line of text that has to be filled in.

    Args:
        limit: most characters.
        label: for screen readers, where no label stands beside it.
    """
    some = {"value": value, "placeholder": hint, "aria-label": label, "lang": language}
    some["data-focus"] = "yes" if focus else ""
    more = "".join(f" {key}='{escape(said)}'" for key, said in some.items() if said)
    return (
        f"<input type='text' name='{name}' maxlength='{limit}' dir='auto' autocomplete='off' required{more}>"
    )


def hear(words: Words, voice: str, name: str, language: str, *, look: str = "plain") -> str:
    """A sentence that can be changed, and a button that lets a voice say it."""
    label = words.plain("voices.sentence", name=name)
    return (
        f"<form class='hear'>{hidden({'voice': voice})}"
        f"{line('text', SENTENCE, value=example(language), label=label, language=language)}"
        f"{submit(words.plain('voices.hear'), look=look, about=name, play='sample')}</form>"
    )


def menu(words: Words, languages: Languages, chosen: str) -> str:
    """A menu of the languages of a new voice; its field is called ``language``."""
    groups = {words("voices.scripted"): languages.scripted, words("voices.unscripted"): languages.other}
    shown = "".join(
        f"<optgroup label='{title}'>{_options(rows, chosen)}</optgroup>"
        for title, rows in groups.items()
        if rows
    )
    return f"<select name='language'>{shown}</select>"


def menu_with_all(words: Words, languages: Languages) -> str:
    """A menu of languages that begins with all of them (``""``); its field is called ``language``."""
    every = (words.plain("said.every"), "")
    return f"<select name='language'>{_options([every, *languages.all], '')}</select>"


def _options(rows: Sequence[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f"<option value='{escape(code)}'{' selected' if code == chosen else ''}>{escape(label)}</option>"
        for label, code in rows
    )


EXAMPLES = {
    "en": "Hello, this is how I sound when I explain something new.",
    "de": "Guten Tag, so klinge ich, wenn ich etwas Neues erkläre.",
    "es": "Hola, así sueno cuando explico algo nuevo.",
    "fr": "Bonjour, voici ma voix quand j’explique quelque chose de nouveau.",
    "it": "Ciao, ecco come suono quando spiego qualcosa di nuovo.",
    "pt": "Olá, é assim que eu falo quando explico algo novo.",
    "hi": "नमस्ते, जब मैं कुछ नया समझाता हूँ, तब मेरी आवाज़ ऐसी होती है।",
    "zh": "您好，我讲解新知识的时候，声音是这样的。",
}
"""A first sentence by language."""


def example(language: str) -> str:
    """A sentence to try a voice with."""
    return EXAMPLES.get(text.base(language), EXAMPLES["en"])
