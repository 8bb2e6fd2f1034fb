"""Misspelt words of command, spelt as they were meant."""

from __future__ import annotations

import difflib
import re

from presenter.director.grammar.concepts import lexicon
from presenter.director.grammar.message import COLON, QUOTED
from presenter.director.grammar.words import Grammar
from presenter.director.replies import Context
from presenter.director.wording import LANGUAGES


def mended(grammar: Grammar, message: str, context: Context) -> str:
    """The message with words that are nearly words of commands spelt as these; quotations and words of the
    lesson stay."""
    vocabulary = _vocabulary(grammar)
    own = {
        word.casefold() for word in re.findall(r"[^\W\d_]+", context.script.source if context.script else "")
    }
    colon = COLON.search(message)
    head, tail = (message[: colon.start()], message[colon.start() :]) if colon else (message, "")

    def mend(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4 or word.casefold() in vocabulary or word.casefold() in own:
            return word
        near = difflib.get_close_matches(word.casefold(), vocabulary, 1, 0.8)
        return near[0] if near else word

    quotes = [match.span() for match in QUOTED.finditer(head)]
    out, at = [], 0
    for start, end in [*quotes, (len(head), len(head))]:
        out += [re.sub(r"[^\W\d_]+", mend, head[at:start]), head[start:end]]
        at = end
    return "".join(out) + tail


def _vocabulary(grammar: Grammar) -> list[str]:
    """Words that commands are made of."""
    words = grammar.words
    source = " ".join([*words.verbs.values(), *words.nouns.values(), *words.ordinals, *words.numbers])
    source += " " + " ".join(said for _, _, said in words.phrases)
    found = re.findall(r"([^\W\d_]{4,})(\?)?", source.casefold())
    known = {word for word, _ in found} | {word[:-1] for word, may_lack in found if may_lack}
    return sorted(known | lexicon.reader(LANGUAGES[words.language]).words)
