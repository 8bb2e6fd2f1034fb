"""The challenge before a camera on the page: voice and face are confirmed, the portrait comes from the film.

As on the other screens of the voices, a browser asks only for what it may.
"""

from __future__ import annotations

import time
from urllib.parse import quote

from presenter.errors import InputError, PresenterError
from presenter.people import statement
from presenter.people.challenge import LONGEST, Challenge
from presenter.store import digest_of_file
from presenter.studio import Studio
from presenter.types import Voice
from presenter.web import views
from presenter.web.album import MOST
from presenter.web.elements import button, escape
from presenter.web.photos import Photo
from presenter.web.portraits import LARGEST, Portraits
from presenter.web.visits import Asked, Visit
from presenter.web.voices import Voices
from presenter.web.words import Words

STATES = ("off", "opening", "ready", "recording", "sending", "dropped")
"""Of the recorder; each has its words."""

TROUBLES = {"NotAllowedError": "REFUSED", "NotFoundError": "MISSING", "NotReadableError": "BUSY",
            "insecure": "INSECURE", "NotSupportedError": "UNSUPPORTED"}  # fmt: skip
"""What browsers call it -> how our errors end and their words are called."""


class Cameras:
    """What can be done with challenges before a camera.

    Args:
        studio: asks and judges.
        voices: knows who may use which voice.
        portraits: where the portrait goes.
    """

    def __init__(self, studio: Studio, voices: Voices, portraits: Portraits) -> None:
        self._studio = studio
        self._voices = voices
        self._portraits = portraits

    def ask(self, visit: Visit, asked: Asked) -> str:
        """A new text with movements for a voice; only this browser can answer it."""
        voice = self._voices.own(asked.text("voice"), visit)
        if len(self._portraits.album.of(visit.owner)) >= MOST:
            raise InputError(
                "E-PORTRAIT-MANY", f"{MOST} portraits are kept, which is the limit.", "Delete one first.",
                "photo",
            )  # fmt: skip
        language = next(iter(voice.languages), "en")
        made = self._studio.challenge(
            voice.consent or "", language=language, session=visit.key, before_camera=True
        )
        return filming(visit.words, voice, made)

    def answer(self, visit: Visit, asked: Asked) -> str:
        """A film came: whether it shows the person who says this, in plain words."""
        voice = self._voices.own(asked.query.get("voice", ""), visit)
        if asked.file is None:
            raise InputError("E-VIDEO-FILE", "The film did not arrive.", "Record it again.", "film")
        try:
            passed = self._studio.answer(asked.place["id"], asked.file, session=visit.key)
        except PresenterError as error:
            return failed(visit.words, voice, error)
        person = passed.consent.person
        if passed.portrait is not None:
            photo = Photo(digest_of_file(passed.portrait), passed.portrait, f"{person}.png")
            own = self._portraits.album.add(visit.owner, photo)
            self._portraits.album.change(own, name=person, person=person)
        said = visit.words.plain("camera.done", person=person, voice=voice.name)
        if passed.left_out:
            said += f" {visit.words.plain('challenge.left-out', passed.left_out)}"
        return self._voices.home(visit, said) + self._portraits.panel(visit)


def filming(words: Words, voice: Voice, made: Challenge) -> str:
    """The text with its movements, how long it can be answered, and the camera."""
    language = escape(made.parts[0].language)
    rows = []
    for place in range(len(made.parts) + 1):
        rows += [
            f"<p class='gesture'>{words(f'camera.{gesture.kind}')}</p>"
            for gesture in made.gestures
            if gesture.before == place
        ]
        rows += [f"<p lang='{language}'>{escape(part.text)}</p>" for part in made.parts[place : place + 1]]
    seconds = max(0, round(made.expires - time.time()))
    address = f"cameras/{made.id}?voice={quote(voice.id)}"
    return (
        f"{_head(words, voice, words('camera.title'))}<p class='soft'>{words('camera.how')}</p>"
        f"<blockquote class='line'>{''.join(rows)}</blockquote>"
        f"<p class='small'>{words('camera.left')} "
        f"<strong data-left='{seconds}'>{views.clock(seconds)}</strong>"
        f"<span data-over hidden> {words('camera.over')}</span></p>{_recorder(words, address)}"
        f"<div data-message></div><label class='file'><span>{words('camera.file')}</span>"
        f"<input type='file' accept='video/*' data-film='{address}' data-largest='{LARGEST}'></label>"
        f"<p>{_anew(words, voice, 'camera.another')}</p></div><p class='small'>"
        f"{words('camera.what', statement=statement(words.code))}</p>{_troubles(words)}</section>"
    )


def failed(words: Words, voice: Voice, error: PresenterError) -> str:
    """It was not passed; a text can be answered once."""
    return (
        f"{_head(words, voice, words('camera.failed'), escape(words.said(error.message)))}"
        f"{views.failure(words, error, role='status')}<p>{words('camera.failed-what')}</p>"
        f"<p>{_anew(words, voice, 'camera.retry', look='primary')}</p><div data-message></div></div>"
        "</section>"
    )


def _head(words: Words, voice: Voice, title: str, told: str = "") -> str:
    back = button(words.plain("camera.back"), get="home")
    return (
        f"<section class='booth' lang='{words.code}' data-base='studio/' data-screen='camera' data-part "
        f"data-say='{told or title}'><p class='trail'><span data-base='voices/'>{back}</span>"
        f"<strong>{escape(voice.name)}</strong></p><div class='stand'><h2>{title}</h2>"
    )


def _recorder(words: Words, address: str) -> str:
    """The picture of the camera and its button. All words stand here; the script only chooses among them."""
    said = "".join(f"<span data-word='{state}'>{words(f'camera.{state}')}</span>" for state in STATES)
    return (
        f"<div class='recorder shoot' data-film='{address}' data-limit='{round(LONGEST)}' data-state='off' "
        f"data-largest='{LARGEST}'>"
        f"<video muted playsinline hidden aria-label='{words('camera.preview')}'></video>"
        "<div class='sound'><button type='button' class='record' data-shoot data-focus>"
        f"<span class='dot' aria-hidden='true'></span><span data-label>{words('camera.off')}</span></button>"
        f"<button type='button' class='plain off' data-close>{words('camera.close')}</button>"
        f"<p class='small'><span data-clock></span></p></div><div hidden>{said}</div></div>"
        f"<p class='small keys'>{words('camera.keys')}</p>"
    )


def _anew(words: Words, voice: Voice, label: str, look: str = "plain") -> str:
    body = {"voice": voice.id}
    return button(words.plain(label), look=look, post="cameras", body=body, focus=look == "primary")


def _troubles(words: Words) -> str:
    """What can go wrong before anything reaches the server; the browser picks the text by name."""
    hint = words.plain("camera.trouble-hint")
    boxes = {
        name: views.notice(
            "bad", words.plain(f"camera.{code.lower()}"), hint, f"E-CAMERA-{code}", role="alert"
        )
        for name, code in TROUBLES.items()
    }
    return "".join(f"<template data-trouble='camera-{name}'>{box}</template>" for name, box in boxes.items())
