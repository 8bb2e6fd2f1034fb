"""An answer that a presenter says: the lesson's own sentences about a question, as a short lesson."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from presenter import text
from presenter.director import wording
from presenter.types import Script, Segment

MOST_SENTENCES = 3
_KEPT = ("language", "voice", "portrait", "theme", "size", "captions", "speed", "pitch", "liveliness")
"""Settings of a lesson that its answers share."""
_SHORT = 3
"""Words of so few characters tell little about a question."""


def found(question: str, lesson: Script) -> tuple[str, ...]:
    """Sentences of a lesson that are about a question, in their order; empty where none is.

    A sentence counts by the words of the question that it holds, rare ones more than common ones.
    """
    wanted = _stems(question)
    have = [_stems(one.text) for one in lesson.segments]
    common = Counter(stem for stems in have for stem in stems)
    scores = [sum(1 / common[stem] for stem in wanted & stems) for stems in have]
    best = max(scores, default=0.0)
    if best == 0.0:
        return ()
    chosen = sorted(range(len(scores)), key=lambda at: -scores[at])[:MOST_SENTENCES]
    return tuple(_plain(lesson.segments[at]) for at in sorted(chosen) if scores[at] * 2 >= best)


def as_lesson(sentences: Sequence[str], lesson: Script | None, language: str) -> str:
    """The source of a short lesson that says an answer as the presenter of a lesson would.

    Args:
        lesson: whose voice, portrait and look the answer has.
        language: BCP 47 tag of the answer where the lesson names none.
    """
    known = dict(lesson.settings) if lesson else {}
    settings = {"language": language} | {name: known[name] for name in _KEPT if known.get(name)}
    head = "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in settings.items())
    said = " ".join(sentences) or wording.say(language, "no-answer")
    return f"---\n{head}\nlayout: full\n---\n\n{said}\n"


def _plain(segment: Segment) -> str:
    """A sentence without what it would mean at the head of a paragraph."""
    return segment.text.lstrip("#>-+*| ").replace("[", "(").replace("]", ")")


def _stems(line: str) -> set[str]:
    if text.writing(line) == "CJK":
        return {line[at : at + 2] for at in range(len(line) - 1) if line[at : at + 2].isalpha()}
    words = [line[start:end].casefold() for start, end in text.words(line)]
    return {word[: max(4, len(word) - 2)] for word in words if len(word) > _SHORT}
