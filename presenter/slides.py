"""Slides: Markdown drawn as a picture of any size with a theme.

The text is laid out anew for every size, made smaller in steps until it fits, and keeps clear of what
will stand on the slide (the head, captions, the label).
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from presenter import markup, typeset
from presenter.errors import InputError
from presenter.types import Box, Picture, Slide

SCALES = (1.27, 1.18, 1.09, 1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52)
"""Factors on the theme's sizes that are tried one after another; at the last, text is 2.4 % of the
slide's shorter side: about the smallest that can be read on a phone."""
MAX_LINES = 90
MAX_CHARACTERS = 8000
"""More than this does not fit at the smallest factor even in a tall picture; it is not even tried."""
MAX_PICTURE_PIXELS = 50_000_000
MAX_PICTURE_SIDE = 1920
PICTURE_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


@dataclass(frozen=True, slots=True)
class Theme:
    """How slides look. Colours are ``#rrggbb``; sizes are shares of the slide's shorter side."""

    name: str
    background: str
    surface: str
    """Behind code and in the stripes of tables."""
    line: str
    text: str
    heading: str
    muted: str
    """Quotes."""
    accent: str
    """Bullets, links, rules."""
    keyword: str
    string: str
    number: str
    comment: str
    names: str
    """Names of functions and types in code."""
    sans: str
    """Family of the bundled fonts for text."""
    mono: str
    """Family for code."""
    title: float
    body: float
    code: float
    margin: float


def theme(name: str, folder: Path) -> Theme:
    """Read ``<name>.toml`` from a folder of themes.

    Raises:
        InputError: ``E-THEME-NAME`` when there is none, ``E-THEME-FILE`` when it is broken.
    """
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if name not in known:
        raise InputError(
            "E-THEME-NAME", f'There is no theme "{name}".', f"Known: {', '.join(known)}.", "theme"
        )
    try:
        values = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        colours, code = values["colours"], values["code"]
        fonts, sizes = values["fonts"], values["sizes"]
        numbers: dict[str, Any] = {key: float(size) for key, size in sizes.items()}
        return Theme(name=name, **colours, **code, **fonts, **numbers)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            "E-THEME-FILE", f'The theme "{name}" cannot be read: {error}.',
            'Compare it with the theme "clean".', "theme",
        ) from error  # fmt: skip


def draw(
    slide: Slide,
    width: int,
    height: int,
    *,
    theme: Theme,
    step: int = 0,
    language: str = "en",
    folder: Path | None = None,
    keep_clear: tuple[Box, ...] = (),
) -> Picture:
    """Draw a slide.

    Args:
        width, height: of the picture, in pixels.
        step: how many builds have happened, 0 to ``slide.steps - 1``: as many list items or other
            blocks at the end are still hidden as builds are to come. They keep their place.
        language: BCP 47, for line breaks and the shapes of letters.
        folder: the lesson's folder, where pictures are; None where a lesson has none.
        keep_clear: pixels of the picture where nothing but background may be.

    Returns:
        uint8 (height, width, 3) RGB.

    Raises:
        InputError: ``E-SLIDES-PICTURE`` for a picture that is not in the lesson's folder or cannot be
            read, ``E-SLIDES-FULL`` when the slide does not fit even in small print.
    """
    import typst

    page = markup.read(slide.markdown)
    files = [_picture(slide, name, folder) for name in page.pictures]
    data = _data(page, width, height, theme, language, keep_clear)
    data["step"] = page.units - slide.steps + min(step, slide.steps - 1)
    data["pictures"] = [
        {"name": f"{index}.png", "width": shape[0], "height": shape[1]}
        for index, (_, shape) in enumerate(files)
    ]
    contents = {f"{index}.png": content for index, (content, _) in enumerate(files)}
    try:
        if page.lines > MAX_LINES or len(slide.markdown) > MAX_CHARACTERS:
            raise typeset.TooFull
        drawing = typeset.render("slide", data, contents)[0]
    except typeset.TooFull as error:
        raise InputError(
            "E-SLIDES-FULL",
            f"{_name(slide)} has too much on it: it does not fit even in small print.",
            "Split it into two slides, or shorten its lists and code.",
            "script",
        ) from error
    except typst.TypstError as error:
        raise InputError(
            "E-SLIDES-DRAW",
            f"{_name(slide)} cannot be drawn: {error.message}.",
            "Make its lists or formulas simpler.",
            "script",
        ) from error
    return np.ascontiguousarray(drawing[:height, :width, :3])


def pictures(slide: Slide, folder: Path | None) -> tuple[tuple[str, str], ...]:
    """The pictures on a slide as (name, sha256 of the file), for cache keys.

    Raises:
        InputError: ``E-SLIDES-PICTURE`` as ``draw``.
    """
    names = markup.read(slide.markdown).pictures
    return tuple((name, hashlib.sha256(_content(slide, name, folder)).hexdigest()) for name in names)


# --- what the template needs --------------------------------------------------------------------


