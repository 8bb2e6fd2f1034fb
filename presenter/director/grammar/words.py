"""What a language contributes to the grammar: its words, how it names places, and its sentences."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

TEXT = "\ue000"
"""Stands for a text in quotation marks or after a colon, with its number between two of these."""
NUMBER, ORDINAL = "\ue001", "\ue002"
"""Stand around numbers and ordinals that are written as words, so that patterns need not list them."""


@dataclass(frozen=True, slots=True)
class Words:
    """A language's part of the grammar. All values are regular expression text in which a space is any
    white space, ``<verb>`` is one of ``verbs`` and ``{slot}`` one of the slots below.

    ===============  ===========================================================================
    ``{slide}``      slides: ``slide 3``, ``slides 2 and 4``, ``the last slide``, ``this slide``
    ``{at}``         a slide, or just its number
    ``{sentence}``   sentences, also ``sentence 2 on slide 3``, ``the sentence about oxygen``
    ``{thing}``      slides, sentences or examples
    ``{item}``       an item of a slide's list
    ``{n}``          a number; ``{seconds}`` with or without its unit
    ``{text}``       words in quotation marks or after a colon, or up to the end; also ``{old}``, ``{new}``
    ``{name}``       a name; ``{word}`` a word
    ===============  ===========================================================================
    """

    language: str
    """Base tag."""
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    """Word -> number from 1; -1 is the last."""
    nouns: Mapping[str, str]
    """``slide``, ``sentence``, ``item``, ``example``, in every form."""
    references: Mapping[str, str]
    """How things are named: ``number``, ``ordinal``, ``this``, ``about``, ``all``, and ``example`` for
    these; ``N`` is the noun, ``{n}`` a number, ``{o}`` an ordinal, ``{c}`` how many, ``{about}`` words."""
    on: tuple[str, str]
    """Before a clause and after it: where it holds, with ``{slide}`` or ``{sentence}``."""
    between: tuple[str, str]
    """How a sentence is put on its slide: after the slide's name, and before it."""
    verbs: Mapping[str, str]
    phrases: tuple[tuple[str, str, str], ...]
    """(intent, value, what is said): sentences without slots."""
    patterns: tuple[tuple[str, str], ...]
    """(intent, what is said), the first that fits counts."""
    polite: tuple[str, str]
    """What may stand before and after a message and means nothing."""
    joints: str
    """What joins two wishes."""
    small: str
    much: str
    """Degrees: a bit, a lot."""
    filler: str = ""
    """Words that do not tell what a sentence is about."""
    nobody: str = r"(?!)"
    """Beginnings of what stands where a name could but names nobody in particular."""
    looks: str = r"(?!)"
    """Where the slides or the presenter of a new lesson are to be; what puts the presenter on the left is a
    group called ``right`` (the slides are there)."""
    extras: str = r"(?!)"
    """What parts the topic of a new lesson from how it is to be made."""
    articles: str = r"(?!)"
    """What may stand before "second" and "one" in "the second one"."""
    ones: str = r"(?!)"
    """What may stand after it."""
    units: str = ""
    """What follows a number, where a number's word also means something else; ``""`` where none does."""
    spaced: bool = True
    """Whether words are parted by spaces."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of a language, compiled."""

    words: Words
    phrases: tuple[tuple[str, str, re.Pattern[str]], ...]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    places: tuple[re.Pattern[str], re.Pattern[str]]
    """Of ``Words.on``."""
    slots: Mapping[str, str]
    references: Mapping[str, Mapping[str, re.Pattern[str]]]
    """Noun -> way of naming -> its pattern with named groups."""
    ordinals: re.Pattern[str]
    """Of an ordinal (``o``) before a noun."""
    numbers: re.Pattern[str]
    """Of a number that is a word (``n``)."""
    answers: re.Pattern[str]
    """Of an answer that names a number (``o``): "2", "the second one"."""
    before: re.Pattern[str]
    """What may stand before a message and means nothing."""
    after: re.Pattern[str]
    joints: re.Pattern[str]
    nobody: re.Pattern[str]
    looks: re.Pattern[str]
    extras: re.Pattern[str]

    def number(self, word: str) -> int | None:
        """A number as written in figures or words."""
        figure = re.search(r"\d+", word)
        return int(figure[0]) if figure else self.words.numbers.get(_plain(word))

    def ordinal(self, word: str) -> int | None:
        """An ordinal, -1 for the last."""
        known = self.words.ordinals.get(_plain(word))
        return known if known is not None else self.number(word)

    def marked(self, message: str) -> str:
        """The message with marks around its numbers and ordinals."""
        message = self.ordinals.sub(rf"{ORDINAL}\g<o>{ORDINAL}", message)
        return self.numbers.sub(rf"{NUMBER}\g<n>{NUMBER}", message)


