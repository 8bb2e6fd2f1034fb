"""The sound of a whole lesson: all speeches and clips one after another, music under them, one loudness."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from presenter import audio, music, voices, watermark
from presenter.errors import Cancelled
from presenter.order import Recipe
from presenter.pieces import Piece
from presenter.rates import Rates
from presenter.store import Artefact, Store, digest
from presenter.types import RATE, Samples, Span
from presenter.video import encode_sound

VERSION = "3"
"""Raise when the sound changes for equal inputs."""


def mix(
    pieces: Sequence[Piece], recipe: Recipe, store: Store, cancelled: Callable[[], bool] = lambda: False
) -> Artefact:
    """The sound of the whole lesson at ``audio.LOUDNESS``, encoded once.

    Raises:
        Cancelled: after ``cancelled()`` was true.
        InputError: what ``music.take_in`` raises.
    """
    kept = music.take_in(recipe.music, store) if recipe.music else None
    bed = _bed(pieces, kept.path, recipe.music_level) if kept else None

    def heard() -> Iterator[Samples]:
        for samples in mixed(pieces) if bed is None else bed.add(mixed(pieces)):
            if cancelled():
                raise Cancelled()
            yield samples

    def make(path: Path) -> None:
        began = time.monotonic()
        # Before the mastering, whose limiter then also holds what the mark adds to the peaks.
        marked = watermark.sound.mark(heard(), watermark.identity(digest("sound", VERSION, inputs)))
        encode_sound(path, audio.master(marked, audio.LOUDNESS - audio.loudness(heard())))
        seconds = sum(piece.shot.count / piece.fps for piece in pieces)
        Rates(store.root).learn("mix", seconds, time.monotonic() - began)

    timing = [(piece.spoken, piece.shot.count, piece.fps, bool(piece.film)) for piece in pieces]
    under = (kept.digest, recipe.music_level, music.VERSION) if kept else None
    inputs = timing, under, audio.LOUDNESS, watermark.sound.VERSION
    sources = [*(piece.spoken for piece in pieces), *([kept.digest] if kept else [])]
    return store.once("sound", VERSION, inputs, "m4a", make, sources=sources)


def mixed(pieces: Sequence[Piece]) -> Iterator[Samples]:
    """What is said in the whole lesson, one shot after another: exactly frames x 48000 / fps samples."""
    for piece in pieces:
        samples = voices.load_speech(Path(piece.speech)).samples
        yield np.pad(samples, (0, piece.shot.count * RATE // piece.fps - len(samples)))


def _bed(pieces: Sequence[Piece], kept: Path, level: float) -> music.Bed:
    """The music from the first word's shot to the end of the last; none under clips."""
    words: list[Span] = []
    said: list[tuple[float, float]] = []
    at = 0.0
    for piece in pieces:
        until = at + piece.shot.count / piece.fps
        if not piece.film:
            said.append((at, until))
            timing = voices.load_timing(Path(piece.speech)).timing
            words += [Span("", at + word.start, at + word.end) for word in timing.words]
        at = until
    return music.Bed.under(kept, words, said[0][0], said[-1][1], level)
