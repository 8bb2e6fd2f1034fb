"""Clips: finished pieces of a job that goes on, with their sound, for being watched before the rest is made.

A piece is silent, as the sound of a lesson is encoded once for all of it; a clip is for looking at only and
is never joined. It has the label and the picture mark of its piece, a mark in its sound, credentials and a
line in the log of its own, and goes with what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from presenter import credentials, keys, planes, provenance, publishing, signing, takedown, voices, watermark
from presenter.engines import choice, load
from presenter.errors import InputError
from presenter.jobs import orders
from presenter.jobs.ledger import Ledger
from presenter.order import Recipe, decide
from presenter.people import People, portraits
from presenter.pieces import Kit
from presenter.settings import Settings
from presenter.store import Store, digest
from presenter.types import RATE, Samples
from presenter.video import encode_sound, glances, join, probe

VERSION = "2"


def clip(settings: Settings, ledger: Ledger, name: str, number: int) -> Path:
    """A finished piece of a job with its sound, as an MP4 in the store.

    Args:
        name: id of the job.
        number: of the segment, from 0.

    Raises:
        InputError: ``E-JOB-PIECE`` when it is not finished (any more), or when the job's video or one
            with this piece was taken down; what ``People.confirm`` raises where consent was ended, and what
            ``order.decide`` raises.
        SetupError, WorkError: as ``credentials.sign`` and ``audit.note``.
    """
    written, job = ledger.order(name), ledger.find(name)
    if written is None or not 0 <= number < job.ready or not Path(job.pieces[number]).is_file():
        raise InputError("E-JOB-PIECE", "There is no such piece (any more).", "Watch the finished video.")
    folder, piece = settings.home / "videos" / name, Path(job.pieces[number])
    kit = _kit(decide(orders.restore(written, folder), settings), settings)
    recipe = kit.recipe
    spoken = kit.speeches.find(recipe.script.segments[number])
    if spoken is None:
        raise InputError("E-JOB-PIECE", "The speech of this piece is gone.", "Watch the finished video.")
    sources = [piece.stem, spoken.digest]
    claim = signing.claim(kit, (), digest(sources))

    def make(path: Path) -> None:
        sound, joined = path.with_suffix(".m4a"), path.with_suffix(".joined.mp4")
        try:
            samples = _padded(voices.load_speech(spoken.path).samples, probe(piece).seconds)
            encode_sound(sound, watermark.sound.mark(samples, claim.sound))
            join(joined, [piece], sound, fps=recipe.fps, title=recipe.script.title,
                 comment=provenance.comment(recipe.script.language, kit.restricted))  # fmt: skip
            signed = signing.sign(joined, path, claim, settings)
            publishing.note_clip(path, signed, [claim.sound, *_marks(piece)], kit.record.consent, settings)
        finally:
            sound.unlink(missing_ok=True)
            joined.unlink(missing_ok=True)

    inputs = sources, claim, credentials.VERSION, keys.fingerprint(settings)
    made = kit.store.once("clip", VERSION, inputs, "mp4", make, sources=sources).path
    if takedown.is_hidden(folder / made.name) or takedown.shares(settings.home, made):
        raise InputError("E-JOB-PIECE", "There is no such piece (any more).", "Ask whoever runs this.")
    return made


def _kit(recipe: Recipe, settings: Settings) -> Kit:
    """What a render of this recipe knows, where consent for face and voice still holds."""
    people = People(settings.home)
    record, portrait = portraits.give_out(
        people, recipe.portrait, consent=None, settings=settings,
        detector=lambda: load("detector", choice.detector(settings).name), face=recipe.face,
    )  # fmt: skip
    people.refuse_below(settings.consent_level, record.consent, recipe.voice.consent)
    if recipe.voice.consent is not None:
        people.confirm(recipe.voice)
    return Kit(recipe, settings, Store(settings.home / "store"), record, portrait)


def _marks(piece: Path) -> tuple[str, ...]:
    """Ids of the watermark in its picture: by them it is known for part of a video."""
    frames = glances(piece.read_bytes(), every=0.2, seconds=60.0)
    return watermark.picture.read(
        [watermark.picture.fields(planes.split(frame)[1]) for frame in frames]
    ).identities


def _padded(samples: Samples, seconds: float) -> Iterator[Samples]:
    """The speech, and silence while its last picture stands."""
    yield np.pad(samples, (0, max(0, round(seconds * RATE) - len(samples))))
