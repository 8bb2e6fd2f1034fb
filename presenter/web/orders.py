"""What the page orders: a lesson with the pictures, the portrait and the voice that its owner may use."""

from __future__ import annotations

from dataclasses import replace

from presenter.errors import InputError
from presenter.lessons import Lesson
from presenter.order import Order, parse_size
from presenter.studio import Studio
from presenter.web.album import Album
from presenter.web.visits import Visit
from presenter.web.voices import Voices


class Orders:
    """Makes orders.

    Args:
        studio: reads lessons.
        album: the portraits that people brought.
        voices: knows who may use which voice.
    """

    def __init__(self, studio: Studio, album: Album, voices: Voices) -> None:
        self._studio = studio
        self._album = album
        self._voices = voices

    def plain(self, lesson: Lesson) -> Order:
        """The order of a lesson, with no regard to who asks: enough to draw its slides."""
        samples = self._studio.settings.assets / "lessons"
        return Order(source=lesson.source, folder=lesson.folder if lesson.folder.is_dir() else samples)

    def portrayed(self, owner: str, lesson: Lesson) -> Order:
        """The order of a lesson with its owner's own portrait, where it names one.

        Raises:
            InputError: ``E-CONSENT-NEEDED`` for a portrait without consent.
        """
        wanted = self._studio.parse(lesson.source).setting("portrait") or ""
        own = self._album.find(owner, wanted)
        if own is None:
            return self.plain(lesson)
        if not own.person:
            raise InputError(
                "E-CONSENT-NEEDED", f'Nobody gave leave to use the portrait "{own.name}" yet.',
                "Say who did, at People.", "consent",
            )  # fmt: skip
        return replace(self.plain(lesson), portrait=self._album.path(own), consent=own.person)

    def order(self, visit: Visit, lesson: Lesson, *, small: bool = False) -> Order:
        """The order of a lesson.

        Args:
            small: a small picture, which is drawn sooner.

        Raises:
            InputError: ``E-VOICE-NAME`` for somebody else's voice, ``E-CONSENT-NEEDED`` for a portrait
                without consent, and what ``script.parse`` raises.
        """
        script = self._studio.parse(lesson.source)
        self._voices.check(script.setting("voice") or self._studio.settings.voice, visit)
        order = self.portrayed(visit.owner, lesson)
        if not small:
            return order
        settings = self._studio.settings
        size = script.setting("size") or f"{settings.width}x{settings.height}"
        width, height = (max(256, 4 * round(side / 8)) for side in parse_size(size))
        return replace(order, width=width, height=height)
