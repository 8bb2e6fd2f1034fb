"""What a render would cost, told before it is done: nothing is spoken, drawn or kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from presenter import voices
from presenter.compose import head_box
from presenter.films import look
from presenter.order import Order, Recipe, decide
from presenter.people import reference_of_portrait
from presenter.pieces import PIECES, Kit
from presenter.plan import Planner
from presenter.rates import Rates
from presenter.settings import Settings
from presenter.store import Artefact, Store
from presenter.types import RATE, Portrait, PortraitRecord, Shot
from presenter.video import AAC_BITS

START = 0.8
"""Seconds before the first frame, once per render: reading the lesson, looking things up."""
PROCESSES = 1.5
"""Seconds that the processes need to start; a single piece is drawn without them."""
DRAW = 0.008, 0.02
"""Seconds for a frame: for each megapixel of the picture, and of the head in it. This and the rates below
hold until this machine has learnt its own."""
SPEAK = 0.05
"""Seconds to speak a second of sound."""
MIX, FINISH = 0.012, 0.003
"""Seconds to mix, and to join and publish, a second of the lesson."""
SIZE = 1200.0
"""Bytes that a frame of one megapixel takes."""
SPEECH_BYTES = 4 * RATE
"""Bytes of a second of speech in the store."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a render would give and cost."""

    seconds: float
    """Length of the video."""
    exact: bool
    """Whether every sentence is spoken already, so that the length is exact to the frame."""
    work: float
    """Seconds that the render is likely to take on this machine."""
    size: int
    """Bytes of the video file, about."""
    disk: int
    """Bytes that the render adds to the disk, about: the video and what is kept for the next time."""
    sentences: int
    reused: int
    """Sentences whose piece is in the store."""
    unspoken: int
    """Sentences that have to be spoken."""
    new: tuple[str, ...]
    """Ids of the segments that have to be drawn, in order."""
    learnt: bool
    """Whether the times come from this machine's own work; else they are a guess."""

    def __str__(self) -> str:
        """One sentence for people."""
        about = "" if self.exact else "about "
        return (
            f"{about}{_clock(self.seconds)} of video, about {_duration(self.work)} to render, "
            f"{self.size / 1e6:.1f} MB; {self.reused} of {self.sentences} sentences are reused"
        )


def estimate(order: Order, settings: Settings) -> Estimate:
    """What a render of this order would give and cost; see ``Estimate``.

    No consent is asked for, and portraits are not opened.

    Raises:
        InputError: what ``order.decide`` raises.
    """
    return price(decide(order, settings), settings)


def price(recipe: Recipe, settings: Settings) -> Estimate:
    """The same for an order that is settled already."""
    store = Store(settings.home / "store")
    reference = reference_of_portrait(recipe.portrait, settings)
    kit = Kit(recipe, settings, store, PortraitRecord("", "", reference), _never)
    return _Count(kit).estimate()


def _never() -> Portrait:
    raise AssertionError("an estimate opens no portrait")


class _Count:
    """Goes through the lesson as a render would and adds up."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._rates = Rates(kit.store.root)
        self._learnt = True

    def estimate(self) -> Estimate:
        recipe = self._kit.recipe
        frames = size = fresh = 0.0
        unspoken = 0.0
        silent = 0
        draw: dict[str, float] = {}
        new: list[str] = []
        for shot, speech in self._shots():
            # Equal sentences share a piece; one that is not spoken yet is taken for a new one.
            name = shot.segment if speech is None else self._kit.inputs(shot, speech)
            piece = None if speech is None else self._kit.store.find("piece", PIECES, name, "mp4")
            frames += shot.count
            if speech is None:
                silent += 1
                unspoken += shot.count / recipe.fps
            if piece is not None:
                size += piece.path.stat().st_size
                continue
            new.append(shot.segment)
            grows = shot.count * self._size(shot)
            size += grows
            fresh += 0.0 if name in draw else grows
            draw[name] = shot.count * self._draw(shot)
        around = [look(path).seconds for path in (recipe.intro, recipe.outro) if path]
        seconds = frames / recipe.fps + sum(around)
        sound = seconds * AAC_BITS / 8
        whole = int(size + sound)
        return Estimate(
            seconds=seconds,
            exact=not silent,
            work=self._work(draw, unspoken, seconds),
            size=whole,
            disk=whole + (int(whole + fresh + sound + unspoken * SPEECH_BYTES) if new else 0),
            sentences=len(recipe.script.segments),
            reused=len(recipe.script.segments) - len(new),
            unspoken=silent,
            new=tuple(new),
            learnt=self._learnt,
        )

    def _shots(self) -> Iterator[tuple[Shot, Artefact | None]]:
        """The shots; exact for what was spoken, expected for what was not."""
        recipe = self._kit.recipe
        planner = Planner(recipe.fps, recipe.layout, self._kit.stills.clips())
        for segment in recipe.script.segments:
            kept = self._kit.speeches.find(segment)
            if kept is not None:
                yield planner.add(segment, voices.load_timing(kept.path)), kept
            else:
                count = round(self._kit.speeches.expected(segment) * RATE)
                yield planner.add(segment, voices.silent(segment.id, count)), None

    def _rate(self, name: str, guess: float) -> float:
        known = self._rates.rate(name)
        self._learnt &= known is not None
        return guess if known is None else known

    def _look(self, shot: Shot) -> str:
        return f"{self._kit.recipe.width}x{self._kit.recipe.height} {shot.layout}"

    def _size(self, shot: Shot) -> float:
        known = self._rates.rate(f"size {self._look(shot)}")
        return SIZE * self._kit.recipe.width * self._kit.recipe.height / 1e6 if known is None else known

    def _draw(self, shot: Shot) -> float:
        recipe = self._kit.recipe
        box = head_box(shot.layout, recipe.width, recipe.height)
        head = 0.0 if box is None else box.width * box.height
        guess = (DRAW[0] * recipe.width * recipe.height + DRAW[1] * head) / 1e6
        return self._rate(f"draw {self._kit.animator.name} {self._look(shot)}", guess)

    def _work(self, draw: dict[str, float], unspoken: float, seconds: float) -> float:
        """Seconds in all: speaking, drawing and mixing go side by side."""
        if not draw:
            return START
        side_by_side = min(len(draw), self._kit.workers())
        drawing = max(sum(draw.values()) / side_by_side, max(draw.values()))
        speaking = unspoken * self._rate(f"speak {self._kit.speaker.name}", SPEAK) if unspoken else 0.0
        mixing = seconds * self._rate("mix", MIX)
        start = START + (PROCESSES if side_by_side > 1 else 0.0)
        return start + max(drawing, speaking, mixing) + seconds * self._rate("finish", FINISH)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
