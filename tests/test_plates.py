"""A slide that is nothing but a picture is shown whole, and nothing stands on it."""

import io

import numpy as np
import pytest
from PIL import Image

from presenter import layouts, plates, script, slides, themes
from presenter.settings import ROOT
from presenter.types import Box, Slide

CLEAN = themes.theme("clean", [ROOT / "assets" / "themes"])
SIZES = [(1280, 720), (1080, 1920), (1080, 1080), (1920, 1080)]
RED = (200, 30, 40)


@pytest.fixture
def folder(tmp_path):
    """Two pictures of one colour, and one whose edge has many."""
    Image.new("RGB", (1920, 1080), RED).save(tmp_path / "red.png")
    Image.new("RGB", (1920, 1080), (20, 60, 200)).save(tmp_path / "blue.png")
    noise = np.random.default_rng(0).integers(0, 255, (90, 160, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    return tmp_path


def draw(folder, markdown, width=640, height=360, *, steps=1, step=0, keep_clear=()):
    slide = Slide("s", "Test", markdown, steps)
    return slides.draw(
        slide, width, height, theme=CLEAN, folder=folder, step=step, keep_clear=keep_clear
    )  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", [name for name in layouts.LAYOUTS if layouts.slide_box(name, 1280, 720)])
@pytest.mark.parametrize("shape", [(16, 9), (4, 3), (210, 297)], ids=str)
def test_in_every_layout_a_plate_stands_free_and_is_large(name, size, shape):
    clear = layouts.keep_clear(name, *size)
    box = layouts.slide_box(name, *size)
    width, height = round(box.width), round(box.height)
    place = plates.fitted(*shape, width, height, clear)
    assert place.width / place.height == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert 0 <= place.x0 < place.x1 <= width
    assert 0 <= place.y0 < place.y1 <= height
    assert not any(
        place.x0 < box.x1 and box.x0 < place.x1 and place.y0 < box.y1 and box.y0 < place.y1 for box in clear
    )
    assert place.width * place.height > 0.12 * width * height


def test_the_colour_of_the_edge_goes_on_around(folder):
    picture = draw(folder, "![](red.png)", keep_clear=(Box(400, 200, 640, 360),))
    assert np.abs(picture.astype(int) - RED).max() <= 2


def test_a_picture_with_many_colours_at_its_edge_stands_on_the_theme(folder):
    picture = draw(folder, "![](noise.png)", keep_clear=(Box(400, 200, 640, 360),))
    paper = [int(CLEAN.background[at : at + 2], 16) for at in (1, 3, 5)]
    assert (picture[200:, 400:] == paper).all()


def test_without_anything_to_keep_clear_of_it_fills_the_slide(folder):
    assert plates.fitted(16, 9, 640, 360, ()) == Box(0, 0, 640, 360)
    assert np.abs(draw(folder, "![](red.png)").astype(int) - RED).max() <= 2


def test_each_build_shows_the_next_picture(folder):
    markdown = "![One](red.png)\n\n![+](blue.png)"
    seen = [draw(folder, markdown, steps=2, step=step)[180, 320] for step in (0, 1)]
    assert seen[0][0] > 150 > seen[1][0]
    assert draw(folder, markdown, steps=1)[180, 320][0] < 150, "without builds all has happened"


def test_two_pictures_without_the_sign_are_shown_together(folder):
    picture = draw(folder, "![One](red.png) ![Two](blue.png)")
    left, right = picture[:, 160].mean(axis=0), picture[:, 480].mean(axis=0)
    assert left[0] > left[2]
    assert right[0] < right[2]


def test_its_text_is_the_title_where_there_is_no_heading():
    source = "![The *first*](a.png)\n\nSaid.\n\n---\n\n# Second\n\n![No title](b.png)\n\nSaid, too."
    lesson = script.parse(source)
    assert [slide.title for slide in lesson.slides] == ["The *first*", "Second"]


def test_a_clip_knows_where_it_plays(folder):
    slide = Slide("s", "Test", "![](red.png)")
    clear = layouts.keep_clear("pip-right", 1280, 720)
    found = slides.places(
        slide, 1280, 720, ["picture 1", "item 1"], theme=CLEAN, folder=folder, keep_clear=clear
    )  # fmt: skip
    assert found == {"picture 1": plates.fitted(1920, 1080, 1280, 720, clear)}


def test_a_picture_with_a_hole_shows_the_paper(folder):
    Image.new("RGBA", (160, 90), (0, 0, 0, 0)).save(folder / "hole.png")
    stream = io.BytesIO((folder / "hole.png").read_bytes())
    picture = plates.draw(stream.getvalue(), 160, 90, background="#102030", keep_clear=())
    assert (picture == (16, 32, 48)).all()
