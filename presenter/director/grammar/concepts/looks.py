"""Rules about how a lesson sounds and looks, and who presents it."""

from __future__ import annotations

from collections.abc import Callable

from presenter.director.edits import LESSON, Edit, Set
from presenter.director.grammar import styling
from presenter.director.grammar.concepts.lexicon import NUMBER, REFERENCE
from presenter.director.grammar.concepts.saying import Saying
from presenter.director.grammar.reading import Found, Names, Reading
from presenter.director.replies import Answer
from presenter.types import Segment, Slide

THINGS = ("slide", "sentence", "example")


def targets(saying: Saying) -> list[str] | None:
    """Ids of what a setting is for: what is named, what "it" is, or the lesson; None where there is none."""
    if any(one.role in ("before", "after") and not one.span for one in saying.references):
        return None
    if any(one.noun == "item" for one in saying.references):
        return None
    if saying.references:
        found = [one.id for one in saying.named(*THINGS)]
        every = [one.id for one in saying.places.script.slides]
        if found == every and len(found) > 1 and all(one.way == "all" for one in saying.references):
            return [LESSON]
        return found or None
    if saying.has("lesson", "all"):
        return [LESSON]
    context = saying.places.context
    chosen = context.segment or context.slide
    if saying.has("this") and chosen:
        return [chosen]
    if saying.has("it") and saying.places.before:
        return [saying.places.touched().id]
    return [saying.target or LESSON]


def _degree(saying: Saying) -> str:
    return "small" if saying.has("bit") else "much" if saying.has("much") else ""


def speed(saying: Saying) -> Found:
    """Slower or faster: a factor on how it is said by now."""
    if saying.has("slow") and saying.has("fast"):
        return None
    if saying.has("use", "move") and not saying.has("voice", "speed", REFERENCE):
        return None
    slower = saying.has("slow") != saying.complains()
    if saying.has("low") and not saying.has("speed"):
        slower = saying.has("fast")  # "less fast"
    share = saying.percent()
    if share is not None:
        factor = 1 - share / 100 if slower else 1 + share / 100
    elif saying.has("twice", "half"):
        factor = 2.0 if saying.has("twice") == saying.has("fast") else 0.5
        if saying.has("half") and saying.has("fast") and not saying.has("twice"):
            factor = 0.5
    elif saying.has(NUMBER):
        return None
    else:
        factor = (styling.SLOWER if slower else styling.FASTER)[_degree(saying)]
    return _scaled(saying, "speed", factor)


def pace(saying: Saying) -> Found:
    """The speed up or down."""
    share = saying.percent()
    if saying.has("twice", "half"):
        factor = 2.0 if saying.has("twice") else 0.5
    elif saying.has("raise") == saying.has("low", "delete", "out"):
        return None
    elif share is not None:
        factor = 1 + share / 100 if saying.has("raise") else 1 - share / 100
        factor = share / 100 if saying.has("to") else factor
    else:
        factor = (styling.FASTER if saying.has("raise") else styling.SLOWER)[_degree(saying)]
    return _scaled(saying, "speed", factor)


def speed_value(saying: Saying) -> Found:
    """A speed as a number."""
    share, number = saying.percent(), saying.number()
    value = share / 100 if share is not None else number if number is not None else 1.0
    if not 0.5 <= value <= 2.0:
        return None
    names = targets(saying)
    return None if names is None else [Set(one, "speed", f"{value:g}") for one in names]


def _scaled(saying: Saying, name: str, factor: float) -> Found:
    names = targets(saying)
    return None if names is None else [*styling.scaled(saying.places, names, name, factor)]


def lively(saying: Saying) -> Found:
    """More intonation, or less."""
    less = saying.has("low", "not", "without", "too") and not saying.has("raise")
    return _scaled(saying, "lively", 0.7 if less else 1.3)


def calm(saying: Saying) -> Found:
    """Less intonation; what is dull asks for more."""
    more = saying.has("dull") or saying.complains() or saying.has("low")
    return _scaled(saying, "lively", 1.3 if more else 0.7)


def pitch(saying: Saying) -> Found:
    """A higher or a lower voice."""
    if saying.has("high", "raise") == saying.has("low") or not saying.has("voice", "pitch"):
        return None
    higher = saying.has("high", "raise") != saying.complains()
    names = targets(saying)
    return None if names is None else [*styling.raised(saying.places, names, 2.0 if higher else -2.0)]


def loud(saying: Saying) -> Found:
    """Loudness, which is the same in every video."""
    return Answer(saying.places.say("louder"))


# --- pauses -----------------------------------------------------------------------------------


def pause(saying: Saying) -> Found:
    """Silence that comes, goes, or becomes shorter or longer."""
    seconds = saying.seconds()
    if saying.has(NUMBER) and seconds is None:
        return None
    if saying.has("delete", "without", "not", "off", "out") or (
        saying.has("too") and not saying.has("long", "short")
    ):
        return None if seconds is not None else _paused(saying, lambda _: "")
    relative = _relative(saying, seconds)
    if relative is not None:
        return _paused(saying, relative)
    if any(one.role in ("before", "after", "between") for one in saying.references):
        return _pause_set(saying, 1.0 if seconds is None else seconds)
    if seconds is not None and not saying.has("add"):
        return _paused(saying, lambda _: f"{seconds:g}")
    if saying.has("add", "long", "short") and any(one.noun == "sentence" for one in saying.references):
        return _pause_set(saying, 1.0 if seconds is None else seconds)
    return None


