"""Themes: how slides, banner and label look. One file a brand; everything in it is data.

A theme is ``<name>.toml`` in assets/themes or in the folder ``themes`` of presenter's home, or a file beside
the lesson. Its pictures (logo, background) stand beside it. See ``assets/themes/clean.toml``, which names
every key.
"""

from __future__ import annotations

import functools
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from presenter.errors import InputError
from presenter.media import normalised
from presenter.store import digest_of_file

LEAST, LEAST_LARGE = 4.5, 3.0
"""Contrast that text needs, and that large text and graphics need (WCAG 2.2, 1.4.3 and 1.4.11)."""
Colour = tuple[int, int, int]
MAX_BYTES = 64_000
SANS = (
    "Inter", "JetBrains Mono", "Noto Sans Devanagari", "Noto Sans Arabic", "Noto Sans Hebrew",
    "Noto Sans CJK SC",
)  # fmt: skip
"""Families of assets/fonts that a theme may name."""


@dataclass(frozen=True, slots=True)
class Theme:
    """How everything looks. Colours are ``#rrggbb``; sizes are shares of the slide's shorter side."""

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
    """Bullets, links, rules, what is pointed at."""
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
    palette: tuple[str, ...] = ()
    """Colours of a chart's rows or columns, one after another; after the last comes the first again."""
    gradient: str = ""
    """Second colour of the background, or ``""``."""
    angle: float = 90.0
    """Direction of the gradient in degrees: 0 goes right, 90 goes down."""
    picture: str = ""
    """File of a picture that fills the background, or ``""``."""
    veil: float = 0.85
    """How much of the background's colour lies over that picture, 0 to 1."""
    logo: str = ""
    """File of a picture at the upper left, beside the label, or ``""``."""
    logo_height: float = 0.055
    label: Literal["dark", "light"] = "dark"
    """Plate of the label: it can look different, but it is always there."""
    transition: str = ""
    """What a lesson gets that does not name one."""
    head: str = ""
    """The same for what is behind the head: ``photo`` or ``cutout``."""
    folder: str = ""
    """Where its pictures are."""
    files: tuple[str, ...] = ()
    """sha256 of its pictures."""

    @property
    def key(self) -> Theme:
        """The theme for cache keys: wherever it lies, and whatever it suggests."""
        return replace(self, folder="", transition="", head="")

    @property
    def behind(self) -> tuple[Colour, Colour]:
        """Colours behind a head that is cut out of its photo: RGB at the top and at the bottom."""
        ground, accent = rgb(self.background), rgb(self.accent)
        top, bottom = (
            tuple(round(a + (b - a) * share) for a, b in zip(ground, accent, strict=True))
            for share in (0.14, 0.42)
        )
        return (top[0], top[1], top[2]), (bottom[0], bottom[1], bottom[2])

    @property
    def plain(self) -> bool:
        """Is the background one colour and nothing else?"""
        return not (self.gradient or self.picture or self.logo)


def names(folders: Sequence[Path]) -> list[str]:
    """Names of the themes in some folders."""
    return sorted({file.stem for folder in folders for file in folder.glob("*.toml")})


def theme(name: str, folders: Sequence[Path], lesson: Path | None = None) -> Theme:
    """Read a theme.

    Args:
        name: of ``<name>.toml`` in one of the folders, the first that has it; or of a file in the lesson's
            folder, with its ending.
        folders: where themes are.
        lesson: the lesson's folder, or None.

    Raises:
        InputError: ``E-THEME-NAME`` when there is none, ``E-THEME-FILE`` when it is broken,
            ``E-THEME-CONTRAST`` when its text cannot be read.
    """
    file = _file(name, folders, lesson)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        values = tomllib.loads(file.read_text(encoding="utf-8"))
        found = _read(file.stem, values, file.parent)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        if isinstance(error, RecursionError):
            reason = "its values are nested too deeply"
        raise InputError(
            "E-THEME-FILE", f'The theme "{file.stem}" cannot be read: {reason}.',
            'Compare it with the theme "clean".', "theme",
        ) from error  # fmt: skip
    for what, ratio, least in _weak(found, text=True):
        raise InputError(
            "E-THEME-CONTRAST",
            f'The theme "{found.name}": {what} has a contrast of {ratio:.2f}:1; text needs {least:g}:1.',
            "Make one of the two darker or lighter.",
            "theme",
        )
    return found


