"""What the chat says, in the language of the conversation."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping

from presenter import text
from presenter.director.edits import LESSON, Delete, Edit, Insert, Move, Replace, Set
from presenter.types import Script, Segment, Slide

LANGUAGES = {
    "en": "english",
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "zh": "mandarin",
}
"""Base tag -> module of this package and of ``grammar``."""

_LONGEST = 60


def known(language: str) -> str:
    """The base tag of the language in which the chat answers: the same, or English."""
    base = text.base(language)
    return base if base in LANGUAGES else "en"


def say(language: str, key: str, **values: object) -> str:
    """A sentence of the chat with values filled in."""
    return _sayings(known(language))[key].format(**values)


@functools.cache
def _sayings(language: str) -> Mapping[str, str]:
    module = importlib.import_module(f"{__package__}.{LANGUAGES[language]}")
    sayings: Mapping[str, str] = module.SAYINGS
    return sayings


def describe(edit: Edit, lesson: Script | None, language: str) -> str:
    """What an edit does, in one plain sentence."""
    names = _Names(lesson, language)
    match edit:
        case Delete(target):
            return say(language, "delete", what=names.of(target))
        case Move(target, place, beside):
            return say(language, "move", what=names.of(target), where=names.place(place, beside))
        case Insert("slide", words, place, beside):
            title = words.strip().split("\n")[0].lstrip("# ")
            return say(language, "insert-slide", text=short(title), where=names.place(place, beside))
        case Insert("item", words, _, beside):
            return say(language, "insert-item", text=short(words), what=names.of(beside))
        case Insert("sentence", words, place, beside):
            return say(language, "insert", text=short(words), where=names.place(place, beside))
        case Replace(target, new, old):
            return _replacement(language, names, target, new, old)
        case Set(target, name, value):
            return _setting(language, names, target, name, value)
    raise AssertionError(edit)


def short(words: str) -> str:
    """Words that fit into a sentence of the chat."""
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def _replacement(language: str, names: _Names, target: str, new: str, old: str) -> str:
    if target == LESSON:
        return say(language, "replace-lesson")
    if not old:
        return say(language, "replace", what=names.of(target), new=short(new))
    if not new:
        return say(language, "take-out", old=short(old.strip(" \n-*+")), what=names.of(target))
    return say(language, "exchange", old=short(old), new=short(new), what=names.of(target))


def _setting(language: str, names: _Names, target: str, name: str, value: str) -> str:
    word = name.partition(".")[2]
    if word:
        return say(language, "pronounce", word=word, value=value)
    sayings = _sayings(known(language))
    setting = sayings.get(f"name-{name}", name)
    if not value:
        return say(language, "unset", name=setting, what=names.of(target))
    shown = sayings.get(f"{name}-{value}", value)
    return say(language, "set", name=setting, value=shown, what=names.of(target))


class _Names:
    """How slides and sentences are called."""

    def __init__(self, lesson: Script | None, language: str) -> None:
        self.language = language
        self.things: dict[str, tuple[int, Slide | Segment]] = {}
        if lesson:
            self.things |= {one.id: (at, one) for at, one in enumerate(lesson.slides, 1)}
            self.things |= {one.id: (at, one) for at, one in enumerate(lesson.segments, 1)}

    def of(self, target: str) -> str:
        if target not in self.things:
            return say(self.language, "the-lesson")
        number, thing = self.things[target]
        if isinstance(thing, Slide):
            return say(self.language, "the-slide", number=number, title=short(thing.title))
        return say(self.language, "the-sentence", text=short(thing.text))

    def place(self, place: str, beside: str) -> str:
        return say(self.language, f"place-{place}", what=self.of(beside))