def unmarked(words: str) -> str:
    """Words without the marks around numbers."""
    return words.replace(NUMBER, "").replace(ORDINAL, "")


def _plain(word: str) -> str:
    return " ".join(unmarked(word).split()).casefold()


def _nameless(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


def _either(words: Mapping[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True)).replace("\\ ", " ")


def _normal(words: Mapping[str, int]) -> dict[str, int]:
    return {unicodedata.normalize("NFC", word): number for word, number in words.items()}


def _alternatives(template: str) -> list[str]:
    """A template at its outermost bars: a slot may stand in each alternative once."""
    depth, out = 0, [""]
    for sign in re.findall(r"\\.|\[(?:\\.|[^\]])*\]|.", template):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            out.append("")
        else:
            out[-1] += sign
    return out


@functools.cache
def compiled(module: str) -> Grammar:
    """The grammar of a module of this package, e.g. ``english``."""
    import importlib

    words: Words = importlib.import_module(f"{__package__}.{module}").WORDS
    return _Compiler(words).grammar()


class _Compiler:
    def __init__(self, words: Words) -> None:
        words = replace(words, numbers=_normal(words.numbers), ordinals=_normal(words.ordinals))
        self.words = words
        mark, other = (f"{sign}[^{sign}]+{sign}" for sign in (NUMBER, ORDINAL))
        self.atoms = {
            "n": rf"(?:\d+|{mark})",
            "o": rf"(?:\d+(?:st|nd|rd|th|\.|ª|º|e|er|ère|ème)|{other})",
            "about": r"[^,;:]+?",
            "c": rf"(?:\d+|{mark})",
        }
        self.references = {noun: self._ways(noun) for noun in self.words.nouns}
        self.slots = self._slots()

    def _ways(self, noun: str) -> dict[str, str]:
        """Each way of naming, with named groups."""
        found = {}
        for way, template in self.words.references.items():
            if (way == "example") != (noun == "example") or (way == "all" and noun == "item"):
                continue
            pattern = template.replace("N", f"(?:{self.words.nouns[noun]})")
            for name in ("n", "o", "c", "about"):
                slot = f"{{{name}}}"
                pattern = pattern.replace(slot, f"(?P<{name}>{self.atoms[name]})", 1)
                pattern = pattern.replace(slot, self.atoms[name])
            found[way] = pattern
        if noun == "sentence":
            found["quoted"] = rf"(?P<about>{TEXT}\d+{TEXT})"
        return found

    def _slots(self) -> dict[str, str]:
        def union(noun: str) -> str:
            return "|".join(map(_nameless, self.references[noun].values()))

        slide, bare = f"(?:{union('slide')})", f"(?:{union('sentence')})"
        after, before = self.words.between
        sentence = rf"(?:(?:{slide}{after})?{bare}|{bare}(?:{before}{slide})?)"
        letters = r"\w.\u0900-\u097f"  # \w leaves the vowel signs of Devanagari out
        quoted = rf"{TEXT}\d+{TEXT}"
        ordinal = rf"(?:(?:{self.words.articles}) ?)?(?:{_either(self.words.ordinals)})"
        return {
            "slide": slide,
            "at": rf"(?:{slide}|{self.atoms['n']}|{ordinal})",
            "sentence": sentence,
            "example": f"(?:{union('example')})",
            "thing": rf"(?:{slide}|{sentence}|{union('example')})",
            "item": rf"(?:{union('item')})",
            "n": self.atoms["n"],
            "seconds": rf"(?:\d+(?:[.,]\d+)?|{self.atoms['n']})",
            "text": rf"(?:{quoted}|[^{TEXT}]+)",
            "old": rf"(?:{quoted}|[^{TEXT}]+?)",
            "new": rf"(?:{quoted}|[^{TEXT}]+)",
            "word": rf"(?:{quoted}|[{letters}'+#{NUMBER}{ORDINAL}-]+)",
            "name": rf"(?:{quoted}|[{letters}'’{NUMBER}{ORDINAL}-]+?(?: [{letters}'’-]+)" + r"{0,2}?)",
            "small": self.words.small,
            "much": self.words.much,
        }

    def _numbers(self) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        words = self.words
        ordinals, numbers = _either(words.ordinals), _either(words.numbers)
        nouns = "|".join(words.nouns.values())
        start, stop = (r"(?<!\w)", r"(?!\w)") if words.spaced else ("", "")
        between = rf" ?(?:(?:\d+|{numbers}) ?)?(?:{words.units})?"
        alone = rf"(?= ?(?:{words.units}|{nouns}))" if words.units else stop
        article = rf"(?:\W*(?:{words.articles}))?\W*"
        figure = r"\d+(?:st|nd|rd|th|\.|ª|º|e|er|ère|ème)?"
        answer = rf"{article}(?P<o>{figure}|{ordinals}|{numbers})(?:\W*(?:{words.ones}))?\W*"
        return (
            re.compile(rf"{start}(?P<o>{ordinals})(?={between}(?:{nouns}){stop})", re.I),
            re.compile(rf"{start}(?<![{NUMBER}{ORDINAL}])(?P<n>{numbers}){alone}", re.I),
            re.compile(answer, re.I),
        )

    def pattern(self, template: str) -> re.Pattern[str]:
        """A template compiled; messages are in NFC, and so are patterns."""
        out = re.sub(r"<(\w+)>", lambda m: f"(?:{self.words.verbs[m[1]]})", self._guard(template))
        seen: set[str] = set()

        def slot(match: re.Match[str]) -> str:
            name = match[1]
            kind = name.rstrip("2")
            inner = _nameless(self.slots[kind])
            if name in seen:
                return f"(?:{inner})"
            seen.add(name)
            return f"(?P<{name}>{inner})"

        out = re.sub(r"\{([a-z]+2?)\}", slot, out).replace("\0", "<")
        return re.compile(unicodedata.normalize("NFC", out), re.I)

    @staticmethod
    def _guard(template: str) -> str:
        """Group names and lookbehinds keep their angle brackets."""
        return re.sub(r"\(\?(P?)<(?=[\w=!])", lambda m: f"(?{m[1]}\0", template)

    def grammar(self) -> Grammar:
        words = self.words
        return Grammar(
            words,
            tuple((intent, value, self.pattern(said)) for intent, value, said in words.phrases),
            tuple(
                (intent, self.pattern(way)) for intent, said in words.patterns for way in _alternatives(said)
            ),
            (self.pattern(words.on[0] + r"(?P<rest>.+)"), self.pattern(r"(?P<rest>.+?)" + words.on[1])),
            self.slots,
            {
                noun: {
                    way: re.compile(unicodedata.normalize("NFC", text), re.I) for way, text in ways.items()
                }
                for noun, ways in self.references.items()
            },
            *self._numbers(),
            re.compile(f"(?:{words.polite[0]})+", re.I),
            re.compile(f"(?:{words.polite[1]})+$", re.I),
            *(re.compile(one, re.I) for one in (words.joints, words.nobody, words.looks, words.extras)),
        )
