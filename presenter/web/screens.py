"""The first screen of the voices: which voices there are, how to add one, how words are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from presenter.people import statement
from presenter.pronunciations import LONGEST_WORD
from presenter.types import Entry
from presenter.web import views
from presenter.web.elements import (
    SENTENCE,
    Languages,
    button,
    escape,
    example,
    hear,
    hidden,
    line,
    menu,
    menu_with_all,
    submit,
    unseen,
)
from presenter.web.words import Words

LARGEST = 64 * 2**20
"""Most bytes of one recording that is handed in."""

TROUBLES = {
    "NotAllowedError": ("E-MIC-REFUSED", "refused"),
    "NotFoundError": ("E-MIC-MISSING", "missing"),
    "NotReadableError": ("E-MIC-BUSY", "busy"),
    "insecure": ("E-MIC-INSECURE", "insecure"),
    "NotSupportedError": ("E-MIC-UNSUPPORTED", "unsupported"),
    "size": ("E-VOICE-SIZE", "size"),
    "connection": ("E-CONNECTION", "connection"),
}
"""What can go wrong before anything reaches the server -> code and name of its words; the browser picks the
text by name."""


@dataclass(frozen=True, slots=True)
class Card:
    """A voice as the list shows it."""

    voice: str
    """What it is asked for by."""
    name: str
    facts: tuple[str, ...]
    """Consent, languages, in words."""
    quality: str = ""
    confirmed: bool = False
    """Whether the consent is worth more than a tick."""
    own: bool = False
    """Whether it was enrolled, so that it can be exported and forgotten."""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An enrolment that can be gone on with."""

    key: str
    name: str
    progress: tuple[int, int] | None = None
    """Lines that are kept, and all; None while the voice is being made."""


def shell(words: Words) -> str:
    """The place of these screens; it asks for the first one by itself."""
    return (
        f"<div id='voices' lang='{words.code}' data-base='voices/' data-place='voices'"
        f" data-largest='{LARGEST}'><section data-part data-poll='home' data-every='1'><p class='small'>…</p>"
        "<div data-message></div></section></div>"
    )


def trouble(words: Words, name: str) -> tuple[str, str, str]:
    """Code, message and hint of something that went wrong in the browser."""
    code, said = TROUBLES[name]
    return code, words.plain(f"mic.{said}", limit=LARGEST // 2**20), words.plain(f"mic.{said}-hint")


def home(
    words: Words,
    cards: Sequence[Card],
    unfinished: Sequence[Unfinished],
    languages: Languages,
    entries: Sequence[Entry],
    *,
    editable: bool,
    said: str = "",
    of_words: bool = False,
) -> str:
    """All voices, and how to add one.

    Args:
        entries: the pronunciation dictionary of the installation.
        editable: whether a visitor of the page may change it.
        said: something that has just been done, to a word of the dictionary or to a voice.
    """
    done = views.notice("good", said) if said else ""
    dictionary = _dictionary(words, entries, languages, done if of_words else "", editable=editable)
    own = [card for card in cards if card.own]
    built_in = [card for card in cards if not card.own]
    return (
        f"<div class='voices-home' data-screen='home' data-say='{escape(said)}'>"
        f"<div class='lane'>{_own(words, own, '' if of_words else done)}{_unfinished(words, unfinished)}"
        f"{_add(words, languages)}</div>"
        f"<div class='lane'>{_built_in(words, built_in)}{dictionary}</div></div>"
    )


def _own(words: Words, cards: Sequence[Card], done: str) -> str:
    items = "".join(_voice(words, card) for card in cards)
    empty = f"<p class='soft'>{words('voices.none')}</p>"
    return (
        f"<section class='panel' data-part><h2>{words('voices.own')}</h2><div data-message>{done}</div>"
        f"{f'<ul class=people>{items}</ul>' if items else empty}"
        f"<p class='small'>{words('voices.seen')}</p></section>"
    )


def _built_in(words: Words, cards: Sequence[Card]) -> str:
    about = words.plain("voices.says-it")
    buttons = "".join(
        submit(card.name, about=about, play="sample", name="voice", value=card.voice) for card in cards
    )
    label = words.plain("voices.built-in-sentence")
    said = example(words.code)
    sentence = line("text", SENTENCE, value=said, label=label, language=words.code)
    return (
        f"<section class='panel' data-part><h2>{words('voices.built-in')}</h2>"
        f"<p class='soft'>{words('voices.built-in-what')}</p>"
        f"<form class='fields'>{sentence}<p class='choices'>{buttons}</p></form>"
        "<div data-message></div></section>"
    )


def _voice(words: Words, card: Card) -> str:
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in card.facts)
    return (
        f"<li class='person'><h3>{escape(card.name)}</h3>"
        f"{f'<ul class=facts>{facts}</ul>' if facts else ''}"
        f"{f'<p class=small>{escape(card.quality)}</p>' if card.quality else ''}"
        f"{hear(words, card.voice, card.name, card.language)}{_keeping(words, card) if card.own else ''}</li>"
    )


