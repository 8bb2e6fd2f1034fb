"""Which slides and sentences the words of a message name, whatever their order.

tokens -> references ("the last two slides", "everything after slide 3") -> ids in the lesson
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from presenter.director.grammar.concepts.lexicon import (
    NOUNS,
    NUMBER,
    ORDINAL,
    QUOTED,
    REFERENCE,
    UNKNOWN,
    Token,
)
from presenter.director.grammar.places import Places, Settled
from presenter.director.replies import Answer
from presenter.types import Segment, Slide

_ROLES = ("before", "after", "on", "to", "from", "until", "except", "between", "instead")
"""What a word beside a reference makes of it: "before slide 2"."""
_BETWEEN = ("filler", "stop", "also")
_LOOSE = (*_BETWEEN, "do")
_ARTICLES = ("la", "las", "die", "der")
"""Before a number alone these mean a slide, which is feminine in Spanish, French and German."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Something in the lesson that is named.

    Args:
        noun: one of ``NOUNS``; ``""`` where only a number was said, which is a slide unless a slide is named.
        way: ``numbers`` with ``numbers`` from 1 or negative from the end (a slide whose title holds
            ``about`` goes before: "the summary"), ``all``, ``this``, ``rest``, ``both``, ``half`` with
            1 or 2, ``about`` with ``about``, ``quoted`` with the text's number.
        role: one of ``_ROLES`` or ``""``; ``span`` is one of ``before``, ``after``, ``from``, ``until``
            where all that lies there is meant: "everything after slide 3".
        on: the slide that a sentence or an item is on.
    """

    noun: str
    way: str
    said: str
    numbers: tuple[int, ...] = ()
    about: str = ""
    role: str = ""
    span: str = ""
    on: Reference | None = None


class Finder:
    """Finds references among the tokens of a message.

    Args:
        behind: whether "before", "after" and "on" follow what they are about.
        spaced: whether words are parted by spaces.
    """

    def __init__(self, tokens: Sequence[Token], message: str, *, behind: bool, spaced: bool) -> None:
        self.tokens = list(tokens)
        self.message = message
        self.behind = behind
        self.spaced = spaced

    def found(self) -> list[Token]:
        """The tokens, with those that name something as one of kind ``reference``."""
        out: list[Token] = []
        at = 0
        while at < len(self.tokens):
            made = self._at(at, out)
            if made is None:
                out.append(self.tokens[at])
                at += 1
                continue
            reference, at = made
            first = self._first
            out[len(out) - self._back :] = []
            out.append(
                Token(
                    REFERENCE,
                    self.message[first : self.tokens[at - 1].end],
                    first,
                    self.tokens[at - 1].end,
                    reference,
                )
            )
        return self._with_roles(self._nested(self._bare_numbers(out)))

    # --- one reference ------------------------------------------------------------------------

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def _skip(self, at: int) -> int:
        while self._kind(at) == "filler":
            at += 1
        return at

    def _at(self, at: int, before: Sequence[Token]) -> tuple[Reference, int] | None:
        """The reference that begins here and where it ends, or None."""
        self._first, self._back = self.tokens[at].start, 0
        kind = self._kind(at)
        if kind in ("opening", "closing"):
            end = at + 2 if self._kind(at + 1) == "slide" else at + 1
            said, number = self.tokens[at].said, 1 if kind == "opening" else -1
            return self._reference("slide", "numbers", at, end, numbers=(number,), about=said)
        if kind in NOUNS:
            return self._numbered(at) or self._about(at) or self._named_before(at, before)
        if kind == ORDINAL:
            return self._ordinal(at)
        if kind == NUMBER:
            return self._counted(at)
        if kind in ("all", "this", "both", "rest"):
            return self._quantified(at, kind)
        if kind == "half":
            return None
        return None

    def _reference(self, noun: str, way: str, first: int, end: int, **values: Any) -> tuple[Reference, int]:
        said = self.message[self.tokens[first].start : self.tokens[end - 1].end]
        return Reference(noun, way, said, **values), end

    def _series(self, at: int, noun: str) -> tuple[list[int], int]:
        """Numbers in a row, ``3``, ``2 and 4``, ``2 to 4``, and where they end."""
        numbers: list[int] = []
        end = at
        spread = False
        while True:
            token = self.tokens[at] if at < len(self.tokens) else None
            if (
                token is None
                or token.kind not in (NUMBER, ORDINAL)
                or not float(token.value or 0).is_integer()
            ):
                break
            if self._kind(at + 1) in ("unit", "percent", "times-sign", "changes") and numbers:
                break
            number = int(token.value)
            if spread and numbers and numbers[-1] < number <= numbers[-1] + 200:
                numbers += range(numbers[-1] + 1, number + 1)
            else:
                numbers.append(number)
            end = at = at + 1
            spread = False
            while self._kind(at) in ("filler", "stop", "to", "until", "also", "by") or (
                noun and self._kind(at) == noun
            ):
                joint = self.tokens[at]
                spread = spread or joint.kind in ("to", "until") or joint.said.strip() in ("-", "–", "—")
                at += 1
        return numbers, end

    def _numbered(self, at: int) -> tuple[Reference, int] | None:
        """Slide 3, slides 2 and 4."""
        noun = self._kind(at)
        start = self._skip(at + 1)
        numbers, end = self._series(start, noun)
        if not numbers or (
            self._kind(end) in ("unit", "percent", "times-sign") and len(numbers) == 1 and noun != "slide"
        ):
            return None
        if self._kind(end) in ("unit", "percent") and len(numbers) == 1:
            return None
        return self._reference(noun, "numbers", at, end, numbers=tuple(numbers))

    def _ordinal(self, at: int) -> tuple[Reference, int] | None:
        """The third slide, the first and the last slide, the last two slides, the first half."""
        numbers = [int(self.tokens[at].value)]
        look = self._skip(at + 1)
        many = 1
        while True:
            kind = self._kind(look)
            if kind == ORDINAL:
                numbers.append(int(self.tokens[look].value))
            elif (
                kind == NUMBER
                and len(numbers) == 1
                and many == 1
                and self._kind(look + 1) not in ("unit", "percent")
            ):
                many = int(self.tokens[look].value or 1)
            elif (
                kind in ("filler", "also")
                or (kind == "stop" and self.tokens[look].said.strip() in (",", "、", "，"))
                or (
                    kind == "one"
                    and self._kind(look + 1) in ("on", "filler", "stop", "also")
                    and self._noun_ahead(look)
                )
            ):
                pass
            else:
                break
            look += 1
        noun = self._kind(look)
        if noun == "half":
            return self._half(at, numbers[0], look)
        if noun not in NOUNS:
            return None
        if many > 1 and len(numbers) == 1:
            first = numbers[0]
            numbers = (
                list(range(first, first + many)) if first > 0 else list(range(first - many + 1, first + 1))
            )
        return self._reference(noun, "numbers", at, look + 1, numbers=tuple(numbers))

    def _noun_ahead(self, at: int) -> bool:
        return any(self._kind(look) in NOUNS for look in range(at, min(at + 4, len(self.tokens))))

    def _half(self, at: int, number: int, look: int) -> tuple[Reference, int]:
        end = look + 1
        ahead = end
        while self._kind(ahead) in ("filler", "on"):
            ahead += 1
        if self._kind(ahead) in ("lesson", "slide"):
            end = ahead + 1
        return self._reference("slide", "half", at, end, numbers=(1 if number == 1 else 2,))

    def _counted(self, at: int) -> tuple[Reference, int] | None:
        """Two slides and 第3页: a number before its noun."""
        if self.spaced:
            return None
        numbers, end = self._series(at, "")
        if numbers and self._kind(end) in NOUNS:
            return self._reference(self._kind(end), "numbers", at, end + 1, numbers=tuple(numbers))
        return None

    def _quantified(self, at: int, kind: str) -> tuple[Reference, int] | None:
        """All slides, this sentence, both slides, the other slides, the rest of the lesson."""
        look = at + 1
        while self._kind(look) in ("filler", "on", "rest", "all", NUMBER):
            kind = "rest" if self._kind(look) == "rest" else kind
            look += 1
        noun = self._kind(look)
        if kind == "rest" and noun in ("lesson", "slide"):
            return self._reference("slide", "rest", at, look + 1)
        if kind == "rest" and noun != "sentence":
            return self._reference("slide", "rest", at, at + 1)
        if noun not in NOUNS:
            return None
        if kind == "this" and self._series(self._skip(look + 1), noun)[0]:
            return None
        if self._kind(look + 1) in (NUMBER, ORDINAL) and kind != "both":
            return None  # "all of slide 3" is slide 3
        return self._reference(noun, kind, at, look + 1)

    def _about(self, at: int) -> tuple[Reference, int] | None:
        """The slide about volcanoes, the sentence with "lava"."""
        noun = self._kind(at)
        look = at + 1
        while self._kind(look) in (
            "filler",
            "on",
            "by",
            "say",
            "title",
            "rename",
            "part",
            "word",
            "name",
            "do",
        ):
            look += 1
        kind = self._kind(look)
        if look == at + 1 or kind not in (UNKNOWN, QUOTED):
            return None
        token = self.tokens[look]
        if kind == QUOTED:
            return self._reference(noun, "quoted", at, look + 1, numbers=(int(token.value),))
        return self._reference(noun, "about", at, look + 1, about=token.said)

    def _named_before(self, at: int, before: Sequence[Token]) -> tuple[Reference, int] | None:
        """The volcano slide: unknown words right before the noun."""
        last = before[-1] if before else None
        back = 1
        if last and last.kind in ("filler", "on") and not self.spaced and len(before) > 1:
            last, back = before[-2], 2
        if last is None or last.kind not in (UNKNOWN, QUOTED):
            return None
        self._first, self._back = last.start, back
        said = self.message[last.start : self.tokens[at].end]
        noun = self._kind(at)
        if last.kind == QUOTED:
            return Reference(noun, "quoted", said, (int(last.value),)), at + 1
        return Reference(noun, "about", said, about=last.said), at + 1

    # --- what stands around them --------------------------------------------------------------

    def _bare_numbers(self, tokens: list[Token]) -> list[Token]:
        """Numbers alone beside a place or in a row after a reference: "move slide 4 before 2"."""
        out = list(tokens)
        known = any(token.kind == REFERENCE for token in tokens)
        for at, token in enumerate(tokens):
            if token.kind not in (NUMBER, ORDINAL) or not isinstance(token.value, int | float):
                continue
            after = next((one.kind for one in tokens[at + 1 :] if one.kind not in ("filler",)), "")
            around = [tokens[at - 1].kind if at else "", after]
            place = any(one in ("before", "after", "between") for one in around)
            if not float(token.value).is_integer() or after in ("unit", "percent", "times-sign", "changes"):
                continue
            last = next((one.kind for one in tokens[:at][::-1] if one.kind not in _BETWEEN), "")
            article = at > 0 and tokens[at - 1].said.casefold() in _ARTICLES
            alone = article and after not in (UNKNOWN, QUOTED, REFERENCE, *NOUNS)
            if (
                alone
                or (known and (place or last in ("before", "after", REFERENCE, "by", "to")))
                or any(one.kind in ("swap", "merge") for one in tokens)
            ):
                made = Reference(
                    "slide" if token.kind == NUMBER else "", "numbers", token.said, (int(token.value),)
                )
                out[at] = replace(token, kind=REFERENCE, value=made)
        return out

    def _nested(self, tokens: list[Token]) -> list[Token]:
        """Sentences with the slide that they are on as one: "the second sentence on slide 3"."""
        out = list(tokens)
        for step in (1, -1):
            at = 0
            while at < len(out):
                token = out[at]
                value = token.value
                inner = (
                    isinstance(value, Reference)
                    and value.noun in ("sentence", "item", "example")
                    and not value.on
                )
                look = at + step
                while (
                    inner
                    and 0 <= look < len(out)
                    and out[look].kind in ("filler", "on", "out", "from", "part")
                ):
                    look += step
                if inner and 0 <= look < len(out):
                    other = out[look].value
                    role_free = look == at + step or all(
                        one.kind != "before" for one in out[min(at, look) : max(at, look)]
                    )
                    if (
                        isinstance(other, Reference)
                        and other.noun in ("slide", "")
                        and not other.on
                        and role_free
                    ):
                        low, high = min(at, look), max(at, look)
                        if (
                            step == -1
                            and low
                            and out[low - 1].kind in ("before", "after")
                            and not self.behind
                        ):
                            at += 1
                            continue
                        joined = replace(value, on=replace(other, noun="slide"))
                        whole = Token(
                            REFERENCE,
                            self.message[out[low].start : out[high].end],
                            out[low].start,
                            out[high].end,
                            joined,
                        )
                        out[low : high + 1] = [whole]
                        at = low
                at += 1
        return out

    def _with_roles(self, tokens: list[Token]) -> list[Token]:
        out = list(tokens)
        for at, token in enumerate(out):
            if not isinstance(token.value, Reference):
                continue
            role = self._role(out, at)
            if role in ("on", "") and self._at_an_end(out, at):
                role = "to"
            if role:
                reference = replace(token.value, role=role, span=self._span(out, at, role))
                out[at] = replace(token, value=reference)
        return out

    def _role(self, tokens: Sequence[Token], at: int) -> str:
        ahead = self._beside(tokens, at, -1)
        behind = self._beside(tokens, at, 1)
        if self.behind:
            if behind in ("before", "after", "on", "from", "until", "except", "instead"):
                return behind
            return ahead if ahead in ("from", "except", "to", "until") else ""
        return ahead if ahead in _ROLES else ""

    def _at_an_end(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether it is "the end of" what is named that is meant."""
        step = 1 if self.behind else -1
        look = at + step
        while 0 <= look < len(tokens) and tokens[look].kind in ("filler", "on"):
            look += step
        return (
            0 <= look < len(tokens)
            and tokens[look].kind in ("first", "last")
            and any(isinstance(one.value, Reference) and one.value.noun == "sentence" for one in tokens)
        )

    def _beside(self, tokens: Sequence[Token], at: int, step: int) -> str:
        look = at + step
        while 0 <= look < len(tokens) and tokens[look].kind == "filler":
            look += step
        return tokens[look].kind if 0 <= look < len(tokens) else ""

    def _span(self, tokens: Sequence[Token], at: int, role: str) -> str:
        """Whether all that lies before or after a reference is meant."""
        if role in ("from", "until"):
            return role
        if role not in ("before", "after"):
            return ""
        near = [one.kind for one in tokens[max(0, at - 4) : at + 5]]
        return role if any(kind in ("all", "lesson") for kind in near) else ""


