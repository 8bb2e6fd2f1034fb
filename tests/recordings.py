"""Recordings for tests: the embedded voice reads, as people of different voices would."""

import functools
import io

import numpy as np
import soundfile

from presenter import audio
from presenter.engines import load
from presenter.types import RATE, Style

ANNA, BEN = ("f2", 1.0), ("benjamin", -4.0)
"""Two people: a variant of the embedded voice and how many semitones it is raised."""


@functools.lru_cache(maxsize=64)
def said(text, person=ANNA, language="en", speed=1.0, around=0.3):
    """Somebody's reading of a text in a quiet room, float32 (N,) at 48 kHz, read-only."""
    variant, pitch = person
    voice = {"variant": np.array(variant), "pitch": np.array(pitch)}
    wave, _ = load("speaker", "espeak").speak(text, language, voice, style=Style(speed=speed), seed=0)
    rest = np.zeros(round(around * RATE), np.float32)
    samples = np.concatenate([rest, audio.resample(wave), rest])
    room = np.random.default_rng(0).normal(0, 3e-4, len(samples))
    samples = np.clip(samples + room, -1, 1).astype(np.float32)
    samples.setflags(write=False)
    return samples


def noise(seconds, level=0.05, seed=0):
    """White noise, float32 (N,) at 48 kHz."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.float32)


def music(seconds):
    """A tune of plucked chords, float32 (N,) at 48 kHz."""
    out = np.zeros(round((seconds + 3) * RATE))
    for beat in range(int(seconds / 0.5)):
        times = np.arange(round(1.5 * RATE)) / RATE
        for step in (0, 4, 7):
            pitch = 220 * 2 ** (([0, 5, 7, 2][beat % 4] + step) / 12)
            tone = sum(np.sin(2 * np.pi * pitch * k * times) / k for k in range(1, 7)) * np.exp(-3 * times)
            out[round(beat * 0.5 * RATE) :][: len(tone)] += 0.1 * tone
    return out[: round(seconds * RATE)].astype(np.float32)


def encoded(samples, rate=RATE, kind="WAV", subtype="PCM_16"):
    """A sound file's bytes; samples are (N,) or (N, channels)."""
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, format=kind, subtype=subtype)
    return stream.getvalue()
