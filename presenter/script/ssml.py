"""SSML (W3C Speech Synthesis Markup Language 1.1) on its way into the lesson dialect.

========================  =====================================================================
``speak``, ``p``, ``s``   paragraphs; ``xml:lang`` of ``speak`` is the lesson's language
``break``                 ``[pause 0.5]``
``emphasis``              ``[emphasis strong]...[/emphasis]``
``prosody``               ``[speed 0.8]``, ``[pitch +2]``, ``[lively 1.3]``; its volume is left out
``lang``                  ``[lang de]...[/lang]``, as is ``xml:lang`` of ``p`` and ``s``
``sub``, ``phoneme``      ``[words]{say: ...}``, ``[word]{say: /ipa/}``
``say-as``                ``[words]{say: ...}`` with the words that are heard
``mark``                  ``[build]`` where it is named so, else ``<!-- mark: name -->``
``w``, ``token``          their words
========================  =====================================================================

Anything else is refused with its line. The parser resolves no entities and takes no document type.
"""

from __future__ import annotations

import math
import re
import xml.parsers.expat
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from presenter import text
from presenter.errors import InputError
from presenter.script import sayings
from presenter.script.stretches import LIMITS, LONGEST_PAUSE

DEEPEST = 30
"""Elements inside one another."""
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.0}
"""Seconds of ``strength``; the standard leaves them to the processor."""
_RATES = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "fast": 1.2, "x-fast": 1.5, "default": 1.0}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "high": 3.0, "x-high": 6.0, "default": 0.0}
_RANGES = {"x-low": 0.4, "low": 0.7, "medium": 1.0, "high": 1.3, "x-high": 1.7, "default": 1.0}
_PROSODY = (
    ("rate", "speed", _RATES, "factor"),
    ("pitch", "pitch", _PITCHES, "semitones"),
    ("range", "lively", _RANGES, "factor"),
)
"""Attribute, directive, words for its values, unit."""
_PARAGRAPHS = ("speak", "p", "paragraph")
_WORDS = ("sub", "phoneme", "say-as")
_ELEMENTS = (
    *_PARAGRAPHS, *_WORDS, "s", "sentence", "w", "token", "break", "emphasis", "prosody", "lang", "mark",
)  # fmt: skip
_LANG = "http://www.w3.org/XML/1998/namespace lang"
_NO_BRACES = str.maketrans("{}", "  ")


def is_ssml(source: str) -> bool:
    """Whether a lesson is written in SSML: it begins with ``<speak``, or with a document type for it."""
    return (
        re.match(
            r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:speak[\s>/]|!DOCTYPE\s.*<speak[\s>/])",
            source,
            re.S,
        )
        is not None
    )


