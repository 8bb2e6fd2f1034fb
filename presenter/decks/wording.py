"""Text of shapes with everything that it inherits, as plain values (child process only).

What a run or paragraph leaves open is looked up in its shape's list style, in the placeholder of the layout
and of the master, in the master's text styles, and in the presentation's defaults, in this order (ECMA-376
part 1, 19.3 and 21.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from pptx.oxml.ns import qn

from presenter.decks.colours import Palette, number

Tree = dict[str, Any]

MOST_CHARACTERS = 20_000
"""Of one slide; more is cut off."""
_MONO = ("courier", "consolas", "menlo", "monaco", "mono", "lucida console", "cascadia")
_NARROW = ("calibri", "carlito", "arial narrow", "gill sans", "garamond", "times", "cambria")
"""Faces that are so much narrower than the bundled one that their size is lowered a little."""
_SYMBOLS = {"§": "▪", "ü": "✓", "Ø": "➤", "q": "❑", "v": "❖", "à": "→", "·": "•", "n": "■", "l": "●"}
"""Bullets that decks write as letters of a symbol font."""
_ALIGNS = {"l": "left", "ctr": "center", "r": "right", "just": "left", "dist": "left"}


class Styles:
    """Where the text of one shape looks for what it does not say itself.

    Args:
        bodies: ``p:txBody`` of the shape, then those of the placeholders that it inherits from.
        defaults: the master's text style and the presentation's default text style.
        fallback: colour of text that says none.
        firm: whether that colour goes before those of ``defaults``, as that of a shape's or table's style
        does.
    """

    def __init__(
        self,
        bodies: Sequence[Any],
        defaults: Sequence[Any],
        palette: Palette,
        fallback: str,
        firm: bool = False,
        slide: int = 0,
    ) -> None:
        self.bodies = [body for body in bodies if body is not None]
        self.palette = palette
        self.fallback = fallback
        self.slide = slide
        self._lists = [found for body in self.bodies if (found := body.find(qn("a:lstStyle"))) is not None]
        self._defaults = [each for each in defaults if each is not None]
        self._colourless = self._defaults if firm else []

    def levels(self, level: int) -> Iterator[Any]:
        """The paragraph properties of a level, the nearest first."""
        for style in (*self._lists, *self._defaults):
            found = style.find(qn(f"a:lvl{level + 1}pPr"))
            if found is not None:
                yield found

    def colour(self, properties: Sequence[Any]) -> str:
        """The colour of the first run properties that have one and may say so."""
        for each in properties:
            style = each.getparent().getparent()
            found = self.palette.of(each.find(qn("a:solidFill")))
            if found and not any(style is other for other in self._colourless):
                return found
        return self.fallback

    def body(self, name: str, default: str = "") -> str:
        """An attribute of the nearest ``a:bodyPr`` that has it."""
        for body in self.bodies:
            found = body.find(qn("a:bodyPr"))
            if found is not None and found.get(name) is not None:
                return str(found.get(name))
        return default

    def autofit(self) -> tuple[str, float]:
        """How text is fitted into its shape (``norm``, ``shape`` or ``none``), and the factor on its size."""
        for body in self.bodies:
            found = body.find(qn("a:bodyPr"))
            for child in () if found is None else found:
                if child.tag == qn("a:normAutofit"):
                    return "norm", number(child.get("fontScale"), 100_000) / 100_000
                if child.tag == qn("a:spAutoFit"):
                    return "shape", 1.0
                if child.tag == qn("a:noAutofit"):
                    return "none", 1.0
        return "none", 1.0


def paragraphs(body: Any, styles: Styles, point: float, steps: Sequence[int] = ()) -> list[Tree]:
    """The paragraphs of a ``p:txBody``.

    Args:
        point: pixels of a typographic point.
        steps: in which step each paragraph appears.
    """
    found: list[Tree] = []
    counts: dict[int, int] = {}
    for index, element in enumerate(body.findall(qn("a:p"))):
        paragraph = _paragraph(element, styles, point, counts)
        paragraph["step"] = steps[index] if index < len(steps) else 0
        found.append(paragraph)
    while found and not found[-1]["runs"]:
        found.pop()
    return found


def plain(body: Any) -> str:
    """The words of a ``p:txBody``, a line for each paragraph and for each break of a line."""
    lines = []
    for element in body.findall(qn("a:p")):
        parts = []
        for child in element:
            if child.tag == qn("a:br"):
                parts.append("\n")
            elif child.tag in (qn("a:r"), qn("a:fld")):
                parts.append("".join(text.text or "" for text in child.findall(qn("a:t"))))
        lines.append("".join(parts).replace("\v", "\n").replace("_x000B_", "\n"))
    return "\n".join(lines).strip()


def _paragraph(element: Any, styles: Styles, point: float, counts: dict[int, int]) -> Tree:
    own = element.find(qn("a:pPr"))
    level = min(8, int(number(own.get("lvl")))) if own is not None else 0
    chain = [] if own is None else [own]
    chain += styles.levels(max(0, level))
    runs = _runs(element, chain, styles, point)
    text = "".join(run["text"] for run in runs)
    size = max((run["size"] for run in runs), default=_size(element, chain, point))
    said = _first(chain, "rtl") if own is None or own.get("rtl") is None else own.get("rtl")
    rtl = said in ("1", "true") or (
        (said is None or own is None or own.get("rtl") is None) and _from_right(text)
    )
    align = _ALIGNS.get(_first(chain, "algn") or "l", "left")
    if rtl and (own is None or own.get("algn") is None) and align == "left":
        align = "right"
    bullet = _bullet(chain, styles, counts, level) if text.strip() else None
    if not text.strip():
        counts.clear()
    margin, indent = (number(_first(chain, name)) / 12_700 * point for name in ("marL", "indent"))
    return {
        "runs": runs, "size": size, "align": align, "rtl": rtl, "bullet": bullet,
        "margin": max(0.0, margin), "indent": indent,
        "before": _spacing(chain, "a:spcBef", size, point, 0.0),
        "after": _spacing(chain, "a:spcAft", size, point, 0.0),
        "leading": _spacing(chain, "a:lnSpc", size, point, size) / max(size, 0.1),
    }  # fmt: skip


def _runs(element: Any, chain: list[Any], styles: Styles, point: float) -> list[Tree]:
    runs: list[Tree] = []
    for child in element:
        if child.tag == qn("a:br"):
            runs.append({"text": "\n", "size": _size(child, chain, point), "colour": styles.fallback})
        elif child.tag in (qn("a:r"), qn("a:fld")):
            text = "".join(part.text or "" for part in child.findall(qn("a:t"))).replace("\v", "\n")
            if child.get("type") == "slidenum":
                text = str(styles.slide)
            if text:
                runs.append(_run(text, child.find(qn("a:rPr")), chain, styles, point))
    return runs


def _run(text: str, own: Any, chain: list[Any], styles: Styles, point: float) -> Tree:
    properties = [own, *(each.find(qn("a:defRPr")) for each in chain)]
    properties = [each for each in properties if each is not None]
    linked = own is not None and own.find(qn("a:hlinkClick")) is not None
    colour = styles.palette.named("hlink") if linked else styles.colour(properties)
    face = next(
        (
            str(found.get("typeface"))
            for each in properties
            if (found := each.find(qn("a:latin"))) is not None
        ),
        "",
    ).lower()
    mono = any(name in face for name in _MONO)
    size = number(_first(properties, "sz"), 1800) / 100 * point
    if not mono and (not face or face.startswith("+") or any(name in face for name in _NARROW)):
        size *= 0.94
    strike = _first(properties, "strike") or "noStrike"
    baseline = number(_first(properties, "baseline"))
    caps = _first(properties, "cap") == "all"
    return {
        "text": text.upper() if caps else text,
        "size": size,
        "colour": colour,
        "bold": _first(properties, "b") in ("1", "true"),
        "italic": _first(properties, "i") in ("1", "true"),
        "underline": linked or (_first(properties, "u") or "none") != "none",
        "strike": strike != "noStrike",
        "mono": mono,
        "script": "super" if baseline > 0 else "sub" if baseline < 0 else "",
    }


def _size(element: Any, chain: list[Any], point: float) -> float:
    own = [element.find(qn("a:rPr")), element.find(qn("a:endParaRPr"))]
    properties = [each for each in (*own, *(link.find(qn("a:defRPr")) for link in chain)) if each is not None]
    return 0.94 * number(_first(properties, "sz"), 1800) / 100 * point


def _first(elements: Sequence[Any], name: str) -> str | None:
    return next((str(each.get(name)) for each in elements if each.get(name) is not None), None)


def _spacing(chain: list[Any], tag: str, size: float, point: float, default: float) -> float:
    """Pixels of space that stands in points or in shares of the line."""
    for each in chain:
        found = each.find(qn(tag))
        if found is None or not len(found):
            continue
        value = number(found[0].get("val"))
        share = found[0].tag == qn("a:spcPct")
        return min(value / 100_000 * size * (1.0 if tag == "a:lnSpc" else 1.2) if share
                   else value / 100 * point, 20 * size)  # fmt: skip
    return default


def _from_right(text: str) -> bool:
    kinds = [unicodedata.bidirectional(char) for char in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return right > kinds.count("L")


def _bullet(chain: list[Any], styles: Styles, counts: dict[int, int], level: int) -> Tree | None:
    for deeper in [each for each in counts if each > level]:
        del counts[deeper]
    for each in chain:
        for child in each:
            kind = str(child.tag).rpartition("}")[2]
            if kind == "buNone":
                counts.pop(level, None)
                return None
            if kind == "buChar":
                char = str(child.get("char") or "•")[:2]
                font = each.find(qn("a:buFont"))
                symbol = font is not None and "ding" in str(font.get("typeface")).lower()
                text = _SYMBOLS.get(char, "•" if symbol or not char.isprintable() else char)
                return {"text": text, "colour": _bullet_colour(chain, styles)}
            if kind == "buAutoNum":
                counts[level] = counts.get(level, int(number(child.get("startAt"), 1)) - 1) + 1
                text = _numbered(counts[level], str(child.get("type")))
                return {"text": text, "colour": _bullet_colour(chain, styles)}
            if kind == "buBlip":
                return {"text": "•", "colour": _bullet_colour(chain, styles)}
    return None


def _bullet_colour(chain: list[Any], styles: Styles) -> str | None:
    return next((found for each in chain if (found := styles.palette.of(each.find(qn("a:buClr"))))), None)


def _numbered(number_: int, kind: str) -> str:
    value = str(number_)
    if kind.startswith("alpha"):
        value = chr(ord("a") + (number_ - 1) % 26)
    elif kind.startswith("roman"):
        value = _roman(number_ % 400)
    value = value.upper() if "Uc" in kind else value
    if kind.endswith("ParenBoth"):
        return f"({value})"
    return value + (")" if kind.endswith("ParenR") else "" if kind.endswith("Plain") else ".")


def _roman(value: int) -> str:
    pairs = (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    )
    out = ""
    for worth, letters in pairs:
        count, value = divmod(value, worth)
        out += letters * count
    return out
