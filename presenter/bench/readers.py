"""People who read: variants of the embedded voice, in a quiet room."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from presenter import audio
from presenter.engines import load
from presenter.types import RATE, Samples, Style

PEOPLE = ("Reed", "Alicia", "travis", "klatt2", "anika", "iven", "robosoft6", "f1")
"""Variants that the speaker encoder tells apart: no two are more alike than 0.63."""
APART = 1.05
"""Two variants are two people where one of the first three formants differs by this factor or more: then the
vocal tracts differ, and not only pitch and tone, which one person can change."""
_FORMANTS = 3


def said(text: str, variant: str = "", *, language: str = "en", seed: int = 0) -> Samples:
    """A reading in a quiet room, float32 (N,) at 48 kHz; everybody has a pace of their own."""
    draw = random.Random(f"{variant}-{seed}")
    voice = {"variant": np.array(variant)} if variant else {}
    style = Style(speed=draw.uniform(0.9, 1.1), pitch=draw.uniform(-0.5, 0.5))
    wave, _ = load("speaker", "espeak").speak(text, language, voice, style=style, seed=seed)
    rest = np.zeros(RATE * 3 // 10, np.float32)
    samples = np.concatenate([rest, audio.resample(wave), rest])
    room = np.random.default_rng(seed).normal(0, 4e-4, len(samples))
    return np.asarray(np.clip(samples + room, -1, 1), np.float32)


@functools.cache
def drawn(lot: int) -> tuple[str, ...]:
    """All variants that are different people, and voiced, in an order drawn by lot: the first of each vocal
    tract. Nothing but the definitions of the variants decides it."""
    found: list[str] = []
    names = sorted(path.name for path in _folder().iterdir() if not path.name.startswith("whisper"))
    random.Random(lot).shuffle(names)
    for name in names:
        if not any(same_tract(name, other) for other in found):
            found.append(name)
    return tuple(found)


def same_tract(one: str, other: str) -> bool:
    """Whether two variants have the same vocal tract, as near as that counts."""
    pairs = zip(_tract(one), _tract(other), strict=True)
    return all(max(a, b) < APART * min(a, b) for a, b in pairs)


def twins(people: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """For each of these another variant with the same vocal tract, where there is one."""
    for name in people:
        others = sorted(path.name for path in _folder().iterdir() if path.name != name)
        other = next((one for one in others if same_tract(name, one)), None)
        if other is not None:
            yield name, other


@functools.cache
def _tract(variant: str) -> tuple[float, ...]:
    """Frequencies of the first formants, as percentages of the default's."""
    found = dict.fromkeys(range(1, _FORMANTS + 1), 100.0)
    for line in (_folder() / variant).read_text(encoding="utf-8", errors="replace").splitlines():
        match line.split():
            case ["formant", number, frequency, *_] if number.isdigit() and int(number) in found:
                found[int(number)] = max(1.0, float(frequency))
    return tuple(found.values())


def _folder() -> Path:
    import espeakng_loader

    return Path(str(espeakng_loader.get_data_path())) / "voices" / "!v"
