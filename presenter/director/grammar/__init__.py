"""The command grammar: messages understood without any model.

    message -> texts kept aside -> politeness off -> wishes -> (place, sentence) -> intent -> edits

Each language is a table (``words.Words``); what intents mean is common to all (``intents``). Whatever is
not certain becomes a question whose choices are what each reading would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from presenter.director import wording
from presenter.director.grammar import mending
from presenter.director.grammar.message import Message
from presenter.director.grammar.places import Places, Unclear
from presenter.director.grammar.talking import pasted
from presenter.director.grammar.words import Grammar, compiled
from presenter.director.replies import Choice, Context, Proposal, Question, Refusal, Reply, Request

_MANY_LINES, _MANY_CHARACTERS = 4, 400
"""From here on a message that says nothing else is a pasted text."""
_DEEPEST = 3
"""Questions that one message may raise."""


def read(message: str, context: Context) -> Reply | None:
    """What a message means, or None where no language's grammar knows it."""
    message = message.strip()
    own = wording.known(context.language)
    for language in (own, *(one for one in wording.LANGUAGES if one != own)):
        found = _understood(language, message, context, {})
        if found is not None:
            return found
    if message.count("\n") + 1 >= _MANY_LINES or len(message) > _MANY_CHARACTERS:
        return pasted(Places(_grammar(own), context, {}, ()), message)
    words = mending.mended(_grammar(own), message, context)
    found = _understood(own, words, context, {}) if words != message else None
    if isinstance(found, Proposal | Request):
        summary = f"{wording.say(own, 'corrected', words=words)}\n{found.summary}"
        return replace(found, summary=summary)
    return found


def guess(message: str, context: Context) -> Question | Refusal | None:
    """A question whether a message means what its known words mean, where some are unknown; or None."""
    own = wording.known(context.language)
    try:
        return Message(_grammar(own), message.strip(), context, {}).guessed()
    except Unclear:
        return None


def _grammar(language: str) -> Grammar:
    return compiled(wording.LANGUAGES[language])


def _understood(language: str, message: str, context: Context, fixed: Mapping[str, str]) -> Reply | None:
    """What a message means in one language; where it is unclear, a question with all that it may mean."""
    try:
        return Message(_grammar(language), message, context, fixed).reply()
    except Unclear as unclear:
        if len(fixed) >= _DEEPEST:
            return None
        choices = []
        for key, label in unclear.candidates:
            reply = _understood(language, message, context, {**fixed, unclear.said: key})
            if reply is not None and reply.kind != "refusal":
                choices.append(Choice(label, reply))
        return Question(unclear.asked, tuple(choices))


def ordinal(words: str, language: str) -> int | None:
    """The number that an answer such as "2" or "the second one" names, -1 for the last; None for none."""
    own = wording.known(language)
    for one in (own, *(other for other in wording.LANGUAGES if other != own)):
        known = _grammar(one)
        match = known.answers.fullmatch(words)
        if match:
            return known.ordinal(match["o"])
    return None
