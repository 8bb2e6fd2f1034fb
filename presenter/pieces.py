"""Pieces: the parts that a shot is drawn from, and the drawing itself, which runs in workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from presenter import compose, faces, films, provenance, voices, watermark
from presenter.engines import choice, find, load
from presenter.engines.fingerprints import commercial
from presenter.engines.runners import room_for
from presenter.errors import Cancelled, InputError
from presenter.order import Recipe
from presenter.people import People
from presenter.rates import Rates
from presenter.settings import Settings
from presenter.speeches import Speeches, engine_name
from presenter.stills import Reel, Stills
from presenter.store import Artefact, Store, digest
from presenter.themes import Theme
from presenter.types import Box, Frames, Portrait, PortraitRecord, Segment, Shot, View
from presenter.video import Planes, Quality, encode

FACES, PIECES = "2", "1"
"""Versions of the steps of this file: raise one when its output changes for equal inputs."""


# --- one piece (runs in a worker) -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """A portrait framed for one size of head picture, and what the animator learnt about it."""

    framed: str
    """Path of the framed portrait."""
    studied: str
    """Path of the animator's arrays."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the shot before showed last."""

    slide: str
    """Path of the slide's picture, or ``""``."""
    head: Head | None
    """In that shot's layout; None where it had no head or the same layout."""
    clip: Reel | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """All that a worker needs to draw a shot; it can be pickled."""

    store: str
    """Root of the store that takes the piece."""
    inputs: str
    """Digest of everything that the picture depends on: the piece's name in the store."""
    sources: tuple[str, ...]
    shot: Shot
    spoken: str
    """Digest of the speech."""
    speech: str
    """Path of the speech."""
    head: Head | None
    slides: tuple[tuple[int, str], ...]
    """For each build that the shot shows, the path of the slide's picture."""
    animator: str
    width: int
    height: int
    fps: int
    theme: Theme
    language: str
    burned: bool
    seed: int
    quality: Quality
    before: Seen | None = None
    transition: compose.Transition = "fade"
    banner: tuple[str, str] = ("", "")
    """Name and role of the presenter."""
    places: tuple[tuple[str, Box], ...] = ()
    """What is pointed at, and where it is on the slide (pixels)."""
    clip: Reel | None = None
    """What moves on the slide."""
    film: str = ""
    """Path of a clip that the shot shows instead of a head; ``""`` for none."""

    def parts(self) -> tuple[str, ...]:
        """Paths of all that the shot is drawn from."""
        seen = self.before
        heads = [head for head in (self.head, seen.head if seen else None) if head is not None]
        return (
            self.speech,
            *([self.film] if self.film else []),
            *(path for head in heads for path in (head.framed, head.studied)),
            *(path for _, path in self.slides),
            *([seen.slide] if seen and seen.slide else []),
            *(reel.path for reel in (self.clip, seen.clip if seen else None) if reel is not None),
        )


def draw_piece(piece: Piece, cancelled: Callable[[], bool], tick: Callable[[int], None]) -> Artefact:
    """Animate the head, draw the shot, encode it and keep it in the store."""

    def watched() -> Iterator[Planes]:
        frames = drawn(piece, animated(piece))
        for frame in watermark.picture.mark(frames, watermark.identity(piece.inputs)):
            if cancelled():
                raise Cancelled()
            yield frame
            tick(1)

    def make(path: Path) -> None:
        began = time.monotonic()
        encode(path, watched(), width=piece.width, height=piece.height, fps=piece.fps, quality=piece.quality)
        if not piece.film:
            _learn(piece, time.monotonic() - began, path.stat().st_size)

    return Store(Path(piece.store)).once("piece", PIECES, piece.inputs, "mp4", make, sources=piece.sources)


def _learn(piece: Piece, seconds: float, size: int) -> None:
    """Keep what drawing took and gave, for estimates."""
    rates, look = Rates(Path(piece.store)), f"{piece.width}x{piece.height} {piece.shot.layout}"
    rates.learn(f"draw {piece.animator} {look}", piece.shot.count, seconds)
    rates.learn(f"size {look}", piece.shot.count, size)


def warm_up(animator: str, cancelled: Callable[[], bool], tick: Callable[[int], None]) -> None:  # noqa: ARG001
    """Load in a worker what drawing needs, while the first sentence is still being spoken."""
    load("animator", animator)


def animated(piece: Piece) -> Frames | None:
    """The portrait saying the shot's speech, or the clip that is shown; None where the shot shows neither."""
    if piece.film:
        return films.frames(Path(piece.film), piece.width, piece.height, piece.fps, piece.shot.count)
    if piece.head is None:
        return None
    portrait, studied = portrait_of(piece.head)
    speech = voices.load_speech(Path(piece.speech))
    found: Frames = load("animator", piece.animator).animate(
        speech, portrait, studied, fps=piece.fps, seed=piece.seed
    )
    return found


