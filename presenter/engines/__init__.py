"""Engines are leaves: each module here does one job with one library or model.

The protocols say what an engine of a kind can do; the table says which there are. A loaded engine
is kept once per process and is not safe to share between threads.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from presenter.engines import weights
from presenter.errors import EngineMissing, InputError
from presenter.types import Arrays, Face, Frames, Part, Picture, Portrait, Speech, Style, Timing, Wave


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A line that a person spoke, for learning a voice."""

    wave: Wave
    text: str
    """What was said, or ``""`` when nobody knows."""
    language: str = ""
    """BCP 47 code of the text, or ``""`` when nobody knows."""


def too_short(seconds: float, least: float) -> InputError:
    """What to say where a person's lines hold too little speech to learn a voice from (s)."""
    return InputError(
        "E-VOICE-SHORT",
        f"{seconds:.1f} s of speech; at least {least:.0f} s are needed.",
        "Record some more lines.",
        "voice",
    )


class Speaker(Protocol):
    """A voice."""

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Learn a voice; slow, once a voice. An engine that cannot clone returns ``{}`` for no references."""
        ...

    def speak(
        self, text: str, language: str, voice: Arrays, *, style: Style, seed: int
    ) -> tuple[Wave, Timing | None]:
        """Say ``text`` (already normalised, any length of a sentence or a few).

        Returns:
            The sound at the engine's own rate, and when each word and phoneme is heard, or None
            where the engine does not know. Word labels are substrings of ``text`` in order. The
            same arguments give the same samples.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language that it cannot speak.
        """
        ...

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes it can speak, sorted."""
        ...


@runtime_checkable
class Director(Speaker, Protocol):
    """A speaker that can change its way of speaking inside a phrase, and say sounds that are given in IPA."""

    def perform(self, parts: Sequence[Part], voice: Arrays, *, seed: int) -> tuple[Wave, Timing | None]:
        """Say parts of one language as one phrase, without silence between them.

        Their emphasis and their sounds count; their pauses are the caller's. Returns and raises as
        ``speak`` does for their texts put together.
        """
        ...


class Animator(Protocol):
    """A face that speaks."""

    def study(self, portrait: Portrait) -> Arrays:
        """Learn a face; slow, once a portrait."""
        ...

    def animate(self, speech: Speech, portrait: Portrait, studied: Arrays, *, fps: int, seed: int) -> Frames:
        """The portrait saying the speech: ``ceil(seconds x fps)`` frames of the portrait's size.

        Starts and ends in the portrait's rest pose with a closed mouth, so that pieces join.
        """
        ...


@runtime_checkable
class Weighted(Protocol):
    """An engine whose output depends on model files that the user placed."""

    def weights(self, language: str = "") -> tuple[Path, ...]:
        """The files that it would use now, for a language (BCP 47) where that makes a difference.

        Raises:
            EngineMissing: they are not there.
        """
        ...


class Detector(Protocol):
    """Finds faces."""

    def detect(self, image: Picture) -> list[Face]:
        """Faces in an RGB picture (H, W, 3) uint8, largest first, with 468 landmarks each."""
        ...


@dataclass(frozen=True, slots=True)
class Engine:
    """A row of the table."""

    kind: str
    """``speaker``, ``animator``, ``detector``."""
    name: str
    target: str
    """``module:Class``; a module without dots lives in this package."""
    version: str
    """Part of every cache key: raise it when the engine's output changes."""
    summary: str
    licence: str
    commercial: bool
    """May its output be used commercially?"""
    cloning: bool = False
    languages: str = ""
    extra: str = ""
    """Extra of the package that brings its dependencies, or ``""``."""
    apart: str = ""
    """A requirement that is installed without its dependencies, as these would break others; or ``""``."""
    packages: tuple[str, ...] = ()
    """Top-level modules that the extra brings and without which it cannot run."""
    checkpoints: tuple[str, ...] = ()
    """Names in checkpoints/manifest.toml that it needs."""
    checked: bool = False
    """Does it fail at times, so that each sentence is checked and said again with another seed?"""
    memory: float = 0.0
    """Gigabytes that each process needs that works with it, where that is much; of a GPU's likewise."""


