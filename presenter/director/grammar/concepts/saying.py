"""A wish taken apart: its concepts, what it names, its numbers and the words it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from presenter.director.edits import Edit, Insert
from presenter.director.grammar.concepts.lexicon import (
    NUMBER,
    ORDINAL,
    QUOTED,
    REFERENCE,
    UNKNOWN,
    Token,
)
from presenter.director.grammar.concepts.references import Reference, resolve
from presenter.director.grammar.places import Places
from presenter.types import Segment, Slide

SILENT = frozenset(["filler", "stop", "do", "also", "again", "mine", "thanks", "because", "put", "audience"])
"""Concepts that no rule needs to name: they change nothing."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One wish.

    Args:
        behind: as ``Lexicon.behind``.
        target: id of what the wish before was about, where this one may go on with it; ``""`` for nothing.
    """

    places: Places
    tokens: tuple[Token, ...]
    message: str
    behind: bool = False
    target: str = ""

    @property
    def all_kinds(self) -> frozenset[str]:
        """All concepts."""
        return frozenset(one.kind for one in self.tokens)

    @property
    def kinds(self) -> frozenset[str]:
        """All concepts but those that change nothing."""
        return frozenset(one.kind for one in self.tokens) - SILENT

    def has(self, *kinds: str) -> bool:
        """Whether one of these concepts is there."""
        return any(one.kind in kinds for one in self.tokens)

    def first(self, *kinds: str) -> Token | None:
        """The first token of one of these concepts."""
        return next((one for one in self.tokens if one.kind in kinds), None)

    # --- references ---------------------------------------------------------------------------

    @property
    def references(self) -> list[Reference]:
        """All that is named, in order."""
        return [
            one.value for one in self.tokens if one.kind == REFERENCE and isinstance(one.value, Reference)
        ]

    def beside(self) -> tuple[Reference, str] | None:
        """What something goes before or after, and which of the two."""
        found = [one for one in self.references if one.role in ("before", "after") and not one.span]
        return (found[0], found[0].role) if len(found) == 1 else None

    def slide_beside(self, source: str) -> list[Edit]:
        """A slide with that source before or after what is named so; nothing where that is not said."""
        beside = self.beside()
        if beside is None:
            return []
        what, role = beside
        place: Literal["before", "after"] = "before" if role == "before" else "after"
        return [Insert("slide", source, place, resolve(what, self.places)[-1].id)]

    def scope(self) -> Slide | None:
        """The slide on which it holds, where sentences or words are named beside it."""
        slides = [
            one
            for one in self.references
            if one.noun == "slide" and one.role in ("on", "from", "") and not one.span
        ]
        others = [one for one in self.references if one.noun != "slide"]
        if len(slides) == 1 and (others or self.has(UNKNOWN, QUOTED, "item", "title", "pause", "word")):
            found = resolve(slides[0], self.places)
            if len(found) == 1 and isinstance(found[0], Slide):
                return found[0]
        return None

    def named(
        self, *nouns: str, roles: Sequence[str] = ("", "on", "to", "from", "until", "except", "between")
    ) -> list[Slide | Segment]:
        """What is named, each once; ``except`` takes away, "the rest" is what nothing else names."""
        own = [
            one
            for one in self.references
            if (one.noun in nouns or not one.noun) and (one.role in roles or one.span)
        ]
        scope = self.scope() if any(one.noun != "slide" for one in own) else None
        if scope is not None:
            own = [one for one in own if one.noun != "slide"]
        kept = [one.target for one in self.places.before or () if not isinstance(one, Insert)]
        kept += [one.id for ref in own if ref.way != "rest" for one in resolve(ref, self.places, (), scope)]
        found: dict[str, Slide | Segment] = {}
        gone: set[str] = set()
        for ref in own:
            for one in resolve(ref, self.places, kept, scope):
                if ref.role == "except":
                    gone.add(one.id)
                else:
                    found[one.id] = one
        if gone and not found:
            everything: Sequence[Slide | Segment] = self.places.script.slides
            found = {one.id: one for one in everything}
        return [one for one in found.values() if one.id not in gone]

    # --- numbers ------------------------------------------------------------------------------

    def _before(self, kind: str) -> Token | None:
        """The token before one of that kind, what means nothing left out."""
        for at, token in enumerate(self.tokens):
            if token.kind == kind:
                return next((one for one in self.tokens[:at][::-1] if one.kind != "filler"), None)
        return None

    def seconds(self) -> float | None:
        """How many seconds are said, or None."""
        if not self.has("unit"):
            return None
        token = self._before("unit")
        if token and token.kind in (NUMBER, "fraction") and isinstance(token.value, int | float):
            return float(token.value)
        return 0.5 if token and token.kind == "half" else 1.0

    def percent(self) -> float | None:
        """How many percent are said, or None."""
        token = self._before("percent")
        if token is None or token.kind != NUMBER:  # Mandarin names the number last
            kinds = [one.kind for one in self.tokens]
            at = kinds.index("percent") + 1 if "percent" in kinds else len(kinds)
            token = self.tokens[at] if at < len(kinds) else None
        return float(token.value) if token and isinstance(token.value, int | float) else None

    def number(self) -> float | None:
        """A number that is neither of a reference nor of a unit, or None."""
        for at, token in enumerate(self.tokens):
            after = self.tokens[at + 1].kind if at + 1 < len(self.tokens) else ""
            if (
                token.kind == NUMBER
                and after not in ("unit", "percent")
                and isinstance(token.value, int | float)
            ):
                return float(token.value)
        return None

    def ordinal(self) -> int | None:
        """An ordinal that is not of a reference, or None."""
        token = self.first(ORDINAL)
        return int(token.value) if token and isinstance(token.value, int) else None

    # --- words --------------------------------------------------------------------------------

    def operands(self) -> list[tuple[Token, str]]:
        """Words that the wish is about, and as they were written."""
        return [(one, self.text(one)) for one in self.tokens if one.kind in (UNKNOWN, QUOTED)]

    def text(self, token: Token) -> str:
        """A token's words as they were written."""
        if token.kind == QUOTED and isinstance(token.value, int):
            return self.places.texts[token.value]
        return self.places.plain(token.said)

    def around(self, token: Token) -> tuple[str, str]:
        """The concepts before and after a token, what means nothing left out."""
        at = self.tokens.index(token)
        quiet = ("filler", "stop", "word", "do")
        before = next((one.kind for one in self.tokens[:at][::-1] if one.kind not in quiet), "")
        after = next((one.kind for one in self.tokens[at + 1 :] if one.kind not in quiet), "")
        return before, after

    # --- ------------------------------------------------------------------------------- ------

    def complains(self) -> bool:
        """Whether a quality is said to be too much: "too fast", "not so slow"."""
        return self.has("too", "not")