def _relative(saying: Saying, seconds: float | None) -> Callable[[float], str] | None:
    """How a pause's length changes; None where a length is set instead."""
    longer = saying.has("long", "raise", "big") != saying.has("too")
    if not saying.has("long", "short", "raise", "low", "twice", "half", "big", "small"):
        return None
    if saying.has("add") and not saying.has("to"):
        return None
    if seconds is not None:
        if not (saying.has("by") or _is_by(saying)):
            return None
        return lambda now: f"{max(round(now + (seconds if longer else -seconds), 2), 0.1):g}"
    if saying.has("half") or saying.has("twice"):
        factor = 0.5 if saying.has("half") else 2.0
    elif saying.has("long", "short", "raise", "low", "big", "small"):
        factor = (1.5 if longer else 0.5) if not saying.has("bit") else (1.25 if longer else 0.75)
    return lambda now: f"{round(now * factor, 2):g}"


def _is_by(saying: Saying) -> bool:
    """Whether seconds stand right before "longer": that many more."""
    kinds = [one.kind for one in saying.tokens if one.kind != "filler"]
    return any(
        kinds[at : at + 2] in (["unit", "long"], ["unit", "short"], ["unit", "more"])
        for at in range(len(kinds))
    )


def _sentences(saying: Saying, *roles: str) -> list[Segment]:
    """The sentences that are named, of a slide all."""
    named = saying.named(*THINGS, roles=roles)
    slides = {one.id for one in named if isinstance(one, Slide)}
    script = saying.places.script
    own = {one.id for one in named}
    return [one for one in script.segments if one.id in own or one.slide in slides]


def _paused(saying: Saying, value: Callable[[float], str]) -> Found:
    script = saying.places.script
    if saying.references:
        sentences = _sentences(saying, "", "on", "from", "after", "before", "between", "to")
        if any(one.role == "before" and not one.span for one in saying.references):
            order = [one.id for one in script.segments]
            sentences = [
                script.segments[order.index(one.id) - 1] for one in sentences[:1] if order.index(one.id)
            ]
    elif saying.has("it", "this") and not saying.has("all") and saying.places.before:
        touched = saying.places.touched()
        sentences = [one for one in script.segments if touched.id in (one.id, one.slide)]
    else:
        sentences = list(script.segments)
    plural = saying.has("all", "lesson", "too", "without", "not", "both") or _many(saying)
    return styling.paused(saying.places, sentences, value, single=not plural)


def _many(saying: Saying) -> bool:
    """Whether the word for pauses is a plural, where the language tells."""
    token = saying.first("pause")
    language = saying.places.grammar.words.language
    return bool(
        token and language in ("en", "de", "es", "fr") and token.said.casefold().endswith(("s", "pausen"))
    )


def _pause_set(saying: Saying, seconds: float) -> Found:
    """A pause after sentences, or before them; of a slide after its last, or before its first."""
    script = saying.places.script
    order = [one.id for one in script.segments]
    before = any(one.role == "before" for one in saying.references)
    named = saying.named(*THINGS, roles=("", "on", "after", "before", "between"))
    edits: list[Edit] = []
    for thing in named[:1] if any(one.role == "between" for one in saying.references) else named:
        own = (
            [thing]
            if isinstance(thing, Segment)
            else [one for one in script.segments if one.slide == thing.id]
        )
        if not own:
            return Answer(saying.places.say("silent-slide", title=getattr(thing, "title", "")))
        at = order.index(own[0].id) - 1 if before else order.index(own[-1].id)
        if at < 0:
            return Answer(saying.places.say("no-pause-first"))
        edits.append(Set(order[at], "pause", f"{seconds:g}"))
    return edits or None


# --- the picture ------------------------------------------------------------------------------


def layout(saying: Saying) -> Found:
    """Where presenter and slide stand."""
    value = _layout(saying)
    if value is None:
        return None
    if value == "size":
        return styling.head_size(Reading(saying.places, {}))
    names = targets(saying)
    if names is None or any(one.noun != "slide" for one in saying.references):
        return None
    return [Set(one, "layout", value) for one in names]


