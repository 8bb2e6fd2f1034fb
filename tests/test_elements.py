"""What stands on a slide can be pointed at by its name, its number or its words."""

import itertools

import numpy as np
import pytest
from test_plan import segment, speech
from test_slides import CLEAN, ink

from presenter import compose, elements, markup, planes, script, slides
from presenter.errors import InputError
from presenter.plan import Planner
from presenter.types import Box, Cue, Mark, Shot, Slide

EVERYTHING = """## Light {#top}

- Red light {#red}
- Blue light is scattered

```python {#loop}
def f():
    return 1
```

| a | b |
|---|---|
| one | 1 |
| two {#second} | 2 |

![a map](map.png){#fig-1}

> quoted words
"""


def page():
    return markup.read(EVERYTHING)


@pytest.mark.parametrize(
    ("asked", "kind", "number"),
    [
        ("red", "item", 1), ("#red", "item", 1), ("item 2", "item", 2), ("item", "item", 1),
        ("title", "title", 1),
        ("top", "title", 1), ("loop", "code", 1), ("line 2", "line", 2), ("return 1", "line", 2),
        ("row 1", "row", 1), ("second", "row", 2), ("table", "table", 1), ("fig-1", "picture", 1),
        ("A  MAP", "picture", 1), ("scattered", "item", 2), ("quoted words", "quote", 1),
    ],
)  # fmt: skip
def test_an_element_is_found_by_name_number_or_words(asked, kind, number):
    found = page().elements[elements.find(page().elements, asked)]
    assert (found.kind, found.number) == (kind, number)


@pytest.mark.parametrize("asked", ["", "item 3", "green", "row 0", "picture 2"])
def test_what_is_not_there_is_not_found(asked):
    assert elements.find(page().elements, asked) is None


def test_names_are_not_drawn_and_not_said():
    assert "{#" not in str(page().blocks)
    lesson = script.parse(EVERYTHING.replace("![", "Some words. ![") + "\n\n[point red] Look.")
    assert lesson.slides[0].title == "Light"
    assert "{#" not in " ".join(segment.text for segment in lesson.segments)


def test_a_point_is_a_mark_at_its_word_and_can_be_taken_back():
    lesson = script.parse("## A\n\n- Red\n\nOne two [point red] three. [point off] Four.\n")
    marks = [
        (segment.text[mark.at :], mark.argument) for segment in lesson.segments for mark in segment.marks
    ]
    assert marks == [("three.", "red"), ("Four.", "")]


def test_a_point_at_nothing_tells_what_is_there():
    with pytest.raises(InputError) as caught:
        script.parse("## A\n\n- Red {#red}\n- Blue\n\nOne.\n\nTwo [point green] three.\n")
    assert caught.value.code == "E-SCRIPT-POINT"
    assert 'Line 8: the slide has no "green" to point at.' in str(caught.value)
    assert "#red" in caught.value.hint
    assert "item 1 to 2" in caught.value.hint
    with pytest.raises(InputError, match="no slide here"):
        script.parse("Look [point red] here.")


# --- where they are -----------------------------------------------------------------------------

LIST = """## Four things

- The first thing
- The second, which is so long that it goes on and on over more than one line of the slide
- The third

| a | b |
|---|---|
| one | 1 |
| two | 2 |

```
x = 1
y = 2
```
"""


def places(markdown, *asked, width=960, height=540, **more):
    return slides.places(Slide("s", "", markdown), width, height, asked, theme=CLEAN, **more)


