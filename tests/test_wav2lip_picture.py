"""Wav2Lip: where it looks and how what it paints is blended. Known pictures stand in for the network."""

import functools
from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import faces
from presenter.engines.wav2lip import crop, mask, paste
from presenter.types import Face, Portrait

ASSETS = Path(__file__).parents[1] / "assets"
SIZE = 96


@functools.cache
def portrait(name="ada", width=400, height=400):
    return faces.frame(faces.sample(name, ASSETS), width, height)


def turned(picture, face, degrees):
    """A picture and its landmarks, turned about the middle."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    image = cv2.warpAffine(
        picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    points = face.landmarks.copy()
    points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
    return image, Face(face.box, points, face.pose, face.score)


def studied(image, face):
    """Everything about a face that painting needs."""
    matrix = crop.place(face.landmarks)
    cover, skin = mask.study(face, matrix)
    frame = paste.Frame(paste.window_of(cover, SIZE), SIZE)
    return matrix, cover, skin, mask.clear(image, face, matrix), frame


def inner(image, matrix, frame):
    """What is inside the painted window, as the network's picture shows it."""
    w = frame.window
    return crop.cut_out(image, matrix, SIZE)[w.top : w.bottom, w.left : w.right]


def patch_of(image, face, network, sharpen=0.5):
    """A patch for a network that is a function from what it should paint to what it paints."""
    matrix, cover, skin, clear, frame = studied(image, face)
    rest = network(inner(image, matrix, frame))
    tone = paste.error(inner(image, matrix, frame) - rest, skin, clear, frame)
    patch = paste.Patch(
        image, matrix, frame, cover=cover, skin=skin, clear=clear, tone=tone, rest=rest, sharpen=sharpen
    )
    return patch, matrix, frame


def poor(picture):
    """Soft, a little flat and of the wrong tint: what a network of 96 pixels gives."""
    return cv2.GaussianBlur(picture, (0, 0), 0.8) * np.float32(0.94) + np.array([14, -7, 5], np.float32)


def test_a_tilted_head_is_upright_for_the_network():
    image, face = portrait().images[0], portrait().faces[0]
    straight = crop.cut_out(image, crop.place(face.landmarks), SIZE)
    for degrees in (-25, 12):
        tilted = turned(image, face, degrees)
        found = crop.cut_out(tilted[0], crop.place(tilted[1].landmarks), SIZE)
        assert np.abs(found - straight).mean() < 4


def test_the_crop_goes_from_the_forehead_to_just_below_the_chin():
    face = portrait().faces[0]
    points = crop.to_unit(crop.place(face.landmarks), face.landmarks[:, :2])
    assert points[10, 1] == pytest.approx(0, abs=0.01)
    assert 0.93 < points[152, 1] < 0.97
    assert points[list(crop.SIDES), 0].min() == pytest.approx(0.01, abs=0.01)
    assert points[list(mask.LIPS), 1].min() > 0.55  # all of the mouth is in the half that is painted


def test_what_is_cut_out_goes_back_where_it_was():
    times = np.arange(400) / 400
    soft = np.stack([np.outer(np.sin(3 * times), np.cos(2 * times)) * 100 + 120] * 3, 2).astype(np.uint8)
    image, face = turned(soft, portrait().faces[0], 17)
    matrix, *_, frame = studied(image, face)
    region = crop.region(matrix, frame.window, SIZE, 400, 400)
    laid = crop.lay(inner(image, matrix, frame), matrix, frame.window, SIZE, region)
    assert np.abs(laid - image[region.slices])[20:-20, 20:-20].max() < 3


@pytest.mark.parametrize("name", ["ada", "ben", "mei"])
def test_a_mouth_at_rest_cannot_be_told_from_the_portrait(name):
    image, face = portrait(name).images[0], portrait(name).faces[0]
    patch, matrix, frame = patch_of(image, face, poor)
    drawn = patch.draw(poor(inner(image, matrix, frame)), 1.0)
    change = np.abs(drawn.astype(int) - patch.at_rest).max(axis=2)
    assert change.mean() < 2
    lips = crop.to_unit(matrix, face.landmarks[list(mask.LIPS), :2])
    points = (crop.pixels(matrix, 1) @ np.c_[lips - 0.5, np.ones(len(lips))].T).T - (
        patch.region.x0,
        patch.region.y0,
    )
    around = np.zeros(change.shape, np.uint8)
    cv2.fillConvexPoly(around, cv2.convexHull(points.astype(np.int32)), 1)
    away = cv2.dilate(around, np.ones((25, 25))) == 0
    assert change[away].max() <= 6  # lips are a little soft, skin keeps its texture


def test_there_is_no_seam_and_no_step_in_colour_around_an_open_mouth():
    image, face = portrait().images[0], portrait().faces[0]
    patch, matrix, frame = patch_of(image, face, poor)
    wanted = inner(image, matrix, frame)
    height, width = wanted.shape[:2]
    y, x = np.mgrid[:height, :width]
    mouth = np.exp(-(((y - 18) / 5) ** 2) - ((x - width / 2) / 10) ** 2).astype(np.float32)
    opened = wanted * (1 - mouth[..., None]) + np.array([60, 20, 20], np.float32) * mouth[..., None]
    lips = 1 - frame.part(studied(image, face)[2])  # they are soft where the picture is sharp
    away = crop.lay(np.maximum(mouth, lips), matrix, frame.window, SIZE, patch.region) < 0.01

    def step(picture):
        """The largest change between neighbours that the original does not have, away from the mouth."""
        change = np.pad(picture.astype(float) - patch.at_rest, ((1, 1), (1, 1), (0, 0)))
        apart = np.pad(away, 1, constant_values=True)
        down = np.abs(np.diff(change, axis=0)).max(axis=2)[apart[1:] & apart[:-1]].max()
        return max(down, np.abs(np.diff(change, axis=1)).max(axis=2)[apart[:, 1:] & apart[:, :-1]].max())

    blended = patch.draw(poor(opened), 1.0)
    assert blended[~away].mean() < patch.at_rest[~away].mean() - 10  # the mouth is there
    assert step(blended) < 5
    pasted = crop.lay(poor(opened), matrix, frame.window, SIZE, patch.region)
    assert step(pasted) > 15


