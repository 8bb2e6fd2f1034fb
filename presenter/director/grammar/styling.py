"""Intents that change how a lesson sounds and looks, and who presents it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from presenter.director import outline, splices
from presenter.director.edits import LESSON, Edit, Replace, Set
from presenter.director.grammar.changing import as_word
from presenter.director.grammar.places import Places, Settled
from presenter.director.grammar.reading import Found, Names, Reading, propose
from presenter.director.replies import Answer, Choice, Proposal, Question, Request
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
    return scaled(reading.places, reading.targets(), name, factor)


def scaled(places: Places, targets: Sequence[str], name: str, factor: float) -> list[Edit]:
    """Edits that multiply the speed or the liveliness (``lively``) of these by a factor."""
    low = 0.5 if name == "speed" else 0.0
    edits: list[Edit] = []
    for target in targets:
        value = min(max(round(now(places, target, name) * factor, 2), low), 2.0)
        setting = "liveliness" if (target, name) == (LESSON, "lively") else name
        edits.append(Set(target, setting, f"{value:g}"))
    return edits


def raised(places: Places, targets: Sequence[str], semitones: float) -> list[Edit]:
    """Edits that raise the pitch of these."""
    return [
        Set(one, "pitch", f"{min(max(now(places, one, 'pitch') + semitones, -12.0), 12.0):g}")
        for one in targets
    ]


def now(places: Places, target: str, name: str) -> float:
    """A factor or a number of semitones as it is by now."""
    script = places.script
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
    return _scaled(reading, "lively", float(reading.value))


def pitch(reading: Reading) -> Found:
    """Higher or lower: semitones."""
    return [*raised(reading.places, reading.targets(), float(reading.value))]


def pause(reading: Reading) -> Found:
    """Silence after a sentence, or before it."""
    if reading.groups.get("thing"):
        named = [_last_sentence(reading, one) for one in reading.places.things(reading.said("thing"))]
    else:
        named = reading.places.sentences(reading.said("sentence"), reading.slide())
    edits: list[Edit] = []
    order = [one.id for one in reading.places.script.segments]
    for one in named:
        at = order.index(one.id) - bool(reading.groups.get("before"))
        if at < 0:
            return Answer(reading.places.say("no-pause-first"))
        edits.append(Set(order[at], "pause", f"{_seconds(reading):g}"))
    return edits


def _seconds(reading: Reading) -> float:
    said = (reading.said("seconds") or "1").replace(",", ".")
    number = float(said) if re.fullmatch(r"\d+(?:\.\d+)?", said) else reading.places.grammar.number(said)
    return number or 1.0


def pauses_off(reading: Reading) -> Found:
    """Pauses go: all of a place or of the lesson; where one is meant and there are several, it is asked."""
    return _paused(reading, "", single=reading.value == "one")


def pause_length(reading: Reading) -> Found:
    """A pause that is there becomes shorter or longer."""
    return _paused(reading, f"{_seconds(reading):g}", single=reading.value != "all")


def _paused(reading: Reading, value: str, *, single: bool) -> Found:
    return paused(reading.places, _sentences_of(reading), lambda _: value, single=single)


def paused(
    places: Places, sentences: Sequence[Segment], value: Callable[[float], str], *, single: bool
) -> Found:
    """Edits of the pauses in and after these sentences; where a ``single`` one is meant and there are
    several, it is asked which.

    Args:
        value: from a pause's seconds to its new ones as the lesson writes them; ``""`` takes it away.
    """
    source = places.script.source
    found: list[tuple[Segment, Edit]] = []
    for each in sentences:
        inside = dict.fromkeys(re.findall(r"\[pause[^\[\]\n]*\] ?", source[slice(*each.span)]))
        for one in inside:
            new = value(_length(one))
            found.append((each, Replace(each.id, f"[pause {new}] " if new else "", one)))
        end = splices.end_of(source, each)
        if end > each.span[1]:
            found.append((each, Set(each.id, "pause", value(_length(source[each.span[1] : end])))))
    if not found:
        return Answer(places.say("no-pauses"))
    if single and len(found) > 1:
        choices = tuple(Choice(each.text, propose(places, [edit])) for each, edit in found)
        return Question(places.say("which-pause"), choices)
    return [edit for _, edit in found]


def _length(directive: str) -> float:
    """Seconds of a pause as the lesson writes it."""
    number = re.search(r"\d+(?:\.\d+)?", directive)
    return float(number[0]) if number else DEFAULT_PAUSE


def _sentences_of(reading: Reading) -> list[Segment]:
    """All sentences of the place that was named; of the lesson where none was."""
    named = reading.said("thing") or reading.where
    if not named:
        return list(reading.places.script.segments)
    own: list[Segment] = []
    for one in reading.places.things(named):
        own += (
            outline.section_of(reading.places.script, one.id).segments if isinstance(one, Slide) else (one,)
        )
    return own


DEFAULT_PAUSE = 0.5
"""Seconds of a pause that is written without a length."""
_MOST_EMPHASISED = 5
"""Words that asterisks emphasise at most."""


def emphasise(reading: Reading) -> Found:
    """Words are said with emphasis; where they stand in several sentences it is asked which."""
    return emphasised(
        reading.places, reading.text("old"), _sentences_of(reading), strong=bool(reading.groups.get("much"))
    )


def emphasised(places: Places, words: str, sentences: Sequence[Segment], *, strong: bool) -> Found:
    """Edits that emphasise words in one of these sentences; asked where they stand in several."""
    if not words or len(words.split()) > _MOST_EMPHASISED:
        return None
    sign = "**" if strong else "*"
    pattern = as_word(words)
    found: list[tuple[Segment, Edit]] = []
    for one in sentences:
        match = pattern.search(places.script.source[slice(*one.span)])
        if match:
            found.append((one, Replace(one.id, f"{sign}{match[0]}{sign}", match[0])))
    if not found:
        return Answer(places.say("not-found", words=words))
    if len(found) == 1:
        return [found[0][1]]
    choices = tuple(Choice(one.text, propose(places, [edit])) for one, edit in found)
    return Question(places.say("which-sentence"), choices)


def same(reading: Reading) -> Found:
    """What was set last, elsewhere as well; a change that still waits goes along."""
    context = reading.places.context
    waiting = context.pending.edits if isinstance(context.pending, Proposal) else ()
    known = reading.places.before
    if known is not None:
        waiting = ()
    else:
        known = waiting or context.last
    before = [one for one in known if isinstance(one, Set) and one.target != LESSON]
    things = reading.places.things(reading.said("thing"))
    slides = {one.id for one in reading.places.script.slides}
    kinds = {one.target in slides for one in before} | {isinstance(one, Slide) for one in things}
    if not before or len(before) != len(known) or len({one.target for one in before}) > 1 or len(kinds) > 1:
        return Question(reading.places.say("same-as-what"))
    return [*waiting, *(Set(one.id, edit.name, edit.value) for one in things for edit in before)]


def own_voice(reading: Reading) -> Found:
    """The voice of whoever writes; it is to be recorded where there is none yet."""
    places = reading.places
    own = places.context.own_voices
    if not own:
        return Request("enrol", places.say("request-enrol"))
    if len(own) == 1:
        return [Set(LESSON, "voice", own[0])]
    choices = [Choice(one, propose(places, [Set(LESSON, "voice", one)])) for one in own]
    return Question(places.say("which-voice"), tuple(choices))


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