def resolve(
    reference: Reference, places: Places, kept: Sequence[str] = (), scope: Slide | None = None
) -> list[Slide | Segment]:
    """What a reference names, in the order of the lesson's own or of the words.

    Args:
        kept: ids that other references of the message name: what "the rest" leaves out.
        scope: the slide on which sentences are looked for.
    """
    if reference.noun in ("slide", ""):
        return list(_slides(reference, places, kept))
    if reference.on is not None:
        scope = next(iter(_slides(reference.on, places, kept)), scope)
    return list(_sentences(reference, places, kept, scope))


def _slides(reference: Reference, places: Places, kept: Sequence[str]) -> Sequence[Slide]:
    own = places.script.slides
    if reference.way == "numbers":
        titled = [one for one in own if reference.about and places.mentions(one.title, reference.about)]
        found = titled[:1] or [places.numbered(own, number, "slide") for number in reference.numbers]
        return _spread(own, found, reference.span)
    if reference.way == "all":
        return own
    if reference.way == "both":
        if len(own) != 2:
            raise Settled(Answer(places.say("which-slide")))
        return own
    if reference.way == "rest":
        return [one for one in own if one.id not in kept]
    if reference.way == "half":
        middle = (len(own) + 1) // 2
        return own[:middle] if reference.numbers[0] == 1 else own[middle:]
    if reference.way == "this":
        return [places.selected_slide()]
    about = reference.about or places.texts[reference.numbers[0]]
    return _spread(own, [places.about_slide(reference.said, about, own)], reference.span)


