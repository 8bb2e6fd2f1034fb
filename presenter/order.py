"""What somebody asks for, and the decisions that follow from it: order, then lesson, then settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from presenter import captions, compose, delivery, pronunciations, script, slides, text, themes, voices
from presenter.engines import Director, Engine, choice, load
from presenter.errors import InputError
from presenter.music import LEVEL as MUSIC_LEVEL
from presenter.people import People, folders
from presenter.settings import Settings
from presenter.themes import Theme
from presenter.types import RATES_OF_FRAMES, Entry, Script, Style, Voice
from presenter.video import Subtitles

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
    face: int | None = None
    """Which of several faces, counted from the left, from 1."""
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
    music: Path | None = None
    """A file with music to lie under the lesson."""
    music_level: float | None = None
    """Decibels of the music under speech, below it: -40 to -6."""
    intro: Path | None = None
    """A clip that comes before the lesson."""
    outro: Path | None = None
    """A clip that comes after it."""
    subtitles: tuple[tuple[str, str], ...] = ()
    """Further languages: BCP 47, and the content of a SubRip or WebVTT file in the video's time."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """An order with everything decided."""

    script: Script
    folder: Path | None
    portrait: str | Path
    face: int | None
    consent: str | None
    voice: Voice
    speaker: str
    animator: str
    style: Style
    layout: str
    theme: Theme
    transition: compose.Transition
    head: str
    """``photo``, or ``cutout``: the person before the theme's colours."""
    banner: tuple[str, str]
    """Name and role of the presenter, for layouts with a banner."""
    width: int
    height: int
    fps: int
    captions: str
    lexicon: tuple[Entry, ...]
    """The installation's words, then the lesson's: of several for a word the last one counts."""
    music: Path | None = None
    music_level: float = MUSIC_LEVEL
    intro: Path | None = None
    outro: Path | None = None
    tracks: tuple[Subtitles, ...] = ()
    """Subtitles in further languages."""


def decide(order: Order, settings: Settings) -> Recipe:
    """Read the lesson and settle every choice: order, then lesson, then settings.

    Raises:
        InputError: for anything in the lesson or the order that cannot be done.
    """
    lesson = script.parse(order.source, language=order.language, limit=settings.max_script_characters)
    voice = _voice(order.voice or lesson.setting("voice") or settings.voice, lesson.language, settings)
    speaker = choice.speaker(
        order.speaker or lesson.setting("speaker") or settings.speaker,
        cloned=bool(voice.reference),
        language=lesson.language,
        commercial=settings.commercial,
    )
    voice = _spoken_by(speaker, voice)
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
    theme = themes.theme(
        lesson.setting("theme") or settings.theme,
        [settings.home / "themes", settings.assets / "themes"],
        order.folder,
    )
    for slide in lesson.slides:
        slides.check(slide, order.folder)  # a missing picture is told now, not when its slide is drawn
    shown = order.captions or lesson.setting("captions") or settings.captions
    if shown not in ("burned", "soft", "none"):
        raise InputError(
            "E-CAPTIONS", f'Captions "{shown}" are unknown.', "Use burned, soft or none.", "captions"
        )
    lexicon = (*pronunciations.entries(settings.home), *script.lexicon(lesson))
    animator, reason = choice.animator(
        order.animator or lesson.setting("animator") or settings.animator, commercial=settings.commercial
    )
    notes = [
        *_left_out(lesson, lexicon, speaker.name),
        *filter(None, [reason]),
        *themes.notes(theme),
        *_unnamed(lesson, layout),
    ]
    lesson = replace(lesson, warnings=(*lesson.warnings, *notes))
    return Recipe(
        script=lesson,
        folder=order.folder,
        portrait=order.portrait or _portrait(lesson, order.folder) or settings.portrait,
        face=order.face,
        consent=order.consent,
        voice=voice,
        speaker=speaker.name,
        animator=animator.name,
        style=Style(
            speed=_number(lesson, "speed", 1.0),
            pitch=_number(lesson, "pitch", 0.0),
            liveliness=_number(lesson, "liveliness", 1.0),
        ),
        layout=layout,
        theme=theme,
        transition=_transition(lesson, theme),
        head=lesson.setting("head") or theme.head or "photo",
        banner=(lesson.setting("name") or "", lesson.setting("role") or ""),
        music=order.music or _beside(lesson, "music", order.folder, "Put the file beside the lesson."),
        music_level=_level(order, lesson),
        intro=order.intro or _beside(lesson, "intro", order.folder, "Put the clip beside the lesson."),
        outro=order.outro or _beside(lesson, "outro", order.folder, "Put the clip beside the lesson."),
        tracks=_tracks(order, lesson),
        width=width,
        height=height,
        fps=fps,
        captions=shown,
        lexicon=lexicon,
    )


