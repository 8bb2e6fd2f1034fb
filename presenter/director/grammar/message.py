"""A message on its way through the grammar of one language: wishes, and one reply for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from presenter.director.edits import LESSON, Edit, Set
from presenter.director.grammar import concepts, skeleton
from presenter.director.grammar.concepts import asks
from presenter.director.grammar.concepts.lexicon import REFERENCE
from presenter.director.grammar.intents import INTENTS
from presenter.director.grammar.places import Places, Settled
from presenter.director.grammar.reading import Found, Reading, propose
from presenter.director.grammar.words import TEXT, Grammar
from presenter.director.replies import Choice, Context, Question, Refusal, Reply, Request

_WIDE = ("write", "translate")
"""Intents whose phrases are wide: they are tried when nothing else fits."""
_MOST_WISHES = 6
_BY_PART = ("pause", "pauses-off", "pause-length", "add", "delete")
"""Intents for which some words in quotation marks name the sentence that they stand in."""
_ON_THE_WAY = ("approve", "status", "help", "discard")
"""Requests that are mostly talk where another one follows and nothing waits: "all good, make the video"."""
QUOTED = re.compile(
    r"“([^“”]+)”|„([^„“”]+)[“”]|«\s*([^«»]+?)\s*»|「([^」]+)」|\"([^\"]+)\"|(?<!\w)[‘']([^‘’']+(?:['’]\w+[^‘’']*)*)[’'](?!\w)"
)
_CLAUSES = re.compile(r"[.!?;…。！？；]+(?=\s|$|[^\d\s])|(?<!\d)[,，]|[,，](?!\d)|\s[–—-]+\s|।")
_MOST_CLAUSES = 8
COLON = re.compile(r"(?:(?<!\d)[:：]|[:：](?!\d))\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class _Wish:
    """One of the things that a message asks for."""

    found: Found
    intent: str
    where: str
    open: bool
    """Whether words without quotation marks were taken as a text, which may hide a further wish."""
    meant: concepts.Meant | None = None
    """As it was understood by its words."""


def _is_edits(wish: _Wish) -> bool:
    return isinstance(wish.found, list)


def _for_all(wish: _Wish) -> bool:
    """Whether a wish is a setting of the whole lesson."""
    edits = wish.found if isinstance(wish.found, list) else []
    return bool(edits) and all(isinstance(one, Set) and one.target == LESSON for one in edits)


class Message:
    """A message on its way through the grammar of one language."""

    def __init__(self, grammar: Grammar, message: str, context: Context, fixed: Mapping[str, str]) -> None:
        self.grammar = grammar
        self.texts: list[str] = []
        self.places = Places(grammar, context, fixed, self.texts)
        self.message = self._kept_aside(self._without_preamble(message))
        self.left_out: list[str] = []

    def reply(self) -> Reply | None:
        """What it means, or None."""
        refusal = concepts.refused(self.places, self.message)
        if refusal is not None:
            return refusal
        wishes = self._wishes(self.message, None, _MOST_WISHES) or self._among_talk()
        return self._together(wishes) if wishes else None

    def guessed(self) -> Question | Refusal | None:
        """A question whether it means what its known words mean; None where they mean nothing."""
        if asks.about_the_label(self.places.plain(self.message)):
            return Refusal("E-POLICY-LABEL", self.places.say("label"))
        known = concepts.known_part(self.places, self.message)
        if known is not None and isinstance(known[0].found, Request):
            asked = self.places.say("unsure", words=", ".join(known[1]))
            return Question(asked, (Choice(known[0].found.summary, known[0].found),), beyond=True)
        if known is None or not isinstance(known[0].found, list):
            return None
        proposal = propose(self.places, known[0].found)
        asked = self.places.say("unsure", words=", ".join(known[1]))
        return Question(asked, (Choice(proposal.summary, proposal),), beyond=True)

    # --- preparing ----------------------------------------------------------------------------

    def _without_preamble(self, message: str) -> str:
        """The message without words before a colon that say nothing, and with those behind it that only say
        where: "typo on slide 2: it should say ..."."""
        colon = COLON.search(message)
        if colon is None or QUOTED.search(message[: colon.start()]):
            return message
        head, tail = message[: colon.start()], message[colon.end() :]
        kinds = concepts.kinds(self.places, head)
        if not kinds or kinds <= {"question", "part", "changes"}:
            return tail
        if "typo" in kinds and kinds <= {"typo", "on", REFERENCE, "it", "part", "one"}:
            return f"{tail.rstrip(' .!?。')}, {head}"
        return message

    def _kept_aside(self, message: str) -> str:
        """The message with a mark for each text in quotation marks and for what follows a colon."""

        def keep(words: str) -> str:
            self.texts.append(words.strip())
            return f"{TEXT}{len(self.texts) - 1}{TEXT}"

        colon = COLON.search(message)
        quote = QUOTED.search(message)
        if colon and not (quote and quote.start() < colon.start() < quote.end()):
            rest = message[colon.end() :]
            whole = QUOTED.fullmatch(rest.strip())
            words = next(filter(None, whole.groups()), rest) if whole else rest
            message = f"{message[: colon.start()]}: {keep(words)}"
        aside = QUOTED.sub(lambda match: keep(next(filter(None, match.groups()), "")), message)
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

    def _wishes(self, words: str, before: _Wish | None, most: int) -> list[_Wish] | None:
        """The wishes of a message: one, or several that are joined; None where any is not understood.

        Args:
            before: the wish before: a second look keeps its place, and this one may go on with it.
        """
        whole = self._wish(words, before)
        if whole is not None and (not whole.open or whole.intent == "create"):
            return [whole]
        for joint in self.grammar.joints.finditer(words):
            left, right = words[: joint.start()], words[joint.end() :]
            if most < 2 or not left.strip() or not right.strip():
                continue
            first = self._wish(left, before)
            if first is None:
                continue
            here = self.places
            self.places = replace(here, before=first.found if isinstance(first.found, list) else ())
            try:
                rest = self._wishes(right, first, most - 1)
            finally:
                self.places = here
            if rest:
                return [first, *rest]
        return [whole] if whole is not None else None

    def _among_talk(self) -> list[_Wish] | None:
        """The wishes of a message that also says why, or other things that ask for nothing."""
        words = concepts.without_reasons(self.places, self.message)
        if words != self.message:
            wishes = self._wishes(words, None, _MOST_WISHES)
            if wishes:
                return wishes
        parts = [one for one in _CLAUSES.split(words) if one.strip()]
        found: list[_Wish] = []
        at = 0
        while at < len(parts) and len(parts) <= _MOST_CLAUSES:
            for end in range(len(parts), at, -1):
                wishes = self._wishes(", ".join(parts[at:end]), found[-1] if found else None, _MOST_WISHES)
                if wishes:
                    break
            if wishes:
                found += wishes
                at = end
                continue
            silent = concepts.talk(self.places, parts[at])
            if silent is None:
                return None
            if not silent:
                self.left_out.append(self.places.plain(parts[at]))
            at += 1
        return found or None

    def _wish(self, words: str, before: _Wish | None) -> _Wish | None:
        meant = concepts.read(self.places, words, before.meant if before else None)
        if meant is not None and meant.name != "settled":
            return _Wish(meant.found, meant.name, "", False, meant)
        found = self._patterned(words, before)
        return found if found or meant is None else _Wish(meant.found, meant.name, "", False)

    def _patterned(self, words: str, before: _Wish | None) -> _Wish | None:
        """A wish that is a sentence of the language's tables."""
        intent, where = (before.intent, before.where) if before else ("", "")
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
                again = self._wish(groups["again"], _Wish(None, intent, place or where, False))
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
        if self.left_out:
            notes = (*notes, self.places.say("left-out", words="; ".join(self.left_out)))
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
