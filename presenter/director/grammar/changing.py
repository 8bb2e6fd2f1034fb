"""Intents that change the words and the order of a lesson."""

from __future__ import annotations

import re
from collections.abc import Sequence

from presenter.director import outline
from presenter.director.edits import LESSON, Delete, Edit, Insert, Move, Replace, Set
from presenter.director.grammar import skeleton
from presenter.director.grammar.places import Places
from presenter.director.grammar.reading import Found, Names, Reading, propose
from presenter.director.grammar.talking import start_over
from presenter.director.replies import Answer, Choice, Question
from presenter.text import is_word
from presenter.types import Script, Segment, Slide


def delete(reading: Reading) -> Found:
    """Slides or sentences go; of a sentence that is quoted in part, these words."""
    if reading.quotes_part():
        return _exchange(reading, reading.text("thing"), "")
    places = reading.places
    named = reading.said("thing")
    things = places.things(named, reading.slide()) if named else [places.touched()]
    gone = {one.id for one in things}
    for everything in (places.script.slides, places.script.segments):
        if len(everything) > 1 and gone >= {one.id for one in everything}:
            return start_over(reading)
    return [Delete(one.id) for one in things]


def keep_only(reading: Reading) -> Found:
    """All slides go but those that are named."""
    kept = {one.id for one in reading.places.slides(reading.said("slide"))}
    return [Delete(one.id) for one in reading.places.script.slides if one.id not in kept]


def delete_item(reading: Reading) -> Found:
    """Lines of a slide's list go."""
    named = reading.groups.get("slide")
    slide = reading.places.slides(named)[0] if named else reading.slide() or only_list(reading)
    lines = reading.places.items(reading.said("item"), slide)
    return [Replace(slide.id, "", f"{line}\n") for line in lines]


def only_list(reading: Reading) -> Slide:
    """The slide that is selected, or the only one with a list."""
    script = reading.places.script
    if reading.places.context.slide:
        return next(one for one in script.slides if one.id == reading.places.context.slide)
    found = [one for one in script.slides if re.search(r"^\s*(?:[-+*]|\d+[.)])\s", one.markdown, re.M)]
    if len(found) == 1:
        return found[0]
    return reading.places.slides("this slide")[0]


def delete_words(reading: Reading) -> Found:
    """Words go, wherever they stand."""
    return _exchange(reading, reading.text("old"), "")


def delete_about(reading: Reading) -> Found:
    """Something goes that was named only by what it is about: asked, also where one thing fits."""
    places, about = reading.places, reading.text("old")
    things: list[Slide | Segment] = [one for one in places.script.slides if places.mentions(one.title, about)]
    things += [one for one in places.script.segments if places.mentions(one.text, about)]
    edits: list[Edit] = [Delete(one.id) for one in things]
    for slide in places.script.slides:
        lines = [one for one in slide.markdown.split("\n") if re.match(r" {0,3}[-+*] ", one)]
        edits += [Replace(slide.id, "", f"{one}\n") for one in lines if places.mentions(one, about)]
    if not edits or places.grammar.nobody.match(about):
        return None
    replies = [propose(places, [edit]) for edit in edits]
    return Question(places.say("delete-what"), tuple(Choice(one.summary, one) for one in replies))


def merge(reading: Reading) -> Found:
    """Two slides become one: what is said and listed goes to the end of the first."""
    places = reading.places
    slides = places.slides(reading.said("slide"))
    other = reading.groups.get("at") or reading.groups.get("slide2")
    if other:
        slides = [slides[0], places.slides(other)[0]]
    return merged(places, slides)


