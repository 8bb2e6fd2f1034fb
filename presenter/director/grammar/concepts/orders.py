"""Rules that change what is there and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from presenter.director import outline, splices
from presenter.director.edits import LESSON, Delete, Edit, Insert, Move, Replace
from presenter.director.grammar import changing
from presenter.director.grammar.concepts.lexicon import NUMBER, ORDINAL
from presenter.director.grammar.concepts.references import resolve
from presenter.director.grammar.concepts.saying import Saying
from presenter.director.grammar.reading import Found, Reading
from presenter.director.grammar.talking import start_over
from presenter.director.replies import Answer, Question
from presenter.types import Segment, Slide

THINGS = ("slide", "sentence", "example")


def leave(saying: Saying) -> Found:
    """Something is not to be done."""
    return Answer(saying.places.say("left"))


def delete(saying: Saying) -> Found:
    """Slides, sentences or items go."""
    if saying.has("not", "without") and not saying.has("need"):
        return None
    if saying.has("need") and not saying.has("not", "delete", "go", "out"):
        return None
    if saying.has("text", "words") or (saying.has("out") and saying.has("move") and saying.beside()):
        return None
    items = [one for one in saying.references if one.noun == "item"]
    if items:
        return _delete_items(saying)
    if saying.has("item", "list", "word"):
        return None
    if any(one.role == "except" for one in saying.references):
        return None
    things = saying.named(*THINGS)
    if not things and saying.references:
        return None
    if not things:
        if not saying.has("it") or saying.has("lesson", "all"):
            return None
        things = [saying.places.touched()]
    return deleted(saying, things)


def deleted(saying: Saying, things: Sequence[Slide | Segment]) -> Found:
    """Edits that delete these; asked where nothing would be left."""
    gone = {one.id for one in things}
    script = saying.places.script
    for everything in (script.slides, script.segments):
        if len(everything) > 1 and gone >= {one.id for one in everything}:
            return start_over(Reading(saying.places, {}))
    return [Delete(one.id) for one in things]


def _delete_items(saying: Saying) -> Found:
    places = saying.places
    edits: list[Edit] = []
    for one in saying.references:
        if one.noun != "item":
            continue
        on = one.on or next((ref for ref in saying.references if ref.noun == "slide"), None)
        slide = resolve(on, places)[0] if on else changing.only_list(Reading(places, {}))
        if not isinstance(slide, Slide):
            return None
        lines = places.lines(slide)
        if one.way == "numbers":
            found = [places.numbered(lines, number, "item") for number in one.numbers]
        elif one.way == "all":
            found = lines
        else:
            about = one.about or places.texts[one.numbers[0]]
            found = [line for line in lines if places.mentions(line, about)]
            if len(found) != 1:
                return None
        edits += [Replace(slide.id, "", f"{line}\n") for line in found]
    return edits


def delete_rest(saying: Saying) -> Found:
    """All goes, or all but what is named."""
    kept = [one for one in saying.references if one.role == "except"]
    if kept:
        names = {thing.id for one in kept for thing in resolve(one, saying.places)}
        return deleted(saying, [one for one in saying.places.script.slides if one.id not in names])
    if saying.has("not") or saying.references:
        return None
    if saying.has("lesson", "all"):
        return start_over(Reading(saying.places, {}))
    return None


def keep(saying: Saying) -> Found:
    """All slides go but those that are named."""
    if not saying.has("only") and not (saying.has("delete") and saying.has("rest")):
        return None
    kept = {
        one.id
        for ref in saying.references
        if ref.noun == "slide" and ref.way != "rest"
        for one in resolve(ref, saying.places)
    }
    if not kept or any(ref.noun != "slide" or ref.role in ("before", "after") for ref in saying.references):
        return None
    return [Delete(one.id) for one in saying.places.script.slides if one.id not in kept]


def _slides(saying: Saying) -> list[Slide]:
    found: dict[str, Slide] = {}
    for ref in saying.references:
        if ref.noun not in ("slide", ""):
            return []
        found |= {one.id: one for one in resolve(ref, saying.places) if isinstance(one, Slide)}
    order = [one.id for one in saying.places.script.slides]
    return sorted(found.values(), key=lambda one: order.index(one.id))


def swap(saying: Saying) -> Found:
    """Two slides change places."""
    slides = _slides(saying)
    if not saying.references or saying.has(NUMBER, ORDINAL):
        return None
    if len(slides) != 2:
        return Question(saying.places.say("which-two"))
    return changing.swapped(saying.places, slides)


def merge(saying: Saying) -> Found:
    """Two slides become one."""
    slides = _slides(saying)
    if not saying.references or saying.has(NUMBER, ORDINAL):
        return None
    return changing.merged(saying.places, slides)


def split(saying: Saying) -> Found:
    """A slide becomes two: what is said after a sentence goes to a slide of its own, under the same title."""
    places = saying.places
    at = [one for one in saying.references if one.noun == "sentence"]
    slides = [one for one in saying.references if one.noun == "slide"]
    if len(at) != 1 or len(slides) > 1:
        if len(slides) == 1 and not at:
            return Question(places.say("split-where"))
        return None
    found = saying.named("sentence", roles=("", "on", "to", "from", "until", "between", "before", "after"))
    if len(found) != 1 or not isinstance(found[0], Segment):
        return None
    return splitting(saying, found[0], before=at[0].role in ("before", "from"))


def splitting(saying: Saying, sentence: Segment, *, before: bool) -> Found:
    """Edits that put what is said from a sentence on, or after it, on a slide of its own."""
    script = saying.places.script
    slide = next((one for one in script.slides if one.id == sentence.slide), None)
    if slide is None:
        return None
    own = outline.section_of(script, slide.id).segments
    at = [one.id for one in own].index(sentence.id) + (not before)
    rest = own[at:]
    if not rest or at == 0:
        return Answer(saying.places.say("split-nothing"))
    said = script.source[splices.start_of(script.source, rest[0]) : splices.end_of(script.source, rest[-1])]
    edits: list[Edit] = [Delete(one.id) for one in rest]
    return [*edits, Insert("slide", f"## {slide.title}\n\n{said}", "after", slide.id)]


def move(saying: Saying) -> Found:
    """Slides or sentences go elsewhere."""
    places = saying.places
    beside = saying.beside()
    ends = [kind for kind in ("first", "last") if saying.has(kind)]
    ordinal = saying.ordinal()
    if ordinal in (1, -1) and not ends:
        ends = ["first" if ordinal == 1 else "last"]
    elif ordinal is not None:
        return None
    if bool(beside) == bool(ends) and not _onto(saying):
        return None
    things = saying.named(*THINGS, roles=("", "on", "from", "until"))
    onto = _onto(saying)
    if beside and not things:
        if not saying.has("it", "this") or any(
            one.role not in ("before", "after") for one in saying.references
        ):
            return None
        things = [places.touched()] if beside[0].noun == "sentence" else [places.touched_slide()]
    if not things and saying.has("it"):
        things = [places.touched_slide()]
    if not things or len({type(one) for one in things}) > 1:
        return None
    if beside:
        return _moved_beside(saying, things)
    if isinstance(things[0], Segment) and onto:
        slide = resolve(onto, places)[0]
        place = ends[0] if ends else "last"
        return [Move(one.id, "first" if place == "first" else "last", slide.id) for one in things]
    if not ends:
        return None
    if ends[0] == "last":
        return [Move(one.id, "last", LESSON) for one in things]
    return [Move(one.id, "first", LESSON) for one in things[::-1]]


def _onto(saying: Saying):  # type: ignore[no-untyped-def]
    found = [one for one in saying.references if one.role == "to" and one.noun == "slide"]
    return found[0] if len(found) == 1 and any(one.noun == "sentence" for one in saying.references) else None


def _moved_beside(saying: Saying, things: Sequence[Slide | Segment]) -> Found:
    named = saying.beside()
    assert named is not None
    reference, place = named
    targets = resolve(reference, saying.places)
    if not targets:
        return None
    beside = targets[0] if place == "before" else targets[-1]
    if isinstance(things[0], Slide) != isinstance(beside, Slide):
        return None
    if any(one.id == beside.id for one in things):
        return Answer(saying.places.say("beside-itself"))
    ordered = list(things) if place == "before" else list(things)[::-1]
    return [Move(one.id, "before" if place == "before" else "after", beside.id) for one in ordered]


def copy(saying: Saying) -> Found:
    """A slide once more, with all that is said over it."""
    slides = saying.named("slide")
    if len(slides) != 1 or any(one.noun != "slide" for one in saying.references):
        return None
    section = outline.section_of(saying.places.script, slides[0].id)
    source = saying.places.script.source[section.head : section.end].strip()
    return saying.slide_beside(source) or [Insert("slide", source, "after", slides[0].id)]