def _data(page: markup.Page, width: int, height: int, theme: Theme, language: str,
          keep_clear: tuple[Box, ...]) -> dict[str, Any]:  # fmt: skip
    blocks = list(page.blocks)
    title: list[markup.Tree] = []
    if blocks and blocks[0]["kind"] == "heading":
        title = blocks.pop(0)["runs"]
    unit = min(width, height)
    margin = theme.margin * unit
    lowest = [box.y0 for box in keep_clear if not _at_top(box, height)]
    return {
        "width": width,
        "height": height,
        "unit": unit,
        "language": typeset.language_of(language),
        "right-to-left": typeset.right_to_left(language),
        "fonts": typeset.families(language, theme.sans),
        "theme": asdict(theme),
        "highlight": highlight(theme),
        "scales": SCALES,
        # Above everything on the slide a title may be as wide as the slide.
        "band": {"x0": margin, "x1": width - margin, "y1": min(lowest, default=height) - margin * 0.45},
        "areas": _areas(width, height, margin, keep_clear),
        "title": title,
        "longest": max(re.split("[\\s\u00ad\u200b]", markup.plain(title)), key=len),
        "blocks": blocks,
    }


def _areas(width: int, height: int, margin: float, keep_clear: tuple[Box, ...]) -> list[dict[str, float]]:
    """Where content may stand: rectangles, the largest first.

    Each rectangle lies between two vertical edges (a margin, or the side of something to keep clear
    of), and above, below or between whatever stands there.
    """
    gap = margin * 0.45
    top = max([margin * 0.86] + [box.y1 + gap for box in keep_clear if _at_top(box, height)])
    others = sorted((box for box in keep_clear if not _at_top(box, height)), key=lambda box: box.y0)
    lefts = [margin] + [box.x1 + gap for box in others]
    rights = [width - margin] + [box.x0 - gap for box in others]
    found = []
    for left in lefts:
        for right in rights:
            between = [box for box in others if box.x0 < right and box.x1 > left]
            begins = [top, *(box.y1 + gap for box in between)]
            ends = [*(box.y0 - gap for box in between), height - margin * 0.8]
            for begin, end in zip(begins, ends, strict=True):
                if right - left >= 0.42 * width and end - begin >= 0.2 * height:
                    found.append({"x0": left, "x1": right, "y0": begin, "y1": end})
    found.sort(key=lambda area: (area["x0"] - area["x1"]) * (area["y1"] - area["y0"]))
    return found or [{"x0": margin, "x1": width - margin, "y0": top, "y1": height - margin}]


def _at_top(box: Box, height: int) -> bool:
    """Does it belong to the strip at the top, below which everything begins?"""
    return box.y1 < height * 0.2


_SCOPES = {
    "keyword": "keyword, storage, keyword.operator.word",
    "string": "string, constant.other.symbol",
    "number": "constant.numeric, constant.language, constant.character",
    "comment": "comment, punctuation.definition.comment",
    "names": "entity.name, support.function, support.type, variable.function, meta.function-call.generic",
}


@functools.lru_cache(maxsize=8)
def highlight(theme: Theme) -> str:
    """The colours of code as a TextMate theme, the form in which typst takes them."""
    colours = asdict(theme)

    def setting(scope: str, colour: str) -> str:
        style = f"<dict><key>foreground</key><string>{colour}</string></dict>"
        name = f"<key>scope</key><string>{quoteattr(scope)[1:-1]}</string>" if scope else ""
        return f"<dict>{name}<key>settings</key>{style}</dict>"

    rows = [setting("", theme.text)] + [setting(scope, colours[key]) for key, scope in _SCOPES.items()]
    return (
        '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>name</key>'
        f"<string>{theme.name}</string><key>settings</key><array>{''.join(rows)}</array></dict></plist>"
    )


# --- pictures on slides -------------------------------------------------------------------------


def _name(slide: Slide) -> str:
    return f'Slide "{slide.title}"' if slide.title else f"The slide of line {slide.line}"


def _refuse(slide: Slide, reason: str, hint: str) -> InputError:
    return InputError("E-SLIDES-PICTURE", f"{_name(slide)}: {reason}.", hint, "script")


def _content(slide: Slide, name: str, folder: Path | None) -> bytes:
    """The bytes of a picture that stands in the lesson's folder, and nowhere else."""
    hint = "Put the picture beside the lesson and write its file name."
    if "://" in name or name.startswith(("//", "data:")):
        raise _refuse(slide, "pictures from the internet are not fetched", hint)
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise _refuse(slide, f'the picture "{path.name}" is outside the lesson\'s folder', hint)
    if folder is None:
        raise _refuse(slide, f'the picture "{path.name}" cannot be found: this lesson has no folder', hint)
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):  # a link that leads away
        raise _refuse(slide, f'the picture "{path.name}" is outside the lesson\'s folder', hint)
    if not file.is_file():
        raise _refuse(slide, f'the picture "{path}" is not there', hint)
    return file.read_bytes()


def _picture(slide: Slide, name: str, folder: Path | None) -> tuple[bytes, tuple[int, int]]:
    """A picture as PNG, upright, no larger than needed, and its width and height."""
    content = _content(slide, name, folder)
    try:
        return _normalised(content)
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything for a broken file
        shown = PurePosixPath(name).name
        raise _refuse(
            slide, f'"{shown}" is not a picture that can be read', "Use PNG, JPEG, WebP or GIF."
        ) from error


@functools.lru_cache(maxsize=8)
def _normalised(content: bytes) -> tuple[bytes, tuple[int, int]]:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=PICTURE_KINDS) as image:
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise InputError(
                "E-SLIDES-PICTURE",
                f"A picture has {image.width * image.height / 1e6:.0f} megapixels; the limit is "
                f"{MAX_PICTURE_PIXELS / 1e6:.0f}.",
                "Save a smaller copy.",
                "script",
            )
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail((MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=1)
    return out.getvalue(), upright.size
