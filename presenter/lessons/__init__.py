"""Lessons that are worked on: kept by owner, talked about, changed, undone; nothing of them is ever lost."""

import functools

from presenter import director
from presenter.lessons.chat import Cast, Chat, Told, Understand
from presenter.lessons.shelf import Entry, Lesson, Message, Shelf, Version
from presenter.settings import Settings

__all__ = ["Cast", "Chat", "Entry", "Lesson", "Message", "Shelf", "Told", "Version", "chat", "understanding"]


def chat(settings: Settings, owner: str, cast: Cast) -> Chat:
    """An owner's lessons and the conversations about them.

    Raises:
        SetupError: ``E-DATABASE``.
    """
    return Chat(settings, _shelf(settings), owner, cast, understanding(settings))


def understanding(settings: Settings) -> Understand:
    """How messages are understood here: by the command grammar, and by a language model where one is set."""
    if not (settings.chat_url and settings.chat_model):
        return lambda message, context, _: director.understand(message, context)
    from presenter.director import model

    key = settings.chat_key.get_secret_value()
    server = model.Server(settings.chat_url, settings.chat_model, key, settings.chat_seconds)
    return lambda message, context, hear: model.assisted(server, message, context, hear)


@functools.lru_cache(maxsize=4)
def _shelf(settings: Settings) -> Shelf:
    return Shelf(settings)
