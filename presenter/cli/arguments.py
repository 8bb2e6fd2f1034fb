"""What commands have in common: options of a lesson, the order that they make, the studio that takes it."""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from presenter.errors import InputError

LARGEST_FILE = 16_000_000
"""Bytes of a lesson that are read; its characters are counted later."""
DOCUMENTS = frozenset([".doc", ".docx", ".epub", ".htm", ".html", ".odt", ".rtf"])
"""Suffixes of files that somebody may take for a lesson."""
DECKS = frozenset([".key", ".odp", ".pdf", ".potm", ".pps", ".ppsm", ".ppsx", ".ppt", ".pptm", ".pptx"])
"""Suffixes of decks, also of those that are refused."""


def add_lesson(parser: argparse.ArgumentParser) -> None:
    """The options that say what to make."""
    parser.add_argument(
        "lesson",
        metavar="LESSON",
        help="a .md, .txt or .ssml file, quoted text, - for standard input, or a deck: .pptx, .pdf, "
        "a folder of pictures, a Marp deck",
    )
    add_deck(parser)
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--photo", type=Path, metavar="P", help="a photo (or a short clip) of the presenter")
    who.add_argument("--portrait", metavar="NAME", help="a sample presenter (see: presenter voices)")
    parser.add_argument("--face", type=int, metavar="N", help="which of several faces, from the left, from 1")
    parser.add_argument("--consent", metavar="WHO", help="who gave leave to use the photo; kept on record")
    parser.add_argument("--voice", metavar="V", help="a voice (see: presenter voices)")
    parser.add_argument("--language", metavar="L", help="language of the lesson, e.g. en-GB, de, fr, hi, zh")
    parser.add_argument("--speaker", metavar="E", help="speech engine (see: presenter engines)")
    parser.add_argument("--animator", metavar="E", help="face engine (see: presenter engines)")
    parser.add_argument(
        "--layout",
        metavar="L",
        help="where presenter and slide stand, e.g. full or pip-right; see the README",
    )
    parser.add_argument("--size", metavar="WxH", help="1280x720 (default), 1920x1080, 1080x1920, 1080x1080")
    parser.add_argument("--fps", type=int, metavar="N", help="24, 25 (default), 30, 50 or 60")
    parser.add_argument("--captions", metavar="C", help="burned, soft (default) or none")
    parser.add_argument(
        "--subtitles", action="append", default=[], metavar="L=FILE",
        help="a further language, e.g. de=talk.de.srt; lesson.de.srt beside lesson.md is found by itself",
    )  # fmt: skip
    parser.add_argument("--music", type=Path, metavar="FILE", help="music that gives way to the speech")
    parser.add_argument("--music-level", type=float, metavar="DB", help="of the music under speech (-20)")
    parser.add_argument("--intro", type=Path, metavar="CLIP", help="a clip before the lesson")
    parser.add_argument("--outro", type=Path, metavar="CLIP", help="a clip after the lesson")


def add_deck(parser: argparse.ArgumentParser) -> None:
    """The options that say how a deck is read."""
    parser.add_argument("--script", type=Path, metavar="FILE", help="what is said on each slide of a deck")
    parser.add_argument(
        "--renderer",
        metavar="R",
        default="auto",
        help="who draws a PPTX: auto (default), embedded, libreoffice",
    )


def positive(text: str) -> float:
    """An option's number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return value


@contextmanager
def ordered(options: argparse.Namespace, made_by: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The ``Order`` of the options that ``add_lesson`` added, and what is to be told about its deck.

    A deck is imported first; its folder is there until the block ends.
    """
    lesson = _inside(options.lesson)
    if not is_deck(lesson):
        yield _order(options, *read_text(lesson)), ()
        return
    _order(options, "", None)  # what is wrong with the options is told before the deck is read
    deck = made_by.deck(
        Path(lesson), script=read_script(options.script), renderer=options.renderer,
        language=options.language, report=show_progress,
    )  # fmt: skip
    with deck as found:
        clear_progress()
        told = f"{found.slides} slides, drawn by {found.drawn_by}."
        yield _order(options, *read_text(str(found.lesson))), (told, *found.warnings)


def _inside(lesson: str) -> str:
    """The lesson that a lesson's folder holds; anything else as it is."""
    inside = os.path.join(lesson, "lesson.md")
    return inside if _short(lesson) and os.path.isfile(inside) else lesson


def _short(lesson: str) -> bool:
    """Whether it may be the name of a file."""
    return "\n" not in lesson and len(lesson) < 1000


