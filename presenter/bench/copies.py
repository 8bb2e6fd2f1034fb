"""What ``verify`` answers on originals, copies and videos of strangers, how long it takes, and how surely it
sees the label."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import bench, credentials, pipeline, planes, provenance, verify, video
from presenter.bench.enrolments import share
from presenter.compose import overlays
from presenter.credentials import Agent, Claim
from presenter.evaluate import Measure
from presenter.order import Order
from presenter.planes import Sticker
from presenter.settings import Settings
from presenter.types import RATE, Picture, Samples
from presenter.verify import looks
from presenter.video import Planes, Quality

FPS = 25
SCREEN = (1920, 1080)
WINDOW = (1366, 768)
"""A player's window on a screen, as a recording of the screen shows it (pixels)."""
OTHERS = (
    "LIVE",
    "SUBSCRIBE",
    "© Example 2026",
    "BREAKING NEWS",
    "Chapter 3 of 7",
    "AI lesson 12",
    "Created",
    "HD",
)
"""What else stands on plates in the corners of videos."""


def answers(settings: Settings, folder: Path) -> Iterator[Measure]:
    """A minute of a lesson, copies of it, and videos of strangers: each is verified."""
    made = folder / "lesson.mp4"
    pipeline.render(Order(source=bench.lesson(1.0)), settings, made)
    other = settings.model_copy(update={"home": folder / "other"})
    heard = np.concatenate(list(video.sound(made)))
    rows: tuple[tuple[str, str, Callable[[Path], object], Settings], ...] = (
        ("the original", "made here", lambda out: out.write_bytes(made.read_bytes()), settings),
        ("one byte changed", "altered", lambda out: _changed(made, out), settings),
        ("coded anew, crf 28", "altered", lambda out: _copy(made, heard, out, crf=28), settings),
        ("coded anew, 20 s of it", "altered",
         lambda out: _copy(made, heard, out, at=20, seconds=20), settings),
        ("half the size, 20 s", "altered",
         lambda out: _copy(made, heard, out, at=5, seconds=20, half=True), settings),
        ("a screen, 1366x768 in 1920x1080, with sound", "altered",
         lambda out: _copy(made, heard, out, at=5, seconds=20, screen=True), settings),
        ("a screen without sound", "unknown",
         lambda out: _copy(made, None, out, at=5, seconds=20, screen=True), settings),
        ("packets copied, nothing else", "altered", lambda out: _stripped(made, heard, out), settings),
        ("the original, asked elsewhere", "elsewhere", lambda out: out.write_bytes(made.read_bytes()), other),
        ("coded anew, asked elsewhere", "elsewhere",
         lambda out: _copy(made, heard, out, at=5, seconds=20), other),
        ("a stranger's film", "unknown", lambda out: _strange(out), settings),
        ("a stranger's film with a plate: LIVE", "unknown", lambda out: _strange(out, "LIVE"), settings),
        ("a stranger's film, signed by its maker", "elsewhere", lambda out: _signed(out, other), settings),
    )  # fmt: skip
    for title, wanted, make, who in rows:
        out = folder / "copy.mp4"
        make(out)
        began = time.monotonic()
        found = verify.verify(out, who)
        seconds = time.monotonic() - began
        if title == "the original":
            yield Measure("verify-minute", "verify, a video of a minute", seconds, "s", None, 10)
        label = "label seen" if found.seen and found.seen.present else "no label seen"
        yield share(f"{title}: {found.answer}, {label}", int(found.answer == wanted), 1, 1.0)