def notes(theme: Theme) -> tuple[str, ...]:
    """What is hard to see in a theme without being text, in plain words."""
    return tuple(
        f'The theme "{theme.name}": {what} has a contrast of {ratio:.2f}:1; {least:g}:1 is easier to see.'
        for what, ratio, least in _weak(theme, text=False)
    )


def _file(name: str, folders: Sequence[Path], lesson: Path | None) -> Path:
    if name.endswith(".toml") and lesson is not None:
        with suppress(OSError, ValueError):  # no file can have such a name
            file = (lesson / name).resolve()
            if file.is_relative_to(lesson.resolve()) and file.is_file():
                return file
    for folder in folders:
        if name in names([folder]):
            return folder / f"{name}.toml"
    raise InputError(
        "E-THEME-NAME",
        f'There is no theme "{name[:60]}".',
        f"Known: {', '.join(names(folders))}; or put a file such as mine.toml beside the lesson.",
        "theme",
    )


# --- reading ------------------------------------------------------------------------------------

_COLOURS = (
    "background", "surface", "line", "text", "heading", "muted", "accent",
    "keyword", "string", "number", "comment", "names",
)  # fmt: skip
_SIZES = {
    "title": 0.2,
    "body": 0.12,
    "code": 0.1,
    "margin": 0.2,
    "logo_height": 0.07,
    "veil": 1.0,
    "angle": 360.0,
}
"""Numbers and the most that each may be."""
_CHOICES = {
    "sans": SANS, "mono": SANS, "label": ("dark", "light"), "transition": ("fade", "push", "none"),
    "head": ("photo", "cutout"),
}  # fmt: skip
_TABLES = ("colours", "code", "fonts", "sizes", "background", "logo", "look")


def _read(name: str, values: dict[str, Any], folder: Path) -> Theme:
    unknown = [key for key in values if key not in _TABLES]
    if unknown:
        raise ValueError(f"[{unknown[0]}] is unknown; known are {', '.join(_TABLES)}")
    for key, table in values.items():
        if not isinstance(table, dict):
            raise ValueError(f"{key} is no table; it begins with a line [{key}]")
    flat: dict[str, Any] = {}
    for table in ("colours", "code", "fonts", "sizes", "look"):
        flat.update(values.get(table, {}) if table == "look" else values[table])
    back, logo = values.get("background", {}), values.get("logo", {})
    flat.update(back)
    flat.update({"logo" if key == "file" else f"logo_{key}": value for key, value in logo.items()})
    known = {field.name for field in fields(Theme)} - {"name", "folder", "files"}
    for key in flat:
        if key not in known:
            raise ValueError(f'"{key}" is unknown')
    flat.setdefault("palette", [flat[key] for key in ("accent", "number", "string", "keyword", "muted")])
    flat["palette"] = tuple(flat["palette"])
    for key in (*_COLOURS, *(["gradient"] if flat.get("gradient") else [])):
        _colour(key, flat[key])
    if not flat["palette"]:
        raise ValueError("palette names no colour")
    for code in flat["palette"]:
        _colour("palette", code)
    for key, most in _SIZES.items():
        if key in flat and (not 0 <= float(flat[key]) <= most or isinstance(flat[key], str | bool)):
            raise ValueError(f"{key} is {flat[key]}; it may be 0 to {most:g}")
    for key, choices in _CHOICES.items():
        if key in flat and flat[key] not in choices:
            raise ValueError(f'{key} is "{flat[key]}"; known are {", ".join(choices)}')
    pictures = [_picture(folder, flat[key]) for key in ("picture", "logo") if flat.get(key)]
    return Theme(name=name, folder=str(folder), files=tuple(map(digest_of_file, pictures)), **flat)


