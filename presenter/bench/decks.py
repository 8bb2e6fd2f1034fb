"""How long decks take to be imported: a PPTX of 50 slides and a PDF of 100 pages, made for it."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from presenter import decks
from presenter.bench import Report
from presenter.decks import office
from presenter.evaluate import Measure

SLIDES, PAGES = 50, 100
SECONDS = 60.0
"""What each import may take on two cores."""
_SENTENCE = "Light is a mixture of colours, and each of them bends in its own way when it enters the water."


def run(report: Callable[[str], None] = lambda _text: None) -> Report:
    """Import both, the PPTX with each renderer that is there, into folders that are thrown away.

    Args:
        report: is told what is being done.
    """
    began = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    measures = []
    with tempfile.TemporaryDirectory(prefix="presenter-bench-") as name:
        folder = Path(name)
        report(f"making a PPTX of {SLIDES} slides and a PDF of {PAGES} pages")
        (folder / "deck.pptx").write_bytes(presentation(SLIDES))
        (folder / "deck.pdf").write_bytes(document(PAGES))
        renderers = ["embedded", *(["libreoffice"] if office.program() else [])]
        rows = [(f"{SLIDES} slides of a PPTX, {renderer}", "deck.pptx", renderer) for renderer in renderers]
        for title, file, renderer in (*rows, (f"{PAGES} pages of a PDF", "deck.pdf", "auto")):
            report(f"importing {title}")
            start = time.monotonic()
            found = decks.write(decks.read(folder / file, renderer=renderer), folder / title)
            spent = time.monotonic() - start
            note = f"{found.slides} slides, drawn by {found.drawn_by}"
            name_ = title.replace(",", "").replace(" ", "-").lower()
            measures.append(Measure(name_, title, spent, "s", most=SECONDS, note=note))
    return Report(began, tuple(measures))


def presentation(count: int) -> bytes:
    """Slides in turn with a list, a table, a chart, and shapes; all with notes."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    for number in range(count):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Part {number + 1}"
        slide.notes_slide.notes_text_frame.text = _SENTENCE
        place = Inches(0.6), Inches(1.7), Inches(8.8), Inches(5)
        (_list, _table, _chart, _shapes)[number % 4](slide, place)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _list(slide: Any, place: tuple[int, int, int, int]) -> None:
    frame = slide.shapes.add_textbox(*place).text_frame
    frame.word_wrap = True
    frame.text = _SENTENCE
    for _ in range(5):
        frame.add_paragraph().text = _SENTENCE


def _table(slide: Any, place: tuple[int, int, int, int]) -> None:
    table = slide.shapes.add_table(8, 4, *place).table
    for row in range(8):
        for column in range(4):
            table.cell(row, column).text = f"Cell {row}, {column}"


def _chart(slide: Any, place: tuple[int, int, int, int]) -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = [f"Year {year}" for year in range(2020, 2026)]
    for name in ("North", "South", "West"):
        data.add_series(name, [len(name) + year % 5 for year in range(6)])
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)


def _shapes(slide: Any, place: tuple[int, int, int, int]) -> None:
    from pptx.enum.shapes import MSO_SHAPE

    x, y, width, height = place
    kinds = (MSO_SHAPE.ROUNDED_RECTANGLE, MSO_SHAPE.OVAL, MSO_SHAPE.CHEVRON, MSO_SHAPE.HEXAGON)
    for row in range(4):
        for column, kind in enumerate(kinds):
            corner = x + column * width // 4, y + row * height // 4
            slide.shapes.add_shape(
                kind, *corner, width // 5, height // 5
            ).text_frame.text = f"{row}, {column}"


def document(count: int) -> bytes:
    """Pages with a heading and thirty lines of text, and notes below the marker."""
    heading = "BT /F1 30 Tf 50 520 Td (Page {}) Tj ET"
    lines = f"BT /F1 13 Tf 14 TL 50 480 Td {'T* '.join([f'({_SENTENCE}) Tj '] * 30)} ET"
    notes = f"BT /F1 10 Tf 12 TL 50 40 Td (--- notes ---) Tj T* ({_SENTENCE}) Tj ET"
    pages = [f"{heading.format(number + 1)} {lines} {notes}" for number in range(count)]
    objects = ["<</Type/Catalog/Pages 2 0 R>>",
               f"<</Type/Pages/Count {count}/Kids[{' '.join(f'{4 + 2 * n} 0 R' for n in range(count))}]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]  # fmt: skip
    for number, content in enumerate(pages):
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 960 560]/Contents {5 + 2 * number} 0 R"
                       "/Resources<</Font<</F1 3 0 R>>>>>>")  # fmt: skip
        objects.append(f"<</Length {len(content)}>>stream\n{content}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()