def merged(places: Places, slides: Sequence[Slide]) -> Found:
    """Edits that make two slides one; asked where they are not two."""
    order = [one.id for one in places.script.slides]
    slides = sorted(slides, key=lambda one: order.index(one.id))
    if len(slides) != 2 or slides[0] == slides[1]:
        return Question(places.say("merge-two"))
    second = outline.section_of(places.script, slides[1].id)
    lines = places.script.source[second.head : second.end].split("\n")
    items = [match[1] for line in lines if (match := re.fullmatch(r" {0,3}[-+*][ \t]+(\S.*)", line))]
    shown = [line for line in slides[1].markdown.split("\n") if line.strip() and not line.startswith("#")]
    if len(shown) != len(items):  # a picture, a table, code: they cannot stand below another slide's
        return Answer(places.say("merge-picture", title=slides[1].title))
    edits: list[Edit] = [Insert("item", item, "last", slides[0].id) for item in items]
    edits += [Move(one.id, "last", slides[0].id) for one in second.segments]
    return [*edits, Delete(slides[1].id)]


def swap(reading: Reading) -> Found:
    """Two slides change places."""
    slides = reading.places.slides(reading.said("slide"))
    other = reading.groups.get("at") or reading.groups.get("slide2")
    if other:
        slides = [slides[0], reading.places.slides(other)[0]]
    if len(slides) != 2 or slides[0] == slides[1]:
        return Question(reading.places.say("which-two"))
    return swapped(reading.places, slides)


def swapped(places: Places, slides: Sequence[Slide]) -> list[Edit]:
    """Edits that let two slides change places."""
    order = [one.id for one in places.script.slides]
    first, second = sorted((one.id for one in slides), key=order.index)
    at = order.index(first)
    if order[at + 1] == second:
        return [Move(second, "before", first)]
    return [Move(second, "before", first), Move(first, "after", order[order.index(second) - 1])]


def move(reading: Reading) -> Found:
    """Slides go elsewhere."""
    named, place = reading.said("slide"), reading.place()
    slides = reading.places.slides(named) if named else [reading.places.touched_slide()]
    if place in ("first", "last"):
        return [Move(one.id, place, LESSON) for one in (slides if place == "last" else slides[::-1])]
    beside = reading.places.slides(reading.said("at"))[0]
    if beside in slides:
        return Answer(reading.places.say("beside-itself"))
    return [Move(one.id, place, beside.id) for one in (slides if place == "before" else slides[::-1])]


def move_sentence(reading: Reading) -> Found:
    """Sentences go elsewhere."""
    named = reading.places.sentences(reading.said("sentence"), reading.slide())
    place = reading.place()
    if reading.groups.get("sentence2"):
        beside = reading.places.sentences(reading.groups["sentence2"] or "")[0].id
    elif reading.groups.get("slide2"):
        beside = reading.places.slides(reading.groups["slide2"] or "")[0].id
        place = place if place in ("first", "last") else "last"
    else:
        beside = LESSON
    return [Move(one.id, place, beside) for one in named]


def rewrite(reading: Reading) -> Found:
    """A sentence is said in other words."""
    named = reading.places.sentences(reading.said("sentence"), reading.slide())
    if len(named) != 1:
        return Question(reading.places.say("one-sentence"))
    return [Replace(named[0].id, reading.text("text"))]


def replace(reading: Reading) -> Found:
    """Words are exchanged; of two names it is who presents."""
    old = reading.places.plain(reading.groups.get("old") or "")
    new = reading.places.plain(reading.groups.get("new") or reading.groups.get("old2") or "")
    exact = Names(reading.places).exact
    for name in ("portrait", "voice"):
        if exact(name, old) and exact(name, new):
            return [Set(LESSON, name, exact(name, new))]
    return _exchange(reading, old, new)


def _exchange(reading: Reading, old: str, new: str) -> Found:
    """Edits that exchange words wherever they stand, in the lesson or on the slide that was named."""
    places = reading.places
    named = reading.groups.get("slide")
    slides = places.slides(named) if named else [one] if (one := reading.slide()) else None
    return exchanged(places, old, new, slides)