def _spread(own: Sequence[Slide], found: Sequence[Slide], span: str) -> Sequence[Slide]:
    """All that lies before or after a slide, or the slides themselves."""
    if not span:
        return found
    order = [one.id for one in own]
    at = order.index(found[-1].id)
    return {"after": own[at + 1 :], "from": own[at:], "before": own[:at], "until": own[: at + 1]}[span]


def _sentences(
    reference: Reference, places: Places, kept: Sequence[str], scope: Slide | None
) -> Sequence[Segment]:
    own = places.said_on(scope)
    if reference.noun == "example":
        return [places.example(reference.said, next(iter(reference.numbers), None), own)]
    ways: dict[str, Callable[[], Sequence[Segment]]] = {
        "all": lambda: own,
        "rest": lambda: [one for one in own if one.id not in kept],
        "both": lambda: own if len(own) == 2 else [],
        "this": lambda: [places.selected_sentence(own)],
        "numbers": lambda: [places.numbered(own, number, "sentence") for number in reference.numbers],
        "about": lambda: [places.sentence_about(reference.said, reference.about, own)],
        "quoted": lambda: [places.sentence_about(reference.said, places.texts[reference.numbers[0]], own)],
    }
    found = ways[reference.way]()
    if not found:
        raise Settled(Answer(places.say("not-found", words=reference.said)))
    return found
