"""Which animator draws, and how many processes there is room for."""

import numpy as np
import pytest

from presenter.engines import choice, find, load, runners
from presenter.errors import InputError
from presenter.order import Order, decide
from presenter.settings import Settings


@pytest.fixture
def models(monkeypatch):
    """Say whose models and which packages are there."""

    def there(*names, packages=True):
        monkeypatch.setattr(choice, "_models_there", lambda row: not row.checkpoints or row.name in names)
        monkeypatch.setattr(choice, "find_spec", lambda _package: packages or None)

    return there


def test_the_embedded_animator_draws_where_nobody_put_a_model(models):
    models()
    row, reason = choice.animator("auto", commercial=False)
    assert (row.name, reason) == ("mesh", "")


def test_a_model_that_somebody_put_there_is_used_and_the_reason_is_said(models):
    models("wav2lip")
    row, reason = choice.animator("auto", commercial=False)
    assert row.name == "wav2lip"
    assert reason == "The face is drawn by wav2lip, as its model is there; mesh is quicker."
    assert reason in decide(Order("Hello."), Settings()).script.warnings


def test_a_model_that_cannot_be_used_is_not_and_the_reason_is_said(models):
    models("wav2lip", packages=False)
    row, reason = choice.animator("auto", commercial=False)
    assert row.name == "mesh"
    assert reason == "The face is drawn by mesh: wav2lip needs the package torch."
    models("wav2lip")
    row, reason = choice.animator("auto", commercial=True)
    assert row.name == "mesh"
    assert "wav2lip is for non-commercial use" in reason


def test_an_animator_that_is_asked_for_is_taken_where_its_licence_allows(models):
    models()
    assert choice.animator("mesh", commercial=True) == (find("animator", "mesh"), "")
    assert choice.animator("wav2lip", commercial=False) == (find("animator", "wav2lip"), "")
    with pytest.raises(InputError, match="E-ENGINE-LICENCE"):
        choice.animator("wav2lip", commercial=True)
    with pytest.raises(InputError, match="E-ENGINE-NAME"):
        choice.animator("cubist", commercial=False)


def test_there_are_as_many_processes_as_memory_has_room_for_and_at_least_one(monkeypatch):
    monkeypatch.setattr(runners, "_free_memory", lambda: 4.0)
    monkeypatch.setattr(runners, "_free_on_gpu", lambda: None)
    assert runners.room_for(8, 0.9) == 4
    assert runners.room_for(2, 0.9) == 2
    assert runners.room_for(8, 0.0) == 8
    monkeypatch.setattr(runners, "_free_on_gpu", lambda: 2.0)
    assert runners.room_for(8, 0.9) == 2
    assert runners.room_for(8, 9.0) == 1


def test_free_memory_is_told_by_the_system():
    free = runners._free_memory()
    assert free is None or 0 < free < 1e5


@pytest.fixture
def crowd(tmp_path):
    """A photo with two large faces, the left one larger, and where they are."""
    from PIL import Image

    from presenter.settings import ROOT

    picture = Image.new("RGB", (900, 480), (205, 210, 214))
    head = Image.open(ROOT / "assets" / "presenters" / "ada.png").convert("RGB")
    picture.paste(head.resize((480, 480)), (0, 0))
    other = Image.open(ROOT / "assets" / "presenters" / "ben.png").convert("RGB")
    picture.paste(other.resize((400, 400)), (490, 40))
    path = tmp_path / "crowd.png"
    picture.save(path)
    return path


def test_one_of_several_faces_is_chosen_by_its_number_from_the_left(crowd):
    from presenter import faces
    from presenter.studio import Studio

    detector = load("detector", "auto")
    with pytest.raises(InputError, match=r"E-FACE-MANY: 2 faces found\. .*--face 1"):
        faces.open_portrait(crowd, detector=detector)
    left, right = (faces.open_portrait(crowd, detector=detector, face=n).faces[0].box for n in (1, 2))
    assert left.x1 < 480 < right.x0
    with pytest.raises(InputError, match=r"E-FACE-NUMBER: There is no face 3; 2 faces found\."):
        faces.open_portrait(crowd, detector=detector, face=3)
    found = Studio(Settings()).preflight(crowd, 2)
    assert [box.x0 for box in found.faces] == [left.x0, right.x0]
    assert not [verdict for verdict in found.verdicts if verdict.severity == "refuse"]
    assert Studio(Settings()).preflight(crowd).verdicts[0].code == "E-FACE-MANY"
    assert np.any(found.outline != np.asarray(faces.open_picture(crowd)))
