"""Wishes understood by what their words mean, whatever their order.

    wish -> tokens (``lexicon``) -> references (``references``) -> the first rule that knows all (``rules``)

The tables of patterns know how things are often said; this knows the words. A wish with a word that is
in no table, and that no rule takes as words of the lesson, is not understood here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from presenter.director.edits import Insert
from presenter.director.grammar.concepts import asks, lexicon
from presenter.director.grammar.concepts.lexicon import REFERENCE, Token
from presenter.director.grammar.concepts.references import Finder
from presenter.director.grammar.concepts.rules import RULES
from presenter.director.grammar.concepts.saying import SILENT, Saying
from presenter.director.grammar.places import Places, Settled
from presenter.director.grammar.reading import Found
from presenter.director.grammar.words import unmarked
from presenter.director.replies import Refusal
from presenter.director.wording import LANGUAGES


def taken_apart(places: Places, words: str) -> tuple[lexicon.Reader, tuple[Token, ...], str]:
    """The words of a language, the tokens of a wish, and the wish as the tokens count it; a text that is
    too long for a wish has none."""
    reader = lexicon.reader(LANGUAGES[places.grammar.words.language])
    if len(words) > _LONGEST:
        return reader, (), ""
    context = places.context
    names = tuple(dict.fromkeys((*context.voices, *context.portraits)))
    return reader, reader.tokens(words, names), unmarked(words)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a wish means."""

    name: str
    """Of the rule; ``settled`` where something that is named is not there."""
    found: Found
    saying: Saying


def refused(places: Places, words: str) -> Refusal | None:
    """See ``asks.refused``."""
    reader, tokens, _ = taken_apart(places, words)
    return asks.refused(places, tokens, behind=reader.lexicon.behind)


def read(places: Places, words: str, before: Meant | None = None) -> Meant | None:
    """What a wish means, or None.

    Args:
        before: the wish before in the same message, with which this one may go on: "slower on slide 2 and
            livelier", "delete slide 2 and also the last sentence".
    """
    saying = _saying(places, words, before)
    return _by_rules(saying) or (_going_on(saying, before) if before else None)


def known_part(places: Places, words: str) -> tuple[Meant, list[str]] | None:
    """What a wish would mean without its unknown words, and these; None where there are none or too many."""
    saying = _saying(places, words, None)
    unknown = [one.said for one in saying.tokens if one.kind == lexicon.UNKNOWN]
    if not unknown or len(unknown) > _MOST_UNKNOWN or saying.has(lexicon.QUOTED):
        return None
    rest = tuple(one for one in saying.tokens if one.kind != lexicon.UNKNOWN)
    meant = _by_rules(replace(saying, tokens=rest))
    return (meant, unknown) if meant and meant.name != "settled" else None


def kinds(places: Places, words: str) -> frozenset[str]:
    """The concepts of words, but those that change nothing."""
    if len(words) > _LONGEST:
        return frozenset([lexicon.UNKNOWN])
    return _saying(places, words, None).kinds


def talk(places: Places, words: str) -> bool | None:
    """Whether words ask for nothing that could be lost: True where they say nothing at all, False where
    they are unknown words around none of command, None where they may be a wish."""
    _, tokens, _ = taken_apart(places, words)
    if not tokens and words.strip():
        return None
    kinds = {one.kind for one in tokens} - SILENT
    if not kinds:
        return True
    return False if kinds <= _TALK else None


def without_reasons(places: Places, words: str) -> str:
    """A message without what tells why: "because they are only eight"."""
    _, tokens, message = taken_apart(places, words)
    out, at = "", 0
    for token in tokens:
        if token.kind != "because" or token.start < at:
            continue
        stop = next((one for one in tokens if one.start > token.start and one.kind == "stop"), None)
        out += message[at : token.start].rstrip(" ,，、")
        at = stop.end if stop and not out.strip() else stop.start if stop else len(message)
    return (out + message[at:]).strip(" ,，、") if at else words


def _saying(places: Places, words: str, before: Meant | None) -> Saying:
    reader, tokens, message = taken_apart(places, words)
    own = reader.lexicon
    found = Finder(tokens, message, behind=own.behind, spaced=own.spaced).found()
    return Saying(places, tuple(found), message, own.behind, _carried(before))


def _carried(before: Meant | None) -> str:
    """Id of what a wish about the sound was about, which the next one shares where it names nothing."""
    if before is None or before.name not in _SOUND or not isinstance(before.found, list):
        return ""
    names = {edit.target for edit in before.found if not isinstance(edit, Insert)}
    return names.pop() if len(names) == 1 else ""


def _by_rules(saying: Saying) -> Meant | None:
    kinds = saying.all_kinds
    try:
        for rule in RULES if saying.kinds else ():
            if rule.fits(kinds):
                if rule.name not in _SOUND:
                    saying = replace(saying, target="")
                meant = rule.act(saying)
                if meant is not None:
                    return Meant(rule.name, meant, saying)
    except Settled as settled:
        return Meant("settled", settled.reply, saying)
    return None


def _going_on(saying: Saying, before: Meant) -> Meant | None:
    """A wish that names only something else for the one before, or another value."""
    if (
        not saying.references
        or not saying.kinds <= _NAMING
        or saying.references[0].role in ("before", "after")
    ):
        return None
    kept = [
        one for one in before.saying.tokens if one.kind not in (REFERENCE, lexicon.QUOTED, lexicon.UNKNOWN)
    ]
    if before.saying.has(lexicon.QUOTED, lexicon.UNKNOWN, "first", "last"):
        return None
    return _by_rules(replace(saying, tokens=(*kept, *saying.tokens)))


_SOUND = ("speed", "lively", "calm", "pitch")
_NAMING = frozenset([REFERENCE, "on", "to", "bit", "much", "part", "by", "more"])
_TALK = frozenset(
    [
        lexicon.UNKNOWN,
        "it",
        "this",
        "on",
        "to",
        "by",
        "not",
        "lesson",
        "part",
        "all",
        "much",
        "bit",
        "too",
        "need",
        "say",
        "show",
        "head",
        "more",
        "how",
        "only",
        "name",
        "keep",
        "use",
        "without",
        "because",
        "one",
        "both",
        "long",
    ]
)
_MOST_UNKNOWN = 2
_LONGEST = 400
"""Characters of a wish, texts in quotation marks and after a colon apart; what is longer was pasted."""
