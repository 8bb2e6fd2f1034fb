"""What the director answers to a message, and what it has to know for that. Values, no behaviour."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from presenter.director.edits import Edit
from presenter.types import Script

Action: TypeAlias = Literal[
    "render", "preview", "estimate", "cancel", "status", "download", "undo", "redo", "history", "restore",
    "verify", "help", "open", "forget-voice", "forget-lesson", "enrol", "approve", "discard",
]  # fmt: skip
"""What can be asked for besides edits. The director only names it; a door asks for the click."""

CONFIRMED: frozenset[Action] = frozenset(["render", "restore", "forget-voice", "forget-lesson"])
"""Actions that a door carries out only after a click of a person on exactly this."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that wait for somebody's approval."""

    edits: tuple[Edit, ...]
    summary: str
    """What was understood, in plain words, in the language of the conversation; one line an edit."""
    notes: tuple[str, ...] = ()
    """What else should be known, for instance that a pasted text looks like orders."""
    fresh: bool = False
    """The edits make a lesson of its own; the present one stays as it is."""
    kind: Literal["proposal"] = "proposal"


@dataclass(frozen=True, slots=True)
class Request:
    """Something else than an edit is wanted; nothing has happened yet."""

    action: Action
    summary: str
    arguments: tuple[str, ...] = ()
    """``restore``: number of the version; ``undo``: how many changes, where it is more than one;
    ``forget-voice``: names of the voices."""
    kind: Literal["request"] = "request"


@dataclass(frozen=True, slots=True)
class Answer:
    """Plain words; nothing is to be done."""

    text: str
    beyond: bool = False
    """The command grammar knows no better; a language model may."""
    question: str = ""
    """The question about the lesson that this answers; its presenter can say it as a short video."""
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read a message."""

    label: str
    reply: Proposal | Request | Answer | Question
    """What choosing it gives."""


@dataclass(frozen=True, slots=True)
class Question:
    """The message can be read in several ways, or something is missing."""

    text: str
    choices: tuple[Choice, ...] = ()
    beyond: bool = False
    """As for ``Answer``."""
    kind: Literal["question"] = "question"


@dataclass(frozen=True, slots=True)
class Refusal:
    """It will not be done."""

    code: str
    """``E-AREA-NAME``."""
    text: str
    choices: tuple[Choice, ...] = ()
    """What can be done instead."""
    kind: Literal["refusal"] = "refusal"


Reply: TypeAlias = Annotated[Proposal | Question | Request | Refusal | Answer, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Context:
    """All that a message is understood by."""

    script: Script | None = None
    """The lesson as it is; None before there is one."""
    slide: str = ""
    """Id of the slide that is selected."""
    segment: str = ""
    """Id of the sentence that is selected."""
    voices: tuple[str, ...] = ()
    """Ids of the voices that may be used."""
    own_voices: tuple[str, ...] = ()
    """Those of them that belong to whoever writes."""
    portraits: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    language: str = "en"
    """BCP 47 tag of the conversation."""
    pending: Question | Refusal | Proposal | None = None
    """What was answered last and still waits."""
    last: tuple[Edit, ...] = ()
    """The edits that were approved last: what "the same for slide 4" repeats."""
    said: tuple[tuple[str, str], ...] = ()
    """The end of the conversation, for a language model: ``user`` or ``chat``, and the words."""


@functools.cache
def _adapter() -> TypeAdapter[Reply]:
    return TypeAdapter(Reply)


def to_json(reply: Reply) -> str:
    """A reply as JSON, to be kept or sent."""
    return _adapter().dump_json(reply).decode()


def from_json(text: str | bytes) -> Reply:
    """The reply of ``to_json``.

    Raises:
        ValueError: it is none.
    """
    return _adapter().validate_json(text)
