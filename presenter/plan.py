"""From what is said to what is shown when: speeches become shots of whole frames.

A shot is in its own time, so an edit at the front does not redraw what follows. Only five things of a
shot depend on what came before it: whether the label is due in full, the builds that its slide already
shows, what is pointed at, how far its clip has played, and what was seen last where slide or layout change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from presenter.captions import cues as captions_of
from presenter.captions import wait
from presenter.provenance import LABEL_EVERY, LABEL_SECONDS
from presenter.types import RATE, Cue, Plan, Script, Segment, Shot, Span, Speech, Timing, View
from presenter.video import Chapter

PATIENCE = 0.5
"""Seconds by which a shot may be longer than its speech, so that its last caption can be read: "Yes." alone
is gone too soon."""
WITHOUT_SLIDE = ("full", "presenter-only", "lower-third")
"""Layouts that show no slide."""


class Planner:
    """Turns speeches into shots one by one, in order, so that drawing can start before all is spoken.

    Args:
        fps: frames a second.
        layout: name of the layout until a segment asks for another, or ``auto``: full where there is
            no slide, pip-right where there is one.
        clips: frames of the clip of each slide that has one; it plays while the slide is shown, once.
    """

    def __init__(self, fps: int, layout: str, clips: Mapping[str, int] = {}) -> None:
        self.fps = fps
        self._clips = clips
        self._layout = layout
        self._slide: str | None = None
        self._builds = 0
        self._point = ""
        self._clip = 0
        self._seen: View | None = None
        self._labels = _Labels(fps)

    def add(self, segment: Segment, speech: Speech) -> Shot:
        """The shot of the next segment."""
        count, captions = self._captioned(segment, speech)
        if segment.slide != self._slide:
            self._slide, self._builds, self._point, self._clip = segment.slide, 0, "", 0
            self._labels.restart()
        self._layout = segment.layout or self._layout
        cues = tuple(
            Cue(min(count - 1, round(word_at(segment.text, speech.timing, mark.at) * self.fps)), mark)
            for mark in segment.marks
        )
        layout = choose(self._layout, segment.slide)
        seen = self._seen
        same = seen is None or (seen.layout, seen.slide) == (layout, segment.slide)
        shot = Shot(
            segment=segment.id,
            count=count,
            layout=layout,
            slide=segment.slide,
            cues=cues,
            captions=captions,
            label=self._labels.next(count),
            steps=self._builds,
            clip=self._clip,
            point=self._point,
            before=None if same else seen,
        )
        self._builds += sum(cue.mark.action == "build" for cue in cues)
        self._point = next(
            (cue.mark.argument for cue in reversed(cues) if cue.mark.action == "point"), self._point
        )
        # What has played to its end stays as it is, however long the sentences before were.
        self._clip = min(self._clip + count, max(0, self._clips.get(segment.slide, 0) - 1))
        self._seen = View(layout, segment.slide, self._builds, self._clip)
        return shot

    def _captioned(self, segment: Segment, speech: Speech) -> tuple[int, tuple[Span, ...]]:
        """How many frames the shot has, and its captions."""
        count = max(1, math.ceil(len(speech.samples) * self.fps / RATE))
        captions = captions_of(segment, speech.timing, count / self.fps)
        longer = math.ceil(min(wait(captions, count / self.fps), PATIENCE) * self.fps)
        if not longer:
            return count, captions
        return count + longer, captions_of(segment, speech.timing, (count + longer) / self.fps)


class _Labels:
    """When the label is due in full.

    That is counted from the slide's beginning, and a shot has it from its own start or not at all: so a
    sentence that gets longer or shorter hardly ever changes another shot, and never one of another slide.
    """

    def __init__(self, fps: int) -> None:
        self._long, self._every = round(LABEL_SECONDS * fps), round(LABEL_EVERY * fps)
        self.restart()

    def restart(self) -> None:
        """A slide begins."""
        self._since = 0  # frames since the full label began
        self._shown = 0  # frames that it has been shown

    def next(self, count: int) -> int:
        """Frames of the full label at the start of a shot of ``count`` frames; 0 where it is not due."""
        if self._since + count > self._every and self._shown >= self._long:
            self.restart()
        due = self._shown < self._long
        self._shown += min(count, self._long) if due else 0
        self._since += count
        return self._long if due else 0


def choose(layout: str, slide: str) -> str:
    """The layout's name with ``auto`` decided and slide layouts without a slide shown full."""
    if not slide and layout not in WITHOUT_SLIDE:
        return "full"
    return "pip-right" if layout == "auto" else layout


def word_at(text: str, timing: Timing, at: int) -> float:
    """When the word that begins at character ``at`` of the text is heard (s)."""
    position = 0
    for word in timing.words:
        found = text.find(word.label, position)
        if found < 0:
            continue
        if found + len(word.label) > at:
            return word.start
        position = found + len(word.label)
    return timing.words[-1].end if timing.words else 0.0


def chapters(script: Script, plan: Plan) -> tuple[Chapter, ...]:
    """One chapter for each run of shots with the same slide; none when there is at most one."""
    titles = {slide.id: slide.title for slide in script.slides}
    starts = plan.starts()
    begins = [
        (start, shot.slide)
        for index, (start, shot) in enumerate(zip(starts, plan.shots, strict=True))
        if index == 0 or shot.slide != plan.shots[index - 1].slide
    ]
    if len(begins) < 2:
        return ()
    ends = [start for start, _ in begins[1:]] + [plan.count]
    return tuple(
        Chapter(titles.get(slide) or script.title, start / plan.fps, end / plan.fps)
        for (start, slide), end in zip(begins, ends, strict=True)
    )


def subtitles(plan: Plan) -> tuple[Span, ...]:
    """The captions of all shots in the time of the video (s)."""
    return tuple(_shifted(plan.shots, plan.starts(), plan.fps))


def _shifted(shots: Sequence[Shot], starts: Sequence[int], fps: int) -> Iterator[Span]:
    for shot, start in zip(shots, starts, strict=True):
        for span in shot.captions:
            yield Span(span.label, start / fps + span.start, start / fps + span.end)
