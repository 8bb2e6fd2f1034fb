"""What is drawn before a shot: slides, the places of what is pointed at, clips fitted to their slide."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from presenter import compose, media, slides, video
from presenter.order import Recipe
from presenter.planes import canvas
from presenter.store import Artefact, Store
from presenter.types import Box, Picture, Shot, Slide, View

SLIDES, CLIPS = "4", "1"
"""Versions of the steps of this file: raise one when its output changes for equal inputs."""

_CLIP_QUALITY = video.Quality(crf=18)  # it is coded once more with the shot


@dataclass(frozen=True, slots=True)
class Reel:
    """A clip in the size in which it is shown, from one of its frames on."""

    path: str
    frame: int
    x: int
    y: int
    """Where it stands in the picture (even pixels)."""

    def open(self) -> compose.Clip:
        """The clip from that frame on."""
        return compose.Clip(video.planes(Path(self.path), self.frame), self.x, self.y)


class Stills:
    """Makes and keeps what shots of one lesson share."""

    def __init__(self, recipe: Recipe, store: Store) -> None:
        self._recipe, self._store = recipe, store
        self._slides = {"": Slide("", "", ""), **{slide.id: slide for slide in recipe.script.slides}}

    def views(self, shot: Shot) -> tuple[View, ...]:
        """What is seen of the slide one after another; empty where the shot shows none."""
        builds = sum(cue.mark.action == "build" for cue in shot.cues)
        steps = range(shot.steps, shot.steps + builds + 1)
        views = (self.view(View(shot.layout, shot.slide, step, shot.clip)) for step in steps)
        return tuple(dict.fromkeys(view for view in views if view is not None))

    def view(self, view: View) -> View | None:
        """The view as there is a picture of it: of its slide, of the theme's background, or None."""
        place = compose.layout(view.layout, self._recipe.width, self._recipe.height)
        if place.slide is not None and view.slide:
            return replace(view, steps=min(view.steps, self._slides[view.slide].steps - 1))
        if place.shape == "full" or self._recipe.theme.plain:  # nothing or one colour is seen
            return None
        return View(view.layout, "", 0)

    def inputs(self, view: View | None) -> Any:
        """What a view's picture depends on."""
        if view is None:
            return None
        slide = self._slides[view.slide]
        files = slides.pictures(slide, self._recipe.folder)
        return (slide.title, slide.markdown, slide.steps, view.steps, self._size(view), self._clear(view),
                self._recipe.theme.key, files, self._recipe.script.language, SLIDES)  # fmt: skip

    def picture(self, view: View) -> Artefact:
        """The slide as it is seen: uint8 (H, W, 3) RGB as .npy."""

        def make(path: Path) -> None:
            drawn: Picture = slides.draw(
                self._slides[view.slide], *self._size(view), step=view.steps, **self._how(view)
            )
            with path.open("wb") as stream:
                np.save(stream, drawn)

        return self._store.once("slide", SLIDES, self.inputs(view), "npy", make)

    def places(self, shot: Shot) -> tuple[tuple[str, Box], ...]:
        """What the shot points at, and where it is on the slide (pixels)."""
        asked = {shot.point, *(cue.mark.argument for cue in shot.cues if cue.mark.action == "point")} - {""}
        view = self.view(View(shot.layout, shot.slide, 0))
        return self._places(view, asked) if asked and view and view.slide else ()

    def _places(self, view: View, asked: Iterable[str]) -> tuple[tuple[str, Box], ...]:
        view, names = replace(view, steps=0, clip=0), sorted(asked)  # they are the same in every build

        def make(path: Path) -> None:
            found = slides.places(self._slides[view.slide], *self._size(view), names, **self._how(view))
            path.write_text(json.dumps({name: asdict(box) for name, box in found.items()}))

        made = self._store.once("places", SLIDES, (self.inputs(view), names), "json", make)
        return tuple((name, Box(**box)) for name, box in json.loads(made.path.read_text()).items())

    def clips(self) -> dict[str, int]:
        """Frames of the clip of each slide that has one."""
        found = {}
        for slide in self._recipe.script.slides:
            clip = slides.clip(slide)
            if clip is not None:
                found[slide.id] = media.clip_frames(slide, clip.file, self._recipe.folder, self._recipe.fps)
        return found

    def reel(self, view: View) -> Reel | None:
        """The clip of a view, fitted to its place; None without one."""
        slide, fps = self._slides[view.slide], self._recipe.fps
        clip, slide_box = slides.clip(slide), compose.slide_box(view.layout, *self._picture_size())
        if clip is None or slide_box is None:
            return None
        ((_, box),) = self._places(view, [clip.place])
        x, y = 2 * round(box.x0 / 2), 2 * round(box.y0 / 2)
        # A strip may be thinner than the two pixels that a picture needs at least.
        width, height = (max(2, 2 * round(side / 2)) for side in (box.x1 - x, box.y1 - y))
        file = media.find(slide, clip.file, self._recipe.folder)

        def make(path: Path) -> None:
            frames = (canvas(image) for image in media.clip(file, width, height, fps))
            video.encode(path, frames, width=width, height=height, fps=fps, quality=_CLIP_QUALITY)

        inputs = media.digest(file), width, height, fps, _CLIP_QUALITY.key
        made = self._store.once("clip", CLIPS, inputs, "mp4", make)
        last = max(0, video.frames(made.path) - 1)
        return Reel(str(made.path), min(view.clip, last), int(slide_box.x0) + x, int(slide_box.y0) + y)

    def _picture_size(self) -> tuple[int, int]:
        return self._recipe.width, self._recipe.height

    def _size(self, view: View) -> tuple[int, int]:
        """Of the slide's picture."""
        box = compose.slide_box(view.layout, *self._picture_size())
        return self._picture_size() if box is None else (round(box.width), round(box.height))

    def _clear(self, view: View) -> tuple[Box, ...]:
        return compose.keep_clear(view.layout, *self._picture_size())

    def _how(self, view: View) -> dict[str, Any]:
        """In what way slides are drawn and measured."""
        recipe = self._recipe
        return {
            "theme": recipe.theme, "language": recipe.script.language, "folder": recipe.folder,
            "keep_clear": self._clear(view),
        }  # fmt: skip