TABLE: tuple[Engine, ...] = (
    Engine(
        "speaker", "espeak", "espeak:Espeak", "1",
        "embedded formant voice, over 100 languages", "GPL-3.0-or-later", True,
        languages="100+",
    ),
    Engine(
        "speaker", "xtts", "xtts:Xtts", "1",
        "neural voice that clones from seconds; at its best on a GPU",
        "CPML (weights), MPL-2.0 (code)", False,
        cloning=True, languages="17", extra="xtts",
        packages=("torch", "TTS"), checkpoints=("xtts",), checked=True,
    ),
    Engine(
        "speaker", "pocket", "pocket:Pocket", "1",
        "neural voice that clones from ten seconds, in real time on a CPU",
        "MIT (code), CC-BY-4.0 (weights)", True,
        cloning=True, languages="de, en, es, fr, it, nl, pt", extra="pocket",
        packages=("torch", "pocket_tts"), checkpoints=("pocket",), checked=True,
    ),
    Engine(
        "speaker", "convert", "convert:Convert", "1",
        "embedded cloning: the embedded voice turned into a person's, learnt from their lines",
        "GPL-3.0-or-later", True,
        cloning=True, languages="100+",
    ),
    Engine(
        "animator", "mesh", "mesh:Mesh", "3",
        "embedded face animator: dense warp of a photo, drawn mouth", "Apache-2.0", True,
    ),
    Engine(
        "animator", "wav2lip", "wav2lip:Wav2Lip", "1",
        "neural lips painted from the sound, on a photo that mesh keeps alive; at its best on a GPU",
        "research only (published weights), Apache-2.0 (code)", False,
        extra="wav2lip", packages=("torch", "safetensors"), checkpoints=("wav2lip",), memory=0.9,
    ),
    Engine(
        "detector", "blazeface", "blazeface:BlazeFace", "1",
        "face detector and 468 landmarks on OpenCV", "Apache-2.0", True,
        checkpoints=("face_detection", "face_landmark"),
    ),
    Engine(
        "detector", "s3fd", "s3fd:S3fd", "1",
        "face detector for small, turned and dim faces, with the embedded landmarks; at its best on a GPU",
        "BSD-3-Clause (code), no terms stated (weights)", False,
        extra="s3fd", apart="face-alignment==1.5.0", packages=("torch", "face_alignment"),
        checkpoints=("face_alignment",),
    ),
)  # fmt: skip


def engines(kind: str | None = None) -> tuple[Engine, ...]:
    """All rows, our own first, then those of other packages (entry points ``presenter.engines``)."""
    return tuple(row for row in (*TABLE, *_foreign()) if kind is None or row.kind == kind)


@functools.cache
def _foreign() -> tuple[Engine, ...]:
    rows: list[Engine] = []
    for point in importlib.metadata.entry_points(group="presenter.engines"):
        loaded = point.load()
        rows.extend(loaded if isinstance(loaded, tuple) else (loaded,))
    return tuple(rows)


def find(kind: str, name: str) -> Engine:
    """The row of that name; ``auto`` is the first of its kind.

    Raises:
        InputError: ``E-ENGINE-NAME`` when there is none.
    """
    rows = engines(kind)
    if name == "auto":
        return rows[0]
    for row in rows:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in rows)
    raise InputError("E-ENGINE-NAME", f'There is no {kind} "{name}".', f"Known: auto, {known}.", kind)


@functools.lru_cache(maxsize=16)
def _loaded(kind: str, name: str) -> Any:
    row = find(kind, name)
    module, _, attribute = row.target.partition(":")
    path = module if "." in module else f"presenter.engines.{module}"
    try:
        return getattr(importlib.import_module(path), attribute)()
    except ImportError as error:
        extra = f"[{row.extra}]" if row.extra else ""
        apart = f" && pip install --no-deps {row.apart}" if row.apart else ""
        raise EngineMissing(
            "E-ENGINE-MISSING",
            f'The {kind} "{row.name}" needs the package {error.name or error}.',
            f'Install it in this folder: pip install -e ".{extra}"{apart}.',
            kind,
        ) from error


_states: dict[str, weights.State] = {}
"""Of what state the model files of loaded engines were."""


def load(kind: str, name: str) -> Any:
    """The engine, kept for the life of the process, or until its model files are replaced.

    Raises:
        EngineMissing: its packages or checkpoints are not there; the hint is the command that mends it.
    """
    name = find(kind, name).name
    engine = _loaded(kind, name)
    if not isinstance(engine, Weighted):
        return engine
    state = weights.state_of(engine.weights())
    if _states.setdefault(name, state) != state:
        _loaded.cache_clear()
        _states.clear()
        return _loaded(kind, name)
    return engine
