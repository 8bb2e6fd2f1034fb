"""S3FD and FAN are loaded from files that lie here, checked, through the package's own path."""

import hashlib

import numpy as np
import pytest

from presenter import faces, settings
from presenter.engines import choice, s3fd, weights
from presenter.engines.s3fd import S3fd
from presenter.errors import EngineMissing, InputError, SetupError
from presenter.settings import ROOT, Settings

torch = pytest.importorskip("torch")
pytest.importorskip("face_alignment")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Both networks with random weights, in files of published names; S3FD is sure that there is no face."""
    from face_alignment.detection.sfd.net_s3fd import s3fd as network
    from face_alignment.models import FAN

    folder = tmp_path_factory.mktemp("checkpoints") / "face_alignment"
    folder.mkdir()
    torch.manual_seed(0)
    detector = network()
    with torch.no_grad():
        for name, value in detector.named_parameters():
            if "_mbox_conf" in name:
                value.zero_()
                if name.endswith("bias"):
                    value[: len(value) - 1] = 20.0  # the last one says face
    names = {}
    for kind, net, ending in (("s3fd", detector, "pth"), ("fan", FAN(4), "pth.tar")):
        torch.save(net.state_dict(), folder / kind)
        start = hashlib.sha256((folder / kind).read_bytes()).hexdigest()[:10]
        names[kind] = f"{kind}-{start}.{ending}"
        (folder / kind).rename(folder / names[kind])
    return folder, names


@pytest.fixture
def placed(models, monkeypatch):
    folder, names = models
    row = weights.Folder(
        "face_alignment", "face_alignment", tuple(names.values()), "", False, "their authors"
    )
    monkeypatch.setattr(s3fd, "PUBLISHED", names)
    monkeypatch.setattr(weights, "folders", lambda: (row,))
    place = Settings(checkpoints=folder.parent)
    monkeypatch.setattr(settings, "current", lambda: place)
    return folder, names


def test_both_networks_are_loaded_from_their_files_and_run(placed):
    assert S3fd().detect(np.full((240, 320, 3), 128, np.uint8)) == []


def test_the_points_of_a_face_are_found_by_fan_in_the_box_of_s3fd(placed, monkeypatch):
    engine = S3fd()
    box = [100.0, 60.0, 220.0, 180.0, 0.9]
    monkeypatch.setattr(engine._networks.face_detector, "detect_from_image", lambda _: [np.array(box)])
    ((points, score),) = engine._found(np.full((240, 320, 3), 128, np.uint8))
    assert points.shape == (68, 2)
    assert points.dtype == np.float32
    assert score == pytest.approx(0.9)


def test_a_face_gets_its_landmarks_where_fan_says_that_it_is(monkeypatch):
    name = faces.samples(ROOT / "assets")[0]
    portrait = faces.sample(name, ROOT / "assets")
    drawn = portrait.faces[0].landmarks[:, :2]
    points = drawn[drawn[:, 1] > drawn[[105, 334], 1].min()][::5][:68].copy()
    points[list(s3fd.OUTER)] = drawn[[33, 263]]
    monkeypatch.setattr(S3fd, "_found", lambda self, image: [(points, 0.8), (points + 4, 0.7)])
    (face,) = S3fd().detect(portrait.images[0])
    assert face.score == 0.8
    assert np.linalg.norm(face.landmarks[:, :2] - drawn, axis=1).mean() < 0.05 * np.ptp(points[:, 0])


def test_a_large_picture_is_shrunk_for_s3fd_and_found_in_its_own_pixels(monkeypatch):
    seen = []
    monkeypatch.setattr(S3fd, "_found", lambda self, image: seen.append(image.shape) or [])
    S3fd().detect(np.zeros((1000, 2560, 3), np.uint8))
    assert seen == [(500, 1280, 3)]


def test_a_file_with_other_content_is_refused(placed, monkeypatch, tmp_path):
    folder, names = placed
    other = tmp_path / "face_alignment"
    other.mkdir()
    for name in names.values():
        (other / name).write_bytes((folder / name).read_bytes()[:-1] + b"x")
    monkeypatch.setattr(settings, "current", lambda: Settings(checkpoints=tmp_path))
    with pytest.raises(SetupError, match="E-MODEL-HASH"):
        S3fd().detect(np.zeros((64, 64, 3), np.uint8))


def test_another_network_is_named(placed, monkeypatch):
    _, names = placed
    monkeypatch.setattr(s3fd, "PUBLISHED", {"s3fd": names["fan"], "fan": names["s3fd"]})
    with pytest.raises(SetupError, match="E-MODEL-KIND"):
        S3fd().detect(np.zeros((64, 64, 3), np.uint8))


def test_without_its_files_it_says_what_to_get(monkeypatch, tmp_path):
    monkeypatch.setattr(settings, "current", lambda: Settings(checkpoints=tmp_path))
    with pytest.raises(EngineMissing, match=r"s3fd-619a316812\.pth"):
        S3fd().detect(np.zeros((64, 64, 3), np.uint8))


def test_without_a_gpu_the_embedded_detector_is_taken(placed, monkeypatch):
    monkeypatch.setattr(choice, "_gpu", lambda: False)
    assert choice.detector(Settings()).name == "blazeface"
    monkeypatch.setattr(choice, "_gpu", lambda: True)
    assert choice.detector(Settings()).name == "s3fd"
    assert choice.detector(Settings(commercial=True)).name == "blazeface"


def test_a_detector_for_research_is_refused_for_commercial_use():
    with pytest.raises(InputError, match="E-ENGINE-LICENCE"):
        choice.detector(Settings(detector="s3fd", commercial=True))


def test_the_published_files_are_recognised_by_their_digest():
    assert s3fd.published("619a316812" + "0" * 54) == "s3fd-619a316812.pth"
    assert s3fd.published("0" * 64) == ""
