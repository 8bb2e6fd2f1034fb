"""Clips: finished pieces of a job that goes on, with their sound, for being watched before the rest is made.

A piece is silent, as the sound of a lesson is encoded once for all of it; a clip is for looking at only and
is never joined. It has the label and the picture mark of its piece, and goes with what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from presenter import voices
from presenter.errors import InputError
from presenter.jobs import orders
from presenter.jobs.ledger import Ledger
from presenter.order import decide
from presenter.people import People
from presenter.settings import Settings
from presenter.speeches import Speeches
from presenter.store import Store
from presenter.types import RATE, Samples
from presenter.video import encode_sound, join, probe

VERSION = "1"


def clip(settings: Settings, ledger: Ledger, name: str, number: int) -> Path:
    """A finished piece of a job with its sound, as an MP4 in the store.

    Args:
        name: id of the job.
        number: of the segment, from 0.

    Raises:
        InputError: ``E-JOB-PIECE`` when it is not finished (any more), and what ``order.decide`` raises.
    """
    written, job = ledger.order(name), ledger.find(name)
    if written is None or not 0 <= number < job.ready or not Path(job.pieces[number]).is_file():
        raise InputError("E-JOB-PIECE", "There is no such piece (any more).", "Watch the finished video.")
    piece = Path(job.pieces[number])
    recipe = decide(orders.restore(written, settings.home / "videos" / name), settings)
    store, people = Store(settings.home / "store"), People(settings.home)
    speeches = Speeches(recipe, store, lambda: people.recordings(recipe.voice))
    segment = recipe.script.segments[number]
    spoken = speeches.find(segment)
    if spoken is None:
        raise InputError("E-JOB-PIECE", "The speech of this piece is gone.", "Watch the finished video.")
    speech = voices.load_speech(spoken.path)

    def make(path: Path) -> None:
        sound = path.with_suffix(".m4a")
        try:
            encode_sound(sound, _padded(speech.samples, probe(piece).seconds))
            join(path, [piece], sound, fps=recipe.fps, title=recipe.script.title)
        finally:
            sound.unlink(missing_ok=True)

    sources = [piece.stem, spoken.digest]
    return store.once("clip", VERSION, sources, "mp4", make, sources=sources).path


def _padded(samples: Samples, seconds: float) -> Iterator[Samples]:
    """The speech, and silence while its last picture stands."""
    yield np.pad(samples, (0, max(0, round(seconds * RATE) - len(samples))))
