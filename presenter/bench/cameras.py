"""What the challenge with camera lets through: films made here, genuine ones and attacks.

People are drawn presenters that the embedded animator moves, with voices of espeak-ng. Their lips do not
follow the animator's curves exactly: each person opens the mouth in a way of their own, and a camera adds
noise. That shows that each check finds what it should find; how real faces, cameras and rooms differ has to
be measured with them.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import audio, faces, intake, planes, video, visemes
from presenter.bench.enrolments import enrolled
from presenter.bench.readers import PEOPLE
from presenter.engines import Detector, choice, load
from presenter.engines.mesh import canvas, loudness, motion
from presenter.errors import PresenterError
from presenter.evaluate import Measure
from presenter.evaluate.speakers import embeddings
from presenter.people import camera, challenge, gestures, phrases
from presenter.people.challenge import Challenge
from presenter.people.film import FPS
from presenter.people.gestures import Gesture
from presenter.settings import ROOT, Settings
from presenter.types import RATE, Arrays, Picture, Portrait, Samples, Span, Style, Timing
from presenter.video import Quality
from presenter.watermark import picture

SIDE = 448
"""Width and height of a film (pixels)."""
PAUSE, SHORT_PAUSE = 1.7, 0.4
"""Seconds between parts with and without a gesture."""
_SIGNS = {"nod": 1.0, "up": -1.0}
_REACH = {"nod": 0.50, "up": 0.50, "turn": 0.55, "tilt": 0.40}
"""How far a head goes, over ``motion.POSE``: some 15, 15, 25 and 22 degrees as they are measured."""
_AXES = {"nod": motion.PITCH, "up": motion.PITCH, "turn": motion.YAW, "tilt": motion.ROLL}


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """Somebody who sits in front of a camera."""

    variant: str
    """Of the embedded voice."""
    portrait: Portrait
    studied: Arrays


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What is heard in a film, and when heads move."""

    samples: Samples
    timing: Timing
    moves: tuple[tuple[float, str], ...]
    """Middle (s) and kind of each gesture."""


