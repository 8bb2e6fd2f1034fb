"""Shots are put together as the layout says, frame by frame, with the label always there."""

import dataclasses
import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import compose, layouts, planes, themes
from presenter.errors import InputError
from presenter.types import Box, Cue, Frames, Mark, Shot, Span, View

THEME = themes.theme("clean", [Path(compose.__file__).parents[2] / "assets" / "themes"])
SIZES = [(1280, 720), (1920, 1080), (1080, 1920), (1080, 1080)]
SMALL = [(640, 360), (360, 640), (360, 360)]
NAMES = list(compose.LAYOUTS)
GREEN, GREY = (20, 200, 60), (128, 128, 128)


def head(name, width, height, count, colour=GREEN):
    box = compose.head_box(name, width, height)
    if box is None:
        return None
    picture = np.full((round(box.height), round(box.width), 3), colour, np.uint8)
    return Frames(picture.shape[1], picture.shape[0], 25, count, lambda: iter([picture] * count))


def shot(name="pip-right", count=3, **more):
    return Shot("s", count, name, "slide", **more)


def slide_of(name, width, height, colour=GREY):
    box = compose.slide_box(name, width, height)
    return {} if box is None else {0: np.full((round(box.height), round(box.width), 3), colour, np.uint8)}


def drawn(
    a_shot, size=(640, 360), *, burned=False, language="en", stills=None, heads=..., theme=THEME, **more
):
    name = a_shot.layout
    return list(
        compose.draw(
            a_shot, size, 25,
            head=head(name, *size, a_shot.count) if heads is ... else heads,
            slides=slide_of(name, *size) if stills is None else stills,
            language=language, burned=burned, theme=theme, **more,
        )
    )  # fmt: skip


def rgb(frame):
    """I420 BT.709 limited to float RGB (H, W, 3), as in ITU-R BT.709."""
    y, u, v = (plane.astype(np.float64) for plane in planes.split(frame))
    u, v = (np.kron(plane - 128, np.ones((2, 2))) * 255 / 224 for plane in (u, v))
    y = (y - 16) * 255 / 219
    return np.stack([y + 1.5748 * v, y - 0.1873 * u - 0.4681 * v, y + 1.8556 * u], axis=2)


def region(picture, box):
    return picture[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]


def overlap(one, other):
    return one.x0 < other.x1 and one.x1 > other.x0 and one.y0 < other.y1 and one.y1 > other.y0


