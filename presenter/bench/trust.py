"""What the safeguards hold: marks after coding, false alarms, changed bytes, enrolments, damaged files.

Everything is made here: speech by the embedded voice, people by its variants, pictures by the slides' own
templates. That proves that each part works and finds what it should find; how real voices, rooms and
microphones differ from that has to be measured with them.
"""

from __future__ import annotations

import io
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from presenter import audio, credentials, keys, planes, video
from presenter.bench import SENTENCES, Report, cameras, copies, damaged, enrolments
from presenter.bench.enrolments import share
from presenter.bench.readers import PEOPLE, said
from presenter.credentials import Agent, Claim
from presenter.evaluate import Measure
from presenter.settings import Settings
from presenter.types import RATE, Picture, Samples, Wave
from presenter.video import Planes, Quality
from presenter.watermark import picture, sound

ID = "5eed1234"
_STEP = Callable[[str], None]


PARTS: dict[str, str] = {
    "sound": "marks in sound",
    "clean-sound": "clean sounds",
    "picture": "marks in pictures",
    "clean-picture": "clean pictures",
    "bytes": "changed bytes",
    "copies": "copies and videos of strangers",
    "label": "the label by its looks",
    "enrolments": "enrolments",
    "voices": "voices drawn by lot",
    "films": "films of challenges",
    "damaged": "damaged files and requests",
}
"""What can be measured by itself."""


def run(settings: Settings, *, long: bool = False, only: Sequence[str] = (),
        report: _STEP = lambda _text: None) -> Report:  # fmt: skip
    """Measure it.

    Args:
        long: the numbers of the README: 1,000 clean clips, 150 wrong enrolments, 2,200 damaged files and
            requests; otherwise a tenth of that.
        only: some of ``PARTS``; all by default.
    """
    scale = 10 if long else 1
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory() as folder:
        own = settings.model_copy(update={"home": Path(folder) / "home"})
        steps: dict[str, Callable[[], Iterator[Measure]]] = {
            "sound": lambda: _sound(3 * scale),
            "clean-sound": lambda: _clean_sound(100 * scale),
            "picture": lambda: _pictures(Path(folder)),
            "clean-picture": lambda: _clean_pictures(100 * scale),
            "bytes": lambda: _changed_bytes(own, Path(folder), 20 * scale),
            "copies": lambda: copies.answers(own, Path(folder)),
            "label": lambda: copies.labels(_slide, Path(folder), 16 * (4 if long else 1)),
            "enrolments": lambda: enrolments.challenges(own.home, 4 * scale, 15 * scale),
            "voices": lambda: enrolments.likenesses(99 if long else 4, 1),
            "films": lambda: cameras.measure(own, 4 * scale, 3 * scale),
            "damaged": lambda: damaged.measure(own, Path(folder), scale, report),
        }
        for name in only or PARTS:
            report(PARTS[name])
            measures += steps[name]()
    return Report("made here, by the embedded voice and drawn pictures", tuple(measures))


# --- sound ------------------------------------------------------------------------------------


def _speech(seconds: float, seed: int) -> Samples:
    draw = random.Random(seed)
    variant = draw.choice(PEOPLE)
    parts: list[Samples] = []
    while sum(map(len, parts)) < seconds * RATE:
        parts.append(said(draw.choice(SENTENCES), variant, seed=draw.randrange(10**6)))
    return np.concatenate(parts)[: int(seconds * RATE)]


def _noisy(samples: Samples, decibels: float) -> Samples:
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-decibels / 20)
    return samples + np.random.default_rng(1).normal(0, level, len(samples)).astype(np.float32)


def _through(samples: Samples, rate: int) -> Samples:
    return audio.resample(Wave(audio.resample(Wave(samples, RATE), rate), rate))