def to_lesson(source: str) -> str:
    """SSML as a lesson in the dialect.

    Raises:
        InputError: ``E-SCRIPT-SSML`` for what is no well-formed XML or has a document type,
            ``E-SCRIPT-TAG`` for an element that is not listed above, ``E-SCRIPT-PAUSE``,
            ``E-SCRIPT-STYLE``, ``E-SCRIPT-SAY`` and ``E-SCRIPT-LANG`` for an attribute's value, each with
            its line.
    """
    writer = _Writer()
    parser = xml.parsers.expat.ParserCreate("utf-8", " ")
    writer.line = lambda: parser.CurrentLineNumber
    parser.SetParamEntityParsing(xml.parsers.expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = writer.refuse_doctype
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.buffer_text = True
    try:
        parser.Parse(source.encode(), True)
    except xml.parsers.expat.ExpatError as error:
        reason = xml.parsers.expat.ErrorString(error.code)
        raise InputError(
            "E-SCRIPT-SSML", f"Line {error.lineno}: this is no well-formed SSML ({reason}).",
            "Mend that line: each tag needs its end, & is written &amp;.", "script",
        ) from error  # fmt: skip
    return writer.lesson()


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    name: str
    openers: list[str]
    """Directives that it opened."""
    language: str
    """BCP 47 tag of its words."""
    say: Callable[[str], str] | None = None
    """What is said for its words, where they are not said as written."""
    words: str = ""
    """Those words."""


class _Writer:
    """Writes the dialect while the elements come by."""

    def __init__(self) -> None:
        self.line: Callable[[], int] = lambda: 1
        self.out: list[str] = []
        self.open: list[_Open] = []
        self.language = ""

    def lesson(self) -> str:
        """What was written, with the language at its head."""
        body = "".join(self.out)
        empty = re.compile(r"\[(\w+)[^\]\n]*\](\s*)\[/\1\]")
        while empty.search(body):
            body = empty.sub(r"\2", body)
        body = re.sub(r"[ \t]*\n[ \t]*", "\n", body)
        body = re.sub(r"[ \t]{2,}", " ", re.sub(r"\n{3,}", "\n\n", body)).strip()
        head = f"---\nlanguage: {self.language}\n---\n\n" if self.language else ""
        return f"{head}{body}\n"

    def refuse_doctype(self, *_: object) -> None:
        hint = "Remove the line <!DOCTYPE ...>."
        raise self.error("E-SCRIPT-SSML", "a document type definition is not allowed", hint)

    def error(self, code: str, what: str, hint: str) -> InputError:
        return InputError(code, f"Line {self.line()}: {what}.", hint, "script")

    # --- elements ---

    def start(self, full: str, attributes: Mapping[str, str]) -> None:
        name = full.rpartition(" ")[2]
        self.check_place(name)
        element = _Open(name, [], self.open[-1].language if self.open else "en")
        if name in _PARAGRAPHS:
            self.paragraph()
        self.choose_language(element, attributes)
        if name == "break":
            self.pause(attributes)
        elif name == "mark":
            self.mark(attributes.get("name", ""))
        elif name in _WORDS:
            element.say = self.saying(name, attributes, element.language)
        elif name == "emphasis":
            self.emphasis(element, attributes.get("level", "moderate"))
        elif name == "prosody":
            self.prosody(element, attributes)
        self.open.append(element)
        self.out += [f"[{opener}]" for opener in element.openers]

    def check_place(self, name: str) -> None:
        if name not in _ELEMENTS:
            raise InputError(
                "E-SCRIPT-TAG", f"<{name}> is not allowed (line {self.line()}).",
                "Remove it; voices are chosen in the settings, and sound files are not played.", "script",
            )  # fmt: skip
        if not self.open and name != "speak":
            raise self.error("E-SCRIPT-SSML", f"<{name}> stands outside <speak>", "Begin with <speak>.")
        if len(self.open) >= DEEPEST:
            raise self.error(
                "E-SCRIPT-SSML", f"more than {DEEPEST} elements inside one another", "Nest less."
            )
        if self.open and self.open[-1].say:
            what = f"<{name}> inside <{self.open[-1].name}> is not allowed"
            raise self.error("E-SCRIPT-SSML", what, "Move it out of there.")

    def end(self, full: str) -> None:
        name = full.rpartition(" ")[2]
        element = self.open.pop()
        if element.say:
            words = " ".join(re.sub(r"[\[\]]", " ", element.words).split())
            said = " ".join(element.say(words).translate(_NO_BRACES).split()) if words else ""
            wrong = text.unsayable(said)
            if wrong:
                raise self.error(
                    "E-SCRIPT-SAY", f'what is to be said for "{words[:40]}" {wrong}', "Change it."
                )
            plain = _escaped(words)
            self.out.append(f"[{plain}]{{say: {said}}}" if said and said != words else plain)
        self.out += [f"[/{opener.split()[0]}]" for opener in reversed(element.openers)]
        if name in _PARAGRAPHS:
            self.paragraph()
        elif name in ("s", "sentence"):
            self.out.append(" ")

    def text(self, data: str) -> None:
        if self.open and self.open[-1].say:
            self.open[-1].words += data
        else:  # an empty line is only layout here; in the dialect it would end the paragraph
            self.out.append(_escaped(re.sub(r"\s*\n\s*", "\n", data)))

    def paragraph(self) -> None:
        """Begin a new paragraph; what is open ends before it and goes on after it."""
        openers = [opener for element in self.open for opener in element.openers]
        self.out += [f"[/{opener.split()[0]}]" for opener in reversed(openers)]
        self.out.append("\n\n")
        self.out += [f"[{opener}]" for opener in openers]

    # --- attributes ---

    def choose_language(self, element: _Open, attributes: Mapping[str, str]) -> None:
        asked = attributes.get(_LANG, "")
        if not asked:
            return
        tag = text.canonical(asked)
        if tag is None:
            raise self.error(
                "E-SCRIPT-LANG", f'"{asked[:40]}" is not a language', "Write one such as en or de."
            )
        if element.name == "speak":
            self.language = tag
        elif tag != element.language:
            element.openers.append(f"lang {tag}")
        element.language = tag

    def pause(self, attributes: Mapping[str, str]) -> None:
        seconds = _BREAKS.get(attributes.get("strength", "medium"))
        time = attributes.get("time", "").strip()
        if time:
            match = re.fullmatch(r"\+?(\d{1,9}(?:\.\d{1,6})?|\.\d{1,6})(ms|s)", time, re.ASCII)
            seconds = float(match[1]) / (1000 if match[2] == "ms" else 1) if match else None
        if seconds is None:
            value = time or attributes.get("strength", "")
            raise self.error(
                "E-SCRIPT-PAUSE", f'"{value[:40]}" is no length of a pause', "Write 500ms or 2s."
            )
        if seconds > LONGEST_PAUSE:
            what = f"a pause of {seconds:,.10g} s; the limit is {LONGEST_PAUSE:g} s"
            raise self.error("E-SCRIPT-PAUSE", what, "Ask for a shorter pause.")
        if seconds:
            self.out.append(f" [pause {seconds:g}] ")

    def mark(self, name: str) -> None:
        if name == "build" or name.startswith(("layout ", "point ")):
            self.out.append(f" [{name}] ")
        else:
            self.out.append(f"<!-- mark: {re.sub('[-<>]+', '-', name)} -->")

    def emphasis(self, element: _Open, level: str) -> None:
        if level not in ("strong", "moderate", "reduced", "none"):
            hint = "Known: strong, moderate, reduced, none."
            raise self.error("E-SCRIPT-STYLE", f'there is no emphasis "{level[:40]}"', hint)
        if level != "none":
            element.openers.append(f"emphasis {level}")

    def prosody(self, element: _Open, attributes: Mapping[str, str]) -> None:
        for name, directive, words, unit in _PROSODY:
            value = attributes.get(name, "").strip()
            found = words.get(value) if value in words else _measure(value, unit)
            low, high = LIMITS[directive]
            if value and (found is None or not low <= found <= high):
                what = f'{name} is "{value[:40]}"; the limits are {low:g} and {high:g} ({unit})'
                raise self.error("E-SCRIPT-STYLE", what, f"Known, too: {', '.join(words)}.")
            if found is not None and found != (0.0 if unit == "semitones" else 1.0):
                sign = "+" if unit == "semitones" else ""
                element.openers.append(f"{directive} {round(found, 3):{sign}g}")

    def saying(self, name: str, attributes: Mapping[str, str], language: str) -> Callable[[str], str]:
        """What is said for the words of ``sub``, ``phoneme`` and ``say-as``."""
        if name == "sub":
            alias = attributes.get("alias", "")
            return lambda _: alias
        if name == "phoneme":
            if attributes.get("alphabet", "ipa") != "ipa":
                what = f'the alphabet "{attributes["alphabet"][:40]}" is not known'
                raise self.error("E-SCRIPT-SAY", what, 'Write it in IPA: alphabet="ipa".')
            sound = attributes.get("ph", "").strip()
            return lambda words: f"/{sound}/" if sound else words
        kind, layout = attributes.get("interpret-as", ""), attributes.get("format", "")
        return lambda words: sayings.said_as(words, kind, layout, language)


def _measure(value: str, unit: str) -> float | None:
    """A factor (``80%``, ``0.8``, ``+10%``) or semitones (``+2st``, ``+10%``); None for anything else."""
    match = re.fullmatch(r"([+-]?)(\d{1,4}(?:\.\d{1,4})?|\.\d{1,4})(%|st)?", value, re.ASCII)
    if match is None:
        return None
    number = float(match[2]) * (-1 if match[1] == "-" else 1)
    if unit == "semitones":
        if match[3] == "%":
            factor = 1 + number / 100 if match[1] else number / 100
            return 12 * math.log2(factor) if factor > 0 else None
        return number if match[3] == "st" else None
    if match[3] == "st":
        return None
    share = number / 100 if match[3] else number
    return 1 + share if match[1] else share


def _escaped(words: str) -> str:
    """Text that means in the dialect what it means in SSML."""
    words = re.sub(r"[\\`*_\[\]{}<>#$&~|]", r"\\\g<0>", words)
    return re.sub(r"^(\s*(?:\d+(?=[.)]))?)([-+.)])", r"\1\\\2", words, flags=re.M)
