"""Stand-ins for engines: quick and exact, so that a test can be about everything around them."""

import sys
from itertools import count

import numpy as np

from presenter import engines
from presenter.engines import Engine
from presenter.errors import WorkError
from presenter.types import RATE, Frames, Span, Timing, Wave

SECONDS = 0.1
"""Seconds that the stand-in speaker needs for a character."""


class Tone:
    """A speaker that beeps: every character lasts 0.1 s, every text has its own pitch."""

    def study(self, references):
        return {}

    def languages(self):
        return ("en", "en-GB", "en-US")

    def speak(self, text, language, voice, *, style, seed):
        times = np.arange(int(len(text) * SECONDS * RATE)) / RATE
        pitch = 150 + sum(text.encode()) % 200
        beeps = np.clip(np.sin(2 * np.pi * times), 0, 1) ** 16  # mostly silence, which is quick to encode
        samples = (0.5 * beeps * np.sin(2 * np.pi * pitch * times)).astype(np.float32)
        words, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            words.append(Span(word, at * SECONDS, (at + len(word)) * SECONDS))
            at += len(word)
        return Wave(samples, RATE), Timing(tuple(words), (Span("a", 0.0, len(text) * SECONDS),))


class Dot:
    """An animator that shows a grey picture with a white dot that wanders along its lower edge."""

    def study(self, portrait):
        return {}

    def animate(self, speech, portrait, studied, *, fps, seed):
        frames = -(-len(speech.samples) * fps // RATE)

        def draw():
            for number in range(frames):
                picture = np.full((portrait.height, portrait.width, 3), 120, np.uint8)
                x = 8 + number * 5 % (portrait.width - 24)
                picture[portrait.height - 24 : portrait.height - 8, x : x + 16] = 255
                yield picture

        return Frames(portrait.width, portrait.height, fps, frames, draw)


class Fragile(Dot):
    """An animator that fails from its third shot on."""

    shots = count()

    def animate(self, speech, portrait, studied, *, fps, seed):
        if next(self.shots) >= 2:
            raise WorkError("E-TEST", "The stand-in fails.", "Try again.")
        return super().animate(speech, portrait, studied, fps=fps, seed=seed)


def install(monkeypatch):
    """Make the stand-ins the engines that ``auto`` chooses, in this process."""
    monkeypatch.setattr(Fragile, "shots", count())
    monkeypatch.setitem(sys.modules, "presenter.engines.standins", sys.modules[__name__])
    rows = (
        Engine("speaker", "tone", "standins:Tone", "1", "hums", "Apache-2.0", True),
        Engine("animator", "dot", "standins:Dot", "1", "a dot", "Apache-2.0", True),
        Engine("animator", "fragile", "standins:Fragile", "1", "fails", "Apache-2.0", True),
    )
    monkeypatch.setattr(engines, "TABLE", (*rows, *engines.TABLE))
