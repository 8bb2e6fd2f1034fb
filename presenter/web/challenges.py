"""The challenge on the page: the person of a voice reads a new text aloud, and their consent is worth more.

As on the other screens of the voices, a browser asks only for what it may.
"""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from presenter.errors import PresenterError
from presenter.people.challenge import LEVEL, LONGEST, MINUTES, Challenge
from presenter.studio import Studio
from presenter.types import Voice
from presenter.web import booth, views
from presenter.web.elements import button, escape
from presenter.web.visits import Visit
from presenter.web.voices import Voices
from presenter.web.words import Words


class Challenges:
    """What can be done with challenges.

    Args:
        studio: asks and judges.
        voices: knows who may use which voice.
    """

    def __init__(self, studio: Studio, voices: Voices) -> None:
        self._studio = studio
        self._voices = voices

    def ask(self, visit: Visit, name: str) -> str:
        """A new text for the consent of a voice; only this browser can answer it."""
        voice = self._voices.own(name, visit)
        language = next(iter(voice.languages), "en")
        made = self._studio.challenge(voice.consent or "", language=language, session=visit.key)
        return reading(visit.words, voice, made, self._studio.settings.consent_level)

    def answer(self, visit: Visit, name: str, key: str, source: Path) -> str:
        """The text was read: whether that was the person, in plain words."""
        voice = self._voices.own(name, visit)
        try:
            passed = self._studio.answer(key, source, session=visit.key)
        except PresenterError as error:
            return failed(visit.words, voice, error)
        person, level = passed.consent.person, passed.consent.level
        done = visit.words.plain("challenge.passed", person=person, name=voice.name, level=level)
        if passed.left_out:
            done += f" {visit.words.plain('challenge.left-out', passed.left_out)}"
        return self._voices.home(visit, done)


def reading(words: Words, voice: Voice, made: Challenge, needed: int) -> str:
    """The text, how long it can be answered, and the recorder.

    Args:
        needed: level that this installation asks for.
    """
    *sentences, digits = made.parts
    shown = [part.text for part in sentences] + [digits.text.capitalize()]
    lines = "".join(f"<p>{escape(one)}</p>" for one in shown)
    seconds = max(0, round(made.expires - time.time()))
    clock = f"<strong data-left='{seconds}'>{views.clock(seconds)}</strong>"
    address = f"challenges/{made.id}?voice={quote(voice.id)}"
    language = made.parts[0].language
    enough = words("challenge.enough") if needed < LEVEL else words("challenge.needed", level=needed)
    return (
        f"<section class='booth' data-screen='challenge' data-part data-say='{words('challenge.say')}'>"
        f"<p class='trail'>{_back(words)}<span><strong>{escape(voice.name)}</strong> · "
        f"{escape(words.language(language))}</span></p><div class='stand'>"
        f"<h2>{words('challenge.title')}</h2><p class='soft'>{words('challenge.what')}</p>"
        f"<blockquote class='line' lang='{escape(language)}'>{lines}</blockquote>"
        f"<p class='small'>{words('challenge.left', time='|').replace('|', clock)}"
        f"<span data-over hidden> {words('challenge.over')}</span></p>"
        f"{booth.recorder(words, address, round(LONGEST), again=False, focus=True)}<div data-message></div>"
        f"<p class='choices'>{_anew(voice, words.plain('challenge.another'))}{_camera(words, voice)}</p>"
        f"</div>{_otherwise(words, enough)}</section>"
    )


def failed(words: Words, voice: Voice, error: PresenterError) -> str:
    """It was not passed; a text can be answered once."""
    again = _anew(voice, words.plain("challenge.retry"), look="primary")
    return (
        "<section class='booth' data-screen='challenge' data-part"
        f" data-say='{escape(words.said(error.message))}'>"
        f"<p class='trail'>{_back(words)}<strong>{escape(voice.name)}</strong></p>"
        f"<div class='stand'><h2>{words('challenge.failed')}</h2>"
        f"{views.failure(words, error, role='status')}<p>{words('challenge.failed-what')}</p>"
        f"<p>{again}</p><div data-message></div></div>{_otherwise(words, '')}</section>"
    )


def _back(words: Words) -> str:
    return button(words.plain("voices.back"), get="home")


def _anew(voice: Voice, label: str, look: str = "plain") -> str:
    return button(label, look=look, post="challenges", body={"voice": voice.id}, focus=look == "primary")


def _camera(words: Words, voice: Voice) -> str:
    camera = button(words.plain("camera.instead"), post="cameras", body={"voice": voice.id})
    return f"<span data-base='studio/'>{camera}</span>"


def _otherwise(words: Words, enough: str) -> str:
    return (
        f"<details class='otherwise'><summary>{words('challenge.cannot')}</summary><div>"
        f"<p>{words('challenge.cannot-what')} {enough}</p></div></details>"
        f"<p class='small'>{words('challenge.kept', minutes=MINUTES)}</p>"
    )
