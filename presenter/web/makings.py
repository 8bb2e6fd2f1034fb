"""Voices that are being made for the page, one after the other, in a thread of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

from presenter.errors import PresenterError, known
from presenter.people import Enrolment
from presenter.types import Voice

Stage = Literal["keep", "learn"]
"""The recordings are being kept; the voice is being learnt and says its first sentence."""

First = Callable[[Voice], str]
"""Lets a voice say its first sentence; gives the name of the engine that spoke."""


@dataclass(slots=True, eq=False)
class Making:
    """A voice that is being computed. Written by the thread that computes, read by the page."""

    name: str
    browser: str
    """Key of the browser that asked."""
    stage: Stage = "keep"
    began: float = field(default_factory=time.monotonic)
    voice: Voice | None = None
    engine: str = ""
    """Name of the engine that spoke its first sentence."""
    error: PresenterError | None = None
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began


class Makings:
    """What is being made, by the key of its enrolment.

    Args:
        made: called with a voice that was made and the key of the browser that asked for it.
        first: called after that.
    """

    def __init__(self, made: Callable[[Voice, str], None], first: First) -> None:
        self._made = made
        self._first = first
        self._rows: dict[str, Making] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")

    def close(self) -> None:
        """Wait for the voice that is being made; those behind it are not begun."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def begin(self, enrolment: Enrolment, browser: str) -> Making:
        """Make the voice of an enrolment as soon as it is its turn."""
        making = self._rows[enrolment.id] = Making(enrolment.name, browser)
        self._thread.submit(self._make, making, enrolment)
        return making

    def get(self, key: str) -> Making | None:
        """What is made of that enrolment, finished or not."""
        return self._rows.get(key)

    def drop(self, key: str) -> None:
        """It was taken notice of."""
        self._rows.pop(key, None)

    def of(self, browser: str) -> dict[str, Making]:
        """Those of a browser, by the key of the enrolment."""
        return {key: making for key, making in list(self._rows.items()) if making.browser == browser}

    def is_busy(self, key: str) -> bool:
        """Whether that enrolment is being made into a voice."""
        making = self._rows.get(key)
        return making is not None and not making.finished.is_set()

    def maker(self, name: str) -> str | None:
        """The browser for which a voice of that name is being made."""
        rows = list(self._rows.values())
        return next((one.browser for one in rows if one.name == name and not one.finished.is_set()), None)

    def _make(self, making: Making, enrolment: Enrolment) -> None:
        try:
            voice = enrolment.finish()
            self._made(voice, making.browser)
            making.voice = voice
            making.stage = "learn"
            making.engine = self._first(voice)
        except BaseException as error:  # whatever it is, the page must not wait for ever
            making.error = known(error)
        finally:
            making.finished.set()
