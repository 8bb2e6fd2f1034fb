"""Faces are found small, turned and in groups; what is no face is not."""

import cv2
import numpy as np
import pytest

from presenter import faces
from presenter.engines import engines, load
from presenter.errors import PresenterError
from presenter.settings import ROOT

NAMES = faces.samples(ROOT / "assets")
MIRRORED = {33: 263, 61: 291, 234: 454, 13: 13, 152: 152, 1: 1}


@pytest.fixture(scope="module", params=[row.name for row in engines("detector")])
def detector(request):
    try:
        found = load("detector", request.param)
        found.detect(np.zeros((64, 64, 3), np.uint8))
    except PresenterError as error:
        pytest.skip(str(error))
    return found


@pytest.fixture(scope="module")
def portrait():
    if not NAMES:
        pytest.skip("assets/presenters holds no drawn presenter")
    return faces.sample(NAMES[0], ROOT / "assets")


def eyes(landmarks):
    return float(np.linalg.norm(landmarks[263, :2] - landmarks[33, :2]))


def shrunk(image, side):
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("name", NAMES)
def test_every_drawn_presenter_is_found_where_its_landmarks_say(detector, name):
    portrait = faces.sample(name, ROOT / "assets")
    (face,) = detector.detect(portrait.images[0])
    assert face.landmarks.shape == (468, 3)
    assert face.landmarks.dtype == np.float32
    assert face.score > 0.65
    assert all(abs(angle) < 12 for angle in face.pose)
    distance = np.linalg.norm(face.landmarks[:, :2] - portrait.faces[0].landmarks[:, :2], axis=1)
    assert distance.mean() / eyes(face.landmarks) < 0.05


@pytest.mark.parametrize("angle", [-45, -20, 20, 45])
def test_a_turned_head_is_found_and_its_roll_is_measured(detector, portrait, angle):
    image = portrait.images[0]
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 0.8)
    turned = cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    (face,) = detector.detect(turned)
    assert face.pose[2] == pytest.approx(angle, abs=4)


@pytest.mark.parametrize("share", [0.04, 0.08])
def test_a_small_face_in_a_large_picture_is_found(detector, portrait, share):
    scene = np.full((1080, 1920, 3), (120, 125, 130), np.uint8)
    side = round(1920 * share * portrait.width / portrait.faces[0].box.width)
    scene[-side:, 1200 : 1200 + side] = shrunk(portrait.images[0], side)
    (face,) = detector.detect(scene)
    assert 1200 < face.box.x0 < face.box.x1 < 1200 + side
    assert face.box.width == pytest.approx(1920 * share, rel=0.15)


def test_faces_come_largest_first(detector, portrait):
    image = portrait.images[0]
    scene = np.full((512, 1200, 3), 128, np.uint8)
    for x, side in ((0, 250), (250, 512), (780, 380)):
        scene[:side, x : x + side] = shrunk(image, side)
    found = detector.detect(scene)
    assert len(found) == 3
    assert [face.box.x0 > 250 and face.box.x0 < 760 for face in found] == [True, False, False]
    assert found[0].box.width > found[1].box.width > found[2].box.width


def test_a_mirrored_picture_gives_mirrored_landmarks(detector, portrait):
    image = portrait.images[0]
    (face,), (mirror,) = detector.detect(image), detector.detect(np.ascontiguousarray(image[:, ::-1]))
    for left, right in MIRRORED.items():
        x = image.shape[1] - 1 - mirror.landmarks[right, 0]
        assert abs(face.landmarks[left, 0] - x) < 0.05 * eyes(face.landmarks)


def emoji():
    image = np.full((512, 512, 3), 255, np.uint8)
    cv2.circle(image, (256, 256), 180, (255, 220, 120), -1)
    for x in (190, 322):
        cv2.circle(image, (x, 210), 24, (0, 0, 0), -1)
    cv2.ellipse(image, (256, 310), (90, 60), 0, 0, 180, (0, 0, 0), 8)
    return image


@pytest.mark.parametrize(
    "image",
    [
        emoji(),
        np.full((300, 400, 3), 128, np.uint8),
        np.random.default_rng(0).integers(0, 255, (400, 400, 3)).astype(np.uint8),
        np.zeros((1, 1, 3), np.uint8),
    ],
    ids=["emoji", "blank", "noise", "one pixel"],
)
def test_what_is_no_face_is_not_found(detector, image):
    assert detector.detect(image) == []
