"""An answer that a presenter says: the lesson's own sentences about a question, as a short lesson."""

from __future__ import annotations

import json
import re
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
_TITLE = 80
"""Most characters of a title."""

_ASKING = (
    "what", "why", "how", "who", "whom", "whose", "where", "when", "which",
    "was", "warum", "wieso", "weshalb", "wie", "wer", "wem", "wen", "wo", "woher", "wohin", "wann",
    "welche", "welcher", "welches", "qué", "por qué", "cómo", "quién", "quiénes", "dónde", "cuándo", "cuál",
    "que", "qu'est-ce", "qu’est-ce", "pourquoi", "comment", "qui", "où", "quand", "quel", "quelle",
    "क्या", "क्यों", "कैसे", "कौन", "कहाँ", "कहां", "कब", "什么", "为什么", "怎么", "谁", "哪里", "什么时候",
)  # fmt: skip
_QUESTION = re.compile(rf"\s*[¿]?(?:{'|'.join(sorted(_ASKING, key=len, reverse=True))})(?!\w)", re.IGNORECASE)


def is_question(message: str) -> bool:
    """Whether a message asks for something, also where the mark is missing, as in what was heard."""
    line = message.strip()
    return "\n" not in line and (line.endswith(("?", "？")) or bool(_QUESTION.match(line)))


def begins_as_question(message: str) -> bool:
    """Whether a message begins with a word that asks: "what", "how"."""
    return bool(_QUESTION.match(message))


def found(question: str, lesson: Script) -> tuple[str, ...]:
    """Sentences of a lesson that are about a question, in their order; empty where none is.

    A sentence counts by the words of the question that it holds, rare ones more than common ones.
    """
    wanted = _stems(_QUESTION.sub("", question))
    have = [_stems(one.text) for one in lesson.segments]
    common = Counter(stem for stems in have for stem in stems)
    scores = [sum(1 / common[stem] for stem in wanted & stems) for stems in have]
    best = max(scores, default=0.0)
    if best == 0.0:
        return ()
    chosen = sorted(range(len(scores)), key=lambda at: -scores[at])[:MOST_SENTENCES]
    return tuple(_plain(lesson.segments[at]) for at in sorted(chosen) if scores[at] * 2 >= best)


def as_lesson(sentences: Sequence[str], lesson: Script | None, language: str, title: str = "") -> str:
    """The source of a short lesson that says an answer as the presenter of a lesson would.

    Args:
        lesson: whose voice, portrait and look the answer has.
        language: BCP 47 tag of the answer where there is nothing to say, or no lesson.
        title: of the video; ``""`` leaves it to the words.
    """
    known = dict(lesson.settings) if lesson else {}
    title = " ".join(title.split())[:_TITLE]
    settings = {"title": title[0].upper() + title[1:]} if title else {}
    spoken = lesson.language if lesson and sentences else language  # the lesson's sentences are in its own
    settings |= {"language": spoken} | {name: known[name] for name in _KEPT if known.get(name)}
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
