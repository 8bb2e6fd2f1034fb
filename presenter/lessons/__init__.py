"""Lessons that are worked on: kept by owner, talked about, changed, undone; nothing of them is ever lost."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from presenter import director
from presenter.director import answers
from presenter.lessons.chat import Cast, Chat, Explain, Told, Understand
from presenter.lessons.ears import can_hear, hear
from presenter.lessons.shelf import Entry, Lesson, Message, Shelf, Version
from presenter.settings import Settings

if TYPE_CHECKING:
    from presenter.director.model import Server

__all__ = [
    "Cast",
    "Chat",
    "Entry",
    "Lesson",
    "Message",
    "Shelf",
    "Told",
    "Version",
    "can_hear",
    "chat",
    "explaining",
    "hear",
    "understanding",
]


def chat(settings: Settings, owner: str, cast: Cast) -> Chat:
    """An owner's lessons and the conversations about them.

    Raises:
        SetupError: ``E-DATABASE``.
    """
    return Chat(settings, _shelf(settings), owner, cast, understanding(settings), explaining(settings))


def understanding(settings: Settings) -> Understand:
    """How messages are understood here: by the command grammar, and by a language model where one is set."""
    server = _server(settings)
    if server is None:
        return lambda message, context, _: director.understand(message, context)
    from presenter.director import model

    return lambda message, context, hear: model.assisted(server, message, context, hear)


def explaining(settings: Settings) -> Explain:
    """How questions are answered here: by the lesson's own sentences, or by a language model."""
    server = _server(settings)
    if server is None:
        return lambda question, context, _: answers.found(question, context.script) if context.script else ()
    from presenter.director import model

    return lambda question, context, hear: (model.explain(server, question, context, hear),)


def _server(settings: Settings) -> Server | None:
    if not (settings.chat_url and settings.chat_model):
        return None
    from presenter.director.model import Server

    key = settings.chat_key.get_secret_value()
    return Server(settings.chat_url, settings.chat_model, key, settings.chat_seconds)


@functools.lru_cache(maxsize=4)
def _shelf(settings: Settings) -> Shelf:
    return Shelf(settings)