def _layout(saying: Saying) -> str | None:
    """The layout that is meant, ``size`` for another size of the presenter, or None."""
    slide, head = saying.has("slide"), saying.has("head", "name")
    subject = any(one.role in ("", "to") and not one.about for one in saying.references)
    if saying.has("auto", "normal"):
        return "auto" if saying.has("layout") else None
    if saying.has("name-below"):
        return "lower-third"
    if saying.has("beside"):
        return "side-by-side"
    if saying.has("only"):
        at = [one.kind for one in saying.tokens].index("only")
        kept = next((one.kind for one in saying.tokens[at:] if one.kind in ("head", "slide", "name")), "")
        if not kept:  # "the presenter only"
            kept = "slide" if slide and not head else "head" if head and not slide else ""
        return {"slide": "slide-only", "head": "full", "name": "full"}.get(kept)
    gone = saying.has("hide", "without", "delete", "off", "out", "not")
    if gone:
        return None if head == slide else "slide-only" if head else "full"
    if sum(saying.has(*one) for one in (("full",), ("left", "right"), ("beside",))) > 1:
        return None  # two wishes in one
    sides = [one for one in ("left", "right") if saying.has(one)]
    if len(sides) > 1:
        return _two_sides(saying)
    if sides:
        right = sides == ["right"]
        if slide and not head:
            right = not right
        elif not head and subject and not saying.has("layout", "small"):
            right = not right  # "slide 3 on the right" is about the slide
        return f"pip-{'top-' if saying.has('top') else ''}{'right' if right else 'left'}"
    if saying.has("top"):
        return "pip-top-right" if head or saying.has("layout") else None
    if saying.has("full"):
        if not head and (slide or subject):
            return "slide-only"
        return "full"
    if saying.has("small", "big") and head:
        return "size"
    return None


def _two_sides(saying: Saying) -> str | None:
    """The presenter on one side and the slide on the other, or from one side to the other."""
    order = [
        one.kind
        for one in saying.tokens
        if one.kind in ("left", "right", "head", "slide", "name", "from", "to")
    ]
    if "head" in order or "name" in order:
        at = order.index("head" if "head" in order else "name")
        side = next((one for one in order[at:] if one in ("left", "right")), None)
        if "from" in order:
            side = [one for one in order if one in ("left", "right")][-1]
        return f"pip-{side}" if side else None
    return None


def captions(saying: Saying) -> Found:
    """Captions on, off or in the picture."""
    if saying.has("off", "without", "delete", "not", "hide", "out"):
        value = "none"
    elif saying.has("burned", "layout"):
        value = "burned"
    else:
        value = "soft"
    return [Set(LESSON, "captions", value)]


def captions_tongue(saying: Saying) -> Found:
    """Captions in another language than the lesson's."""
    from presenter.director.grammar import talking

    return talking.captions_language(Reading(saying.places, {}))


def shape(saying: Saying) -> Found:
    """The shape of the picture."""
    if saying.references or saying.has(NUMBER):
        return None
    sizes = {"vertical": "1080x1920", "square": "1080x1080", "hd": "1920x1080", "wide": "1280x720"}
    found = [size for kind, size in sizes.items() if saying.has(kind)]
    return [Set(LESSON, "size", found[0])] if len(found) == 1 else None


def theme(saying: Saying) -> Found:
    """Dark, light, or by its name."""
    name = saying.first("name")
    if name is not None:
        return (
            Names(saying.places).find(("theme",), name.said)
            if Names(saying.places).exact("theme", name.said)
            else None
        )
    if saying.has("dark") == saying.has("light"):
        return None
    return [Set(LESSON, "theme", "dark" if saying.has("dark") else "clean")]


# --- who --------------------------------------------------------------------------------------


def own_voice(saying: Saying) -> Found:
    """The voice of whoever writes."""
    return styling.own_voice(Reading(saying.places, {}))


def another_voice(saying: Saying) -> Found:
    """Another voice, without its name."""
    return styling.voice_kind(Reading(saying.places, {}))


def voice(saying: Saying) -> Found:
    """A voice by its name."""
    name = saying.first("name")
    return Names(saying.places).find(("voice",), name.said) if name else None


def person(saying: Saying) -> Found:
    """Somebody by name, who presents or speaks; of two names the second comes for the first."""
    names = [one for one in saying.tokens if one.kind == "name"]
    known = Names(saying.places)
    if len(names) == 2 and saying.has("instead", "to", "by"):
        order = saying.around(names[1])[0] != "instead"
        names = [names[1] if order else names[0]]
    if len(names) != 1:
        return None
    kinds = (
        ["voice"] if saying.has("voice") else ["portrait"] if saying.has("head") else ["portrait", "voice"]
    )
    kinds = [kind for kind in kinds if known.exact(kind, names[0].said)] or kinds
    return known.find(kinds, names[0].said)


# --- the rest ---------------------------------------------------------------------------------


def music(saying: Saying) -> Found:
    """Music can be taken away in words, but not be brought."""
    off = saying.has("off", "without", "delete", "not", "out", "hide")
    return [Set(LESSON, "music", "")] if off else Answer(saying.places.say("music"))


def transition(saying: Saying) -> Found:
    """Transitions between slides."""
    if any(one.way != "all" for one in saying.references):
        return None
    off = saying.has("off", "without", "delete", "not", "out", "hide")
    return [Set(LESSON, "transition", "none" if off else "fade")]


def same(saying: Saying) -> Found:
    """What was set last, for something else as well: "and slide 4, too"."""
    places = saying.places
    if len(saying.references) != 1 or not (places.before or places.context.last or places.context.pending):
        return None
    return styling.same(Reading(places, {"thing": saying.references[0].said}))


def cutout(_: Saying) -> Found:
    """The presenter without a background."""
    return [Set(LESSON, "head", "cutout")]
