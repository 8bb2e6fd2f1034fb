"""The frame of the page: its head with the ways to the views, and the texts that the browser picks from."""

from __future__ import annotations

from presenter.web import screens, views
from presenter.web.elements import escape
from presenter.web.words import NAMES, Words

VIEWS = ("lesson", "people", "library", "verify", "house")
"""The views in the order of the navigation; each has an address ``#NAME``."""


def waiting() -> str:
    """What stands on the page until its script has asked for more."""
    return (
        "<div id='studio' class='studio'><div data-place='app'><p class='loading' role='status'>Presenter …"
        "</p></div><noscript><p>This page needs JavaScript. The command line does not: presenter --help"
        "</p></noscript></div>"
    )


def frame(words: Words, view: str) -> str:
    """Everything around a view.

    Args:
        view: the HTML of the view that is shown first.
    """
    links = "".join(
        f"<li><a href='#{name}' data-view='{name}'>{_icon(name)}<span>{words(f'view.{name}')}</span></a></li>"
        for name in VIEWS
    )
    return (
        f"<div data-place='app' lang='{words.code}'>"
        f"<a class='skip' href='#main' data-skip>{words('shell.skip')}</a>"
        f"<header class='bar'><p class='brand'><span aria-hidden='true'></span>Presenter</p>"
        f"<nav aria-label='{words('shell.views')}'><ul>{links}</ul></nav>{_languages(words)}</header>"
        f"<p id='lost' class='lost' data-back='{words('shell.back')}' hidden>{words('shell.lost')}</p>"
        f"<div id='main' class='main' tabindex='-1'>{view}</div>"
        f"<footer><p class='small'>{words('shell.honest')}</p></footer>"
        "<div id='spoken' class='unseen' role='status' aria-live='polite'></div>"
        f"{_troubles(words)}</div>"
    )


def view(name: str, html: str) -> str:
    """A view in its place."""
    return f"<div data-place='view' data-view='{name}' data-part>{html}</div>"


def heading(words: Words, name: str) -> str:
    """The head of a view: its name and what it is for."""
    return (
        f"<div class='heading'><h1 tabindex='-1'>{words(f'view.{name}')}</h1>"
        f"<p class='soft'>{words(f'{name}.lead')}</p></div>"
    )


def _languages(words: Words) -> str:
    options = "".join(
        f"<option value='{code}' lang='{code}'{' selected' if code == words.code else ''}>{name}</option>"
        for code, name in NAMES.items()
    )
    return (
        f"<label class='language'><span class='unseen'>{words('shell.language')}</span>"
        f"<select data-language>{options}</select></label>"
    )


def _troubles(words: Words) -> str:
    return "".join(
        f"<template data-trouble='{name}'>{views.notice('bad', message, hint, code, role='alert')}</template>"
        for name in screens.TROUBLES
        for code, message, hint in [screens.trouble(words, name)]
    )


ICONS = {
    "lesson": "M4 5h16v11H4zM9 20h6M12 16v4M10 8.5v4l3.5-2z",
    "people": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6"
    "M16 4.5a3.2 3.2 0 0 1 0 6.2M18 14.5c2 .8 3.2 2.7 3.5 5.5",
    "library": "M4 4h4v16H4zM10 4h4v16h-4zM16.5 4.5l3.6-.9 3.4 15.6-3.7.8z",
    "verify": "M12 3l7.5 3v5.5c0 4.6-3 8-7.5 9.5-4.5-1.5-7.5-4.9-7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5",
    "house": "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
}
"""Drawn in a square of 24: lines, no fill."""


def _icon(name: str) -> str:
    return f"<svg class='icon' viewBox='0 0 24 24' aria-hidden='true'><path d='{escape(ICONS[name])}'/></svg>"
