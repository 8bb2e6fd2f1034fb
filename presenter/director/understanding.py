"""A message and its context become a reply: pending questions first, then the command grammar."""

from __future__ import annotations

import re

from presenter import text
from presenter.director import grammar, wording
from presenter.director.replies import Answer, Choice, Context, Proposal, Question, Refusal, Reply, Request

LONGEST = 100_000
"""Characters of a message that are looked at."""

_YES = frozenset(
    [
        "yes",
        "y",
        "yeah",
        "yep",
        "yup",
        "sure",
        "ok",
        "okay",
        "right",
        "correct",
        "exactly",
        "approve",
        "do it",
        "please do",
        "ja",
        "jawohl",
        "genau",
        "stimmt",
        "passt",
        "mach das",
        "sí",
        "si",
        "claro",
        "vale",
        "de acuerdo",
        "hazlo",
        "oui",
        "d'accord",
        "ouais",
        "vas-y",
        "हाँ",
        "हां",
        "जी",
        "जी हाँ",
        "ठीक है",
        "是",
        "是的",
        "对",
        "好",
        "好的",
        "可以",
        "行",
        "同意",
        "👍",
    ]
)
_NO = frozenset(
    [
        "no",
        "n",
        "nope",
        "nah",
        "cancel",
        "discard",
        "neither",
        "none",
        "none of them",
        "nein",
        "nö",
        "keine",
        "keins",
        "lieber nicht",
        "ninguno",
        "ninguna",
        "non",
        "aucun",
        "aucune",
        "नहीं",
        "ना",
        "मत करो",
        "不",
        "不是",
        "不要",
        "不用",
        "算了",
        "取消",
        "👎",
    ]
)


def understand(message: str, context: Context) -> Reply:
    """What a message means. Nothing happens by it.

    Args:
        message: what somebody wrote, said or pasted, in any language that the chat knows.
        context: the lesson and what was said before; ``pending`` is the last reply that still waits.
    """
    message, _ = text.clean(message[:LONGEST])
    if not message.strip():
        return Answer(wording.say(context.language, "not-understood"), beyond=True)
    pending = _answered(message.strip(), context)
    if pending is not None:
        return pending
    return grammar.read(message, context) or Answer(
        wording.say(context.language, "not-understood"), beyond=True
    )


def _answered(message: str, context: Context) -> Reply | None:
    """The reply that a pending question's answer chooses, or None where the message is none."""
    waiting = context.pending
    word = message.strip(" .!?。！？।").casefold()
    if waiting is None:
        return None
    if isinstance(waiting, Proposal):
        if word in _YES:
            return Request("approve", wording.say(context.language, "request-approve"))
        if word in _NO:
            return Request("discard", wording.say(context.language, "request-discard"))
        return None
    if word in _NO:
        return Request("discard", wording.say(context.language, "request-discard"))
    chosen = _choice(word, waiting, context.language)
    return chosen.reply if chosen else None


def _choice(word: str, waiting: Question | Refusal, language: str) -> Choice | None:
    choices = waiting.choices
    if word in _YES:
        return choices[0] if len(choices) == 1 else None
    for choice in choices:
        if word == choice.label.strip(" .!?。！？।").casefold():
            return choice
    number = grammar.ordinal(word, language)
    if number and -len(choices) <= number <= len(choices):
        return choices[number - 1 if number > 0 else number]
    holding = [choice for choice in choices if len(word) > 3 and word in choice.label.casefold()]
    if len(holding) == 1 and not re.search(r"[:：]", word):
        return holding[0]
    return None
