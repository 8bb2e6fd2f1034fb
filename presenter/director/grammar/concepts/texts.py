"""Rules about words: what is said, shown and called, and how."""

from __future__ import annotations

import re
from typing import Literal

from presenter.director.edits import LESSON, Delete, Insert, Replace, Set
from presenter.director.grammar import changing, skeleton, styling
from presenter.director.grammar.concepts.lexicon import QUOTED, UNKNOWN, Token
from presenter.director.grammar.concepts.references import Reference, resolve
from presenter.director.grammar.concepts.saying import Saying
from presenter.director.grammar.reading import Found, Reading
from presenter.director.replies import Question
from presenter.types import Segment, Slide


def _in_lesson(saying: Saying, words: str) -> bool:
    return changing.stands_in(saying.places.script, words)


def replace(saying: Saying) -> Found:
    """Words for other words: which is which tell "instead of", "not", "by" and "to", or the verb."""
    operands = saying.operands()
    if len(operands) != 2 or (
        saying.has("say")
        and not saying.has("replace", "change", "write", "instead", "not", "typo", "stead-of")
    ):
        return None
    (first, one), (second, two) = operands
    old_first = _old_first(saying, first, second)
    if old_first is None or (saying.has("swap") and not saying.has("by", "to", "instead")):
        return None
    old, new = (one, two) if old_first else (two, one)
    if old.casefold() == new.casefold():
        return None
    slides = [thing for thing in saying.named("slide") if isinstance(thing, Slide)]
    sentences = [ref for ref in saying.references if ref.noun == "sentence"]
    if any(
        ref.noun not in ("slide", "sentence") or ref.role in ("before", "after") for ref in saying.references
    ):
        return None
    if sentences:
        found = [thing for thing in saying.named("sentence") if isinstance(thing, Segment)]
        return changing.exchanged(saying.places, old, new, None, found)
    if _article(saying, first if old_first else second, second if old_first else first):
        return None  # "the year 79" for "AD 79": whether the article goes is not known
    if not _in_lesson(saying, old):
        return None if UNKNOWN in (first.kind, second.kind) else changing.exchanged(saying.places, old, new)
    return changing.exchanged(saying.places, old, new, slides or None)


def quoted(saying: Saying) -> Found:
    """Two quotations of which the lesson has the first one: 'where it says "from the soil" put "from the
    earth"'. Other words only tell why."""
    said = [saying.text(token) for token in saying.tokens if token.kind == QUOTED]
    if len(said) != 2:
        return None
    one, two = said
    if not _in_lesson(saying, one) or _in_lesson(saying, two):
        return None
    return changing.exchanged(saying.places, one, two)


def _article(saying: Saying, old: Token, new: Token) -> bool:
    """Whether a word that the lesson has before the old words, an article, stands there in the wish too, and
    none before the new ones."""
    if saying.behind or UNKNOWN not in (old.kind, new.kind) or old.kind == QUOTED:
        return False

    def before(token: Token) -> str:
        at = saying.tokens.index(token)
        return saying.tokens[at - 1].said if at and saying.tokens[at - 1].kind in ("filler", "it") else ""

    article = before(old)
    return bool(article) and before(new) != article and _in_lesson(saying, f"{article} {saying.text(old)}")


def _old_first(saying: Saying, first: Token, second: Token) -> bool | None:
    """Whether the first of two operands is what goes; None where nothing tells."""
    before, between = saying.around(first)
    _, after = saying.around(second)
    between_two = saying.around(second)[0]
    if saying.behind:
        if between in ("instead", "not"):
            return True
        if after in ("instead", "not"):
            return False
    else:
        if before in ("instead",) or between in ("to", "by", "stead-of"):
            return True
        if between_two in ("instead", "not", "stead-of"):
            return False
        if before == "not":
            return True
    if saying.has("replace", "change", "swap", "to", "by"):
        return True
    return None


