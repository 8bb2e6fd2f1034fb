"""Decks for tests, made with python-pptx as a teacher's would be: notes, charts, tables, other scripts."""

import io

from lxml import etree
from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

ARABIC = "البناء الضوئي"


def saved(deck):
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def photo(width=640, height=400):
    """A JPEG of a sun over hills."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.6, height * 0.15, width * 0.75, height * 0.39), fill=(250, 210, 80))
    draw.polygon([(0, height), (width * 0.4, height * 0.5), (width, height)], fill=(60, 120, 70))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    return io.BytesIO(stream.getvalue())


def deck(wide=True):
    found = Presentation()
    if wide:
        found.slide_width, found.slide_height = Inches(13.333), Inches(7.5)
    return found


def plain(deck, title, *lines, notes=None):
    """A slide with a title and a list."""
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = title
    frame = slide.placeholders[1].text_frame
    frame.text = lines[0] if lines else ""
    for line in lines[1:]:
        frame.add_paragraph().text = line
    if notes is not None:
        slide.notes_slide.notes_text_frame.text = notes
    return slide


def simple(count=3, hidden=()):
    """Slides with a title, two points and two sentences of notes."""
    made = deck(wide=False)
    for number in range(1, count + 1):
        slide = plain(made, f"Part {number}", "One point", "Another point",
                      notes=f"This is part {number}. It has two sentences.")  # fmt: skip
        if number in hidden:
            slide._element.set("show", "0")
    return made


def lecture():
    """Seven slides with everything that a lecture has."""
    made = deck()
    made.core_properties.title = "How plants eat light"
    cover = made.slides.add_slide(made.slide_layouts[6])
    cover.background.fill.gradient()
    cover.background.fill.gradient_stops[0].color.rgb = RGBColor(16, 60, 50)
    cover.background.fill.gradient_stops[1].color.rgb = RGBColor(40, 130, 90)
    box = cover.shapes.add_textbox(Inches(1), Inches(2.4), Inches(11), Inches(1.6))
    box.text_frame.text = "How plants eat light"
    box.text_frame.paragraphs[0].font.size = Pt(60)
    box.text_frame.paragraphs[0].font.bold = True
    box.text_frame.paragraphs[0].font.color.rgb = RGBColor(255, 255, 255)
    cover.notes_slide.notes_text_frame.text = "Welcome. Today we look at how plants eat light."

    slide = plain(made, "What a leaf needs", "Light from the sun", "Water from the roots", "Carbon dioxide",
                  notes="A leaf needs three things: light, water, and carbon dioxide.")  # fmt: skip
    under = slide.placeholders[1].text_frame.add_paragraph()
    under.text, under.level = "which comes in through the stomata", 1

    chart(made)
    table(made)
    shapes(made)
    slide = plain(
        made, ARABIC, "الضوء والماء", "ثاني أكسيد الكربون", notes="In Arabic it is written from the right."
    )
    for shape in slide.placeholders:
        for paragraph in shape.text_frame.paragraphs:
            paragraph._p.get_or_add_pPr().set("rtl", "1")
            paragraph.alignment = PP_ALIGN.RIGHT
    slide = plain(
        made, "光合作用", "植物用光制造糖", "हिन्दी: प्रकाश संश्लेषण", notes="And in Chinese, and in Hindi."
    )
    slide.shapes.add_picture(photo(), Inches(8), Inches(3), width=Inches(4.5))
    return made


def chart(made):
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "How much sugar?"
    data = CategoryChartData()
    data.categories = ["Spring", "Summer", "Autumn", "Winter"]
    data.add_series("Oak", (4.3, 9.5, 3.5, 0.4))
    data.add_series("Pine", (2.4, 4.4, 2.8, 1.8))
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(0.8), Inches(1.7), Inches(6), Inches(5.2), data
    )
    frame.chart.has_legend = True
    frame.chart.legend.position = XL_LEGEND_POSITION.BOTTOM
    frame.chart.legend.include_in_layout = False
    data = CategoryChartData()
    data.categories = ["Leaf", "Stem", "Root"]
    data.add_series("Share", (0.6, 0.15, 0.25))
    pie = slide.shapes.add_chart(XL_CHART_TYPE.PIE, Inches(7.2), Inches(1.7), Inches(5.3), Inches(5.2), data)
    pie.chart.plots[0].has_data_labels = True
    slide.notes_slide.notes_text_frame.text = (
        "The oak makes most of its sugar in summer. The pine works all year."
    )
    return slide


def table(made):
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Two kinds of trees"
    rows = [
        ("", "Oak", "Pine"),
        ("Leaves", "broad", "needles"),
        ("In winter", "bare", "green"),
        ("Height", "30 m", "40 m"),
    ]
    cells = slide.shapes.add_table(4, 3, Inches(1.5), Inches(2), Inches(10), Inches(3)).table
    for y, row in enumerate(rows):
        for x, words in enumerate(row):
            cells.cell(y, x).text = words
    slide.notes_slide.notes_text_frame.text = "Here are the two kinds side by side."
    return slide


def shapes(made):
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "The way of the water"
    names = (MSO_SHAPE.ROUNDED_RECTANGLE, MSO_SHAPE.OVAL, MSO_SHAPE.RIGHT_ARROW, MSO_SHAPE.HEXAGON)
    for index, (kind, words) in enumerate(zip(names, ("Root", "Stem", "up", "Leaf"), strict=True)):
        shape = slide.shapes.add_shape(kind, Inches(0.9 + 3 * index), Inches(2.5), Inches(2.4), Inches(1.6))
        shape.text_frame.text = words
        shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        if index == 1:
            shape.fill.solid()
            shape.fill.fore_color.theme_color = MSO_THEME_COLOR.ACCENT_3
    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Inches(1), Inches(5), Inches(12), Inches(6))
    line.line.color.rgb = RGBColor(200, 60, 40)
    line.line.width = Pt(4)
    turned = slide.shapes.add_textbox(Inches(5), Inches(5.6), Inches(3), Inches(0.8))
    turned.text_frame.text = "a little turned"
    turned.rotation = -8
    slide.notes_slide.notes_text_frame.text = "Water goes from the root through the stem up to the leaf."
    return slide


def points(made):
    """A slide with a scatter chart and a line chart."""
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Points and lines"
    data = XyChartData()
    series = data.add_series("Leaf")
    for x, y in ((1, 2.1), (2, 3.9), (3.5, 7.2), (5, 9.8)):
        series.add_data_point(x, y)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, Inches(0.5), Inches(1.7), Inches(4), Inches(5), data)
    lines = CategoryChartData()
    lines.categories = [str(year) for year in range(2015, 2026)]
    lines.add_series("Wheat", [3, 4, 3.5, 5, 5.5, 5.2, 6, 6.5, 6.1, 7, 7.4])
    slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, Inches(4.6), Inches(1.7), Inches(4), Inches(5), lines)
    bars = CategoryChartData()
    bars.categories = ["Rice", "Wheat", "Maize"]
    bars.add_series("2020", (500, 760, 1160))
    bars.add_series("2025", (-40, 30, 80))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_STACKED, Inches(8.8), Inches(1.7), Inches(4.2), Inches(5), bars)
    return slide


_EFFECT = """
<p:par xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cTn fill="hold"><p:stCondLst>
<p:cond delay="indefinite"/></p:stCondLst><p:childTnLst><p:par><p:cTn fill="hold"><p:childTnLst><p:par>
<p:cTn presetID="1" presetClass="entr" presetSubtype="0" fill="hold" nodeType="clickEffect">
<p:childTnLst><p:set>
<p:cBhvr><p:cTn dur="1" fill="hold"/><p:tgtEl><p:spTgt spid="{shape}">{lines}</p:spTgt></p:tgtEl></p:cBhvr>
</p:set></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>"""
_TIMING = """
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:tnLst><p:par>
<p:cTn dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst><p:seq concurrent="1" nextAc="seek">
<p:cTn dur="indefinite" nodeType="mainSeq"><p:childTnLst>{effects}</p:childTnLst></p:cTn></p:seq>
</p:childTnLst>
</p:cTn></p:par></p:tnLst></p:timing>"""


def animate(slide, *targets):
    """Let shapes, or paragraphs given as (shape, index), appear one after another with each click."""
    effects = []
    for target in targets:
        shape, index = target if isinstance(target, tuple) else (target, None)
        lines = "" if index is None else f'<p:txEl><p:pRg st="{index}" end="{index}"/></p:txEl>'
        effects.append(_EFFECT.format(shape=shape.shape_id, lines=lines))
    timing = etree.fromstring(_TIMING.format(effects="".join(effects)))
    following = slide._element.find(qn("p:extLst"))
    if following is None:
        slide._element.append(timing)
    else:
        following.addprevious(timing)


def animated():
    """A slide whose three points come by click."""
    made = deck()
    slide = plain(made, "Step by step", "First", "Second", "Third",
                  notes="We go step by step. First this. Second that. Third the rest.")  # fmt: skip
    body = slide.placeholders[1]
    animate(slide, (body, 0), (body, 1), (body, 2))
    return made


def document(*pages, outline=(), title=""):
    """A PDF of 960 x 540 points; each page is lines as (size, distance from the bottom, words).

    Args:
        outline: titles of entries, one for each of the first pages.
    """
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    first = 6 + 2 * len(pages)
    entries = [
        f"<</Title({words})/Parent 4 0 R/Dest[{6 + 2 * number} 0 R/Fit]"
        + (f"/Next {first + number + 1} 0 R>>" if number + 1 < len(outline) else ">>")
        for number, words in enumerate(outline)
    ]
    tree = f"/First {first} 0 R/Last {first + len(outline) - 1} 0 R/Count {len(outline)}" if outline else ""
    objects = ["<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>",
               f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", f"<</Type/Outlines{tree}>>",
               f"<</Title({title})>>"]  # fmt: skip
    for number, lines in enumerate(pages):
        content = " ".join(f"BT /F1 {size} Tf 50 {y} Td ({words}) Tj ET" for size, y, words in lines)
        objects += [f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 960 540]/Contents {7 + 2 * number} 0 R"
                    "/Resources<</Font<</F1 3 0 R>>>>>>",
                    f"<</Length {len(content)}>>stream\n{content}\nendstream"]  # fmt: skip
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate([*objects, *entries], 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(places) + 1}/Root 1 0 R/Info 5 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return f"{out}xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")
