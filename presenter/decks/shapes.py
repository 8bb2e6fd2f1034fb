"""Shapes of a slide as a flat list of things to draw, in pixels (child process only).

A thing to draw is a dict with ``kind`` shape, text, picture or table, its box ``x, y, w, h``, a
``rotation`` in degrees and ``step``, the build from which on it is seen; ``until`` is the build from which
on it is gone again.
"""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from presenter.decks import charts, rasters, tables, wording
from presenter.decks.board import Board, Place
from presenter.decks.colours import number
from presenter.decks.fills import fill_of, line_of, says_fill
from presenter.decks.outlines import outline


def background(board: Board, *parts: Any) -> Any:
    """Fill of the first of slide, layout and master that has a background; white without one."""
    for part in parts:
        found = part._element.find(f"{qn('p:cSld')}/{qn('p:bg')}")
        if found is None:
            continue
        properties, reference = found.find(qn("p:bgPr")), found.find(qn("p:bgRef"))
        if reference is not None:
            return board.palette.of(reference) or "#ffffffff"
        name = _blip(properties, part, board)
        if name:
            board.add("picture", (0, 0, board.width, board.height), 0, file=name, cover=True)
        return fill_of(properties, board.palette) or "#ffffffff"
    return "#ffffffff"


def draw_tree(board: Board, part: Any, tree: Any, place: Place, *, decoration: bool) -> None:
    """Take in all shapes of an ``p:spTree`` or group.

    Args:
        part: the slide, layout or master that the shapes belong to, for its pictures.
        decoration: of layouts and masters, whose placeholders are not shown.
    """
    for element in tree:
        try:
            _draw(board, part, element, place, decoration)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # What lookups meet in a damaged shape; the others are not to suffer.
            board.lost.append("shapes that cannot be read")


def _draw(board: Board, part: Any, element: Any, place: Place, decoration: bool) -> None:
    kind = str(element.tag).rpartition("}")[2]
    if kind == "AlternateContent":
        chosen = element.find("{*}Fallback")
        if chosen is not None:
            draw_tree(board, part, chosen, place, decoration=decoration)
        return
    named = next(element.iter(qn("p:cNvPr")), None)
    if named is None or named.get("hidden") in ("1", "true"):
        return
    if decoration and element.find(f"{{*}}nvSpPr/{qn('p:nvPr')}/{qn('p:ph')}") is not None:
        return
    shape = int(number(named.get("id")))
    if kind == "grpSp":
        xfrm = element.find(f"{qn('p:grpSpPr')}/{qn('a:xfrm')}")
        inside = place if xfrm is None else place.inside(xfrm)
        with board.builds.group(shape):
            draw_tree(board, part, element, inside, decoration=decoration)
    elif kind in ("sp", "cxnSp"):
        _shape(board, part, element, place, shape)
    elif kind == "graphicFrame":
        _frame(board, part, element, place, shape)
    elif kind == "pic":
        _picture(board, part, element, place, shape)


# --- shapes with text -----------------------------------------------------------------------------


def _shape(board: Board, part: Any, element: Any, place: Place, shape: int) -> None:
    holder = element.find(f"{qn('p:nvSpPr')}/{qn('p:nvPr')}/{qn('p:ph')}")
    family = [element, *(_inherited(part, holder) if holder is not None else [])]
    properties = [each.find(qn("p:spPr")) for each in family]
    xfrm = next((found for each in properties if each is not None
                 and (found := each.find(qn("a:xfrm"))) is not None), None)  # fmt: skip
    if xfrm is None:
        return
    box = place.box(xfrm)
    turn = number(xfrm.get("rot")) / 60_000
    flips = _flips(xfrm)
    style = element.find(qn("p:style"))
    fill = next((found for each in properties if (found := fill_of(each, board.palette))), None)
    named = _blip(properties[0], part, board)
    if fill is None and style is not None and not any(says_fill(each) for each in properties):
        reference = style.find(qn("a:fillRef"))
        if reference is not None and number(reference.get("idx")) > 0:
            fill = board.palette.of(reference)
    line = line_of(properties, style, board)
    if named:
        board.add("picture", box, shape, file=named, rotation=turn, cover=True, **flips)
    if isinstance(fill, dict) or (fill or "none") != "none" or line:
        shown = None if fill == "none" else fill
        form = outline(properties[0] if properties[0] is not None else element, box[2], box[3])
        board.add("shape", box, shape, form=form, fill=shown, line=line, rotation=turn, **flips)
    body = element.find(qn("p:txBody"))
    if body is not None:
        _text(board, body, family, holder, style, box, turn, shape)


def _flips(xfrm: Any) -> dict[str, bool]:
    return {"flip_x": xfrm.get("flipH") in ("1", "true"), "flip_y": xfrm.get("flipV") in ("1", "true")}