# --- layouts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "height"), SIZES + SMALL + [(854, 480), (720, 1280), (2160, 1080)])
def test_boxes_lie_inside_the_picture_on_even_pixels(name, width, height):
    for box in (compose.head_box(name, width, height), compose.slide_box(name, width, height)):
        if box is not None:
            assert 0 <= box.x0 < box.x1 <= width
            assert 0 <= box.y0 < box.y1 <= height
            assert all(value % 2 == 0 for value in (box.x0, box.y0, box.x1, box.y1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_captions_and_label_never_touch_a_head_that_is_smaller_than_the_picture(name, width, height):
    box = compose.head_box(name, width, height)
    if box is None or box == Box(0, 0, width, height):
        return
    if compose.slide_box(name, width, height) is None:
        assert box.y1 <= compose.captions_box(name, width, height).y0
        return
    clear = [other for other in compose.keep_clear(name, width, height) if other != box]
    assert len(clear) == 2
    assert not any(overlap(box, other) for other in clear)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_disc_is_round(width, height):
    box = compose.head_box("pip-right", width, height)
    assert abs(box.width - box.height) <= 2


def test_left_and_right_mirror_each_other():
    left, right = (compose.head_box(f"pip-{side}", 1280, 720) for side in ("left", "right"))
    assert left == Box(1280 - right.x1, right.y0, 1280 - right.x0, right.y1)


def test_an_unknown_layout_is_an_error_that_names_the_others():
    with pytest.raises(InputError, match="pip-right"):
        compose.layout("split", 1280, 720)


def test_all_layouts_that_people_ask_for_are_there():
    corners = {f"pip-{corner}" for corner in ("right", "left", "top-right", "top-left")}
    assert {"full", "presenter-only", "lower-third", "side-by-side", "slide-only"} | corners == set(NAMES)


@pytest.mark.parametrize("size", SIZES)
def test_a_banner_stands_between_label_and_captions(size):
    box = layouts.pixels(compose.layout("lower-third", *size).banner, *size)
    assert 0.2 * size[1] < box.y0 < box.y1 <= compose.captions_box("lower-third", *size).y0


def test_a_banner_shows_name_and_role_on_the_side_where_reading_begins():
    plain = rgb(drawn(shot("lower-third", 1))[0])
    for language, side in (("en", np.s_[:, :320]), ("ar", np.s_[:, 320:])):
        (frame,) = drawn(shot("lower-third", 1), language=language, banner=("Ada", "Teacher"))
        different = np.abs(rgb(frame) - plain).max(axis=2)[40:] > 40
        assert different[side].sum() == different.sum() > 1000


# --- transitions --------------------------------------------------------------------------------


def between(name="slide-only", was="slide-only", *, slide="old", rest=None, **more):
    """Twenty frames that begin with a red slide and end with a grey one."""
    view = View(was, slide, 0)
    old = slide_of(was, 640, 360, (200, 30, 30)).get(0)
    before = compose.Before(view, old, rest)
    return drawn(shot(name, 20, before=view), before=before, **more)


def test_one_slide_fades_into_the_next():
    level = [rgb(frame)[180, 60, 0] for frame in between()]
    assert all(a >= b - 1 for a, b in itertools.pairwise(level))
    assert level[0] > 190
    assert level[12:] == [level[12]] * 8


def test_a_pushed_slide_comes_from_where_reading_goes():
    for language, came in (("en", 639), ("ar", 0)):
        frames = [rgb(frame) for frame in between(transition="push", language=language)]
        assert frames[5][180, came, 0] < 140 < frames[5][180, 639 - came, 0]
        assert np.array_equal(frames[12], frames[19])


def test_the_same_slide_is_never_pushed():
    one, other = (between(slide="slide", transition=kind) for kind in ("push", "fade"))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_without_a_transition_the_first_frame_is_the_new_picture():
    one = between(transition="none")
    assert np.array_equal(one[0], one[-1])


def still(name, colour):
    frames = head(name, 640, 360, 1, colour)
    middle = frames.width / 2, frames.height / 2
    return compose.Rest(next(iter(frames)), (*middle, frames.height / 2))


@pytest.mark.parametrize(
    ("was", "name"), [("pip-right", "pip-left"), ("full", "pip-right"), ("pip-left", "full")]
)
def test_a_head_goes_smoothly_from_layout_to_layout(was, name):
    anchor = still(name, GREEN).anchor
    frames = [rgb(f) for f in between(name, was, rest=still(was, GREEN), anchor=anchor, slide="slide")]
    green = [(picture[..., 1] > picture[..., 0] + 60) for picture in frames]
    places = np.array([[column.mean() for column in np.nonzero(mask[34:])] for mask in green])
    steps = np.hypot(*np.diff(places, axis=0).T)
    assert steps[:12].max() < 0.25 * np.hypot(*(places[-1] - places[0])) + 3
    assert steps[13:].max() < 0.5
    box = compose.head_box(was, 640, 360)
    sure = green[0][34:].sum() / (box.width * (box.y1 - max(box.y0, 34)))
    assert 0.7 < sure <= 1.05


def test_a_head_comes_and_goes_where_only_one_layout_has_one():
    x, y = (int(side) for side in (compose.head_box("pip-right", 640, 360).x0 + 60, 280))
    came = [rgb(f)[y, x, 1] for f in between("pip-right", "slide-only", slide="slide")]
    went = [rgb(f)[y, x, 1] for f in between("slide-only", "pip-right", rest=still("pip-right", GREEN))]
    assert came[0] < came[6] < came[13] == pytest.approx(GREEN[1], abs=4)
    assert went[0] > went[6] > went[13] == pytest.approx(GREY[1], abs=4)


def test_every_frame_of_a_transition_has_the_label():
    plain = np.full((360, 640, 3), GREY, float)
    for frame in between(
        "full", "pip-right", rest=still("pip-right", GREEN), anchor=still("full", GREEN).anchor
    ):
        assert changed(frame, plain)[:33, 500:].sum() > 200


def test_a_transition_is_the_same_every_time():
    one, other = (
        between("pip-right", "full", rest=still("full", GREEN), anchor=(70.0, 70.0, 70.0)) for _ in "ab"
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# --- colours ------------------------------------------------------------------------------------


def test_conversion_is_that_of_bt709():
    for colour, expected in (
        ((255, 255, 255), (235, 128, 128)), ((0, 0, 0), (16, 128, 128)), ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)), ((0, 0, 255), (32, 240, 118)),
    ):  # fmt: skip
        found = planes.planes(np.full((4, 4, 3), colour, np.uint8))
        for plane, value in zip(found, expected, strict=True):
            assert abs(int(plane[0, 0]) - value) <= 1


def test_conversion_is_exact_to_a_level():
    image = np.random.default_rng(1).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 4)
    y = image @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255 + 16
    assert np.abs(planes.planes(image)[0] - y).max() <= 1.01


