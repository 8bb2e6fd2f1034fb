"""The director: a message becomes edits of a lesson, a question, or a request; never an action.

    message, Context --understand--> Reply --approve--> apply(source, edits) --> new source
                                                        diff(old, new) --> what people look at

All of it is pure: what a conversation keeps stands in ``Context``, and only a door acts.
"""

from presenter.director.difference import Change, Difference, Word, diff, plain
from presenter.director.edits import LESSON, Delete, Edit, Insert, Move, Replace, Set
from presenter.director.replies import (
    CONFIRMED,
    Action,
    Answer,
    Choice,
    Context,
    Proposal,
    Question,
    Refusal,
    Reply,
    Request,
    from_json,
    to_json,
)
from presenter.director.revision import apply
from presenter.director.understanding import understand

__all__ = [
    "CONFIRMED",
    "LESSON",
    "Action",
    "Answer",
    "Change",
    "Choice",
    "Context",
    "Delete",
    "Difference",
    "Edit",
    "Insert",
    "Move",
    "Proposal",
    "Question",
    "Refusal",
    "Replace",
    "Reply",
    "Request",
    "Set",
    "Word",
    "apply",
    "diff",
    "from_json",
    "plain",
    "to_json",
    "understand",
]
