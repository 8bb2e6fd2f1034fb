"""What somebody asks for, and the decisions that follow from it: order, then lesson, then settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from presenter import compose, script, slides, voices
from presenter.engines import find, load
from presenter.errors import InputError
from presenter.settings import Settings
from presenter.types import RATES_OF_FRAMES, Script, Style, Voice

SIZES = {
    "1280x720": (1280, 720),
    "1920x1080": (1920, 1080),
    "1080x1920": (1080, 1920),
    "1080x1080": (1080, 1080),
}
"""Sizes that the layouts are made for; others of a similar shape work too."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for. None means: what the lesson says, else what the settings say."""

    source: str
    """The lesson's text."""
    folder: Path | None = None
    """Where the lesson's pictures are; None allows none."""
    portrait: str | Path | None = None
    """Name of a sample presenter, or a file with a photo or a clip."""
    consent: str | None = None
    """Who gave leave to use the photo."""
    voice: str | None = None
    language: str | None = None
    speaker: str | None = None
    animator: str | None = None
    layout: str | None = None
    width: int | None = None
    height: int | None = None
    fps: int | None = None
    captions: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """An order with everything decided."""

    script: Script
    folder: Path | None
    portrait: str | Path
    consent: str | None
    voice: Voice
    speaker: str
    animator: str
    style: Style
    layout: str
    theme: str
    width: int
    height: int
    fps: int
    captions: str
    lexicon: tuple[tuple[str, str], ...]


def decide(order: Order, settings: Settings) -> Recipe:
    """Read the lesson and settle every choice: order, then lesson, then settings.

    Raises:
        InputError: for anything in the lesson or the order that cannot be done.
    """
    lesson = script.parse(order.source, language=order.language, limit=settings.max_script_characters)
    speaker = find("speaker", order.speaker or lesson.setting("speaker") or settings.speaker)
    script.check_language(lesson, load("speaker", speaker.name).languages(), speaker.name)
    width, height = _size(order, lesson, settings)
    fps = int(_number(lesson, "fps", settings.fps) if order.fps is None else order.fps)
    if fps not in RATES_OF_FRAMES:
        allowed = ", ".join(map(str, RATES_OF_FRAMES))
        raise InputError(
            "E-FPS", f"{fps} frames a second; allowed are {allowed}.", "Choose one of them.", "fps"
        )
    layout = order.layout or lesson.setting("layout") or settings.layout
    for name in (layout, *(segment.layout for segment in lesson.segments)):
        if name not in (None, "auto", *compose.LAYOUTS):
            raise InputError(
                "E-LAYOUT-NAME",
                f'There is no layout "{name}".',
                f"Known: {', '.join(compose.LAYOUTS)}.",
                "layout",
            )
    theme = lesson.setting("theme") or settings.theme
    slides.theme(theme, settings.assets / "themes")
    for slide in lesson.slides:
        slides.pictures(slide, order.folder)  # a missing one is told now, not when its slide is drawn
    shown = order.captions or lesson.setting("captions") or settings.captions
    if shown not in ("burned", "soft", "none"):
        raise InputError(
            "E-CAPTIONS", f'Captions "{shown}" are unknown.', "Use burned, soft or none.", "captions"
        )
    return Recipe(
        script=lesson,
        folder=order.folder,
        portrait=order.portrait or _portrait(lesson, order.folder) or settings.portrait,
        consent=order.consent,
        voice=voices.find_voice(order.voice or lesson.setting("voice") or settings.voice, lesson.language),
        speaker=speaker.name,
        animator=find("animator", order.animator or lesson.setting("animator") or settings.animator).name,
        style=Style(speed=_number(lesson, "speed", 1.0), pitch=_number(lesson, "pitch", 0.0)),
        layout=layout,
        theme=theme,
        width=width,
        height=height,
        fps=fps,
        captions=shown,
        lexicon=tuple(sorted(script.lexicon(lesson).items())),
    )


def _portrait(lesson: Script, folder: Path | None) -> str | Path | None:
    """The portrait that the lesson names: a sample presenter, or a file in the lesson's own folder."""
    name = lesson.setting("portrait")
    if name is None or ("/" not in name and "\\" not in name and "." not in name):
        return name
    path = (folder / name).resolve() if folder else None
    if path is None or folder is None or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise InputError(
            "E-PORTRAIT-FILE",
            f'The lesson asks for the portrait "{name}", which is not in its folder.',
            "Put the photo beside the lesson, or name a sample presenter.",
            "portrait",
        )
    return path


def _number(lesson: Script, name: str, default: float) -> float:
    value = lesson.setting(name)
    try:
        return float(value) if value else default
    except ValueError:
        raise InputError(
            "E-SCRIPT-FRONT",
            f'The lesson sets {name} to "{value}", which is no number.',
            "Mend that line.",
            "script",
        ) from None


def _size(order: Order, lesson: Script, settings: Settings) -> tuple[int, int]:
    if order.width is not None and order.height is not None:
        size = order.width, order.height
    elif lesson.setting("size"):
        size = parse_size(str(lesson.setting("size")))
    else:
        size = settings.width, settings.height
    if any(side % 2 or not 256 <= side <= 3840 for side in size):
        raise InputError(
            "E-SIZE",
            f"The picture would be {size[0]}x{size[1]}; sides are even numbers from 256 to 3840.",
            f"Usual sizes: {', '.join(SIZES)}.",
            "size",
        )
    return size


def parse_size(value: str) -> tuple[int, int]:
    """``1280x720`` as (width, height).

    Raises:
        InputError: ``E-SIZE`` when it does not read like that.
    """
    width, _, height = value.lower().replace("×", "x").partition("x")
    if not (re.fullmatch(r"\s*\d{1,5}\s*", width) and re.fullmatch(r"\s*\d{1,5}\s*", height)):
        raise InputError(
            "E-SIZE", f'"{value}" is no size.', f"Write it like one of these: {', '.join(SIZES)}.", "size"
        )
    return int(width), int(height)
