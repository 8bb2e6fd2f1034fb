"""Lessons that are worked on: kept by owner, talked about, changed, undone; nothing of them is ever lost."""

import functools

from presenter.lessons.chat import Cast, Chat, Told
from presenter.lessons.shelf import Entry, Lesson, Message, Shelf, Version
from presenter.settings import Settings

__all__ = ["Cast", "Chat", "Entry", "Lesson", "Message", "Shelf", "Told", "Version", "chat"]


def chat(settings: Settings, owner: str, cast: Cast) -> Chat:
    """An owner's lessons and the conversations about them.

    Raises:
        SetupError: ``E-DATABASE``.
    """
    return Chat(settings, _shelf(settings), owner, cast)


@functools.lru_cache(maxsize=4)
def _shelf(settings: Settings) -> Shelf:
    return Shelf(settings)