def drawn(piece: Piece, head: Frames | None) -> Iterator[Planes]:
    """The shot's frames as they are encoded, with ``head`` in the head's place."""
    before, anchor = piece.before, None
    if before is not None and piece.head is not None:
        anchor = compose.anchor_of(portrait_of(piece.head)[0].faces[0])
    return compose.draw(
        piece.shot,
        (piece.width, piece.height),
        piece.fps,
        head=head,
        slides={step: np.load(path) for step, path in piece.slides},
        language=piece.language,
        burned=piece.burned,
        theme=piece.theme,
        anchor=anchor,
        before=None if before is None else _before(piece, before),
        transition=piece.transition,
        banner=piece.banner,
        places=dict(piece.places),
        clip=piece.clip.open() if piece.clip else None,
    )


def _before(piece: Piece, seen: Seen) -> compose.Before:
    assert piece.shot.before is not None
    rest = None
    if seen.head is not None:
        portrait = portrait_of(seen.head)[0]
        rest = compose.Rest(portrait.images[0], compose.anchor_of(portrait.faces[0]))
    slide = np.load(seen.slide) if seen.slide else None
    return compose.Before(piece.shot.before, slide, rest, seen.clip.open() if seen.clip else None)


_kept: dict[Head, tuple[Portrait, dict[str, Any]]] = {}
"""The last portraits that this process drew: a lesson uses one face at two or three sizes."""


def portrait_of(head: Head) -> tuple[Portrait, dict[str, Any]]:
    """The framed portrait and what the animator learnt about it."""
    if head not in _kept:
        while len(_kept) >= 3:
            del _kept[next(iter(_kept))]
        with np.load(head.studied) as arrays:
            _kept[head] = faces.load_portrait(Path(head.framed)), dict(arrays)
    return _kept[head]


# --- what pieces are made from ----------------------------------------------------------------


