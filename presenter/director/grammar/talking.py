"""Intents that ask for something else than an edit, or for a whole lesson."""

from __future__ import annotations

import re
from typing import cast

from presenter.director import manuscript
from presenter.director.edits import LESSON, Insert, Replace, Set
from presenter.director.grammar import skeleton
from presenter.director.grammar.places import Places
from presenter.director.grammar.reading import Found, Names, Reading, propose
from presenter.director.replies import Action, Answer, Choice, Proposal, Question, Refusal, Reply, Request


def request(reading: Reading) -> Found:
    """Something that a door does."""
    places = reading.places
    action = cast(Action, reading.value)
    arguments: tuple[str, ...] = ()
    if action == "restore":
        arguments = (str(places.grammar.number(reading.said("n")) or 0),)
    elif action == "undo" and reading.groups.get("n"):
        many = places.grammar.number(reading.said("n")) or 1
        if many > 1:
            return Request("undo", places.say("request-undo-more", names=many), (str(many),))
    elif action == "preview" and reading.groups.get("slide"):
        number = places.script.slides.index(places.slides(reading.said("slide"))[0]) + 1
        arguments = (str(number),)
    elif action == "forget-voice":
        own = places.context.own_voices
        said = reading.text("name") if reading.groups.get("name") else ""
        arguments = tuple(one for one in own if not said or one.casefold() == said.casefold())
        if not arguments:
            return Answer(places.say("no-own-voice"))
    elif action == "help":
        return Request("help", places.say("help"))
    return Request(action, places.say(f"request-{action}", names=", ".join(arguments)), arguments)


def label(reading: Reading) -> Found:
    """The label stays."""
    return Refusal("E-POLICY-LABEL", reading.places.say("label"))


def human(reading: Reading) -> Found:
    """What the chat is."""
    return Answer(reading.places.say("human"))


def thanks(reading: Reading) -> Found:
    """Somebody is polite."""
    return Answer(reading.places.say("welcome"))


def impersonate(reading: Reading) -> Found:
    """A video of somebody who is not known here is refused; other names mean something else."""
    places = reading.places
    said = reading.text("name")
    if said and (Names(places).someone(said) or places.grammar.nobody.match(said)):
        return None
    choices = tuple(
        Choice(name, propose(places, [Set(LESSON, "portrait", name)])) for name in places.context.portraits
    )
    return Refusal(
        "E-POLICY-IMPERSONATION", places.say("impersonate"), choices if places.context.script else ()
    )


def louder(reading: Reading) -> Found:
    """Loudness, which is the same in every video."""
    return Answer(reading.places.say("louder"))


def show(reading: Reading) -> Found:
    """Pictures, tables and their kind, which a person brings."""
    return Answer(reading.places.say("show"))


def leave(reading: Reading) -> Found:
    """Something is not to be done."""
    return Answer(reading.places.say("left"))


def start_over(reading: Reading) -> Found:
    """Back to the beginning, which may be the first version or no lesson at all: asked."""
    places = reading.places
    first = Request("restore", places.say("request-restore", names="1"), ("1",))
    gone = Request("forget-lesson", places.say("request-forget-lesson"))
    choices = (Choice(places.say("start-first"), first), Choice(places.say("start-nothing"), gone))
    return Question(places.say("start-over"), choices)


def write(reading: Reading) -> Found:
    """Writing, which needs a model."""
    return Answer(reading.places.say("needs-model"), beyond=True)


def captions_language(reading: Reading) -> Found:
    """Captions in another language than the lesson's."""
    places = reading.places
    return Question(
        places.say("captions-language"),
        (Choice(places.say("captions-on"), propose(places, [Set(LESSON, "captions", "soft")])),),
    )


def paste(reading: Reading) -> Found:
    """A text that becomes a lesson."""
    words = reading.text("text")
    return pasted(reading.places, words) if words else None


def pasted(places: Places, words: str) -> Reply:
    """A text that was pasted becomes a lesson, or a part of the present one."""
    notes = (places.say("orders-inside"),) if skeleton.looks_like_orders(words) else ()
    words = manuscript.lesson(words)
    fresh = Proposal((Replace(LESSON, words),), places.say("new-lesson"), notes, fresh=True)
    if places.context.script is None:
        return fresh
    block = words if words.lstrip().startswith("#") else f"---\n\n{words}"
    more = Proposal((Insert("slide", block, "last", LESSON),), places.say("append"), notes)
    choices = (Choice(places.say("choose-new"), fresh), Choice(places.say("choose-append"), more))
    return Question(places.say("pasted"), choices)


def create(reading: Reading) -> Found:
    """A new lesson about a topic."""
    places = reading.places
    topic, edits = _topic(reading)
    language = places.grammar.words.language
    source = skeleton.lesson(language, topic, {one.name: one.value for one in edits})
    outlined = Proposal(
        (Replace(LESSON, source),),
        places.say("outline", topic=topic),
        (places.say("outline-note"),),
        fresh=True,
    )
    choices = (
        Choice(places.say("choose-outline"), outlined),
        Choice(places.say("choose-paste"), Answer(places.say("paste-it"))),
    )
    return Question(places.say("create", topic=topic), choices, beyond=True)


def _topic(reading: Reading) -> tuple[str, list[Set]]:
    """What a new lesson is about, and the settings that were said along with it."""
    words = reading.text("text").rstrip(" .!?。！？।")
    names = Names(reading.places)
    edits = [
        Set(LESSON, kind, name)
        for kind in ("portrait", "voice")
        for name in names.known(kind)
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.I)
    ]
    look = reading.places.grammar.looks.search(words)
    if look:
        edits.append(Set(LESSON, "layout", "pip-left" if look.lastgroup else "pip-right"))
    return reading.places.grammar.extras.split(words)[0].strip(" ,"), edits