def sitter(name: str, variant: str, side: int = SIDE) -> Sitter:
    """A drawn presenter before a camera.

    Args:
        name: of a sample presenter.
        variant: of the embedded voice.
    """
    whole = faces.sample(name, ROOT / "assets")
    scale = side / whole.width
    image = np.asarray(cv2.resize(whole.images[0], (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    face = whole.faces[0]
    box = type(face.box)(*(edge * scale for edge in (face.box.x0, face.box.y0, face.box.x1, face.box.y1)))
    face = replace(face, box=box, landmarks=face.landmarks * np.float32(scale))
    return Sitter(variant, Portrait(image[None], (face,)), canvas.study(image, face))


def reading(made: Challenge, variant: str, draw: random.Random, instead: Sequence[Gesture] | None = None,
            ) -> Reading:  # fmt: skip
    """A challenge read aloud, with pauses for gestures: other ones than it asks for where they are given."""
    asked = made.gestures if instead is None else instead
    style = Style(speed=draw.uniform(0.9, 1.05), pitch=draw.uniform(-0.5, 0.5))
    chunks: list[Samples] = []
    words: list[Span] = []
    phonemes: list[Span] = []
    moves = []
    at = 0.0

    def rest(place: int) -> None:
        nonlocal at
        here = [one.kind for one in asked if one.before == place]
        seconds = draw.uniform(0.9, 1.1) * (PAUSE * max(1, len(here)) if here else SHORT_PAUSE)
        for number, kind in enumerate(here):
            moves.append((at + seconds * (number + 0.5) / len(here), kind))
        chunks.append(np.zeros(round(seconds * RATE), np.float32))
        phonemes.append(Span("", at, at + seconds))
        at += len(chunks[-1]) / RATE

    for place, part in enumerate(made.parts):
        rest(place)
        wave, timing = load("speaker", "espeak").speak(
            part.text, part.language, {"variant": np.array(variant)}, style=style, seed=draw.randrange(10**6)
        )
        chunks.append(audio.resample(wave))
        words += [Span(one.label, one.start + at, one.end + at) for one in timing.words]
        phonemes += [Span(one.label, one.start + at, one.end + at) for one in timing.phonemes]
        at += len(chunks[-1]) / RATE
    rest(len(made.parts))
    samples = np.concatenate(chunks)
    room = np.random.default_rng(draw.randrange(10**6)).normal(0, 4e-4, len(samples))
    samples = np.asarray(np.clip(samples + room, -1, 1), np.float32)
    return Reading(samples, Timing(tuple(words), tuple(phonemes)), tuple(moves))


def pictures(who: Sitter, read: Reading, draw: random.Random) -> Iterator[Picture]:
    """What a camera sees while somebody reads: uint8 (H, W, 3) RGB, ``FPS`` a second."""
    count = -(-len(read.samples) * FPS // RATE)
    loud = loudness(read.samples, count)
    values = _own_way(visemes.track(read.timing, count / FPS, FPS, loudness=loud).values, draw)
    performance = motion.perform(read.timing, loud, FPS, draw.randrange(10**6))
    pose = performance.pose + _moved(read.moves, count, draw)
    painter = canvas.Canvas(who.portrait.images[0], who.studied)
    noise = np.random.default_rng(draw.randrange(10**6))
    grain = noise.normal(0, 2.0, (8, *who.portrait.images[0].shape)).astype(np.int8)
    for number in range(count):
        drawn = painter.draw(values[number], pose[number], float(performance.blink[number]))
        yield np.asarray(cv2.add(drawn, grain[number % len(grain)], dtype=cv2.CV_8U), np.uint8)


def filmed(frames: Iterator[Picture], samples: Samples, mark: str = "") -> bytes:
    """A film: MP4 with H.264 and AAC.

    Args:
        mark: id of a watermark in the pictures.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = next(frames)
        height, width = first.shape[:2]

        def canvases() -> Iterator[NDArray[np.uint8]]:
            yield planes.canvas(first)
            yield from map(planes.canvas, frames)

        quality = Quality(crf=26, preset="ultrafast")
        shown = picture.mark(canvases(), mark) if mark else canvases()
        video.encode(folder / "pictures.mp4", shown, width=width, height=height, fps=FPS, quality=quality)
        video.encode_sound(folder / "sound.mp4", [samples])
        video.join(folder / "film.mp4", [folder / "pictures.mp4"], folder / "sound.mp4", fps=FPS)
        return (folder / "film.mp4").read_bytes()


def genuine(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """A film in which somebody answers a challenge."""
    read = reading(made, who.variant, draw)
    return filmed(pictures(who, read, draw), read.samples)


def _own_way(values: NDArray[np.float32], draw: random.Random) -> NDArray[np.float32]:
    """Lips as one person moves them: more or less of each movement, a little early or late, and rounder."""
    gains = np.array([draw.uniform(0.65, 1.2) for _ in visemes.NAMES], np.float32)
    soft, late = draw.uniform(0.0, 0.3), draw.uniform(-0.04, 0.06) * FPS
    kernel = np.array([soft / 2, 1 - soft, soft / 2])
    times = np.arange(len(values))
    moved = [np.convolve(np.interp(times - late, times, row), kernel, "same") for row in values.T]
    return np.asarray(np.clip(np.stack(moved, axis=1) * gains, 0, 1), np.float32)


def _moved(moves: Sequence[tuple[float, str]], count: int, draw: random.Random) -> NDArray[np.float32]:
    """Gestures as poses (count, 7)."""
    times = np.arange(count) / FPS
    pose = np.zeros((count, len(motion.POSE)), np.float32)
    for middle, kind in moves:
        away = np.cos(np.clip((times - middle) / draw.uniform(0.55, 0.7), -1, 1) * np.pi / 2) ** 2
        sign = _SIGNS.get(kind, draw.choice((-1.0, 1.0)))
        pose[:, _AXES[kind]] += sign * _REACH[kind] * draw.uniform(0.85, 1.1) * away
    return pose


# --- attacks ----------------------------------------------------------------------------------


def still_photo(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The right voice, and a photo that somebody holds before the camera and moves as the gestures ask."""
    read = reading(made, who.variant, draw)
    return filmed(_held(who, read, draw), read.samples)


def other_words(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The person says something else, with the right gestures."""
    return genuine(who, _otherwise(made, draw), draw)


def dubbed(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The person says something else, with the right gestures, and the right words are laid under it."""
    heard = reading(made, who.variant, draw)
    shown = reading(_otherwise(made, draw), who.variant, draw)
    return filmed(_as_long(pictures(who, shown, draw), heard), heard.samples)


def dubbed_again(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The person says the right words, and another reading of them is laid under it."""
    heard, shown = (reading(made, who.variant, draw) for _ in range(2))
    return filmed(_as_long(pictures(who, shown, draw), heard), heard.samples)


def cut_together(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """Two takes of the same reading, cut together; between them somebody touched the camera."""
    read = reading(made, who.variant, draw)
    takes = [pictures(who, read, random.Random(draw.random())) for _ in range(2)]
    moved = [_placed(take, draw) for take in takes]
    count = -(-len(read.samples) * FPS // RATE)
    cut = round(count * draw.uniform(0.25, 0.75))
    mixed = (pair[number >= cut] for number, pair in enumerate(zip(*moved, strict=True)))
    return filmed(mixed, read.samples)


def two_faces(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """Somebody else sits beside the person."""
    read = reading(made, who.variant, draw)
    name = draw.choice(faces.samples(ROOT / "assets"))
    beside = np.asarray(sitter(name, who.variant).portrait.images[0])
    both = (np.hstack([shown, beside]) for shown in pictures(who, read, draw))
    return filmed(both, read.samples)


def rendered(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """A video of presenter itself: its pictures carry the watermark, its sound does not."""
    read = reading(made, who.variant, draw)
    return filmed(pictures(who, read, draw), read.samples, mark="5eed1234")


def without_gestures(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The right words, and the pauses, but the head makes none of the movements."""
    read = replace(reading(made, who.variant, draw), moves=())
    return filmed(pictures(who, read, draw), read.samples)


def exchanged_gestures(who: Sitter, made: Challenge, draw: random.Random) -> bytes:
    """The right movements in the wrong order."""
    kinds = [one.kind for one in made.gestures]
    turned = [replace(one, kind=kind) for one, kind in zip(made.gestures, reversed(kinds), strict=True)]
    read = reading(made, who.variant, draw, turned)
    return filmed(pictures(who, read, draw), read.samples)


Film = Callable[[Sitter, Challenge, random.Random], bytes]
"""Makes the film of somebody for a challenge."""

ATTACKS: dict[str, Film] = {
    "a photo held before the camera": still_photo,
    "other words": other_words,
    "other words, dubbed": dubbed,
    "two takes cut together": cut_together,
    "two faces": two_faces,
    "a video of presenter": rendered,
    "no gestures": without_gestures,
    "gestures in the wrong order": exchanged_gestures,
}


def _otherwise(made: Challenge, draw: random.Random) -> Challenge:
    return replace(made, parts=phrases.draw(made.parts[0].language, draw.randrange))


def _as_long(frames: Iterator[Picture], read: Reading) -> Iterator[Picture]:
    """So many frames as a reading has; the last one again where they are too few."""
    count = -(-len(read.samples) * FPS // RATE)
    last = next(frames)
    for number in range(count):
        # The grain of a camera goes on.
        yield np.asarray(cv2.add(last, np.full_like(last, number % 2)), np.uint8)
        last = next(frames, last)


def _placed(frames: Iterator[Picture], draw: random.Random) -> Iterator[Picture]:
    """As a camera sees it that stands a little elsewhere."""
    side = SIDE / draw.uniform(1.03, 1.12)
    x, y = (draw.uniform(0, SIDE - side) for _ in range(2))
    light = draw.uniform(-8, 8)
    view = np.array([[SIDE / side, 0, -x * SIDE / side], [0, SIDE / side, -y * SIDE / side]])
    for shown in frames:
        seen = cv2.warpAffine(shown, view, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        yield np.asarray(cv2.convertScaleAbs(seen, beta=light), np.uint8)


def _held(who: Sitter, read: Reading, draw: random.Random) -> Iterator[Picture]:
    """A photo in somebody's hand: it trembles, and is tilted, turned and shifted for the gestures."""
    photo = who.portrait.images[0]
    count = -(-len(read.samples) * FPS // RATE)
    poses = _moved(read.moves, count, draw)
    noise = np.random.default_rng(draw.randrange(10**6))
    corners = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float32)
    drift = np.cumsum(noise.normal(0, 0.3, (count, 2)), axis=0)
    for pose, shift in zip(poses, drift - drift.mean(axis=0), strict=True):
        yaw, pitch, roll = pose[motion.YAW], pose[motion.PITCH], pose[motion.ROLL]
        turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
        moved = (corners - SIDE / 2) @ turn.T
        depth = 1 + (moved[:, 0] * yaw + moved[:, 1] * pitch) / SIDE
        moved = moved * (np.cos(yaw), np.cos(pitch)) / depth[:, None] + SIDE / 2 + shift
        view = cv2.getPerspectiveTransform(corners, np.asarray(moved, np.float32))
        seen = cv2.warpPerspective(photo, view, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
        grain = np.asarray(noise.normal(0, 2.0, seen.shape), np.int8)
        yield np.asarray(cv2.add(seen, grain, dtype=cv2.CV_8U), np.uint8)


# --- counting ---------------------------------------------------------------------------------


def measure(settings: Settings, genuine_films: int, attacks: int) -> Iterator[Measure]:
    """Answer challenges with films.

    Only pictures are judged, as all films have the right sound but those of other words, which are judged as
    a whole: so no attack is refused because a voice was not understood.

    Args:
        genuine_films: how many are as they should be.
        attacks: how many of each kind are not.
    """
    names = faces.samples(ROOT / "assets")
    sitters = [sitter(names[number % len(names)], variant) for number, variant in enumerate(PEOPLE)]
    detector = load("detector", choice.detector(settings).name)
    for name, film in {"genuine": genuine, **ATTACKS, "the same words, dubbed": dubbed_again}.items():
        count = genuine_films if film is genuine else attacks
        ends: Counter[str] = Counter()
        for number in range(count):
            draw = random.Random(f"{name}-{number}")
            who = sitters[number % len(PEOPLE)]
            consent = enrolled(settings.home, who.variant) if film is other_words else ""
            parts = phrases.draw("en", draw.randrange)
            made = Challenge(name, consent, parts, 0.0, gestures=gestures.draw(len(parts), draw.randrange))
            ends[_end(settings, made, film(who, made, draw), detector)] += 1
        yield _counted(name, ends, film)


def _end(settings: Settings, made: Challenge, content: bytes, detector: Detector) -> str:
    """The code with which a film is refused, or ``""``."""
    try:
        wave = intake.read(content, seconds_limit=challenge.LONGEST)
        if made.consent:
            challenge.judged(settings.home, made, content, wave, embeddings)
        camera.judged(made, content, wave, detector, settings)
    except PresenterError as error:
        return error.code
    return ""


def _counted(name: str, ends: Counter[str], film: Film) -> Measure:
    count, passed = ends.total(), ends.pop("", 0)
    refused = ", ".join(f"{code} {of}" for code, of in ends.most_common())
    note = f"{passed} of {count}" + (f"; refused: {refused}" if refused else "")
    least, most = (0.95, None) if film is genuine else (None, None if film is dubbed_again else 0.0)
    key = "".join(char if char.isalnum() else "-" for char in name)
    return Measure(f"film-{key}", f"film, {name}: accepted", passed / count, "", least, most, note)
