"""The score card: measures with their bars."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One number and the bar that it has to pass."""

    name: str
    """Stable, for machines: ``mouth-correlation``."""
    title: str
    """In plain words."""
    value: float | None
    """None where it could not be measured; ``note`` says why."""
    unit: str = ""
    least: float | None = None
    """The value must be at least this; None sets no lower bar."""
    most: float | None = None
    """The value must be at most this; None sets no upper bar."""
    note: str = ""
    """What else there is to know, e.g. how many were counted."""

    @property
    def passed(self) -> bool | None:
        """Whether the bar was passed; None where there is no value or no bar."""
        if self.value is None or (self.least is None and self.most is None):
            return None
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def bar(self) -> str:
        """The bar in words: ``at least 0.9``."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        if self.least is not None:
            return f"at least {self.least:g}"
        return f"at most {self.most:g}" if self.most is not None else ""

    def line(self) -> str:
        """For a terminal: state, title, value, bar and note in columns."""
        state = {True: "ok", False: "MISSED", None: "-"}[self.passed]
        value = "not measured" if self.value is None else f"{self.value:.4g} {self.unit}".rstrip()
        return f"{state:<6}  {self.title:<46}  {value:<14}  {self.bar:<14}  {self.note}".rstrip()


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """What was measured of a video."""

    digest: str
    """sha256 of the file."""
    seconds: float
    frames: int
    """Frames of the whole video."""
    watched: int
    """Frames whose picture was measured; times and sound are always measured whole."""
    measures: tuple[Measure, ...]

    @property
    def passed(self) -> bool:
        """Whether no bar was missed. What could not be measured does not count."""
        return not self.missed

    @property
    def missed(self) -> tuple[Measure, ...]:
        """The measures that missed their bars."""
        return tuple(measure for measure in self.measures if measure.passed is False)

    def find(self, name: str) -> Measure:
        """The measure of that name; KeyError when there is none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the fields, and ``passed`` of the card and of each measure."""
        found = asdict(self)
        for row, measure in zip(found["measures"], self.measures, strict=True):
            row["passed"] = measure.passed
        return {**found, "passed": self.passed}


def finite(value: float) -> float | None:
    """None for what could not be computed."""
    return float(value) if math.isfinite(value) else None
