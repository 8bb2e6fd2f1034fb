"""The challenge on the page: the person of a voice reads a new text aloud, and their consent is worth more.

As on the other screens of the voices, a browser asks only for what it may; all text is English.
"""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import quote

from presenter import text
from presenter.errors import PresenterError
from presenter.people.challenge import LEVEL, LONGEST, MINUTES, Challenge
from presenter.studio import Studio
from presenter.types import Voice
from presenter.web import booth, views
from presenter.web.elements import button, escape
from presenter.web.voices import Voices


class Challenges:
    """What can be done with challenges.

    Args:
        studio: asks and judges.
        voices: knows who may use which voice.
    """

    def __init__(self, studio: Studio, voices: Voices) -> None:
        self._studio = studio
        self._voices = voices

    def ask(self, browser: str, name: str) -> str:
        """A new text for the consent of a voice; only this browser can answer it."""
        voice = self._voices.own(name, browser)
        language = next(iter(voice.languages), "en")
        made = self._studio.challenge(voice.consent or "", language=language, session=browser)
        return reading(voice, made, self._studio.settings.consent_level)

    def answer(self, browser: str, name: str, key: str, source: Path) -> str:
        """The text was read: whether that was the person, in plain words."""
        voice = self._voices.own(name, browser)
        try:
            consent = self._studio.answer(key, source, session=browser).consent
        except PresenterError as error:
            return failed(voice, error)
        return self._voices.home(
            browser, f"{consent.person} read the text: the consent for “{voice.name}” is confirmed (level "
            f"{consent.level})."
        )  # fmt: skip


def reading(voice: Voice, made: Challenge, needed: int) -> str:
    """The text, how long it can be answered, and the recorder.

    Args:
        needed: level that this installation asks for.
    """
    *sentences, digits = made.parts
    shown = [part.text for part in sentences] + [digits.text.capitalize()]
    lines = "".join(f"<p>{escape(one)}</p>" for one in shown)
    seconds = max(0, round(made.expires - time.time()))
    address = f"challenges/{made.id}?voice={quote(voice.id)}"
    language = made.parts[0].language
    enough = (
        "Lessons can use the voice without it, too: this installation asks for no more than the tick."
        if needed < LEVEL
        else f"This installation asks for level {needed}, so the voice cannot be used before."
    )
    return (
        "<section class='booth' data-screen='challenge' data-part data-say='Read the text aloud in one go.'>"
        f"<p class='trail'>{button('← All voices', get='home')}<span><strong>{escape(voice.name)}</strong> · "
        f"{escape(text.name(language))}</span></p><div class='stand'><h2>Read this aloud, in one go</h2>"
        "<p class='soft'>The person of this voice reads the text, each digit by itself. It was made just now,"
        " so no older recording can say it.</p>"
        f"<blockquote class='line' lang='{escape(language)}'>{lines}</blockquote>"
        f"<p class='small'>Good for <strong data-left='{seconds}'>{views.clock(seconds)}</strong> minutes."
        f"<span data-over hidden> The time is over: ask for a new text.</span></p>"
        f"{booth.recorder(address, round(LONGEST), again=False, focus=True)}<div data-message></div>"
        f"<p>{_anew(voice, 'Another text')}</p></div>{_otherwise(enough)}</section>"
    )


def failed(voice: Voice, error: PresenterError) -> str:
    """It was not passed; a text can be answered once."""
    return (
        f"<section class='booth' data-screen='challenge' data-part data-say='{escape(error.message)}'>"
        f"<p class='trail'>{button('← All voices', get='home')}<strong>{escape(voice.name)}</strong></p>"
        f"<div class='stand'><h2>Not confirmed yet</h2>{views.failure(error, role='status')}"
        "<p>The voice and the consent stay as they were. Each text can be answered once.</p>"
        f"<p>{_anew(voice, 'Try with a new text', look='primary')}</p><div data-message></div></div>"
        f"{_otherwise('')}</section>"
    )


def _anew(voice: Voice, label: str, look: str = "plain") -> str:
    return button(label, look=look, post="challenges", body={"voice": voice.id}, focus=look == "primary")


def _otherwise(enough: str) -> str:
    return (
        "<details class='otherwise'><summary>The person cannot read it aloud?</summary><div>"
        "<p>Somebody who cannot read, see or speak this text need not: whoever runs this page can vouch for "
        f"them instead, on the command line, which counts for more (level 4). {escape(enough)}</p></div>"
        f"</details><p class='small'>A text is good for {MINUTES} minutes. The recording is compared with "
        "the voice and the words, and not kept; its fingerprint is, so that it cannot be handed in again.</p>"
    )