class Kit:
    """The parts of one render that several pieces share; each is made when the first piece needs it."""

    def __init__(self, recipe: Recipe, settings: Settings, store: Store, record: PortraitRecord,
                 portrait: Callable[[], Portrait]) -> None:  # fmt: skip
        self.recipe = recipe
        self.settings = settings
        self.store = store
        self.record = record
        self._portrait = portrait
        self._framed: Path | None = None
        people = People(settings.home)
        self.speeches = Speeches(
            recipe,
            store,
            lambda: people.recordings(recipe.voice),
            confirm=lambda: people.confirm(recipe.voice),
        )
        self.speaker = self.speeches.speaker
        self.animator = find("animator", recipe.animator)
        self.quality = Quality()
        self.stills = Stills(recipe, store)

    @property
    def restricted(self) -> tuple[str, ...]:
        """Names of the engines that take part with non-commercial weights."""
        return tuple(row.name for row in (self.speaker, self.animator) if not commercial(row))

    def workers(self) -> int:
        """How many processes draw."""
        return self.settings.workers or room_for(min(8, os.cpu_count() or 1), self.animator.memory)

    def speech(self, segment: Segment) -> Artefact:
        """The segment as it is heard."""
        return self.speeches.speech(segment)

    def unspoken(self) -> int:
        """How many segments the store has no speech of."""
        return self.speeches.unspoken()

    def head(self, layout: str) -> Head | None:
        """The portrait at the size that the layout wants; None where the layout shows no head."""
        recipe = self.recipe
        box = compose.head_box(layout, recipe.width, recipe.height)
        if box is None:
            return None
        width, height = round(box.width), round(box.height)

        def frame(path: Path) -> None:
            framed = faces.frame(self._portrait(), width, height)
            faces.save(self._cut_out(framed) if recipe.head == "cutout" else framed, path)

        framed = self.store.once(
            "portrait",
            FACES,
            (self._face(), width, height, recipe.theme.behind if recipe.head == "cutout" else None),
            "npz",
            frame,
            sources=[self.record.reference],
        )

        def study(path: Path) -> None:
            arrays = load("animator", self.animator.name).study(faces.load_portrait(framed.path))
            with path.open("wb") as stream:
                np.savez(stream, **arrays)

        studied = self.store.once(
            "study", self.animator.version, (framed.digest, engine_name(self.animator)), "npz", study,
            sources=[framed.digest],
        )  # fmt: skip
        self._framed = framed.path
        return Head(str(framed.path), str(studied.path))

    def _cut_out(self, framed: Portrait) -> Portrait:
        from presenter.engines.selfie import Selfie

        found = faces.cut_out(framed, Selfie().matte, self.recipe.theme.behind)
        if found is None:
            raise InputError(
                "E-HEAD-CUTOUT", "The person in the photo cannot be told from the background.",
                'Write "head: photo" in the lesson, or use a photo with a calmer background.', "portrait",
            )  # fmt: skip
        return found

    def notes(self) -> tuple[str, ...]:
        """What is to be said about the heads that were made."""
        if self._framed is None:
            return ()
        with np.load(self._framed) as arrays:
            scores = arrays["scores"]
        without = int((scores == 0).sum())
        if not without:
            return ()
        return (f"{without} of the clip's {len(scores)} frames show no face; they stay as they are.",)

    def _face(self) -> tuple[str, str, int | None]:
        """What the framed portrait depends on: the picture, which face in it, and who found it."""
        return self.record.reference, engine_name(choice.detector(self.settings)), self.recipe.face

    def _banner(self, shot: Shot) -> tuple[str, str]:
        shown = compose.layout(shot.layout, self.recipe.width, self.recipe.height).banner is not None
        return self.recipe.banner if shown else ("", "")

    def _seen(self, shot: Shot) -> Seen | None:
        """What the shot's transition begins with."""
        before = self._before(shot)
        if before is None:
            return None
        view = self.stills.view(before)
        slide = str(self.stills.picture(view).path) if view else ""
        head = self.head(before.layout) if before.layout != shot.layout else None
        return Seen(slide, head, self.stills.reel(view) if view else None)

    def _before(self, shot: Shot) -> View | None:
        return None if self.recipe.transition == "none" else shot.before

    def inputs(self, shot: Shot, speech: Artefact) -> str:
        """Names the piece: digest of everything that the picture depends on; nothing is made for it."""
        recipe = self.recipe
        before = self._before(shot)
        anonymous = replace(shot, segment="", slide="", before=None)  # equal sentences share a piece
        return digest(
            anonymous, speech.digest, self._face(), FACES, engine_name(self.animator),
            self.quality.key,
            [self.stills.inputs(view) for view in self.stills.views(shot)], recipe.theme.key,
            before and (before.layout, before.clip, self.stills.inputs(self.stills.view(before))),
            before and recipe.transition, self._banner(shot), recipe.head,
            (recipe.width, recipe.height, recipe.fps, recipe.captions == "burned", recipe.script.language),
            provenance.VERSION, compose.VERSION, watermark.picture.VERSION,
        )  # fmt: skip

    def film(self, path: Path) -> Piece:
        """The order for a worker to draw a clip that comes before or after the lesson.

        Raises:
            InputError: see ``films.take_in``.
        """
        recipe = self.recipe
        film = films.take_in(path, self.store, recipe.fps)
        label = min(film.count, round(provenance.LABEL_SECONDS * recipe.fps))
        shot = Shot("", film.count, "full", "", label=label)
        inputs = digest(
            "film", film.file.digest, shot, self.quality.key, (recipe.width, recipe.height, recipe.fps),
            recipe.script.language, provenance.VERSION, compose.VERSION, watermark.picture.VERSION,
        )  # fmt: skip
        return Piece(
            store=str(self.store.root),
            inputs=inputs,
            sources=(film.file.digest, film.sound.digest),
            shot=shot,
            spoken=film.sound.digest,
            speech=str(film.sound.path),
            head=None,
            slides=(),
            animator=self.animator.name,
            width=recipe.width,
            height=recipe.height,
            fps=recipe.fps,
            theme=recipe.theme,
            language=recipe.script.language,
            burned=False,
            seed=0,
            quality=self.quality,
            film=str(film.file.path),
        )

    def piece(self, shot: Shot, speech: Artefact) -> Piece:
        """The order for a worker, with the parts that it needs made."""
        recipe = self.recipe
        views = self.stills.views(shot)
        return Piece(
            store=str(self.store.root),
            inputs=self.inputs(shot, speech),
            sources=(self.record.reference, speech.digest),
            shot=shot,
            spoken=speech.digest,
            speech=str(speech.path),
            head=self.head(shot.layout),
            slides=tuple((view.steps, str(self.stills.picture(view).path)) for view in views),
            animator=self.animator.name,
            width=recipe.width,
            height=recipe.height,
            fps=recipe.fps,
            theme=recipe.theme,
            language=recipe.script.language,
            burned=recipe.captions == "burned",
            seed=int(speech.digest[:8], 16),
            quality=self.quality,
            before=self._seen(shot),
            transition=recipe.transition,
            banner=self._banner(shot),
            places=self.stills.places(shot),
            clip=self.stills.reel(views[0]) if views else None,
        )
