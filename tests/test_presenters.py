"""The sample presenters: the script draws the same picture again, and the pictures can be animated."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter.engines import blazeface
from presenter.errors import PresenterError

FOLDER = Path(__file__).parents[1] / "assets" / "presenters"
NAMES = ("ada", "ben", "mei")
SMALL = 160
"""Pixels: enough to see that a drawing is the same."""


@pytest.fixture(scope="module")
def scripts():
    """The drawing scripts, which are no part of the package, and the looks they draw by name."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    import draw
    import looks

    yield draw, {look.name: look for look in looks.LOOKS}
    sys.path.remove(str(FOLDER))
    for name in set(sys.modules) - before:
        if FOLDER in Path(getattr(sys.modules[name], "__file__", None) or "/").parents:
            del sys.modules[name]


@pytest.fixture(scope="module")
def drawn(scripts):
    """Each presenter, small."""
    draw, looks = scripts
    return {name: draw.draw(looks[name], SMALL, 1) for name in NAMES}


def read_picture(name):
    return np.ascontiguousarray(cv2.imread(str(FOLDER / f"{name}.png"))[..., ::-1])


def read_sidecar(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def distance(points, first, second):
    return float(np.linalg.norm(points[first, :2] - points[second, :2]))


@pytest.fixture(scope="module")
def found():
    """What the detector sees in each shipped picture."""
    try:
        return {name: blazeface.BlazeFace().detect(read_picture(name)) for name in NAMES}
    except PresenterError as error:
        pytest.skip(f"face models are missing: {error}")


def test_the_script_draws_every_shipped_presenter(scripts):
    assert sorted(scripts[1]) == sorted(NAMES)
    assert sorted(path.stem for path in FOLDER.glob("*.png")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_drawing_twice_gives_the_same_picture(scripts, drawn, name):
    draw, looks = scripts
    assert drawn[name].shape == (SMALL, SMALL, 3)
    assert np.array_equal(drawn[name], draw.draw(looks[name], SMALL, 1))


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_picture_is_the_drawn_one(drawn, name):
    shipped = cv2.resize(read_picture(name), (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    assert np.abs(drawn[name].astype(float) - shipped).mean() < 6


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_of_a_size_that_a_repository_can_bear(name):
    assert read_picture(name).shape == (1024, 1024, 3)
    assert (FOLDER / f"{name}.png").stat().st_size < 900_000


@pytest.mark.parametrize("name", NAMES)
def test_the_detector_finds_one_face_that_looks_into_the_camera(found, name):
    assert len(found[name]) == 1
    face = found[name][0]
    yaw, _, roll = face.pose
    assert face.score >= 0.7
    assert abs(yaw) < 4
    assert abs(roll) < 2


@pytest.mark.parametrize("name", NAMES)
def test_the_mouth_is_closed_and_the_eyes_are_open(found, name):
    points = found[name][0].landmarks
    assert distance(points, 13, 14) < 0.035 * distance(points, 33, 263)
    for top, bottom, outer, inner in ((159, 145, 33, 133), (386, 374, 263, 362)):
        assert distance(points, top, bottom) > 0.22 * distance(points, outer, inner)


@pytest.mark.parametrize("name", NAMES)
def test_the_side_car_agrees_with_the_detector(found, name):
    points = np.array(read_sidecar(name)["landmarks"])
    seen = found[name][0].landmarks
    assert points.shape == (468, 3)
    away = np.linalg.norm(points[:, :2] - seen[:, :2], axis=1)
    assert away.max() < 0.05 * distance(points, 33, 263)


@pytest.mark.parametrize("name", NAMES)
def test_the_side_car_lies_on_the_drawn_lids_and_lips(scripts, name):
    from anatomy import draw_eye, draw_mouth

    look = scripts[1][name]
    points = np.array(read_sidecar(name)["landmarks"])
    lines = {159: draw_eye(look).upper, 145: draw_eye(look).lower}
    lines |= {13: draw_mouth(look).seam, 14: draw_mouth(look).seam}
    lines |= {0: draw_mouth(look).top, 17: draw_mouth(look).bottom}
    for index, line in lines.items():
        assert np.linalg.norm(line - points[index, :2], axis=1).min() < 1.5
