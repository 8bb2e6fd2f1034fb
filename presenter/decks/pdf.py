"""Pages of a PDF: their words and their pictures (child process only).

PDFium reads from memory; it runs no scripts here, follows no links, and finds no fonts but its own and the
file's.
"""

from __future__ import annotations

import ctypes
import json
import re
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from presenter.decks import package, rasters
from presenter.decks.limits import LONGEST_SIDE, MOST_SLIDES, PICTURE_WIDTH
from presenter.types import Arrays

_MARKER = re.compile(
    r"^[ \t]*[-–—=_*#]{2,}[ \t]*(?:speaker[ ]notes|notes?|notizen|notas|备注|備註|नोट्स)"
    r"[ \t]*[-–—=_*#]{2,}[ \t]*\r?$",
    re.I | re.M,
)
"""The line below which a page says what is to be said."""
_TITLE = 120
_LOOKED_AT = 1500
"""Characters of a page among which its title is looked for."""


def contents(data: bytes) -> Arrays:
    """What the pages say.

    Returns:
        ``tree`` (N,) uint8: JSON with ``title`` and ``pages``, each with ``title``, ``notes`` and ``cut``,
        the share of the page's height at which its notes begin (1 without notes).

    Raises:
        InputError: ``E-SLIDES-LOCKED``, ``E-SLIDES-MANY``, ``E-SLIDES-NONE``, ``E-SLIDES-SIZE``,
        ``E-SLIDES-BROKEN``.
    """
    with package.guarded():
        document = _opened(data)
        _check(document)
        headings = _headings(document)
        pages = [_page(document[index], headings.get(index, "")) for index in range(len(document))]
        title = str(document.get_metadata_value("Title") or "")[:_TITLE]
    return {"tree": np.frombuffer(json.dumps({"title": title, "pages": pages}).encode(), np.uint8)}


def _check(document: Any) -> None:
    count = len(document)
    if count > MOST_SLIDES:
        raise package.refused("MANY", f"{count:,} pages; limit {MOST_SLIDES}.", "Split the PDF into several.")
    if count == 0:
        raise package.refused("NONE", "The PDF has no pages.", "Choose another file.")
    for index in range(count):
        width, height = document.get_page_size(index)
        if max(width, height) > LONGEST_SIDE or min(width, height) < 1:
            message = f"Page {index + 1} is {width:,.0f}x{height:,.0f} points; the limit is {LONGEST_SIDE:,}."
            raise package.refused("SIZE", message, "Export the PDF with a usual page size.")


def pictures(data: bytes, *, pages: list[list[float]]) -> Arrays:
    """Pages as PNG, named by their number.

    Args:
        pages: index of each page (from 0) and the share of its height that is shown, from the top.

    Raises:
        InputError: as ``contents``.
    """
    found = {}
    with package.guarded():
        document = _opened(data)
        for index, cut in pages:
            page = document[int(index)]
            width, height = page.get_size()
            shown = max(1.0, height * cut)
            crop = (0, height - shown, 0, 0)
            drawn = page.render(scale=PICTURE_WIDTH / max(width, shown), crop=crop, may_draw_forms=False)
            found[str(int(index))] = np.frombuffer(rasters.png(drawn.to_pil().convert("RGB")), np.uint8)
            page.close()
    return found


def _opened(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise package.refused(
                "LOCKED", "The PDF is locked with a password.", "Save a copy without a password."
            ) from error
        raise package.broken() from error


def _headings(document: Any) -> dict[int, str]:
    """The outline's first entry for each page."""
    found: dict[int, str] = {}
    for entry in document.get_toc(max_depth=4):
        destination = entry.get_dest()
        page = None if destination is None else destination.get_index()
        title = " ".join(str(entry.get_title()).split())[:_TITLE]
        if page is not None and title:
            found.setdefault(page, title)
    return found


def _page(page: Any, heading: str) -> dict[str, Any]:
    words = page.get_textpage()
    text = words.get_text_range()
    marker = _MARKER.search(text)
    shown = text if marker is None else text[: marker.start()]
    cut = 1.0
    if marker is not None:
        line = range(_start(text, marker.start()), min(marker.end(), words.count_chars()))
        top = max((words.get_charbox(index)[3] for index in line), default=page.get_height())
        cut = min(1.0, max(0.05, 1 - (top + 4) / page.get_height()))
    notes = "" if marker is None else _joined(text[marker.end() :])
    row = {"title": heading or _title(words, shown), "notes": notes, "cut": cut}
    words.close()
    page.close()
    return row


def _start(text: str, at: int) -> int:
    """The first character of a line that is no space."""
    return at + len(text[at:]) - len(text[at:].lstrip())


def _joined(text: str) -> str:
    """Lines that the page's width broke, as running text."""
    text = re.sub(r"[\ufffe\x02\u00ad]\s*", "", text)
    return " ".join(text.split())


def _title(words: Any, shown: str) -> str:
    """The first line that is set in the largest letters, of the beginning of a page."""
    best, title = 0.0, ""
    at = 0
    for line in shown[:_LOOKED_AT].splitlines(keepends=True):
        clean = " ".join(line.split())
        if clean and any(char.isalpha() for char in clean):
            size = float(pdfium.FPDFText_GetFontSize(words, ctypes.c_int(_start(shown, at))))
            if size > best * 1.05:
                best, title = size, clean
        at += len(line)
    return re.sub(r"[\ufffe\x02\u00ad]", "", title)[:_TITLE]