def _unnamed(lesson: Script, layout: str) -> list[str]:
    """What is missing where a banner is asked for."""
    asked = (layout, *(segment.layout for segment in lesson.segments))
    if "lower-third" not in asked or lesson.setting("name"):
        return []
    return ['The layout lower-third shows no name: write "name: ..." and "role: ..." at the lesson\'s head.']


def _transition(lesson: Script, theme: Theme) -> compose.Transition:
    name = lesson.setting("transition") or theme.transition or "fade"
    found = next((known for known in compose.TRANSITIONS if known == name), None)
    if found is None:
        raise InputError(
            "E-TRANSITION", f'There is no transition "{name[:40]}".',
            f"Known: {', '.join(compose.TRANSITIONS)}.", "transition",
        )  # fmt: skip
    return found


def _voice(name: str, language: str, settings: Settings) -> Voice:
    """The voice of that name: an enrolled one where consent holds, or a built-in one."""
    if name.strip().lower() == "auto":
        return Voice("auto", "Automatic", "auto")
    known = [voice.id for voice in voices.builtin()]
    if name.strip().lower() in known or not any(folders.kept(settings.home)):
        return voices.find_voice(name, language)
    return People(settings.home).voice(name, language)


def _spoken_by(speaker: Engine, voice: Voice) -> Voice:
    """The voice as the speaker speaks it; ``auto`` is the first of its own."""
    if voice.engine == "auto" and not voice.reference:
        first = voices.builtin()[0]
        return first if speaker.name == first.engine else replace(voice, engine=speaker.name)
    if voice.engine not in ("auto", speaker.name):
        raise InputError(
            "E-VOICE-ENGINE",
            f'The voice "{voice.id}" is one of the speaker {voice.engine}; {speaker.name} does not have it.',
            "Leave out the speaker, or choose the voice auto or an enrolled one.",
            "voice",
        )
    return replace(voice, engine=speaker.name)


def _left_out(lesson: Script, lexicon: Sequence[Entry], speaker: str) -> list[str]:
    """What the lesson asks for and the speaker does not do."""
    if isinstance(load("speaker", speaker), Director):
        return []
    readings = [
        delivery.read(one, lambda tag: pronunciations.chosen(lexicon, tag)) for one in lesson.segments
    ]
    sounds = sum(text.is_ipa(sound) for reading in readings for _, _, sound in reading.sounds())
    styles = [one.style for one in lesson.segments]
    styles += [stretch.style for one in lesson.segments for stretch in one.stretches]
    found = []
    if sounds:
        words = "1 word is" if sounds == 1 else f"{sounds} words are"
        found.append(f'The speaker "{speaker}" cannot read IPA: {words} said as written.')
    if any(style.emphasis for style in styles):
        found.append(f'The speaker "{speaker}" leaves emphasis out.')
    return found


def _portrait(lesson: Script, folder: Path | None) -> str | Path | None:
    """The portrait that the lesson names: a sample presenter, or a file in the lesson's own folder."""
    name = lesson.setting("portrait")
    if name is None or ("/" not in name and "\\" not in name and "." not in name):
        return name
    hint = "Put the photo beside the lesson, or name a sample presenter."
    return _beside(lesson, "portrait", folder, hint)


def _beside(lesson: Script, setting: str, folder: Path | None, hint: str) -> Path | None:
    """The file in the lesson's own folder that a setting names; None where it names none."""
    name = lesson.setting(setting)
    if not name:
        return None
    path, there = None, False
    if folder is not None:
        with suppress(OSError, ValueError):  # no file can have such a name
            path = (folder / name).resolve()
            there = path.is_relative_to(folder.resolve()) and path.is_file()
    if path is None or not there:
        raise InputError(
            f"E-{setting.upper()}-FILE",
            f'The lesson asks for the {setting} "{name[:60]}", which is not in its folder.',
            hint,
            setting,
        )
    return path


def _level(order: Order, lesson: Script) -> float:
    level = _number(lesson, "music_level", MUSIC_LEVEL) if order.music_level is None else order.music_level
    if not -40 <= level <= -6:
        raise InputError(
            "E-MUSIC-LEVEL", f"The music would lie {level:g} dB beside the speech.",
            "Choose -40 (hardly heard) to -6 (loud).", "music",
        )  # fmt: skip
    return level


def _tracks(order: Order, lesson: Script) -> tuple[Subtitles, ...]:
    found: dict[str, Subtitles] = {}
    for tag, content in order.subtitles:
        language = text.canonical(tag)
        if language is None:
            raise InputError(
                "E-SUBTITLES-LANGUAGE", f'"{tag[:20]}" is no language.', "Write one such as de.", "subtitles"
            )
        if language in found or language == lesson.language:
            raise InputError(
                "E-SUBTITLES-TWICE",
                f'There are two tracks of subtitles in "{language}".',
                "Give each language once; the lesson's own track is made by itself.",
                "subtitles",
            )
        found[language] = Subtitles(text.iso_639_2(language), captions.read(content))
    return tuple(found.values())


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