def is_deck(lesson: str) -> bool:
    """Whether an argument names a deck; reads no more of a file than its beginning."""
    if not _short(lesson):
        return False
    path = Path(lesson)
    if path.suffix.lower() in DECKS:
        return os.path.exists(lesson) or not re.search(r"\s", lesson)
    if path.is_file():
        if path.suffix.lower() not in (".md", ".markdown"):
            return False
        with path.open("rb") as stream:
            if b"marp" not in stream.read(4000):
                return False
    elif not path.is_dir():
        return False
    from presenter import decks

    return decks.is_deck(path)


def read_script(path: Path | None) -> str | None:
    """The text of a script file; None where none is named."""
    if path is None:
        return None
    if not path.is_file():
        raise InputError("E-SCRIPT-FILE", f'There is no file "{path.name}".', "Check its name.", "script")
    return _text(_read(path))


def _order(options: argparse.Namespace, source: str, folder: Path | None) -> Any:
    from presenter.order import Order, parse_size

    width, height = parse_size(options.size) if options.size else (None, None)
    return Order(
        source=source,
        folder=folder,
        portrait=options.photo or options.portrait,
        face=options.face,
        consent=options.consent,
        voice=options.voice,
        language=options.language,
        speaker=options.speaker,
        animator=options.animator,
        layout=options.layout,
        width=width,
        height=height,
        fps=options.fps,
        captions=options.captions,
        music=options.music,
        music_level=options.music_level,
        intro=options.intro,
        outro=options.outro,
        subtitles=_subtitles(options),
    )


def _subtitles(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    """The tracks that were named, and those that lie beside the lesson by the name of a language."""
    from presenter.text import canonical

    found: dict[str, Path] = {}
    path = Path(_inside(options.lesson))
    if path.suffix.lower() in (".md", ".txt", ".markdown", ".ssml") and os.path.isfile(path):
        for beside in sorted(path.parent.glob("*.*.[sv][rt]t")):
            stem, _, tag = beside.stem.rpartition(".")
            if stem == path.stem and beside.suffix.lower() in (".srt", ".vtt") and canonical(tag):
                found[tag] = beside
    for option in options.subtitles:
        tag, _, name = option.partition("=")
        if not name:
            raise InputError(
                "E-SUBTITLES-LANGUAGE", f'"{option[:40]}" names no file.', "Write --subtitles de=FILE.srt.",
                "subtitles",
            )  # fmt: skip
        found[tag] = Path(name)
    return tuple(
        (tag, _decoded(_read(file, "subtitles"), f'"{file.name}"', "subtitles"))
        for tag, file in found.items()
    )


def read_text(lesson: str) -> tuple[str, Path | None]:
    """The text of an argument (a file, ``-`` or the text itself), and the folder of its pictures."""
    path = Path(lesson)
    named = "\n" not in lesson and path.suffix.lower() in (".md", ".txt", ".markdown", ".ssml")
    if lesson == "-":
        data, folder = sys.stdin.buffer.read(LARGEST_FILE + 1), Path.cwd()
    elif named and os.path.isfile(lesson):
        data, folder = _read(path), path.resolve().parent
    elif os.path.exists(lesson) or (path.suffix.lower() in DOCUMENTS and not re.search(r"\s", lesson)):
        raise InputError(
            "E-SCRIPT-TYPE",
            f'"{path.name or lesson}" is not a lesson.',
            "Name a text file that ends in .md or .txt, or quote the text itself.",
            "script",
        )
    elif named and not re.search(r"\s", lesson):
        raise InputError("E-SCRIPT-FILE", f'There is no file "{path.name}".', "Check its name.", "script")
    else:
        return lesson, None
    return _text(data), folder


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise InputError(
            "E-SCRIPT-LONG",
            f"The lesson has more than {LARGEST_FILE / 1e6:.0f} MB.",
            "Split it into several.",
            "script",
        )
    return _decoded(data, "The lesson", "script")


def _decoded(data: bytes, what: str, field: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"E-{field.upper()}-TYPE",
            f"{what} is not a text in UTF-8 (byte {error.start}).",
            "Save it as plain text in UTF-8.",
            field,
        ) from error


def _read(path: Path, field: str = "script") -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(
            f"E-{field.upper()}-FILE",
            f'The file "{path.name}" cannot be read ({error.strerror}).',
            "Check its name and its permissions.",
            field,
        ) from error


def studio(**arguments: Any) -> Any:
    """The ``Studio`` of this installation, with settings given as arguments."""
    from presenter.settings import read
    from presenter.studio import Studio

    return Studio(read(arguments))


def clock(seconds: float) -> str:
    """Minutes and seconds, e.g. ``2:05``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def show_progress(done: float, text: str) -> None:
    """A line on the terminal that the next one overwrites; nothing where no terminal is."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{done:4.0%}  {text}", end="", file=sys.stderr, flush=True)


def clear_progress() -> None:
    """Wipe that line."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
