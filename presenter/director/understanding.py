"""A message and its context become a reply: pending questions first, then the command grammar."""

from __future__ import annotations

import re
from dataclasses import replace

from presenter import text
from presenter.director import answers, grammar, wording
from presenter.director.edits import LESSON, Set
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
        "scrap that",
        "forget it",
        "never mind",
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


_HESITATION = re.compile(r"^(?:(?:h+m+|uh+|um+|äh+m?|euh+|eh+|嗯+)[\s,.…，]*)+", re.I)
_CORRECTION = re.compile(
    r"(?:(?:(?:no+|nope|nah|actually|wait|sorry|i meant?|nein|ach|nee|nö|doch|sondern|quatsch|ich meinte?|"
    r"mejor|perdón|quiero decir|digo|non|pardon|plutôt|je veux dire|नहीं|अरे|मेरा मतलब)(?![\w\u0900-\u097f])|"
    r"不是|不对|不(?=[，,])|应该是)[\s,.!:，。]*)+",
    re.I,
)
"""How somebody begins who takes back what was just said."""
_DELETE = {
    "en": "delete {}",
    "de": "lösche {}",
    "es": "borra {}",
    "fr": "supprime {}",
    "hi": "{} हटाओ",
    "zh": "删掉{}",
}


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
    return (
        _corrected(message.strip(), context)
        or grammar.read(message, context)
        or _explained(message.strip(), context)
    )


def _explained(message: str, context: Context) -> Answer | Question | Refusal:
    """The lesson's own sentences about a question, a guess at what was meant, or that it was not clear."""
    guess = grammar.guess(message, context)
    if isinstance(guess, Refusal) and not answers.begins_as_question(message):
        return guess
    if context.script and answers.is_question(message):
        said = answers.found(message, context.script)
        if said:
            return Answer(" ".join(said), beyond=True, question=message)
    key = "not-understood" if context.script else "no-lesson"
    return guess or Answer(wording.say(context.language, key), beyond=True)


def _corrected(message: str, context: Context) -> Reply | None:
    """What "no, slower" or "no, the one about oxygen" makes of a proposal that waits, or None."""
    waiting, match = context.pending, _CORRECTION.match(message)
    if not isinstance(waiting, Proposal) or match is None or waiting.fresh:
        return None
    rest, language = message[match.end() :], wording.known(context.language)
    if all(edit.kind == "delete" for edit in waiting.edits):
        other = grammar.read(_DELETE[language].format(rest), context)
        if other is not None and other.kind in ("proposal", "question"):
            return other
    reply = grammar.read(rest, context)
    if not isinstance(reply, Proposal) or len(waiting.edits) != 1:
        return reply
    kept = waiting.edits[0]
    edits = tuple(
        replace(edit, target=kept.target)
        if isinstance(edit, Set) and isinstance(kept, Set) and (edit.target, edit.name) == (LESSON, kept.name)
        else edit
        for edit in reply.edits
    )
    lines = [wording.describe(edit, context.script, language) for edit in edits]
    return replace(reply, edits=edits, summary="\n".join(lines))


def _answered(message: str, context: Context) -> Reply | None:
    """The reply that a pending question's answer chooses, or None where the message is none."""
    waiting = context.pending
    word = _HESITATION.sub("", message).strip(" .!?。！？।").casefold()
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