def test_places_hold_what_was_asked_for():
    asked = ("title", "item 1", "item 2", "item 3", "table", "row 1", "row 2", "code", "line 1", "line 2")
    found = places(LIST, *asked)
    assert set(found) == set(asked)
    picture = ink(slides.draw(Slide("s", "", LIST), 960, 540, theme=CLEAN))
    for name, box in found.items():
        inside = picture[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)]
        assert inside.sum() > 20, name
    order = ["title", "item 1", "item 2", "item 3", "row 1", "row 2", "line 1", "line 2"]
    tops = [found[name].y0 for name in order]
    assert tops == sorted(tops)
    assert found["item 2"].height > 1.5 * found["item 1"].height
    assert found["table"].y0 < found["row 1"].y0 < found["row 2"].y1 <= found["table"].y1


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_words_of_the_title_lie_outside_of_its_place(language):
    markdown = "## The words of it\n\n- x"
    box = places(markdown, "title", language=language)["title"]
    picture = ink(slides.draw(Slide("s", "", markdown), 960, 540, theme=CLEAN, language=language))
    rows, columns = np.nonzero(picture[: round(box.y1) + 4])
    assert box.x0 - 3 <= columns.min()
    assert columns.max() <= box.x1 + 3
    assert box.y0 - 3 <= rows.min()


def test_looking_for_places_does_not_move_anything(monkeypatch):
    plain = slides.draw(Slide("s", "", LIST), 640, 360, theme=CLEAN)
    original = slides.typeset.render
    monkeypatch.setattr(
        slides.typeset, "render", lambda name, data, files: original(name, {**data, "spots": True}, files)
    )
    assert np.array_equal(slides.draw(Slide("s", "", LIST), 640, 360, theme=CLEAN), plain)


# --- the highlight ------------------------------------------------------------------------------

LEFT, RIGHT = Box(100, 150, 220, 180), Box(400, 250, 520, 280)


def pointed(count, *cues, point=""):
    """Frames of a white slide on which is pointed, as how much darker each pixel became."""
    shot = Shot(
        "x", count, "slide-only", "s", point=point,
        cues=tuple(Cue(frame, Mark(0, "point", name)) for frame, name in cues),
    )  # fmt: skip
    stills = {0: np.full((360, 640, 3), 255, np.uint8)}
    frames = compose.draw(
        shot, (640, 360), 25, head=None, slides=stills, language="en", burned=False, theme=CLEAN,
        places={"left": LEFT, "right": RIGHT},
    )  # fmt: skip
    return [235 - planes.split(frame)[0][34:].astype(int) for frame in frames]


def seen(change, box):
    """How strongly the inside of a box is tinted."""
    return change[int(box.y0) - 34 : int(box.y1) - 34, int(box.x0) : int(box.x1)].mean()


def test_a_highlight_appears_with_its_word_and_stays():
    frames = pointed(40, (10, "left"))
    tint = [seen(frame, LEFT) for frame in frames]
    assert tint[:10] == [0] * 10
    assert all(a <= b for a, b in itertools.pairwise(tint[10:22]))
    assert tint[20:] == [tint[20]] * 20
    # What is written there can still be read: the tint takes a sixth of the light at most.
    assert 4 < tint[20] < 219 / 6
    assert seen(frames[-1], RIGHT) == 0


def test_a_highlight_glides_to_the_next_place_without_leaving():
    frames = pointed(40, (10, "right"), point="left")
    assert seen(frames[9], LEFT) > 4
    middles = [np.nonzero(frame > 60)[1].mean() for frame in frames]
    assert all(a <= b + 0.5 for a, b in itertools.pairwise(middles[8:22]))
    assert max(np.diff(middles[8:22])) < 80
    assert seen(frames[-1], LEFT) == 0
    assert seen(frames[-1], RIGHT) > 4


def test_a_highlight_goes_when_it_is_taken_back():
    frames = pointed(40, (10, ""), point="left")
    assert seen(frames[9], LEFT) > seen(frames[14], LEFT) > 0
    assert not frames[-1].any()


def test_what_is_pointed_at_holds_over_sentences_and_ends_with_the_slide():
    planner = Planner(25, "auto")
    rows = [
        ("a b", "s", (Mark(2, "point", "red"),)),
        ("c", "s", ()),
        ("d", "s", (Mark(0, "point", ""),)),
        ("e", "t", ()),
    ]
    shots = [planner.add(segment(text, slide, marks=marks), speech(text, 2.0)) for text, slide, marks in rows]
    assert [shot.point for shot in shots] == ["", "red", "red", ""]
