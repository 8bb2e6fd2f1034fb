"""How words are said, on the page: the dictionary that all lessons of the installation share."""

from __future__ import annotations

import re

from presenter import pronunciations
from presenter.errors import InputError
from presenter.studio import Studio
from presenter.web.visits import Visit
from presenter.web.voices import Voices


class Dictionary:
    """What can be done with ways of saying words.

    Args:
        studio: knows where they are kept, and gives out sounds.
        voices: says words, and shows the list beside the voices.
    """

    def __init__(self, studio: Studio, voices: Voices) -> None:
        self._studio = studio
        self._home = studio.settings.home
        self._voices = voices

    def hear(self, word: str, says: str, language: str) -> bytes:
        """A word in a way of saying it, as a WAV file.

        Raises:
            InputError: what ``pronunciations.checked`` raises.
        """
        entry = pronunciations.checked(word, says, language)
        shown = re.sub(r"[][{}\\]", "", entry.word)
        said = self._voices.say(f"[{shown}]{{say: {entry.say}}}", None, entry.language or None)
        return self._studio.sound(said)

    def add(self, visit: Visit, word: str, says: str, language: str) -> str:
        """Keep a way of saying a word."""
        self._check()
        entry = pronunciations.add(self._home, word, says, language)
        done = visit.words.plain("said.added", word=entry.word, say=entry.say)
        return self._voices.home(visit, done, of_words=True)

    def remove(self, visit: Visit, word: str, language: str) -> str:
        """Forget a way of saying a word."""
        self._check()
        pronunciations.remove(self._home, word, language)
        return self._voices.home(visit, visit.words.plain("said.removed", word=word), of_words=True)

    def _check(self) -> None:
        """It is everybody's: where others can reach the page, only its operator changes it."""
        if not self._voices.local:
            raise InputError(
                "E-PRONOUNCE-SHARED",
                "This list is shared by all visitors, so it cannot be changed here.",
                'Set it for one lesson: put "pronounce" at the head of its script.',
            )