def _colour(key: str, code: object) -> None:
    if not isinstance(code, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", code):
        raise ValueError(f'{key} is "{code}"; a colour such as #2456d6 is needed')


def _picture(folder: Path, name: object) -> Path:
    """The file of a theme's picture, which stands beside the theme."""
    file = (folder / str(name)).resolve()
    if not isinstance(name, str) or not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise ValueError(f'its picture "{str(name)[:60]}" is not beside it')
    _opened(file)
    return file


def _opened(file: Path) -> tuple[bytes, tuple[int, int]]:
    try:
        return normalised(file.read_bytes())
    except Exception as error:  # Pillow's decoders raise almost anything for a broken file
        raise ValueError(f'its picture "{file.name}" cannot be read') from error


def pictures(theme: Theme) -> dict[str, tuple[bytes, tuple[int, int]]]:
    """Content (PNG) and size of a theme's ``picture`` and ``logo``, where it has them."""
    found = (("picture", theme.picture), ("logo", theme.logo))
    return {key: _opened(Path(theme.folder, name)) for key, name in found if name}


# --- contrast -----------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(code: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = (int(code[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _weak(theme: Theme, *, text: bool) -> Iterator[tuple[str, float, float]]:
    """Pairs that lack contrast, their ratio and what is needed: those of text, or those of graphics."""
    grounds = _grounds(theme)
    rows: list[tuple[str, str, list[str], float]]
    if text:
        rows = [(key, getattr(theme, key), grounds, LEAST) for key in ("text", "muted")]
        rows += [
            ("heading", theme.heading, grounds, LEAST_LARGE),
            ("text", theme.text, [theme.surface], LEAST),
        ]
        code = ("keyword", "string", "number", "comment", "names")
        rows += [(key, getattr(theme, key), [theme.surface], LEAST) for key in code]
    else:
        rows = [("accent", theme.accent, grounds, LEAST_LARGE)]
        rows += [("palette", colour, grounds, LEAST_LARGE) for colour in theme.palette]
    for key, colour, against, least in rows:
        ratio, ground = min((contrast(colour, ground), ground) for ground in against)
        if round(ratio, 2) < least:
            yield f"{key} {colour} on {ground}", ratio, least


def _grounds(theme: Theme) -> list[str]:
    """Colours that the background has: its own, the gradient's end, the extremes of its picture."""
    found = [theme.background, *([theme.gradient] if theme.gradient else [])]
    if theme.picture:
        found = [*_extremes(theme.folder, theme.picture, theme.background, theme.veil)]
    return found


@functools.lru_cache(maxsize=8)
def _extremes(folder: str, name: str, background: str, veil: float) -> tuple[str, ...]:
    """The darkest and the lightest of a veiled picture's colours, but for specks."""
    from PIL import Image

    with Image.open(io.BytesIO(_opened(Path(folder, name))[0])) as image:
        small = image.convert("RGB").resize((32, 32))
    pixels = sorted(small.getdata(), key=lambda pixel: _luminance(_code(*pixel)))
    ground = rgb(background)
    found = []
    for pixel in (pixels[len(pixels) // 50], pixels[-1 - len(pixels) // 50]):
        mixed = (round(part * (1 - veil) + own * veil) for part, own in zip(pixel, ground, strict=True))
        found.append(_code(*mixed))
    return tuple(found)


def rgb(code: str) -> Colour:
    """``#rrggbb`` as three numbers from 0 to 255."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _code(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


# --- code ---------------------------------------------------------------------------------------

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
        f"<string>theme</string><key>settings</key><array>{''.join(rows)}</array></dict></plist>"
    )
