"""Intents that change how a lesson sounds and looks, and who presents it."""

from __future__ import annotations

import re
from collections.abc import Callable

from presenter.director import outline
from presenter.director.edits import LESSON, Edit, Set
from presenter.director.grammar.places import Settled
from presenter.director.grammar.reading import Found, Names, Reading, propose
from presenter.director.replies import Answer, Choice, Question
from presenter.script.front import KEYS
from presenter.types import Segment, Slide

SLOWER, FASTER = {"": 0.85, "small": 0.93, "much": 0.7}, {"": 1.15, "small": 1.07, "much": 1.35}
"""Factors on the speed by degree."""


def speed(reading: Reading) -> Found:
    """Slower or faster: a factor on how it is said by now."""
    groups = reading.groups
    degree = "small" if groups.get("small") or groups.get("small2") else "much" if groups.get("much") else ""
    if groups.get("double") or groups.get("half"):
        factor = 2.0 if groups.get("double") else 0.5
    elif groups.get("n"):
        share = (reading.places.grammar.number(groups["n"] or "") or 0) / 100
        factor = 1 - share if groups.get("slower") else 1 + share
    elif groups.get("slower") or groups.get("faster"):
        factor = (SLOWER if groups.get("slower") else FASTER)[degree]
    else:
        return None
    return _scaled(reading, "speed", factor)


def _scaled(reading: Reading, name: str, factor: float) -> Found:
    edits: list[Edit] = []
    for target in reading.targets():
        value = min(max(round(_now(reading, target, name) * factor, 2), 0.5), 2.0)
        edits.append(Set(target, name, f"{value:g}"))
    return edits


def _now(reading: Reading, target: str, name: str) -> float:
    """A factor or a number of semitones as it is by now."""
    script = reading.places.script
    plain = 0.0 if name == "pitch" else 1.0
    if target == LESSON:
        return float(script.setting({"lively": "liveliness"}.get(name, name)) or plain)
    own = next((one for one in script.segments if target in (one.id, one.slide)), None)
    if own is None:
        return plain
    return {"speed": own.style.speed, "pitch": own.style.pitch, "lively": own.style.liveliness}[name]


def speed_value(reading: Reading) -> Found:
    """A speed as a number."""
    value = (reading.groups.get("value") or reading.value).replace(",", ".")
    return [Set(target, "speed", value) for target in reading.targets()]


def lively(reading: Reading) -> Found:
    """More or less intonation: a factor."""
    edits: list[Edit] = []
    for target in reading.targets():
        value = min(round(_now(reading, target, "lively") * float(reading.value), 2), 2.0)
        edits.append(Set(target, "liveliness" if target == LESSON else "lively", f"{value:g}"))
    return edits


def pitch(reading: Reading) -> Found:
    """Higher or lower: semitones."""
    edits: list[Edit] = []
    for target in reading.targets():
        value = min(max(_now(reading, target, "pitch") + float(reading.value), -12.0), 12.0)
        edits.append(Set(target, "pitch", f"{value:g}"))
    return edits


def pause(reading: Reading) -> Found:
    """Silence after a sentence, or before it."""
    if reading.groups.get("thing"):
        named = [_last_sentence(reading, one) for one in reading.places.things(reading.said("thing"))]
    else:
        named = reading.places.sentences(reading.said("sentence"), reading.slide())
    said = (reading.said("seconds") or "1").replace(",", ".")
    number = float(said) if re.fullmatch(r"\d+(?:\.\d+)?", said) else reading.places.grammar.number(said)
    edits: list[Edit] = []
    order = [one.id for one in reading.places.script.segments]
    for one in named:
        at = order.index(one.id) - bool(reading.groups.get("before"))
        if at < 0:
            return Answer(reading.places.say("no-pause-first"))
        edits.append(Set(order[at], "pause", f"{number or 1:g}"))
    return edits


def _last_sentence(reading: Reading, thing: Slide | Segment) -> Segment:
    """A sentence itself, or the last one that is said over a slide."""
    if isinstance(thing, Segment):
        return thing
    own = outline.section_of(reading.places.script, thing.id).segments
    if not own:
        raise Settled(Answer(reading.places.say("silent-slide", title=thing.title)))
    return own[-1]


def layout(reading: Reading) -> Found:
    """Where presenter and slide stand."""
    targets = reading.targets()
    return [Set(target, "layout", reading.value) for target in targets]


def setting(name: str) -> Callable[[Reading], Found]:
    """An intent that sets the lesson's setting of this name to the value of its phrase."""

    def found(reading: Reading) -> Found:
        if name not in KEYS:
            return Answer(reading.places.say("not-here", what=name))
        return [Set(LESSON, name, reading.value)]

    return found


def music(reading: Reading) -> Found:
    """Music is a file beside the lesson: it can be taken away in words, but not be brought."""
    if reading.value == "off":
        return [Set(LESSON, "music", "")]
    return Answer(reading.places.say("music"))


def head_size(reading: Reading) -> Found:
    """A size of the presenter, of which the layouts know three: asked."""
    places = reading.places
    looks = ("pip-right", "side-by-side", "full")
    choices = [
        Choice(places.say(f"layout-{look}"), propose(places, [Set(LESSON, "layout", look)])) for look in looks
    ]
    return Question(places.say("head-size"), tuple(choices))


def voice_kind(reading: Reading) -> Found:
    """Another voice, without its name: all voices to choose from."""
    places = reading.places
    choices = [Choice(one, propose(places, [Set(LESSON, "voice", one)])) for one in places.context.voices]
    return Question(places.say("which-voice"), tuple(choices))


def named(*kinds: str) -> Callable[[Reading], Found]:
    """An intent that finds a name among these kinds."""

    def found(reading: Reading) -> Found:
        said = reading.text("name")
        if not said or reading.places.grammar.nobody.match(said):
            return None
        return Names(reading.places).find(kinds, said)

    return found
