"""Text and formulas set into pictures by typst, with the bundled fonts only: the same on every machine.

What an author wrote reaches typst as JSON data and never as code, and typst sees no folder but an
empty one with the pictures that were handed over, so there is nothing to inject into.
"""

from __future__ import annotations

import functools
import io
import json
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.settings import ROOT

FONTS = ROOT / "assets" / "fonts"
TEMPLATES = ROOT / "assets" / "themes"
LONG_WORD = 24
"""Characters after which a word without a space may be broken anywhere."""

Drawing = NDArray[np.uint8]
"""uint8 (H, W, 4) RGBA, straight alpha."""

_lock = threading.Lock()  # a compiler serves one thread at a time

_CJK = {"zh", "cmn", "yue", "ja", "ko", "wuu", "hak", "nan"}
_TYPST_LANGUAGE = {"cmn": "zh", "yue": "zh", "wuu": "zh", "hak": "zh", "nan": "zh"}
_SCRIPTS = (
    "CJK SC", "Devanagari", "Arabic", "Hebrew", "Bengali", "Tamil", "Telugu", "Gujarati", "Gurmukhi",
    "Kannada", "Malayalam", "Sinhala", "Thai", "Georgian", "Armenian",
)  # fmt: skip
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufe0e\ufe0f\ufeff\ufffe\uffff]")


class TooFull(Exception):
    """The template said that the content does not fit."""


def render(template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> list[Drawing]:
    """The pages of a template as pictures, uint8 (H, W, 4) RGBA; takes and raises what ``pages`` does."""
    return [_decode(page) for page in pages(template, data, files)]


def pages(template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> list[bytes]:
    """The pages of a template from assets/themes as PNG, one point a pixel.

    Args:
        template: name of the template without ``.typ``.
        data: what the template reads as ``sys.inputs.data``; values of JSON.
        files: pictures by the names under which the data mentions them.

    Raises:
        TooFull: the template found that the content does not fit.
        typst.TypstError: the template or a picture is broken.
    """
    import typst

    with _folder(template, files) as folder, _lock:
        try:
            made = _compiler().compile(
                input=_template(template), root=folder, format="png", ppi=72.0, sys_inputs=_inputs(data)
            )
        except typst.TypstError as error:
            raise _told(error) from error
    return [page for page in (made if isinstance(made, list) else [made]) if page]


def spots(template: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> list[Any]:
    """The values that a template leaves behind the label ``<spot>``; arguments and errors as ``render``."""
    import typst

    with _folder(template, files) as folder, _lock:
        try:
            found = typst.query(
                _template(template), "<spot>", field="value", root=folder, font_paths=_fonts(),
                ignore_system_fonts=True, sys_inputs=_inputs(data),
            )  # fmt: skip
        except (typst.TypstError, RuntimeError) as error:
            raise _told(error) from error
    values: list[Any] = json.loads(found)
    return values


@contextmanager
def _folder(template: str, files: Mapping[str, bytes] | None) -> Iterator[str]:
    """A folder with the files, and with the templates that the template imports."""
    imported = re.findall(r'^#import "(\w+)\.typ"', _template(template).decode(), re.M)
    with tempfile.TemporaryDirectory(prefix="presenter-") as folder:
        for name, content in {f"{name}.typ": _template(name) for name in imported}.items():
            Path(folder, name).write_bytes(content)
        for name, content in (files or {}).items():
            Path(folder, name).write_bytes(content)
        yield folder


def _inputs(data: Mapping[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(data, ensure_ascii=False)}


def _told(error: Exception) -> Exception:
    """What a compiler's error means."""
    told: Exception = TooFull() if "does not fit" in str(error) else error
    return told


@functools.cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)])


@functools.cache
def _compiler() -> Any:
    import typst

    return typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)


@functools.cache
def _template(name: str) -> bytes:
    return (TEMPLATES / f"{name}.typ").read_bytes()


def _decode(png: bytes) -> Drawing:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGBA"), np.uint8)


def language_of(tag: str) -> str:
    """What typst calls the language of a BCP 47 tag: ISO 639-1 where there is one."""
    primary = tag.lower().replace("_", "-").split("-")[0]
    primary = _TYPST_LANGUAGE.get(primary, primary)
    return primary if re.fullmatch(r"[a-z]{2,3}", primary) else "en"


def right_to_left(tag: str) -> bool:
    """Is the language of a BCP 47 tag written from the right?"""
    return language_of(tag) in ("ar", "dv", "fa", "he", "ks", "pa", "ps", "sd", "ug", "ur", "yi")


def is_cjk(tag: str) -> bool:
    """Is it a language that is written without spaces, in full-width characters?"""
    return tag.lower().replace("_", "-").split("-")[0] in _CJK


def families(language: str, sans: str) -> list[Any]:
    """Font families in the order in which typst looks for a character.

    Quotation marks and dashes are in Latin and in Chinese fonts, with other widths: in a language
    written in full-width characters they come from its own font.
    """
    first: Any = {"name": sans, "covers": "latin-in-cjk"} if is_cjk(language) else sans
    return [first, *(f"Noto Sans {script}" for script in _SCRIPTS), "New Computer Modern Math", "Noto Emoji"]


def clean(text: str) -> str:
    """The text without control characters, and with places to break words that are longer than a line."""
    text = _INVISIBLE.sub("", text)
    return re.sub(rf"\S{{{LONG_WORD},}}", lambda word: _breakable(word[0]), text)


def _breakable(word: str) -> str:
    # Only Latin, Greek and Cyrillic words overflow their line; other scripts break by themselves.
    if any(ord(character) >= 0x530 for character in word):
        return word
    parts = re.split(r"(?<=[/._?&=,;:@#-])", word)
    cut = ["\u00ad".join(part[i : i + LONG_WORD] for i in range(0, len(part), LONG_WORD)) for part in parts]
    return "\u200b".join(cut)
