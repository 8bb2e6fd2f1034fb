"""What each intent of the languages' tables means."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from presenter.director.grammar import changing, styling, talking
from presenter.director.grammar.reading import Found, Reading

INTENTS: Mapping[str, Callable[[Reading], Found]] = {
    "delete": changing.delete,
    "delete-item": changing.delete_item,
    "delete-words": changing.delete_words,
    "swap": changing.swap,
    "move": changing.move,
    "move-sentence": changing.move_sentence,
    "rewrite": changing.rewrite,
    "replace": changing.replace,
    "add": changing.add,
    "add-item": changing.add_item,
    "add-slide": changing.add_slide,
    "title": changing.title,
    "title-lesson": changing.title_lesson,
    "pronounce": changing.pronounce,
    "speed": styling.speed,
    "speed-value": styling.speed_value,
    "lively": styling.lively,
    "pitch": styling.pitch,
    "pause": styling.pause,
    "layout": styling.layout,
    "captions": styling.setting("captions"),
    "size": styling.setting("size"),
    "music": styling.music,
    "transition": styling.setting("transition"),
    "head": styling.setting("head"),
    "head-size": styling.head_size,
    "voice": styling.named("voice"),
    "portrait": styling.named("portrait"),
    "theme": styling.named("theme"),
    "who": styling.named("portrait", "voice"),
    "theme-set": styling.setting("theme"),
    "request": talking.request,
    "label": talking.label,
    "human": talking.human,
    "impersonate": talking.impersonate,
    "thanks": talking.thanks,
    "compose": talking.write,
    "duplicate": changing.duplicate,
    "voice-kind": styling.voice_kind,
    "write": talking.write,
    "translate": talking.write,
    "captions-language": talking.captions_language,
    "paste": talking.paste,
    "create": talking.create,
}
"""Name in a language's tables -> what it means."""