def exchanged(
    places: Places, old: str, new: str, only: Sequence[Slide] | None = None, sentences: Sequence[Segment] = ()
) -> Found:
    """Edits that exchange words wherever they stand.

    Args:
        only: the slides on which; None for all of the lesson.
        sentences: the sentences in which, where not in all of these slides.
    """
    slides = places.script.slides if only is None else only
    names = {one.id for one in slides}
    inside = {one.id for one in sentences}
    edits: list[Edit] = []
    pattern = as_word(old)
    for slide in () if inside else slides:
        shown = sorted({match[0] for match in pattern.finditer(slide.markdown)})
        edits += [Replace(slide.id, _cased(new, one), one) for one in shown]
    for segment in places.script.segments:
        if (inside and segment.id not in inside) or (only is not None and segment.slide not in names):
            continue
        source = places.script.source[slice(*segment.span)]
        said = sorted({match[0] for match in pattern.finditer(source)})
        edits += [Replace(segment.id, _cased(new, one), one) for one in said]
    if not edits:
        return Answer(places.say("not-found", words=old))
    return edits


def as_word(words: str) -> re.Pattern[str]:
    """Words wherever they stand as a whole, in any case; scripts without spaces anywhere."""
    edge = r"\b" if words and is_word(words[0]) and not re.search(r"[぀-ヿ㐀-鿿]", words) else ""
    tail = edge if words and is_word(words[-1]) else ""
    return re.compile(edge + re.escape(words) + tail, re.I)


def stands_in(script: Script, words: str) -> bool:
    """Whether words are said or shown in a lesson, in any case."""
    pattern = as_word(words)
    return any(pattern.search(one.text) for one in script.segments) or any(
        pattern.search(one.markdown) for one in script.slides
    )


def _cased(new: str, old: str) -> str:
    """Words with the capital of those that they replace."""
    return new[:1].upper() + new[1:] if old[:1].isupper() and new[:1].islower() else new


def add(reading: Reading) -> Found:
    """A sentence beside another, or at an end of a slide or of the lesson."""
    words = reading.text("text")
    if not words:
        return None
    if reading.groups.get("sentence"):
        beside = reading.places.sentences(reading.said("sentence"), reading.slide())[0].id
        return [Insert("sentence", words, reading.place(), beside)]
    slide = (
        reading.places.slides(reading.said("slide"))[0] if reading.groups.get("slide") else reading.slide()
    )
    place = reading.place()
    return [
        Insert(
            "sentence", words, place if place in ("first", "last") else "last", slide.id if slide else LESSON
        )
    ]


def add_item(reading: Reading) -> Found:
    """A line for a slide's list."""
    slide = (
        reading.places.slides(reading.said("slide"))[0] if reading.groups.get("slide") else reading.slide()
    )
    return [Insert("item", reading.text("text"), "last", (slide or only_list(reading)).id)]


def add_slide(reading: Reading) -> Found:
    """A slide, with a sentence that stands in for what is to be said."""
    words = reading.text("text") or reading.text("old")
    title, _, said = words.partition("\n")
    body = said.strip() or skeleton.sentence(reading.places.grammar.words.language, title)
    heading = title.lstrip("# ")
    slide = f"## {heading[:1].upper()}{heading[1:]}\n\n{body}"
    named = reading.groups.get("at") or reading.groups.get("slide")
    if named:
        return [Insert("slide", slide, reading.place(), reading.places.slides(named)[-1].id)]
    return [Insert("slide", slide, "last", LESSON)]


def duplicate(reading: Reading) -> Found:
    """A slide once more, with all that is said over it."""
    slide = reading.places.slides(reading.said("slide"))[0]
    section = outline.section_of(reading.places.script, slide.id)
    source = reading.places.script.source[section.head : section.end].strip()
    return [Insert("slide", source, "after", slide.id)]


def title(reading: Reading) -> Found:
    """A slide's heading."""
    named = reading.groups.get("slide") or reading.where
    if not named:
        return title_lesson(reading)
    return [Set(reading.places.slides(named)[0].id, "title", reading.text("text"))]


def title_lesson(reading: Reading) -> Found:
    """The lesson's title."""
    return [Set(LESSON, "title", reading.text("text"))]


def pronounce(reading: Reading) -> Found:
    """How a word is said."""
    spoken = reading.text("text") or reading.text("old")
    return [Set(LESSON, f"pronounce.{reading.text('word')}", spoken)]
