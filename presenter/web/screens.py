"""The first screen of the voices: which voices there are, how to add one, how words are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from presenter import text
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

LARGEST = 64 * 2**20
"""Most bytes of one recording that is handed in."""

HONEST = (
    "What to expect: with nothing installed besides presenter, the new voice is recognisably like the "
    "person, but it is synthetic and sounds so; it is no recording. A larger engine, where one is "
    "installed, comes closer."
)

TROUBLES = {
    "NotAllowedError": (
        "E-MIC-REFUSED",
        "The browser does not let this page use the microphone.",
        "Allow it beside the page's address and press Record again, or hand in a file.",
    ),
    "NotFoundError": (
        "E-MIC-MISSING",
        "No microphone was found.",
        "Connect one and press Record again, or hand in a file.",
    ),
    "NotReadableError": (
        "E-MIC-BUSY",
        "The microphone cannot be read.",
        "Another program may be using it: close that one and press Record again, or hand in a file.",
    ),
    "insecure": (
        "E-MIC-INSECURE",
        "Browsers open the microphone only for pages on the same computer (localhost) or over https.",
        "Open the page as http://localhost on the computer that runs it, or over https; or hand in files.",
    ),
    "NotSupportedError": (
        "E-MIC-UNSUPPORTED",
        "This browser cannot record.",
        "Use a current Firefox, Chrome, Edge or Safari, or hand in a file.",
    ),
    "size": (
        "E-VOICE-SIZE",
        f"The file is larger than {LARGEST // 2**20} MB.",
        "Hand in a shorter recording.",
    ),
    "connection": (
        "E-CONNECTION",
        "The server did not answer.",
        "See whether it still runs, then try again. What was kept so far is kept.",
    ),
}
"""What can go wrong before anything reaches the server; the browser picks the text by name."""


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


def shell() -> str:
    """The place of these screens; it asks for the first one by itself."""
    return (
        f"<div id='voices' lang='en' data-base='voices/' data-place='voices' data-largest='{LARGEST}'>"
        "<section data-part data-poll='home' data-every='1'><p class='small'>…</p><div data-message></div>"
        "</section></div>"
    )


def home(
    cards: Sequence[Card],
    unfinished: Sequence[Unfinished],
    languages: Languages,
    words: Sequence[Entry],
    *,
    editable: bool,
    said: str = "",
    of_words: bool = False,
) -> str:
    """All voices, and how to add one.

    Args:
        words: the pronunciation dictionary of the installation.
        editable: whether a visitor of the page may change it.
        said: something that has just been done, to a word of the dictionary or to a voice.
    """
    done = views.notice("good", said) if said else ""
    dictionary = _dictionary(words, languages, done if of_words else "", editable=editable)
    own = [card for card in cards if card.own]
    built_in = [card for card in cards if not card.own]
    return (
        f"<div class='voices-home' data-screen='home' data-say='{escape(said)}'>"
        f"<div class='lane'>{_own(own, '' if of_words else done)}{_unfinished(unfinished)}"
        f"{_add(languages)}</div>"
        f"<div class='lane'>{_built_in(built_in)}{dictionary}</div></div>"
    )


def _own(cards: Sequence[Card], done: str) -> str:
    items = "".join(_voice(card) for card in cards)
    empty = "<p class='soft'>None yet. Adding yours takes about five minutes.</p>"
    return (
        f"<section class='panel' data-part><h2>Your voices</h2><div data-message>{done}</div>"
        f"{f'<ul class=people>{items}</ul>' if items else empty}"
        "<p class='small'>Here are the voices that were added in this browser or on the command line; other "
        "visitors of the page do not see what you add.</p></section>"
    )


def _built_in(cards: Sequence[Card]) -> str:
    buttons = "".join(
        submit(card.name, about="says it", play="sample", name="voice", value=card.voice) for card in cards
    )
    sentence = line("text", SENTENCE, value=example("en"), label="A sentence for the built-in voices to say")
    return (
        "<section class='panel' data-part><h2>Built-in voices</h2>"
        "<p class='soft'>They are nobody’s voice and speak every language. Hear them say:</p>"
        f"<form class='fields'>{sentence}<p class='choices'>{buttons}</p></form>"
        "<div data-message></div></section>"
    )


def _voice(card: Card) -> str:
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in card.facts)
    return (
        f"<li class='person'><h3>{escape(card.name)}</h3>"
        f"{f'<ul class=facts>{facts}</ul>' if facts else ''}"
        f"{f'<p class=small>{escape(card.quality)}</p>' if card.quality else ''}"
        f"{hear(card.voice, card.name, card.language)}{_keeping(card) if card.own else ''}</li>"
    )


def _keeping(card: Card) -> str:
    """Export and forget; forgetting asks again, without a script."""
    name = escape(card.name)
    confirm = button(
        "Confirm by reading aloud", about=card.name, post="challenges", body={"voice": card.voice}
    )
    forget = button(f"Forget “{card.name}”", look="danger", post="forget", body={"voice": card.voice})
    return (
        f"<div class='keeping'>{'' if card.confirmed else confirm}"
        f"<button type='button' class='plain' data-download='export?voice={quote(card.voice)}'"
        f" data-name='{escape(card.voice)}.zip'>Export{unseen(card.name)}</button>"
        f"<details><summary>Forget{unseen(card.name)} …</summary>"
        f"<p>The voice “{name}”, its recordings and all videos and speech that presenter keeps of it are "
        "deleted. This cannot be undone. The note of who gave leave stays on record.</p>"
        f"{forget}</details></div>"
    )


def _unfinished(rows: Sequence[Unfinished]) -> str:
    if not rows:
        return ""
    items = "".join(_row(row) for row in rows)
    return (
        "<section class='panel' data-part><h2>Not finished yet</h2><div data-message></div>"
        f"<ul class='under-way'>{items}</ul></section>"
    )


def _row(row: Unfinished) -> str:
    state = "{} of {} lines kept".format(*row.progress) if row.progress else "being made"
    onward = button(
        "Go on" if row.progress else "Watch",
        about=row.name,
        get=f"enrolments/{row.key}{'' if row.progress else '/made'}",
    )
    return f"<li><span><strong>{escape(row.name)}</strong> · {state}</span>{onward}</li>"


def _add(languages: Languages) -> str:
    return (
        "<section class='panel' data-part><h2>Add your voice</h2>"
        "<p class='soft'>You read about a dozen short lines aloud, one at a time. Each is checked at once. "
        "From them a voice is made that can say any text.</p>"
        "<form class='fields' data-post='enrolments'>"
        f"<label>Name of the voice{line('name', 60)}</label>"
        f"<label>Whose voice is it?{line('person', 200, hint='e.g. Ada Example')}</label>"
        f"<label>Language of the recordings{menu(languages)}</label>"
        "<label class='tick'><input type='checkbox' name='agreed' value='yes' required>"
        f"<span>{escape(statement('en'))}</span></label>{submit('Start', look='primary')}</form>"
        f"<div data-message></div><p class='small'>{HONEST} Recordings stay on the computer that runs this "
        "page.</p></section>"
    )


def _dictionary(words: Sequence[Entry], languages: Languages, done: str, *, editable: bool) -> str:
    """How words are said in all lessons."""
    rows = "".join(_word(row, editable=editable) for row in words)
    if editable:
        adding = (
            "<form class='fields'><div class='pair'>"
            f"<label>Word{line('word', LONGEST_WORD, focus=bool(done))}</label>"
            f"<label>Says as{line('says', 120, hint='enjinks or /ˈɛndʒɪnˌɛks/')}</label></div>"
            f"<label>Language{menu_with_all(languages)}</label><p class='choices'>"
            f"{submit('Play', play='words/sound')}{submit('Add', look='primary', post='words')}</p></form>"
            f"<div data-message>{done}</div><p class='small'>A respelling is read as it is written; between "
            "slashes stand phonetic signs (IPA).</p>"
        )
    else:
        adding = f"<div data-message>{done}</div><p class='small'>Whoever runs this page keeps this list.</p>"
    return (
        "<section class='panel' data-part id='words'><h2>Pronunciation</h2>"
        "<p class='soft'>How names and terms are said in every lesson.</p>"
        f"{f'<ul class=words-list>{rows}</ul>' if rows else ''}{adding}</section>"
    )


def _word(row: Entry, *, editable: bool) -> str:
    language = text.name(row.language) if row.language else "every language"
    fields = hidden({"word": row.word, "says": row.say, "language": row.language})
    remove = submit("Remove", about=row.word, post="words/remove") if editable else ""
    return (
        f"<li><span><strong>{escape(row.word)}</strong> <span class='says'>{escape(row.say)}</span> "
        f"<span class='small'>{escape(language)}</span></span>"
        f"<form>{fields}{submit('Play', about=row.word, play='words/sound')}{remove}</form></li>"
    )