def test_frames_are_one_array_of_planes():
    for size in SMALL:
        for frame in drawn(shot(count=2), size):
            assert frame.shape == (size[1] * 3 // 2, size[0])
            assert frame.dtype == np.uint8
            assert frame.flags.c_contiguous


def test_a_size_whose_planes_do_not_end_on_a_row_is_split_right():
    frame = planes.canvas(np.full((6, 10, 3), (255, 0, 0), np.uint8))
    y, u, v = planes.split(frame)
    assert y.shape == (6, 10)
    assert u.shape == v.shape == (3, 5)
    assert (u == 102).all()
    assert (v == 240).all()


# --- what is where ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SMALL)
def test_head_and_slide_stand_in_their_boxes(name, size):
    (picture,) = (rgb(frame) for frame in drawn(shot(name, 1), size))
    box = compose.head_box(name, *size)
    if box is not None:
        inner = picture[int(box.y0 + box.height / 2), int(box.x0 + box.width / 2)]
        assert np.abs(inner - GREEN).max() < 6
    if compose.slide_box(name, *size) is not None:
        assert np.abs(picture[int(size[1] * 0.3), 6] - GREY).max() < 6


def test_a_disc_shows_the_slide_at_its_corners():
    picture = rgb(drawn(shot("pip-right", 1))[0])
    found = region(picture, compose.head_box("pip-right", 640, 360))
    assert found[2, 2, 1] < 140
    assert np.abs(found[len(found) // 2, len(found) // 2] - GREEN).max() < 6


def test_a_short_head_keeps_its_last_picture():
    frames = drawn(shot("full", 5), heads=head("full", 640, 360, 2))
    assert len(frames) == 5
    assert np.array_equal(frames[1][100:], frames[4][100:])


def test_without_a_head_the_slide_is_shown_alone():
    (frame,) = drawn(shot("pip-right", 1), heads=None)
    box = compose.head_box("pip-right", 640, 360)
    assert np.abs(region(rgb(frame), box) - GREY).max() < 6


def test_builds_fade_in_over_six_frames():
    dark, light = (
        slide_of("slide-only", 640, 360, (40, 40, 40))[0],
        slide_of("slide-only", 640, 360, (240,) * 3)[0],
    )
    build = Cue(4, Mark(0, "build"))
    frames = drawn(shot("slide-only", 14, cues=(build,)), stills={0: dark, 1: light})
    level = [rgb(frame)[180, 60, 0] for frame in frames]
    assert np.ptp(level[:4]) < 1
    assert all(a < b for a, b in itertools.pairwise(level[3:10]))
    assert np.ptp(level[9:]) < 1
    assert level[0] == pytest.approx(40, abs=3)
    assert level[-1] == pytest.approx(240, abs=3)


def test_a_shot_that_begins_with_builds_shows_them():
    stills = {2: slide_of("slide-only", 640, 360, (200, 0, 0))[0]}
    (frame,) = drawn(shot("slide-only", 1, steps=2), stills=stills)
    assert rgb(frame)[180, 60, 0] > 190


def test_a_shot_is_the_same_wherever_it_stands():
    one, other = (drawn(shot(count=3, label=0)) for _ in range(2))
    drawn(shot("full", 2, label=2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# --- label and captions -------------------------------------------------------------------------


def changed(frame, plain):
    return np.abs(rgb(frame) - plain).max(axis=2) > 40


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("language", ["en", "hi", "fr", "ar"])
def test_the_mark_is_always_in_the_strip_at_the_top(size, language):
    plain = np.full((size[1], size[0], 3), GREY, float)
    for label in (0, 1_000):
        (frame,) = drawn(shot("slide-only", 1, label=label), size, language=language)
        rows, columns = np.nonzero(changed(frame, plain))
        assert len(rows) > 200
        assert rows.max() < 0.092 * min(size)
        assert columns.min() > 0
        assert columns.max() < size[0] - 1


def test_the_full_label_gives_way_to_the_corner_mark():
    frames = drawn(shot("slide-only", 30, label=20))
    plain = np.full((360, 640, 3), GREY, float)
    widths = [np.ptp(np.nonzero(changed(frame, plain))[1]) for frame in frames]
    assert min(widths[:12]) > 2.5 * widths[-1]
    assert len(set(widths[20:])) == 1
    assert widths[-1] > 30
    # Between them there is always one label, and never one over the other.
    assert all(width > 2.5 * widths[-1] or width <= widths[-1] for width in widths)


def test_the_label_stays_when_the_head_fills_the_picture():
    for label in (0, 10):
        (frame,) = drawn(shot("full", 1, label=label))
        assert changed(frame, np.full((360, 640, 3), GREEN, float))[:33].sum() > 200


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Plants eat light.\nReally?"), ("hi", "पौधे प्रकाश"), ("cmn", "光合作用，\n真的吗？")],
)
@pytest.mark.parametrize("name", NAMES)
def test_burned_captions_stand_in_their_room_while_they_are_said(name, language, text):
    a_shot = shot(name, 6, captions=(Span(text, 0.08, 0.16),))
    frames = drawn(a_shot, burned=True, language=language)
    without = rgb(frames[0])
    room = [box for box in compose.keep_clear(name, 640, 360) if box.y0 > 30] or [Box(0, 270, 640, 360)]
    for index, frame in enumerate(frames):
        different = np.abs(rgb(frame) - without).max(axis=2) > 30
        assert different.any() == (index in (2, 3))
        if different.any():
            rows, columns = np.nonzero(different)
            assert columns.min() >= min(box.x0 for box in room)
            assert columns.max() <= max(box.x1 for box in room)
            assert rows.min() >= min(box.y0 for box in room) - 2


@pytest.mark.parametrize("style", ["dark", "light"])
@pytest.mark.parametrize("ground", [0, 96, 160, 255])
@pytest.mark.parametrize("label", [0, 1000])
def test_the_label_can_be_read_over_any_picture_in_either_style(style, ground, label):
    """Its text against its plate, as they lie over the picture (WCAG AA)."""
    theme = dataclasses.replace(THEME, label=style)
    stills = slide_of("slide-only", 1280, 720, (ground,) * 3)
    (frame,) = drawn(shot("slide-only", 1, label=label), (1280, 720), stills=stills, theme=theme)
    plain = np.full((720, 1280, 3), ground, float)
    picture = rgb(frame).clip(0, 255)
    rows, columns = np.nonzero(np.abs(picture - plain).max(axis=2) > 3)
    plate = picture[rows.min() + 4 : rows.max() - 3, columns.min() + 8 : columns.max() - 7].mean(axis=2)
    linear = ((plate / 255 + 0.055) / 1.055) ** 2.4
    extreme, middle = (
        (linear.max(), np.median(linear)) if style == "dark" else (np.median(linear), linear.min())
    )
    assert (extreme + 0.05) / (middle + 0.05) >= 4.5


def test_soft_captions_are_not_in_the_picture():
    spoken = (Span("Hello", 0, 1),)
    for one, other in zip(drawn(shot(captions=spoken)), drawn(shot()), strict=True):
        assert np.array_equal(one, other)


def test_a_caption_can_be_read_over_anything():
    """White text on a plate that is dark enough whatever lies under it (WCAG AA)."""
    white = slide_of("slide-only", 640, 360, (255, 255, 255))
    (frame,) = drawn(shot("slide-only", 1, captions=(Span("Light", 0, 1),)), burned=True, stills=white)
    luma = planes.split(frame)[0][270:, 200:440]
    plate = np.median(luma[luma < 200])
    linear = ((plate - 16) / 219) ** 2.2
    assert 1.05 / (linear + 0.05) >= 4.5


# --- memory -------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_length():
    import tracemalloc

    def peak(count):
        tracemalloc.start()
        for _ in compose.draw(
            shot("pip-right", count), (640, 360), 25, head=head("pip-right", 640, 360, count),
            slides=slide_of("pip-right", 640, 360), language="en", burned=False, theme=THEME,
        ):  # fmt: skip
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(2)
    assert peak(200) < peak(20) * 1.2
