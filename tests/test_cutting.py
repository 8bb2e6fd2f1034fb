"""A person can be cut out of the photo and set before the theme's colours."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import faces
from presenter.engines.selfie import Selfie
from presenter.faces import cut_out
from presenter.types import Box, Face, Portrait

ASSETS = Path(__file__).parent.parent / "assets"
COLOURS = (10, 60, 200), (40, 200, 90)


def disc(height=200, width=200, radius=60, centre=None):
    """A soft disc as a matte: 1 inside."""
    y, x = np.mgrid[:height, :width]
    centre = centre or (width / 2, height / 2)
    return np.clip(radius + 0.5 - np.hypot(x - centre[0], y - centre[1]), 0, 1).astype(np.float32)


def portrait(matte, count=1):
    """A red person before a noisy grey wall."""
    wall = np.random.default_rng(3).integers(90, 160, (*matte.shape, 3)).astype(np.float32)
    image = (wall + ((200, 20, 20) - wall) * matte[..., None]).astype(np.uint8)
    height, width = matte.shape
    middle = Box(width / 2 - 30, height / 2 - 30, width / 2 + 30, height / 2 + 30)
    face = Face(middle, np.zeros((468, 3), np.float32), (0, 0, 0), 1.0)
    return Portrait(np.stack([image] * count), (face,) * count)


def test_the_background_becomes_a_gradient_and_the_person_stays():
    matte = disc()
    found = cut_out(portrait(matte), lambda _: matte, COLOURS).images[0].astype(int)
    assert np.abs(found[0, 5] - COLOURS[0]).max() <= 2
    assert np.abs(found[-1, 5] - COLOURS[1]).max() <= 2
    assert np.abs(found[90:110, 90:110] - (200, 20, 20)).max() <= 1


def test_no_rim_of_the_old_background_stays_at_the_edge():
    matte = cv2.GaussianBlur(disc(), (0, 0), 2)
    found = cut_out(portrait(matte), lambda _: matte, ((0, 0, 0), (0, 0, 0))).images[0].astype(int)
    # Before black, a rim of grey would have as much green as red.
    assert (found[..., 1] <= 0.2 * found[..., 0] + 14).all()


@pytest.mark.parametrize(
    "matte",
    [disc(radius=3), np.ones((200, 200), np.float32), disc(centre=(0, 0))],
    ids=["nobody", "all", "aside"],
)
def test_who_cannot_be_told_from_the_background_is_not_cut(matte):
    assert cut_out(portrait(disc()), lambda _: matte, COLOURS) is None


def test_in_a_wide_picture_only_what_is_around_the_face_is_looked_at():
    shapes = []

    def matte(image):
        shapes.append(image.shape)
        return disc(200, image.shape[1])

    found = cut_out(portrait(disc(200, 600)), matte, COLOURS).images[0]
    assert shapes == [(200, 280, 3)]
    assert np.abs(found[100, 300].astype(int) - (200, 20, 20)).max() <= 1
    assert abs(int(found[100, 100, 2]) - int(found[100, 500, 2])) <= 2


def test_the_edges_of_a_clip_move_no_further_than_the_person():
    mattes = iter([disc(), disc(radius=64), disc()])
    found = cut_out(portrait(disc(), 3), lambda _: next(mattes), COLOURS)
    assert len(found.images) == 3
    assert np.abs(found.images[0].astype(int) - found.images[2]).mean() < 3


@pytest.mark.parametrize("name", faces.samples(ASSETS))
@pytest.mark.parametrize(("width", "height"), [(640, 360), (288, 288), (360, 640)])
def test_the_sample_presenters_are_told_from_their_backgrounds(name, width, height):
    framed = faces.frame(faces.sample(name, ASSETS), width, height)
    found = cut_out(framed, Selfie().matte, COLOURS)
    image = found.images[0].astype(int)
    assert np.abs(image[:4, :4] - COLOURS[0]).max() <= 6
    # Nothing of the face is touched.
    box = framed.faces[0].box
    inner = np.s_[
        round(box.y0) + 8 : round(box.y1) - 8,
        round(box.x0 + 0.2 * box.width) : round(box.x1 - 0.2 * box.width),
    ]
    assert np.abs(image[inner] - framed.images[0][inner]).mean() < 1
    assert found.faces == framed.faces


def test_a_matte_is_the_same_every_time():
    image = faces.sample("ada", ASSETS).images[0]
    one, other = (Selfie().matte(image) for _ in range(2))
    assert one.shape == image.shape[:2]
    assert one.min() >= 0
    assert one.max() <= 1
    assert np.array_equal(one, other)
