"""The command grammar: messages understood without any model.

    message -> texts kept aside -> politeness off -> wishes -> (place, sentence) -> intent -> edits

Each language is a table (``words.Words``); what intents mean is common to all (``intents``). Whatever is
not certain becomes a question whose choices are what each reading would do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from presenter.director import wording
from presenter.director.edits import LESSON, Edit, Set
from presenter.director.grammar import skeleton
from presenter.director.grammar.intents import INTENTS
from presenter.director.grammar.places import Places, Settled, Unclear
from presenter.director.grammar.reading import Found, Reading, propose
from presenter.director.grammar.talking import pasted
from presenter.director.grammar.words import TEXT, Grammar, compiled
from presenter.director.replies import Choice, Context, Proposal, Question, Reply, Request

_WIDE = ("write", "translate")
"""Intents whose phrases are wide: they are tried when nothing else fits."""
_MANY_LINES, _MANY_CHARACTERS = 4, 400
"""From here on a message that says nothing else is a pasted text."""
_MOST_WISHES = 6
_BY_PART = ("pause", "pauses-off", "pause-length", "add", "delete")
"""Intents for which some words in quotation marks name the sentence that they stand in."""
_ON_THE_WAY = ("approve", "status", "help", "discard")
"""Requests that are mostly talk where another one follows and nothing waits: "all good, make the video"."""
_DEEPEST = 3
"""Questions that one message may raise."""
_QUOTED = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«\s*([^«»]+?)\s*»|「([^」]+)」|\"([^\"]+)\"|(?<!\w)[‘']([^‘’']+(?:['’]\w+[^‘’']*)*)[’'](?!\w)"
)
_COLON = re.compile(r"(?:(?<!\d)[:：]|[:：](?!\d))\s*(?=\S)")


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
    mended = _mended(_grammar(own), message)
    found = _understood(own, mended, context, {}) if mended != message else None
    if isinstance(found, Proposal | Request):
        summary = f"{wording.say(own, 'corrected', words=mended)}\n{found.summary}"
        return replace(found, summary=summary)
    return found


def _grammar(language: str) -> Grammar:
    return compiled(wording.LANGUAGES[language])


def _understood(language: str, message: str, context: Context, fixed: Mapping[str, str]) -> Reply | None:
    """What a message means in one language; where it is unclear, a question with all that it may mean."""
    try:
        return _Message(_grammar(language), message, context, fixed).reply()
    except Unclear as unclear:
        if len(fixed) >= _DEEPEST:
            return None
        choices = []
        for key, label in unclear.candidates:
            reply = _understood(language, message, context, {**fixed, unclear.said: key})
            if reply is not None and reply.kind != "refusal":
                choices.append(Choice(label, reply))
        return Question(unclear.asked, tuple(choices))


@dataclass(frozen=True, slots=True)
class _Wish:
    """One of the things that a message asks for."""

    found: Found
    intent: str
    where: str
    open: bool
    """Whether words without quotation marks were taken as a text, which may hide a further wish."""


def _is_edits(wish: _Wish) -> bool:
    return isinstance(wish.found, list)


def _for_all(wish: _Wish) -> bool:
    """Whether a wish is a setting of the whole lesson."""
    edits = wish.found if isinstance(wish.found, list) else []
    return bool(edits) and all(isinstance(one, Set) and one.target == LESSON for one in edits)


class _Message:
    """A message on its way through the grammar of one language."""

    def __init__(self, grammar: Grammar, message: str, context: Context, fixed: Mapping[str, str]) -> None:
        self.grammar = grammar
        self.texts: list[str] = []
        self.message = self._kept_aside(message)
        self.places = Places(grammar, context, fixed, self.texts)

    def reply(self) -> Reply | None:
        """What it means, or None."""
        wishes = self._wishes(self.message, "", "", _MOST_WISHES)
        return self._together(wishes) if wishes else None

    # --- preparing ----------------------------------------------------------------------------

    def _kept_aside(self, message: str) -> str:
        """The message with a mark for each text in quotation marks and for what follows a colon."""

        def keep(words: str) -> str:
            self.texts.append(words.strip())
            return f"{TEXT}{len(self.texts) - 1}{TEXT}"

        colon = _COLON.search(message)
        quote = _QUOTED.search(message)
        if colon and not (quote and quote.start() < colon.start() < quote.end()):
            rest = message[colon.end() :]
            whole = _QUOTED.fullmatch(rest.strip())
            words = next(filter(None, whole.groups()), rest) if whole else rest
            message = f"{message[: colon.start()]}: {keep(words)}"
        aside = _QUOTED.sub(lambda match: keep(next(filter(None, match.groups()), "")), message)
        line = " ".join(aside.split())
        if not self.grammar.words.spaced:
            line = re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", line)
        return self.grammar.marked(line)

    def _bare(self, words: str) -> str:
        """Words without politeness around them."""
        before = None
        while before != words:
            before = words
            words = self.grammar.after.sub("", words).strip()
            rest = self.grammar.before.match(words)
            if rest and rest.end() < len(words):
                words = words[rest.end() :].strip()
        return words or before or ""

    # --- wishes -------------------------------------------------------------------------------

    def _wishes(self, words: str, intent: str, where: str, most: int) -> list[_Wish] | None:
        """The wishes of a message: one, or several that are joined; None where any is not understood.

        Args:
            intent, where: what the wish before was and where it was for: a second look keeps its place.
        """
        whole = self._wish(words, intent, where)
        if whole is not None and (not whole.open or whole.intent == "create"):
            return [whole]
        for joint in self.grammar.joints.finditer(words):
            left, right = words[: joint.start()], words[joint.end() :]
            if most < 2 or not left.strip() or not right.strip():
                continue
            first = self._wish(left, intent, where)
            if first is None:
                continue
            here = self.places
            self.places = replace(here, before=first.found if isinstance(first.found, list) else ())
            try:
                rest = self._wishes(right, first.intent, first.where, most - 1)
            finally:
                self.places = here
            if rest:
                return [first, *rest]
        return [whole] if whole is not None else None

    def _wish(self, words: str, intent: str, where: str) -> _Wish | None:
        for said in dict.fromkeys((self._bare(words), words.strip())):
            whole: _Wish | None = None
            for place, core in self._placed(said):
                found = self._intent(core, place, intent, where, wide=False)
                if found is None or (whole and (found.intent, True) != (whole.intent, _is_edits(found))):
                    continue
                if whole or not _for_all(found):
                    return found
                whole = found  # of "too fast on slide 4" the first look leaves the end out
            if whole:
                return whole
        said = self._bare(words)
        for place, core in self._placed(said):
            found = self._intent(core, place, intent, where, wide=True)
            if found:
                return found
        return None

    def _placed(self, words: str) -> Iterator[tuple[str, str]]:
        """Ways to part a wish into where it holds and what is wanted; the first has no place."""
        yield "", words
        for pattern in self.grammar.places:
            match = pattern.fullmatch(words)
            if match:
                groups = match.groupdict()
                place = groups.get("slide") or groups.get("sentence") or ""
                if self.places.names(place):
                    yield place, self._bare(match["rest"])

    def _intent(self, words: str, place: str, intent: str, where: str, *, wide: bool) -> _Wish | None:
        for name, value, pattern in self.grammar.phrases:
            match = pattern.fullmatch(words) if (name in _WIDE) == wide else None
            if match is not None:
                kept = place or (where if name == intent else "")
                found = self._meant(name, Reading(self.places, match.groupdict(), value, kept))
                if found is not None:
                    return _Wish(found, name, kept, False)
        if wide:
            return None
        for name, pattern in self.grammar.patterns:
            match = pattern.fullmatch(words)
            if match is None:
                continue
            groups = match.groupdict()
            if groups.get("again"):
                again = self._wish(groups["again"], intent, place or where)
                if again:
                    return again
                continue
            name, _, value = name.partition(":")
            found = self._meant(name, Reading(self.places, groups, value, place))
            if found is not None:
                taken = (groups.get(slot) for slot in ("text", "old", "new"))
                return _Wish(found, name, place, any(one and TEXT not in one for one in taken))
        return None

    @staticmethod
    def _meant(name: str, reading: Reading) -> Found:
        """What an intent gives; where something is not there, the answer that says so."""
        try:
            if name not in _BY_PART and reading.quotes_part():
                return None
            return INTENTS[name](reading)
        except Settled as settled:
            return settled.reply

    # --- one reply ------------------------------------------------------------------------------

    def _together(self, wishes: Sequence[_Wish]) -> Reply | None:
        """One reply for all wishes: questions and refusals first, then edits, then requests."""
        edits: list[Edit] = []
        replies: list[Reply] = []
        for wish in wishes:
            if isinstance(wish.found, list):
                edits += [edit for edit in wish.found if edit not in edits]
            elif wish.found is not None:
                replies.append(wish.found)
        for kind in ("refusal", "question"):
            for reply in replies:
                if reply.kind == kind:
                    return reply
        clash = self._contradiction(edits)
        if clash:
            return clash
        if not edits:
            return self._only(replies)
        proposal = propose(self.places, edits)
        later = [reply for reply in replies if isinstance(reply, Request)]
        notes = tuple(self.places.say("then", summary=reply.summary) for reply in later)
        if any(skeleton.stands_in(self.grammar.words.language, edit) for edit in edits):
            notes = (*notes, self.places.say("slide-note"))
        told = tuple(reply.text for reply in replies if reply.kind == "answer")
        return replace(proposal, notes=(*notes, *told))

    def _only(self, replies: Sequence[Reply]) -> Reply | None:
        """One reply where nothing is to be changed: what was asked for, not what was said on the way."""
        requests = list(dict.fromkeys(one for one in replies if isinstance(one, Request)))
        asked = [one for one in requests if one.action not in _ON_THE_WAY] or requests
        if self.places.context.pending is not None:
            asked = requests
        if len(asked) > 1:
            return Question(self.places.say("which-first"), tuple(Choice(one.summary, one) for one in asked))
        return asked[0] if asked else next(iter(replies), None)

    def _contradiction(self, edits: Sequence[Edit]) -> Question | None:
        """A question where two edits set the same thing to different values."""
        seen: dict[tuple[str, str], Set] = {}
        for edit in edits:
            if not isinstance(edit, Set):
                continue
            other = seen.setdefault((edit.target, edit.name), edit)
            if other.value != edit.value:
                kept = [[one for one in edits if one != gone] for gone in (edit, other)]
                choices = [Choice((reply := propose(self.places, some)).summary, reply) for some in kept]
                return Question(self.places.say("contradiction"), tuple(choices))
        return None


def _mended(grammar: Grammar, message: str) -> str:
    """The message with words that are nearly words of commands spelt as these; quotations stay."""
    vocabulary = _vocabulary(grammar)
    colon = _COLON.search(message)
    head, tail = (message[: colon.start()], message[colon.start() :]) if colon else (message, "")

    def mend(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 4 or word.casefold() in vocabulary:
            return word
        near = difflib.get_close_matches(word.casefold(), vocabulary, 1, 0.8)
        return near[0] if near else word

    quotes = [match.span() for match in _QUOTED.finditer(head)]
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
    return sorted({word for word, _ in found} | {word[:-1] for word, may_lack in found if may_lack})


def ordinal(words: str, language: str) -> int | None:
    """The number that an answer such as "2" or "the second one" names, -1 for the last; None for none."""
    own = wording.known(language)
    for one in (own, *(other for other in wording.LANGUAGES if other != own)):
        known = _grammar(one)
        match = known.answers.fullmatch(words)
        if match:
            return known.ordinal(match["o"])
    return None