def _text(board: Board, body: Any, family: list[Any], holder: Any, style: Any,
          box: tuple[float, float, float, float], turn: float, shape: int) -> None:  # fmt: skip
    kind = "other" if holder is None else "title" if holder.get("type") in ("title", "ctrTitle") else "body"
    foot = holder is not None and holder.get("type") in ("dt", "ftr", "sldNum")
    kind = "other" if foot else kind
    reference = None if style is None else style.find(qn("a:fontRef"))
    styled = None if reference is None else board.palette.of(reference)
    colour = styled or board.palette.named("tx1")
    defaults = [board.styles.get(kind), board.defaults]
    bodies = [each.find(qn("p:txBody")) for each in family]
    styles = wording.Styles(
        bodies, defaults, board.palette, colour, firm=styled is not None, slide=board.number
    )
    count = len(body.findall(qn("a:p")))
    read = wording.paragraphs(
        body, styles, board.point, [board.builds.paragraph(shape, index) for index in range(count)]
    )
    board.characters += sum(len(run["text"]) for one in read for run in one["runs"])
    if not read or board.characters > wording.MOST_CHARACTERS:
        return
    fit, factor = styles.autofit()
    emu = board.point / 12_700
    names = (("lIns", 91_440), ("tIns", 45_720), ("rIns", 91_440), ("bIns", 45_720))
    inset = [number(styles.body(name, str(default)), default) * emu for name, default in names]
    quarter = {"vert": 90.0, "eaVert": 90.0, "wordArtVert": 90.0, "vert270": -90.0}.get(
        styles.body("vert"), 0.0
    )
    if quarter:
        x, y, w, h = box
        box = (x + w / 2 - h / 2, y + h / 2 - w / 2, h, w)
    anchor = {"ctr": "horizon", "b": "bottom"}.get(styles.body("anchor", "t"), "top")
    wrap = styles.body("wrap", "square") != "none"
    fitted = {"wrap": wrap, "fit": fit, "factor": min(max(factor, 0.25), 1.0)}
    board.add("text", box, shape, paragraphs=read, inset=inset, anchor=anchor, rotation=turn + quarter,
              foot=foot, **fitted)  # fmt: skip


def _inherited(part: Any, holder: Any) -> list[Any]:
    """The placeholders of layout and master that a slide's placeholder inherits from."""
    layout = getattr(part, "slide_layout", None)
    if layout is None:
        return []
    found = []
    for above in (layout, layout.slide_master):
        for other in above._element.iter(qn("p:sp")):
            ph = other.find(f"{qn('p:nvSpPr')}/{qn('p:nvPr')}/{qn('p:ph')}")
            if ph is not None and _same_place(holder, ph, by_number=above is layout):
                found.append(other)
                holder = ph
                break
    return found


def _same_place(one: Any, other: Any, *, by_number: bool) -> bool:
    if by_number and one.get("idx") is not None:
        return bool(one.get("idx") == other.get("idx"))
    alike = {
        "ctrTitle": "title",
        "subTitle": "body",
        "obj": "body",
        "pic": "body",
        "tbl": "body",
        "chart": "body",
    }
    kinds = [str(each.get("type") or "obj") for each in (one, other)]
    return alike.get(kinds[0], kinds[0]) == alike.get(kinds[1], kinds[1])


# --- pictures and videos --------------------------------------------------------------------------


def _picture(board: Board, part: Any, element: Any, place: Place, shape: int) -> None:
    properties = element.find(qn("p:spPr"))
    xfrm = None if properties is None else properties.find(qn("a:xfrm"))
    if xfrm is None:
        holder = element.find(f"{qn('p:nvPicPr')}/{qn('p:nvPr')}/{qn('p:ph')}")
        above = _inherited(part, holder) if holder is not None else []
        xfrm = next(
            (found for each in above if (found := each.find(f"{qn('p:spPr')}/{qn('a:xfrm')}")) is not None),
            None,
        )
    if xfrm is None:
        return
    box = place.box(xfrm)
    if element.find(f"{qn('p:nvPicPr')}/{qn('p:nvPr')}/{qn('a:videoFile')}") is not None:
        board.clips.append((element, box[2] * box[3] / (board.width * board.height)))
    crop = element.find(f"{qn('p:blipFill')}/{qn('a:srcRect')}")
    cut = [0.0] * 4 if crop is None else [number(crop.get(side)) / 100_000 for side in "ltrb"]
    name = _blip(element, part, board, cut)
    if not name:
        board.add("shape", box, shape, form={"form": "rect", "radius": 0.0}, fill="#80808022", line=None)
        return
    turn = number(xfrm.get("rot")) / 60_000
    board.add("picture", box, shape, file=name, rotation=turn, cover=False, **_flips(xfrm))
    line = line_of([properties], None, board)
    if line:
        board.add("shape", box, shape, form={"form": "rect", "radius": 0.0}, fill=None, line=line)


def _blip(parent: Any, part: Any, board: Board, cut: list[float] | None = None) -> str:
    """The name of an element's embedded picture among the board's files; empty where there is none."""
    found = None if parent is None else next(parent.iter(qn("a:blip")), None)
    if found is None:
        return ""
    identity = found.get(qn("r:embed"))
    try:
        image = part.part.related_part(identity)
        key = f"{image.partname}".strip("/").replace("/", "-") + "".join(
            f"-{share:.4f}" for share in cut or []
        )
        if key not in board.files:
            board.files[key] = rasters.decoded(image.blob, cut)
    except Exception:  # a relation that leads nowhere, a picture that no decoder reads
        board.lost.append("pictures that cannot be read")
        return ""
    return key


# --- tables and charts ----------------------------------------------------------------------------


def _frame(board: Board, part: Any, element: Any, place: Place, shape: int) -> None:
    xfrm = element.find(qn("p:xfrm"))
    if xfrm is None:
        return
    box = place.box(xfrm)
    table = next(element.iter(qn("a:tbl")), None)
    chart = next(element.iter(qn("c:chart")), None)
    if table is not None:
        tables.add(board, table, box, shape)
    elif chart is not None:
        try:
            found = part.part.related_part(chart.get(qn("r:id"))).chart
            for thing in charts.things(found, box, board.palette, board.point):
                board.add(thing.pop("kind"), thing.pop("box"), shape, **thing)
        except Exception:  # python-pptx raises what its lookups meet in charts that it does not know
            board.lost.append("charts of an unknown kind")
    else:
        picture = next(element.iter(qn("p:pic")), None)
        if picture is not None:  # the picture that stands for an embedded object
            _picture(board, part, picture, place, shape)
        else:
            board.lost.append("diagrams and embedded objects")