def pronounce(saying: Saying) -> Found:
    """How a word is said."""
    operands = saying.operands()
    if len(operands) != 2 or saying.references or " " in operands[0][1]:
        return None
    if not saying.behind and saying.around(operands[1][0])[0] != "to":
        return None
    if saying.behind and not saying.has("pronounce"):
        return None
    return [Set(LESSON, f"pronounce.{operands[0][1]}", operands[1][1])]


def delete_about(saying: Saying) -> Found:
    """Something goes that was named only by what it is about: asked."""
    operands = saying.operands()
    if len(operands) != 1 or saying.references:
        return None
    return changing.delete_about(Reading(saying.places, {"old": operands[0][0].said}))


def rewrite(saying: Saying) -> Found:
    """A sentence is said in other words."""
    if len(saying.operands()) != 1 or any(one.role in ("before", "after") for one in saying.references):
        return None
    sentences = [one for one in saying.references if one.noun == "sentence"]
    if len(sentences) != 1 or sentences[0].way == "quoted":
        return None
    found = saying.named("sentence")
    if len(found) != 1:
        return Question(saying.places.say("one-sentence"))
    return [Replace(found[0].id, saying.operands()[0][1])]


def delete_words(saying: Saying) -> Found:
    """Words go, wherever they stand; a sentence that is quoted in full goes as a whole."""
    operands = saying.operands()
    if len(operands) != 1:
        return None
    token, words = operands[0]
    slides = [thing for thing in saying.named("slide") if isinstance(thing, Slide)]
    whole = [
        one for one in saying.places.script.segments if one.text.strip(" .!?。") == words.strip(" .!?。")
    ]
    if token.kind == QUOTED and len(whole) == 1:
        return [Delete(whole[0].id)]
    if token.kind == UNKNOWN and not saying.has("word"):
        return None
    if not _in_lesson(saying, words):
        return None
    return changing.exchanged(saying.places, words, "", slides or None)


def stress(saying: Saying) -> Found:
    """Words are said with emphasis."""
    operands = saying.operands()
    if len(operands) != 1 or any(one.role in ("before", "after") for one in saying.references):
        return None
    words = operands[0][1]
    if operands[0][0].kind == UNKNOWN and not _in_lesson(saying, words):
        return None
    sentences: list[Segment] = list(saying.places.script.segments)
    if saying.references:
        named = saying.named("slide", "sentence")
        sentences = [one for one in named if isinstance(one, Segment)]
        slides = {one.id for one in named if isinstance(one, Slide)}
        sentences += [one for one in saying.places.script.segments if one.slide in slides]
    return styling.emphasised(saying.places, words, sentences, strong=saying.has("much", "more"))


def title(saying: Saying) -> Found:
    """The heading of a slide, or the title of the lesson."""
    operands = saying.operands()
    if len(operands) != 1 or (operands[0][0].kind == UNKNOWN and not _ends(saying, operands[0][0])):
        return None
    slides = saying.named("slide")
    if any(one.noun != "slide" or one.role in ("before", "after") for one in saying.references):
        return None
    if len(slides) == 1:
        return [Set(slides[0].id, "title", operands[0][1])]
    if slides or (saying.has("slide") and not saying.has("lesson")):
        return None
    return [Set(LESSON, "title", operands[0][1])]


def _ends(saying: Saying, token: Token) -> bool:
    """Whether unknown words are the last of a wish, or the last but for a verb, so that none is left out."""
    at = saying.tokens.index(token)
    rest = {one.kind for one in saying.tokens[at + 1 :]}
    return rest <= ({"stop", "rename", "do", "change"} if saying.behind or rest & {"rename"} else {"stop"})


