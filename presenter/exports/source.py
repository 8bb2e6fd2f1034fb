"""A finished video as exports see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from presenter import signing
from presenter.plan import subtitles
from presenter.registry import Record
from presenter.settings import Settings
from presenter.types import Plan, Span
from presenter.video import Chapter


@dataclass(frozen=True, slots=True)
class Source:
    """A video with its record."""

    video: Path
    record: Record
    settings: Settings

    @property
    def language(self) -> str:
        """BCP 47."""
        return self.record.pieces[0].language

    @property
    def plan(self) -> Plan:
        """The video as shots in order."""
        first = self.record.pieces[0]
        shots = tuple(piece.shot for piece in self.record.pieces)
        return Plan(first.width, first.height, first.fps, shots)

    def write(self, text: str, path: Path) -> None:
        """Write a text about the video, with its seal."""
        signing.seal(text, path, self.record.digest, self.settings)

    @property
    def seconds(self) -> float:
        return self.plan.count / self.plan.fps

    def captions(self) -> tuple[Span, ...]:
        """The captions in the video's time."""
        return subtitles(self.plan)

    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters; a lesson without slides is one."""
        return self.record.chapters or (Chapter(self.record.title, 0.0, self.seconds),)

    def said(self) -> Iterator[tuple[Chapter, list[Span]]]:
        """Each chapter with what is said in it: a span for each segment, in the video's time."""
        plan = self.plan
        starts = [start / plan.fps for start in (*plan.starts(), plan.count)]
        spans = [
            Span(text, start, end)
            for text, start, end in zip(self.record.texts, starts, starts[1:], strict=False)
            if text  # clips before and after the lesson have none
        ]
        for chapter in self.chapters():
            yield chapter, [span for span in spans if chapter.start - 1e-6 <= span.start < chapter.end - 1e-6]