def test_nothing_is_shown_at_a_share_of_nothing_and_half_at_a_half():
    image, face = portrait().images[0], portrait().faces[0]
    patch, matrix, frame = patch_of(image, face, poor)
    grey = np.full_like(inner(image, matrix, frame), 100)
    rest, half, full = (patch.draw(grey, share).astype(float) for share in (0.0, 0.5, 1.0))
    np.testing.assert_array_equal(rest, patch.at_rest)
    np.testing.assert_allclose(half, (rest + full) / 2, atol=1)


def test_what_is_in_front_of_the_face_stays_there():
    image, face = portrait().images[0].copy(), portrait().faces[0]
    x, y = face.landmarks[[61, 17], 0].mean(), face.landmarks[17, 1] + 14
    cv2.circle(image, (int(x) - 22, int(y) + 6), 20, (30, 60, 200), -1)  # a blue ball before the chin
    patch, matrix, frame = patch_of(image, face, poor)
    drawn = patch.draw(np.full_like(inner(image, matrix, frame), 90), 1.0)
    ball = np.zeros(image.shape[:2], np.uint8)
    cv2.circle(ball, (int(x) - 22, int(y) + 6), 15, 1, -1)
    inside = ball[patch.region.slices] == 1
    assert np.abs(drawn.astype(int) - patch.at_rest)[inside].mean() < 5
    assert np.abs(drawn.astype(int) - patch.at_rest)[~inside].max() > 60  # elsewhere it paints


@pytest.mark.parametrize("name", ["ada", "ben", "mei"])
def test_a_face_with_nothing_in_front_is_painted_everywhere(name):
    image, face = portrait(name).images[0], portrait(name).faces[0]
    _, cover, _, clear, _ = studied(image, face)
    covered = cv2.resize(cover, (96, 96)) > 128
    assert (clear[covered] > 200).mean() > 0.98


def test_a_beard_is_not_in_front_of_the_face():
    image, face = portrait().images[0].copy(), portrait().faces[0]
    beard = np.zeros(image.shape[:2], np.float32)
    jaw = face.landmarks[list(mask.JAW[3:-3]), :2]
    cv2.fillConvexPoly(beard, cv2.convexHull(jaw.astype(np.int32)), 1.0)
    beard[: int(face.landmarks[2, 1]) + 4] = 0
    cv2.fillConvexPoly(beard, cv2.convexHull(face.landmarks[list(mask.LIPS), :2].astype(np.int32)), 0.0)
    share = cv2.GaussianBlur(beard, (0, 0), 2)[..., None] * 0.85
    image = (image * (1 - share) + np.array([45, 30, 22]) * share).astype(np.uint8)
    matrix = crop.place(face.landmarks)
    cover, _ = mask.study(face, matrix)
    clear = mask.clear(image, face, matrix)
    assert (clear[cv2.resize(cover, (96, 96)) > 200] > 128).mean() > 0.9


def test_sharpening_sharpens_and_is_the_same_for_every_frame():
    image, face = portrait().images[0], portrait().faces[0]
    soft, matrix, frame = patch_of(image, face, poor, sharpen=0.0)
    crisp, *_ = patch_of(image, face, poor, sharpen=0.8)
    stripes = np.zeros_like(inner(image, matrix, frame)) + 120
    stripes[:, ::6] = 170
    stripes[:, 1::6] = 170
    one, other = (each.draw(stripes, 1.0).astype(float)[50:70, 40:90].std() for each in (soft, crisp))
    assert other > 1.2 * one
    np.testing.assert_array_equal(crisp.draw(stripes, 1.0), crisp.draw(stripes, 1.0))


def test_the_window_holds_all_that_is_taken_and_nothing_of_the_upper_half():
    for name in ("ada", "ben", "mei"):
        face = portrait(name).faces[0]
        cover, _ = mask.study(face, crop.place(face.landmarks))
        for size in (96, 256, 288):
            w = paste.window_of(cover, size)
            outside = cv2.resize(cover, (size, size), interpolation=cv2.INTER_AREA)
            assert w.top >= size // 2
            outside[w.top : w.bottom, w.left : w.right] = 0
            assert outside.max() <= 2


def test_a_face_at_the_picture_s_edge_is_painted_as_far_as_the_picture_goes():
    image, face = portrait().images[0], portrait().faces[0]
    low = int(face.landmarks[152, 1]) - 3
    cut = Portrait(image[None, :low], (face,))
    patch, matrix, frame = patch_of(np.ascontiguousarray(cut.images[0]), face, poor)
    drawn = patch.draw(poor(inner(cut.images[0], matrix, frame)), 1.0)
    assert drawn.shape == patch.at_rest.shape
    assert patch.region.y1 == low