def _changed(made: Path, out: Path) -> None:
    data = bytearray(made.read_bytes())
    data[len(data) // 2] ^= 1
    out.write_bytes(data)


def _copy(made: Path, heard: Samples | None, out: Path, *, at: int = 0, seconds: int = 60, crf: int = 28,
          half: bool = False, screen: bool = False) -> None:  # fmt: skip
    """Pictures and sound coded anew; nothing else is taken over."""
    probe = video.probe(made)
    size = (
        SCREEN
        if screen
        else (probe.width // 4 * 2, probe.height // 4 * 2)
        if half
        else (probe.width, probe.height)
    )
    frames = (on_screen(frame) if screen else scaled(frame, *size)
              for frame in video.planes(made, at * FPS, (at + seconds) * FPS))  # fmt: skip
    pictures = out.with_suffix(".pictures.mp4")
    video.encode(pictures, frames, width=size[0], height=size[1], fps=FPS, quality=Quality(crf))
    _joined(pictures, heard[at * RATE : (at + seconds) * RATE] if heard is not None else None, out)


def _joined(pictures: Path, heard: Samples | None, out: Path) -> None:
    if heard is None:
        pictures.replace(out)
        return
    sound = out.with_suffix(".m4a")
    video.encode_sound(sound, [heard])
    video.join(out, [pictures], sound, fps=FPS)


def _stripped(made: Path, heard: Samples, out: Path) -> None:
    pictures = out.with_suffix(".pictures.mp4")
    video.part(made, pictures, 0, video.frames(made))
    _joined(pictures, heard, out)


def _strange(out: Path, words: str = "") -> None:
    """Ten seconds of a test picture that moves, with a sweeping tone."""
    count, (width, height) = 10 * FPS, (1280, 720)
    frames = (_canvas(_test_picture(width, height, number), words) for number in range(count))
    pictures = out.with_suffix(".pictures.mp4")
    video.encode(pictures, frames, width=width, height=height, fps=FPS, quality=Quality(23))
    phase = np.cumsum(np.geomspace(120, 3000, count * RATE // FPS)) / RATE
    _joined(pictures, (0.3 * np.sin(2 * np.pi * phase)).astype(np.float32), out)


def _signed(out: Path, other: Settings) -> None:
    plain = out.with_suffix(".plain.mp4")
    _strange(plain)
    credentials.sign(plain, out, "video/mp4", Claim(False, (Agent("camera", "1", "", True),)), other)


def _test_picture(width: int, height: int, number: int) -> Picture:
    """Bars, a ramp and a disc that wanders, uint8 (H, W, 3)."""
    image = np.zeros((height, width, 3), np.uint8)
    colours = [(c >> 2 & 1, c >> 1 & 1, c & 1) for c in range(7, -1, -1)]
    for index, colour in enumerate(colours):
        image[:, index * width // 8 : (index + 1) * width // 8] = np.array(colour) * 190
    image[-height // 4 :] = np.linspace(0, 255, width)[None, :, None]
    cv2.circle(image, (100 + number * 4 % (width - 200), height // 2), height // 9, (240, 240, 240), -1)
    cv2.putText(image, f"TEST {number:05d}", (60, height // 3), 0, height / 300, (20, 20, 20), 3, cv2.LINE_AA)
    return image


# --- the label ---


def labels(slide: Callable[[int, int, int], Picture], folder: Path, count: int) -> Iterator[Measure]:
    """How often the label is seen in labelled pictures of slides, and in others.

    Args:
        slide: draws one: width, height, seed.
        count: pictures of each kind.
    """
    sizes = ((1280, 720), (1920, 1080), (1080, 1920), (1080, 1080))
    hits = dict.fromkeys(("as rendered", "crf 33", "half size", "a quarter", "on a screen"), 0)
    away = {"clean slides": 0, "other words on such a plate": 0}
    for seed in range(count):
        width, height = sizes[seed % 4]
        language, style = provenance.LANGUAGES[seed % 16], ("dark", "light")[seed // 4 % 2]
        canvas = planes.canvas(slide(width, height, seed))
        labelled = canvas.copy()
        overlays.label_stickers(language, width, height, style)[1].paint(labelled, 1.0)
        coded = _coded(labelled, folder, 23)
        small = [
            planes.split(scaled(coded, width // share // 2 * 2, height // share // 2 * 2))[0]
            for share in (2, 4)
        ]
        shown = {
            "as rendered": planes.split(coded)[0],
            "crf 33": planes.split(_coded(labelled, folder, 33))[0],
            "half size": small[0], "a quarter": small[1],
            "on a screen": planes.split(on_screen(coded))[0],
        }  # fmt: skip
        for name, luma in shown.items():
            hits[name] += _seen([luma])
        away["clean slides"] += _seen([planes.split(_coded(canvas, folder, 23))[0]])
        plate = _canvas_with(canvas, OTHERS[seed % len(OTHERS)], style)
        away["other words on such a plate"] += _seen([planes.split(_coded(plate, folder, 23))[0]])
    for name, found in hits.items():
        yield share(f"label, {name}: seen", found, count, 0.9 if name != "a quarter" else None)
    for name, found in away.items():
        yield share(f"label, {name}: seen by mistake", found, count, most=0.01)


def _seen(luma: Sequence[NDArray[np.uint8]]) -> bool:
    found = looks.look(luma)
    return found is not None and found.present


def _coded(canvas: Planes, folder: Path, crf: int) -> Planes:
    path = folder / "label.mp4"
    height, width = canvas.shape[0] * 2 // 3, canvas.shape[1]
    video.encode(path, [canvas], width=width, height=height, fps=FPS, quality=Quality(crf))
    return next(video.planes(path))


def _canvas(image: Picture, words: str) -> Planes:
    canvas = planes.canvas(image)
    return _canvas_with(canvas, words, "dark") if words else canvas


def _canvas_with(canvas: Planes, words: str, style: str) -> Planes:
    """The same with other words where the label stands, drawn in the same way."""
    height, width = canvas.shape[0] * 2 // 3, canvas.shape[1]
    drawn = overlays.plate(words, "en", width, height, style)
    margin = round(overlays.MARGIN * min(width, height))
    out = canvas.copy()
    Sticker.of(drawn, width - margin - drawn.shape[1], margin).paint(out, 1.0)
    return out


def scaled(frame: Planes, width: int, height: int) -> Planes:
    """A canvas at another size."""
    sizes = ((width, height), *[(width // 2, height // 2)] * 2)
    parts = [cv2.resize(part, size, interpolation=cv2.INTER_AREA).reshape(-1)
             for part, size in zip(planes.split(frame), sizes, strict=True)]  # fmt: skip
    return np.asarray(np.concatenate(parts), np.uint8).reshape(height * 3 // 2, width)


def on_screen(frame: Planes) -> Planes:
    """A canvas as a recording of a screen shows it: in a window, with other things around it."""
    desk = np.full((SCREEN[1], SCREEN[0], 3), 70, np.uint8)
    cv2.putText(
        desk, "File  Edit  View  Playback  Tools  Help", (30, 50), 0, 0.9, (230, 230, 230), 2, cv2.LINE_AA
    )
    screen = planes.canvas(desk)
    height, width = frame.shape[0] * 2 // 3, frame.shape[1]
    share = min(WINDOW[0] / width, WINDOW[1] / height)
    window = scaled(frame, round(width * share / 2) * 2, round(height * share / 2) * 2)
    planes.lay(screen, window, 270, 150)
    return screen