def _keeping(words: Words, card: Card) -> str:
    """Export and forget; forgetting asks again, without a script."""
    body = {"voice": card.voice}
    confirm = button(words.plain("voices.confirm"), about=card.name, post="challenges", body=body)
    sure = words.plain("voices.forget-now", name=card.name)
    forget = button(sure, look="danger", post="forget", body=body)
    camera = button(words.plain("camera.confirm"), about=card.name, post="cameras", body=body)
    return (
        f"<div class='keeping'>{'' if card.confirmed else confirm}<span data-base='studio/'>{camera}</span>"
        f"<button type='button' class='plain' data-download='export?voice={quote(card.voice)}'"
        f" data-name='{escape(card.voice)}.zip'>{words('voices.export')}{unseen(card.name)}</button>"
        f"<details><summary>{words('voices.forget')}{unseen(card.name)} …</summary>"
        f"<p>{words('voices.forget-what', name=card.name)}</p>{forget}</details></div>"
    )


def _unfinished(words: Words, rows: Sequence[Unfinished]) -> str:
    if not rows:
        return ""
    items = "".join(_row(words, row) for row in rows)
    return (
        f"<section class='panel' data-part><h2>{words('voices.unfinished')}</h2><div data-message></div>"
        f"<ul class='under-way'>{items}</ul></section>"
    )


def _row(words: Words, row: Unfinished) -> str:
    if row.progress:
        kept, count = row.progress
        state = words("voices.kept", count, kept=kept)
        onward = button(words.plain("voices.go-on"), about=row.name, get=f"enrolments/{row.key}")
    else:
        state = words("voices.making")
        onward = button(words.plain("voices.watch"), about=row.name, get=f"enrolments/{row.key}/made")
    return f"<li><span><strong>{escape(row.name)}</strong> · {state}</span>{onward}</li>"


def _add(words: Words, languages: Languages) -> str:
    chosen = "cmn" if words.code == "zh" else words.code
    return (
        f"<section class='panel' data-part><h2>{words('voices.add')}</h2>"
        f"<p class='soft'>{words('voices.add-what')}</p><form class='fields' data-post='enrolments'>"
        f"<label>{words('voices.name')}{line('name', 60)}</label>"
        f"<label>{words('voices.person')}"
        f"{line('person', 200, hint=words.plain('voices.person-hint'))}</label>"
        f"<label>{words('voices.language')}{menu(words, languages, chosen)}</label>"
        "<label class='tick'><input type='checkbox' name='agreed' value='yes' required>"
        f"<span>{escape(statement(words.code))}</span></label>"
        f"{submit(words.plain('voices.start'), look='primary')}</form>"
        f"<div data-message></div><p class='small'>{words('voices.honest')} {words('voices.stay')}</p>"
        "</section>"
    )


def _dictionary(
    words: Words, entries: Sequence[Entry], languages: Languages, done: str, *, editable: bool
) -> str:
    """How words are said in all lessons."""
    rows = "".join(_word(words, row, editable=editable) for row in entries)
    if editable:
        adding = (
            "<form class='fields'><div class='pair'>"
            f"<label>{words('said.word')}{line('word', LONGEST_WORD, focus=bool(done))}</label>"
            f"<label>{words('said.says')}{line('says', 120, hint=words.plain('said.says-hint'))}</label>"
            f"</div><label>{words('said.language')}{menu_with_all(words, languages)}</label>"
            f"<p class='choices'>{submit(words.plain('said.play'), play='words/sound')}"
            f"{submit(words.plain('said.add'), look='primary', post='words')}</p></form>"
            f"<div data-message>{done}</div><p class='small'>{words('said.how')}</p>"
        )
    else:
        adding = f"<div data-message>{done}</div><p class='small'>{words('said.kept-by')}</p>"
    return (
        f"<section class='panel' data-part id='words'><h2>{words('said.title')}</h2>"
        f"<p class='soft'>{words('said.what')}</p>"
        f"{f'<ul class=words-list>{rows}</ul>' if rows else ''}{adding}</section>"
    )


def _word(words: Words, row: Entry, *, editable: bool) -> str:
    language = words.language(row.language) if row.language else words.plain("said.every")
    fields = hidden({"word": row.word, "says": row.say, "language": row.language})
    remove = submit(words.plain("said.remove"), about=row.word, post="words/remove") if editable else ""
    return (
        f"<li><span><strong>{escape(row.word)}</strong> <span class='says'>{escape(row.say)}</span> "
        f"<span class='small'>{escape(language)}</span></span>"
        f"<form>{fields}{submit(words.plain('said.play'), about=row.word, play='words/sound')}{remove}</form>"
        "</li>"
    )