def add(saying: Saying) -> Found:
    """A sentence, an item or a slide with the words that are quoted."""
    operands = saying.operands()
    listed = saying.has("item", "list") or any(one.noun == "item" for one in saying.references)
    several = listed and len(operands) > 1 and all(one.kind == QUOTED for one, _ in operands)
    if len(operands) != 1 and not several:
        return None
    words = operands[0][1]
    titled = _new_slide(saying)
    if titled:
        return _add_slide(saying, f"{titled}\n{words}")
    if saying.has("show") and not listed:
        return None
    beside = saying.beside()
    named = [one for one in saying.references if one.role not in ("before", "after") and one.noun != "item"]
    place: Literal["first", "last"] = "first" if saying.has("first") else "last"
    if saying.has("slide") or (
        saying.has("new") and any(one.noun == "slide" for one in saying.references) and not named
    ):
        return _add_slide(saying, words)
    if beside and beside[0].noun == "sentence":
        found = saying.named("sentence", roles=("before", "after"))
        if len(found) != 1:
            return None
        return [Insert("sentence", words, "before" if beside[1] == "before" else "after", found[0].id)]
    slides = [resolve(one, saying.places) for one in named if one.noun == "slide"]
    if beside or len(slides) > 1 or any(one.noun != "slide" for one in named):
        return None
    target = slides[0][0] if slides and slides[0] else None
    bullets = [text for _, text in operands] if several else _bullets(words, commas=_plural(saying))
    if listed or bullets:
        slide = target if isinstance(target, Slide) else _last_list(saying)
        if len(bullets) > 1:
            return [Insert("item", one, "last", slide.id) for one in bullets]
        return [Insert("item", next(iter(bullets), words), place, slide.id)]
    if not saying.has("sentence", "first", "last", "on", "to") and not slides and not saying.has("add"):
        return None
    return [Insert("sentence", words, place, target.id if target else LESSON)]


def _new_slide(saying: Saying) -> str:
    """What a slide is about that is not there yet: "add a slide about rivers"; ``""`` for none."""
    for at, token in enumerate(saying.tokens):
        one = token.value
        if not isinstance(one, Reference) or one.noun != "slide" or one.way != "about" or one.role:
            continue
        before = saying.tokens[at - 1] if at else None
        if before and (before.kind in ("add", "new") or _ONE.fullmatch(before.said)):
            return one.about
    return ""


_ONE = re.compile(r"an?|eine|una|une|एक|一", re.I)


def _last_list(saying: Saying) -> Slide:
    """The slide that got the last item, or the only one with a list."""
    places = saying.places
    last = [
        one.beside
        for one in (places.before or places.context.last)
        if isinstance(one, Insert) and one.what == "item"
    ]
    found = [one for one in places.script.slides if last and one.id == last[-1]]
    return found[0] if found else changing.only_list(Reading(places, {}))


def _plural(saying: Saying) -> bool:
    """Whether several items are announced, so that commas part them: "a list: a, b, c"."""
    token = saying.first("item")
    return saying.has("list") or bool(token and token.said.casefold().endswith("s"))


def _bullets(words: str, *, commas: bool) -> list[str]:
    """The items of a text that is written as a list, or parted by semicolons or commas."""
    if re.match(r"[-•*]\s", words):
        return [one.strip() for one in re.split(r"(?:^|\s+)[-•*]\s+", words) if one.strip()]
    parts = [one.strip(" .") for one in re.split(r"[;；\n]", words)]
    if len(parts) == 1 and commas:
        parts = [one.strip(" .") for one in re.split(r"(?<!\d)[,，、]|[,，、](?!\d)", words)]
    return parts if len(parts) > 1 and all(parts) else []


def _add_slide(saying: Saying, words: str) -> Found:
    language = saying.places.grammar.words.language
    heading, _, said = words.partition("\n")
    heading = heading.lstrip("# ")
    body = said.strip() or skeleton.sentence(language, heading)
    slide = f"## {heading[:1].upper()}{heading[1:]}\n\n{body}"
    beside = saying.slide_beside(slide)
    if beside:
        return beside
    if any(one.way != "about" for one in saying.references):
        return None
    return [Insert("slide", slide, "first" if saying.has("first") else "last", LESSON)]
