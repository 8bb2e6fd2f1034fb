"""A sentence that the grammar has recognised, and what it is read with."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast, get_args

from presenter.director import wording
from presenter.director.edits import LESSON, Edit, Place, Set
from presenter.director.grammar.places import Places, bare
from presenter.director.grammar.words import TEXT
from presenter.director.replies import Choice, Proposal, Question, Reply
from presenter.types import Slide

Found: TypeAlias = list[Edit] | Reply | None
"""Edits, a reply, or None where the sentence means something else."""
Groups: TypeAlias = Mapping[str, str | None]

_FINE = 0.65
"""Likeness from which a name is taken for a known one that was misspelt; one still asks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A recognised sentence, with all that is needed to understand it."""

    places: Places
    groups: Groups
    value: str = ""
    """What the phrase stands for."""
    where: str = ""
    """The words for the place that the sentence was about, or ``""``."""

    def said(self, slot: str) -> str:
        """The words in a slot, without what was kept aside."""
        return self.groups.get(slot) or self.groups.get(f"{slot}2") or ""

    def text(self, slot: str) -> str:
        """A text in a slot, as it was written."""
        return self.places.plain(self.said(slot))

    def quotes_part(self) -> bool:
        """Whether a sentence is named by some of its words in quotation marks, not by all of them."""
        said = next((one for one in map(self.said, ("sentence", "thing")) if one.startswith(TEXT)), "")
        own = {bare(one.text) for one in self.places.script.segments} if said else set()
        return bool(said) and bare(self.places.plain(said)) not in own

    def slide(self) -> Slide | None:
        """The slide that the sentence was about, if it named one."""
        return self.places.slides(self.where)[0] if self.where else None

    def targets(self) -> list[str]:
        """Ids of what a setting is for; the lesson where nothing was named."""
        named = self.groups.get("thing") or self.where
        if named:
            return [one.id for one in self.places.things(named)]
        chosen = self.places.context.segment or self.places.context.slide
        return [chosen if self.groups.get("this") and chosen else LESSON]

    def place(self) -> Place:
        """Where something goes: the group that matched says it."""
        found = [name for name in get_args(Place) if self.groups.get(name)]
        return cast(Place, found[0]) if found else "after"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of voices, portraits and themes that may be used."""

    places: Places

    def known(self, kind: str) -> tuple[str, ...]:
        """All names of a kind."""
        context = self.places.context
        return {"voice": context.voices, "portrait": context.portraits, "theme": context.themes}[kind]

    def exact(self, kind: str, said: str) -> str:
        """The known name, or ``""``."""
        folded = said.strip().casefold()
        return next((one for one in self.known(kind) if one.casefold() == folded), "")

    def near(self, kinds: Sequence[str], said: str) -> list[tuple[str, str]]:
        """Kinds and names that are alike, the nearest first."""
        folded = said.strip().casefold()
        rows = [
            (difflib.SequenceMatcher(None, folded, name.casefold()).ratio(), kind, name)
            for kind in kinds
            for name in self.known(kind)
        ]
        return [(kind, name) for ratio, kind, name in sorted(rows, reverse=True) if ratio >= _FINE]

    def someone(self, said: str) -> bool:
        """Whether the words name somebody that this installation knows, or nobody in particular."""
        first = re.split(r"\s", said)[0]
        names = [said, first]
        return any(self.near(("voice", "portrait"), name) for name in names)

    def find(self, kinds: Sequence[str], said: str) -> Found:
        """Edits that set a name; a question where it is not known exactly."""
        sure = [(kind, name) for kind in kinds if (name := self.exact(kind, said))]
        if len(sure) == 1:
            return [Set(LESSON, *sure[0])]
        found = sure or self.near(kinds, said)
        asked = self.places.say(
            "did-you-mean" if found else "unknown-voice" if "voice" in kinds else "unknown-name", name=said
        )
        if not found and len(kinds) > 1:
            return None
        shown = found or [(kind, name) for kind in kinds for name in self.known(kind)]
        choices = tuple(Choice(name, propose(self.places, [Set(LESSON, kind, name)])) for kind, name in shown)
        return Question(asked, choices)


def propose(places: Places, edits: Sequence[Edit]) -> Proposal:
    """A proposal that tells what was understood."""
    lines = [wording.describe(edit, places.context.script, places.grammar.words.language) for edit in edits]
    return Proposal(tuple(edits), "\n".join(dict.fromkeys(lines)))
