"""The colours of a presentation, theme names and changes of them, as ``#rrggbbaa`` (child process only).

Formulas: ECMA-376 part 1, 20.1.2.3 (colour transforms), in the simple reading that office programs share:
tint and shade mix with white and black, lumMod and lumOff scale and shift lightness.
"""

from __future__ import annotations

import colorsys
from typing import Any

from pptx.oxml.ns import qn

_OWN_NAMES = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_PRESET = {
    "black": "000000", "white": "FFFFFF", "red": "FF0000", "green": "008000", "blue": "0000FF",
    "yellow": "FFFF00", "gray": "808080", "grey": "808080", "orange": "FFA500", "purple": "800080",
}  # fmt: skip
_OFFICE = {
    "dk1": "000000", "lt1": "FFFFFF", "dk2": "1F497D", "lt2": "EEECE1", "accent1": "4F81BD",
    "accent2": "C0504D", "accent3": "9BBB59", "accent4": "8064A2", "accent5": "4BACC6", "accent6": "F79646",
    "hlink": "0000FF", "folHlink": "800080",
}  # fmt: skip
"""The theme of a file that has none."""


class Palette:
    """The colours of one slide master.

    Args:
        theme: root element of the theme, or None.
        names: the master's ``clrMap``, what ``bg1`` and the like stand for.
    """

    def __init__(self, theme: Any, names: dict[str, str]) -> None:
        self._named = dict(_OFFICE)
        scheme = None if theme is None else theme.find(".//" + qn("a:clrScheme"))
        for entry in () if scheme is None else scheme:
            name = str(entry.tag).rpartition("}")[2]
            for value in entry:
                self._named[name] = str(value.get("lastClr") or value.get("val") or "000000")[:6]
        self._names = {**_OWN_NAMES, **names}

    def named(self, name: str) -> str:
        """A colour of the theme, ``#rrggbbff``."""
        return f"#{_hex(self._named.get(self._names.get(name, name), '808080'))}ff"

    def of(self, parent: Any, inherited: str | None = None) -> str | None:
        """The colour that stands in an element such as ``a:solidFill``; None where none does.

        Args:
            inherited: what ``phClr`` means.
        """
        for child in () if parent is None else parent:
            kind = str(child.tag).rpartition("}")[2]
            if kind == "srgbClr":
                code = _hex(child.get("val"))
            elif kind == "schemeClr" and child.get("val") == "phClr":
                code = (inherited or self.named("accent1"))[1:7]
            elif kind == "schemeClr":
                code = self.named(str(child.get("val")))[1:7]
            elif kind == "sysClr":
                code = _hex(child.get("lastClr"))
            elif kind == "prstClr":
                code = _PRESET.get(str(child.get("val")), "808080")
            else:
                continue
            return _changed(code, child)
        return None


def mixed(colour: str, other: str, share: float) -> str:
    """``#rrggbbaa`` between two colours; a ``share`` of 1 is the other one."""
    pairs = zip(_channels(colour[1:7]), _channels(other[1:7]), strict=True)
    return f"#{_code([(1 - share) * one + share * two for one, two in pairs])}ff"


def _hex(value: Any) -> str:
    text = str(value or "").lower()
    return text if len(text) == 6 and all(char in "0123456789abcdef" for char in text) else "808080"


def _channels(code: str) -> list[float]:
    return [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _code(channels: list[float]) -> str:
    return "".join(f"{round(255 * min(max(value, 0.0), 1.0)):02x}" for value in channels)


def _changed(code: str, element: Any) -> str:
    red, green, blue = _channels(code)
    alpha = 1.0
    for change in element:
        kind = str(change.tag).rpartition("}")[2]
        amount = number(change.get("val")) / 100_000
        hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
        if kind == "alpha":
            alpha = amount
        elif kind == "tint":
            red, green, blue = (1 - (1 - value) * amount for value in (red, green, blue))
        elif kind == "shade":
            red, green, blue = (value * amount for value in (red, green, blue))
        elif kind in ("lumMod", "lumOff"):
            light = light * amount if kind == "lumMod" else light + amount
            red, green, blue = colorsys.hls_to_rgb(hue, min(max(light, 0.0), 1.0), strength)
        elif kind == "satMod":
            red, green, blue = colorsys.hls_to_rgb(hue, light, min(max(strength * amount, 0.0), 1.0))
    return f"#{_code([red, green, blue])}{round(255 * min(max(alpha, 0.0), 1.0)):02x}"


def number(value: Any, default: float = 0.0) -> float:
    """An attribute as a number; also ``50%`` in thousandths of a percent."""
    text = str(value)
    try:
        found = float(text[:-1]) * 1000 if text.endswith("%") else float(text)
    except ValueError:
        return default
    return found if abs(found) < 1e12 else default