SOUND_CHANGES: dict[str, tuple[Callable[[Samples], Samples], float | None]] = {
    "untouched": (lambda x: x, 0.99),
    "AAC 128 kb/s": (lambda x: audio.lossy(x, "aac", 128_000), 0.99),
    "AAC 64 kb/s": (lambda x: audio.lossy(x, "aac", 64_000), 0.95),
    "MP3 64 kb/s": (lambda x: audio.lossy(x, "mp3", 64_000), 0.95),
    "16 kHz": (lambda x: _through(x, 16_000), 0.99),
    "3 dB softer": (lambda x: 0.708 * x, 0.99),
    "3 dB louder": (lambda x: 1.413 * x, 0.99),
    "3.3 s cut off": (lambda x: x[int(3.3333 * RATE) :], 0.99),
    "12 s cut out": (lambda x: x[7 * RATE : 19 * RATE], None),
    "noise 25 dB below": (lambda x: _noisy(x, 25), 0.95),
    "noise 15 dB below": (lambda x: _noisy(x, 15), None),
    "8 kHz (telephone)": (lambda x: _through(x, 8_000), None),
    "5 % faster": (lambda x: audio.resample(Wave(x, RATE * 105 // 100)), None),
}
"""What is done to sounds, and the share that has to be read after it."""


def _sound(count: int) -> Iterator[Measure]:
    read: Counter[str] = Counter()
    ratios = []
    for seed in range(count):
        clean = _speech(30.0, seed)
        marked = np.concatenate(list(sound.mark([clean], ID)))
        ratios.append(10 * np.log10(np.mean(clean**2) / np.mean((marked - clean) ** 2)))
        for name, (change, _) in SOUND_CHANGES.items():
            read[name] += sound.read([change(marked)]).identity == ID
    yield Measure("sound-ratio", "the mark in sound below it", float(np.mean(ratios)), "dB", 18)
    for name, (_, least) in SOUND_CHANGES.items():
        yield share(f"30 s of speech, {name}: read", read[name], count, least)


def _clean_sound(count: int) -> Iterator[Measure]:
    """What counts is the reading, so a hundred sentences are said, and cut and put together in new ways."""
    draw = random.Random(4711)
    spoken = [
        said(draw.choice(SENTENCES), draw.choice(PEOPLE), seed=draw.randrange(10**6)) for _ in range(100)
    ]
    found = 0
    for _ in range(count):
        parts = np.concatenate([draw.choice(spoken) for _ in range(6)])
        start = draw.randrange(len(parts) - 8 * RATE) if len(parts) > 8 * RATE else 0
        found += sound.read([parts[start : start + 8 * RATE]]).present
    yield share("clean speech, 8 s: false alarms", found, count, most=0.001)


# --- picture ----------------------------------------------------------------------------------


def _slide(width: int, height: int, seed: int) -> Picture:
    """A slide: plain ground, text and a picture; the ground light, dark or a gradient."""
    draw = np.random.default_rng(seed)
    image = np.empty((height, width, 3), np.uint8)
    slope: Any = np.linspace(0.85, 1.0, height)[:, None, None] if seed % 3 == 2 else 1.0
    ground = np.array([(252, 252, 250), (18, 22, 33), (40, 90, 140)][seed % 3])
    image[:] = np.clip(ground * slope, 0, 255)
    ink = (30, 30, 40) if seed % 3 == 0 else (235, 235, 240)
    for line in range(6):
        words = SENTENCES[int(draw.integers(len(SENTENCES)))]
        place = (int(0.06 * width), int(height * (0.15 + 0.1 * line)))
        cv2.putText(image, words, place, cv2.FONT_HERSHEY_SIMPLEX, height / 900, ink, 2, cv2.LINE_AA)
    side = height // 3
    dots = draw.integers(0, 256, (side // 6, side // 6, 3)).astype(np.uint8)
    image[-side - 10 : -10, -side - 10 : -10] = cv2.resize(dots, (side, side), interpolation=cv2.INTER_CUBIC)
    return image


def _film(width: int, height: int, seed: int, count: int = 50) -> Iterator[Planes]:
    """A slide in front of which something textured moves, with the noise of a camera."""
    base = _slide(width, height, seed)
    draw = np.random.default_rng(seed)
    side = height // 3
    for number in range(count):
        image = base.copy()
        x = width // 3 + 4 * number % (width // 2)
        field = image[-side:, x : x + side]
        field[:] = np.clip(0.4 * field + 90 + draw.normal(0, 12, field.shape), 0, 255)
        yield planes.canvas(image)


def _coded(frames: Iterator[Planes] | Sequence[Planes], path: Path, size: tuple[int, int], crf: int,
           ) -> list[Planes]:  # fmt: skip
    video.encode(path, iter(frames), width=size[0], height=size[1], fps=25, quality=Quality(crf))
    return list(video.planes(path))


def _scaled(frames: Sequence[Planes], width: int, height: int) -> Iterator[Planes]:
    for frame in frames:
        sizes = ((width, height), *[(width // 2, height // 2)] * 2)
        parts = [
            cv2.resize(part, size, interpolation=cv2.INTER_AREA)
            for part, size in zip(planes.split(frame), sizes, strict=True)
        ]
        flat = np.concatenate([part.reshape(-1) for part in parts])
        yield flat.reshape(height * 3 // 2, width).astype(np.uint8)


def _read(frames: Sequence[Planes]) -> bool:
    cells = [picture.fields(planes.split(frame)[1]) for frame in frames[::5]]
    return picture.read(cells).identities == (ID,)


def _turned(plane: Planes, degrees: int) -> Planes:
    """A plane turned around its middle at its own size; a quarter turn is exact and changes the sides."""
    if degrees == 90:
        return np.ascontiguousarray(np.rot90(plane))
    height, width = plane.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(plane, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=128)
    return np.asarray(turned, np.uint8)


def _pictures(folder: Path) -> Iterator[Measure]:
    sizes = ((1280, 720), (1920, 1080), (1080, 1920), (1080, 1080))
    read: Counter[str] = Counter()
    least = {"as rendered": 0.99, "crf 23": 0.99, "crf 28": 0.95, "crf 33": 0.9, "half size, crf 28": 0.9}
    for seed, size in enumerate(sizes * 2):
        made = _coded(picture.mark(_film(*size, seed), ID), folder / "a.mp4", size, 21)
        read["as rendered"] += _read(made)
        for crf in (23, 28, 33):
            read[f"crf {crf}"] += _read(_coded(made, folder / "b.mp4", size, crf))
        half = size[0] // 4 * 2, size[1] // 4 * 2
        small = _coded(_scaled(made, *half), folder / "b.mp4", half, 28)
        read["half size, crf 28"] += _read(small)
        height, width = made[0].shape[0] * 2 // 3, made[0].shape[1]
        cut = [planes.split(frame)[1][height // 40 :, width // 40 :] for frame in made[::5]]
        cropped = picture.read([picture.fields(np.ascontiguousarray(plane)) for plane in cut])
        read["5 % cropped off"] += cropped.identities == (ID,)
        for degrees in (1, 5, 90):
            read[f"turned by {degrees} degrees"] += picture.read(
                [picture.fields(_turned(planes.split(frame)[1], degrees)) for frame in made[::5]]
            ).identities == (ID,)
    for name, found in read.items():
        yield share(f"2 s of picture, {name}: read", found, 2 * len(sizes), least.get(name))


def _clean_pictures(count: int) -> Iterator[Measure]:
    found = 0
    for seed in range(count):
        frames = [picture.fields(planes.split(frame)[1]) for frame in _film(640, 360, seed, 4)]
        found += picture.read(frames).present
    yield share("clean pictures: false alarms", found, count, most=0.001)


# --- credentials ------------------------------------------------------------------------------


def _changed_bytes(settings: Settings, folder: Path, count: int) -> Iterator[Measure]:
    source, target = folder / "source.mp4", folder / "signed.mp4"
    video.encode(source, _film(640, 360, 1, 25), width=640, height=360, fps=25, quality=Quality())
    claim = Claim(False, (Agent("animator mesh", "1", "Apache-2.0", True),))
    credentials.sign(source, target, "video/mp4", claim, settings)
    data, trusted = target.read_bytes(), keys.anchors(settings)
    behind = 32 + int.from_bytes(data[32:36], "big")  # inside, the signature has padding that says nothing
    noticed = 0
    for place in np.random.default_rng(0).integers(behind, len(data), count):
        changed = bytearray(data)
        changed[place] ^= 1 << int(place) % 8
        noticed += credentials.inspect(io.BytesIO(bytes(changed)), "video/mp4", trusted).state != "trusted"
    yield share("one changed byte: noticed", noticed, count, 1.0)
