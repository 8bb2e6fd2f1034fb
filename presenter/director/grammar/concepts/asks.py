"""Rules for requests that a door carries out, and for what is never done."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from presenter.director.grammar import changing, talking
from presenter.director.grammar.concepts.lexicon import NUMBER, UNKNOWN, Token
from presenter.director.grammar.concepts.references import resolve
from presenter.director.grammar.concepts.saying import Saying
from presenter.director.grammar.places import Places
from presenter.director.grammar.reading import Found, Names, Reading
from presenter.director.replies import Action, Refusal, Request

_TAKEN_AWAY = ("delete", "go", "out", "hide", "without", "off", "not", "low", "small", "cutout", "skip")
"""Concepts by which something is to be less there."""
_NOUNS = ("slide", "sentence", "item", "part", "word", "title", "example", "reference")


_WATERMARK = re.compile(r"water ?mark|wasserzeichen|filigran|marca de agua|水印|वॉटरमार्क|वाटरमार्क", re.I)
_AI = re.compile(r"(?<![a-z])(ai|ki|ia)(?![a-z])|एआई", re.I)
_NOTICE = re.compile(
    r"generat|generad|generier|génér|made|note|tag|label|badge|corner|hinweis|hecho|aviso|mention|生成|字",
    re.I,
)


def refused(places: Places, tokens: Sequence[Token], *, behind: bool) -> Refusal | None:
    """The refusal of a wish to take the label away or to go without a consent, in whatever other words it
    comes: here unknown words do not count.

    Args:
        behind: whether "about" follows what something is about.
    """
    kinds = [one.kind for one in tokens]
    for kind, code in (("label", "E-POLICY-LABEL"), ("consent", "E-POLICY-CONSENT")):
        if kind not in kinds or not any(one in _TAKEN_AWAY for one in kinds):
            continue
        at = kinds.index(kind)
        near = kinds[at + 1 : at + 3] if behind else kinds[max(0, at - 3) : at]
        if any(one in _NOUNS for one in near):
            continue  # "delete the sentence about the watermark"
        return Refusal(code, places.say("label" if kind == "label" else "consent"))
    return None


def about_the_label(message: str) -> bool:
    """Whether words that mean nothing else speak of the notice or the watermark that videos carry."""
    return bool(_WATERMARK.search(message) or (_AI.search(message) and _NOTICE.search(message)))


def help_(saying: Saying) -> Found:
    """What can be said; who thanks for help asks for none."""
    return None if saying.has("thanks") else talking.request(Reading(saying.places, {}, "help"))


def restart(saying: Saying) -> Found:
    """Back to the beginning: asked."""
    return talking.start_over(Reading(saying.places, {}))


def _of_voice(saying: Saying, name: Token) -> bool:
    """Whether it is the voice of a name that is meant, however that is written: "taylor swift's voice"."""
    at = saying.tokens.index(name)
    before = [one.kind for one in saying.tokens[max(0, at - 2) : at]]
    after = saying.tokens[at + 1].said if at + 1 < len(saying.tokens) else ""
    return saying.has("voice") and (before == ["voice", "on"] or after.casefold() in ("'s", "’s"))


def impersonate(saying: Saying) -> Found:
    """Somebody who is not known here is to speak or to be seen: refused, where the words can be a name."""
    operands = saying.operands()
    if len(operands) != 1 or operands[0][0].kind != UNKNOWN:
        return None
    name = operands[0][1]
    words = name.split()
    other_script = any(ord(one) > 0x24F for one in name)
    latin = other_script or (all(one[0].isupper() for one in words) and name.isascii())
    latin = latin or _of_voice(saying, operands[0][0])
    if not latin or len(words) > 3 or changing.stands_in(saying.places.script, name):
        return None
    if not saying.has("voice") and len(words) < 2:
        return None
    if Names(saying.places).near(("voice", "portrait"), name):
        return None
    return talking.impersonate(Reading(saying.places, {}))


def request(action: Action) -> Callable[[Saying], Found]:
    """A rule that asks for an action."""

    def found(saying: Saying) -> Found:
        return talking.request(Reading(saying.places, {}, action))

    return found


def undo(saying: Saying) -> Found:
    """One step back, or several."""
    if saying.references or saying.has("all"):
        return None
    many = saying.number()
    if many is not None and (not many.is_integer() or many < 1):
        return None
    if many is None or many == 1:
        return talking.request(Reading(saying.places, {}, "undo"))
    return Request("undo", saying.places.say("request-undo-more", names=int(many)), (str(int(many)),))


def redo(saying: Saying) -> Found:
    """Forward again."""
    return talking.request(Reading(saying.places, {}, "redo"))


def restore(saying: Saying) -> Found:
    """To a version."""
    number = saying.number()
    if number is None:
        number = saying.ordinal()
    if number is not None and number > 0 and float(number).is_integer() and not saying.has("before"):
        return Request(
            "restore", saying.places.say("request-restore", names=int(number)), (str(int(number)),)
        )
    if saying.has("undo", "before") and number in (None, -1):
        return talking.request(Reading(saying.places, {}, "undo"))
    return None


def history(saying: Saying) -> Found:
    """All versions."""
    if saying.has(NUMBER):
        return None
    return talking.request(Reading(saying.places, {}, "history"))


def preview(saying: Saying) -> Found:
    """How the lesson looks, or one of its slides."""
    if not saying.references:
        if not saying.has("preview", "lesson", "it", "how"):
            return None
        return talking.request(Reading(saying.places, {}, "preview"))
    if (
        len(saying.references) != 1
        or saying.references[0].noun != "slide"
        or saying.references[0].role not in ("", "on")
    ):
        return None
    found = resolve(saying.references[0], saying.places)
    if len(found) != 1:
        return None
    number = [one.id for one in saying.places.script.slides].index(found[0].id) + 1
    return Request("preview", saying.places.say("request-preview"), (str(number),))
