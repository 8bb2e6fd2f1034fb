"""The storyboard: what a lesson looks like before it is rendered, one card for each slide.

A card says which sentences are said over the slide, where slide and head stand, and whether its pieces are
made already. Nothing is spoken; pictures of slides are drawn when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from presenter import faces, slides
from presenter.engines import load
from presenter.errors import InputError
from presenter.estimate import Estimate, price
from presenter.layouts import Layout, head_box, keep_clear, layout, slide_box
from presenter.order import Order, Recipe, decide
from presenter.people import People, portraits
from presenter.plan import choose
from presenter.settings import Settings
from presenter.types import Picture, Segment

State = Literal["done", "changed", "new"]


@dataclass(frozen=True, slots=True)
class Card:
    """A slide with all that is said over it."""

    number: int
    """From 1."""
    slide: str
    """Id of the slide, or ``""`` where nothing is shown."""
    title: str
    layout: Layout
    """In which it begins; boxes are shares of the picture."""
    sentences: tuple[str, ...]
    state: State
    """``done``: all of its pieces are in the store; ``changed``: some are; ``new``: none is."""


@dataclass(frozen=True, slots=True)
class Board:
    """A lesson at a glance."""

    recipe: Recipe
    estimate: Estimate
    cards: tuple[Card, ...]


def board(order: Order, settings: Settings) -> Board:
    """The storyboard of an order.

    Raises:
        InputError: what ``order.decide`` raises.
    """
    recipe = decide(order, settings)
    cost = price(recipe, settings)
    titles = {slide.id: slide.title for slide in recipe.script.slides}
    cards, now = [], recipe.layout
    for number, (slide, group) in enumerate(groupby(recipe.script.segments, key=lambda one: one.slide), 1):
        segments = tuple(group)
        now = segments[0].layout or now
        place = layout(choose(now, slide), recipe.width, recipe.height)
        words = tuple(segment.text for segment in segments)
        cards.append(Card(number, slide, titles.get(slide, ""), place, words, _state(segments, cost.new)))
        now = next((one.layout for one in reversed(segments) if one.layout), now)
    return Board(recipe, cost, tuple(cards))


def picture(recipe: Recipe, slide: str, name: str, width: int) -> Picture:
    """A slide with all of its builds, as it stands in a layout.

    Args:
        slide: id of the slide.
        name: of the layout.
        width: of the whole picture that the slide is a part of, in pixels.

    Returns:
        uint8 (H, W, 3) RGB, of the size of the slide's box.

    Raises:
        InputError: ``E-SLIDES-NAME``, and what ``slides.draw`` raises.
    """
    found = next((one for one in recipe.script.slides if one.id == slide), None)
    height = 2 * round(width * recipe.height / recipe.width / 2)
    box = slide_box(name, width, height)
    if found is None or box is None:
        raise InputError("E-SLIDES-NAME", "There is no such slide.", "Load the page again.", "script")
    return slides.draw(
        found,
        round(box.width),
        round(box.height),
        theme=recipe.theme,
        step=found.steps - 1,
        language=recipe.script.language,
        folder=recipe.folder,
        keep_clear=keep_clear(name, width, height),
    )


def portrait(recipe: Recipe, settings: Settings, name: str, width: int) -> Picture:
    """The presenter at rest as he or she stands in a layout.

    Args:
        name: of the layout.
        width: of the whole picture, in pixels.

    Returns:
        uint8 (H, W, 3) RGB, of the size of the head's box.

    Raises:
        InputError: ``E-LAYOUT-HEAD`` for a layout without a head, and what ``portraits.give_out`` raises.
    """
    box = head_box(name, width, 2 * round(width * recipe.height / recipe.width / 2))
    if box is None:
        raise InputError("E-LAYOUT-HEAD", "This layout shows no head.", "Choose another one.", "layout")
    _, opened = portraits.give_out(
        People(settings.home), recipe.portrait, consent=recipe.consent, settings=settings,
        detector=lambda: load("detector", "auto"), face=recipe.face, first_frame=True,
    )  # fmt: skip
    framed: Picture = faces.frame(opened(), round(box.width), round(box.height)).images[0]
    return framed


def _state(segments: Sequence[Segment], new: Sequence[str]) -> State:
    missing = sum(segment.id in new for segment in segments)
    return "done" if not missing else "new" if missing == len(segments) else "changed"
