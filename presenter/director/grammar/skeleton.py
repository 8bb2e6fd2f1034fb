"""What a lesson begins with when nobody has written it yet."""

from __future__ import annotations

import re
from collections.abc import Mapping

from presenter.director.edits import Edit, Insert
from presenter.director.wording import known

_OUTLINES = {
    "en": ("What to know about {}", "An example", "What to remember"),
    "de": ("Was man über {} wissen sollte", "Ein Beispiel", "Was du dir merken solltest"),
    "es": ("Qué hay que saber sobre {}", "Un ejemplo", "Lo que hay que recordar"),
    "fr": ("Ce qu'il faut savoir sur {}", "Un exemple", "Ce qu'il faut retenir"),
    "hi": ("{} के बारे में क्या जानें", "एक उदाहरण", "याद रखने की बातें"),
    "zh": ("关于{}要知道什么", "一个例子", "要记住什么"),
}
_SENTENCES = {
    "en": "Here we look at this: {}.",
    "de": "Hier geht es um: {}.",
    "es": "Aquí vemos esto: {}.",
    "fr": "Ici nous voyons ceci : {}.",
    "hi": "यहाँ हम यह देखते हैं: {}।",
    "zh": "这里我们来看：{}。",
}
_ORDERS = re.compile(
    r"^\s*(?:system|assistant|developer|user)\s*:|</?(?:system|tool|instructions?)>|\[/?inst\]|"
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|prior|above|earlier|other)?\s*"
    r"(?:instructions|rules|prompts?)|"
    r"\b(?:call|use|invoke) the (?:tool|function)\b|\byou (?:are|must) now\b|\bas an ai\b|"
    r"\b(?:publish|render|delete|approve|send) (?:it|this|everything|all \w+) (?:now|immediately|at once)\b|"
    r"\b(?:ignoriere|vergiss) (?:alle|die|deine) (?:\w+ )?(?:anweisungen|regeln)|"
    r"\b(?:ignora|olvida) (?:todas )?(?:las|tus) (?:\w+ )?(?:instrucciones|reglas)|"
    r"\b(?:ignore[zs]?|oublie[zs]?) (?:toutes )?(?:les|tes|vos) (?:\w+ )?(?:instructions|règles|consignes)|"
    r"忽略.{0,6}(?:指令|指示|规则)|(?:निर्देशों|आदेशों) को (?:अनदेखा|नज़रअंदाज़)",
    re.I | re.M,
)
"""Words in a text that address whoever reads it instead of teaching something."""


def lesson(language: str, topic: str, settings: Mapping[str, str]) -> str:
    """The source of an outline in the dialect of lessons.

    Args:
        language: base tag, also of the lesson.
        topic: in the words of whoever asked.
        settings: for the front matter.
    """
    topic = " ".join(topic.split())
    title = topic[:1].upper() + topic[1:]
    head = "\n".join(f"{name}: {value}" for name, value in settings.items())
    slides = [title, *(one.format(topic) for one in _OUTLINES[known(language)])]
    body = "\n\n".join(
        f"{'#' * (1 + (n > 0))} {one}\n\n{sentence(language, one)}" for n, one in enumerate(slides)
    )
    return f"---\nlanguage: {language}\n{head}{chr(10) if head else ''}---\n\n{body}\n"


def sentence(language: str, title: str) -> str:
    """A sentence that stands in for what is to be said over a slide."""
    return _SENTENCES[known(language)].format(title.lstrip("# ").rstrip(" .!?。"))


def stands_in(language: str, edit: Edit) -> bool:
    """Whether an edit adds a slide with nothing but such a sentence."""
    if not isinstance(edit, Insert) or edit.what != "slide":
        return False
    heading, _, said = edit.text.partition("\n\n")
    return said == sentence(language, heading)


def looks_like_orders(words: str) -> bool:
    """Whether a text addresses the chat instead of whoever will watch the lesson."""
    return _ORDERS.search(words) is not None
