"""Wav2Lip as an animator, with a small network of random weights: all but the mouth's shape is real."""

import functools
import math
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import faces
from presenter.engines import load
from presenter.engines.wav2lip import mel
from presenter.errors import EngineMissing, SetupError, WorkError
from presenter.types import RATE, Box, Portrait, Span, Speech, Timing

torch = pytest.importorskip("torch", reason="needs torch: pip install -e '.[wav2lip]'")
pytest.importorskip("safetensors", reason="needs safetensors: pip install -e '.[wav2lip]'")

import lips  # noqa: E402

from presenter.engines.wav2lip import Wav2Lip, original  # noqa: E402
from presenter.engines.wav2lip.fast import Fast  # noqa: E402
from presenter.engines.wav2lip.layouts import WAV2LIP_256, WAV2LIP_384  # noqa: E402
from presenter.engines.wav2lip.painter import Painter  # noqa: E402

ASSETS = Path(__file__).parents[1] / "assets"


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    lips.build(folder / "wav2lip")
    return folder


@pytest.fixture(autouse=True)
def at_hand(models, monkeypatch):
    lips.use(monkeypatch, models)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@functools.cache
def photo(size=320):
    return faces.frame(faces.sample("ada", ASSETS), size, size)


@functools.cache
def clip(length=7, size=256):
    """A photo that drifts: somebody who sits and listens."""
    still = photo(size)
    images, found = [], []
    for number in range(length):
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), number * 0.7, 1.0)
        turn[:, 2] += (number * 1.5, number * 0.5)
        images.append(cv2.warpAffine(still.images[0], turn, (size, size), borderMode=cv2.BORDER_REPLICATE))
        points = still.faces[0].landmarks.copy()
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        found.append(replace(still.faces[0], box=Box(*map(float, (*low, *high))), landmarks=points))
    return Portrait(np.stack(images), tuple(found), 25.0)


def say(seconds=1.0, quiet=0.3):
    """Something like speech, and silence around it."""
    times = np.arange(round((seconds + 2 * quiet) * RATE)) / RATE
    sound = sum(
        np.sin(2 * np.pi * pitch * times * (1 + 0.1 * np.sin(7 * times))) for pitch in (140, 420, 1900)
    )
    loud = (times > quiet) & (times < quiet + seconds)
    samples = (0.1 * sound * loud * (0.6 + 0.4 * np.sin(25 * times))).astype(np.float32)
    spans = (Span("", 0, quiet), Span("ɑː", quiet, quiet + seconds), Span("", quiet + seconds, times[-1]))
    return Speech("one", samples, Timing((Span("ah", quiet, quiet + seconds),), spans))


def animated(speech, portrait=None, fps=25, seed=1, engine=None, **options):
    portrait = portrait or photo()
    engine = engine or Wav2Lip(**options)
    return engine.animate(speech, portrait, engine.study(portrait), fps=fps, seed=seed)


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_the_picture_is_exactly_as_long_as_the_sound(fps):
    for seconds in (0.01, 0.4, 0.903):
        speech = Speech("", say().samples[: round(seconds * RATE)], Timing((), ()))
        frames = animated(speech, fps=fps)
        pictures = [picture.shape for picture in frames]
        assert frames.count == len(pictures) == math.ceil(round(len(speech.samples) / RATE * fps, 6))
        assert set(pictures) == {photo().images[0].shape}


def test_it_begins_and_ends_with_the_portrait_itself():
    for portrait in (photo(), clip()):
        pictures = [picture.copy() for picture in animated(say(), portrait)]
        np.testing.assert_array_equal(pictures[0], portrait.images[0])
        np.testing.assert_array_equal(pictures[-1], portrait.images[0])


def test_reading_twice_gives_the_same():
    for portrait in (photo(), clip()):
        frames = animated(say(), portrait)
        first, second = ([zlib.crc32(picture.tobytes()) for picture in frames] for _ in range(2))
        assert first == second


def test_in_silence_the_head_lives_and_the_mouth_is_the_portrait_s_own():
    quiet = Speech("", np.zeros(2 * RATE, np.float32), Timing((), (Span("", 0, 2.0),)))
    mesh = load("animator", "mesh")
    wanted = mesh.animate(quiet, photo(), mesh.study(photo()), fps=25, seed=3)
    for found, mouth_of_mesh in zip(animated(quiet, seed=3), wanted, strict=True):
        np.testing.assert_array_equal(found, mouth_of_mesh)


def test_only_the_lower_face_is_painted_and_the_head_moves_as_mesh_moves_it():
    speech = say()
    mesh = load("animator", "mesh")
    calm = mesh.animate(replace(speech), photo(), mesh.study(photo()), fps=25, seed=5)
    nose = int(photo().faces[0].landmarks[6, 1])
    moved = 0
    for found, wanted in zip(animated(speech, seed=5), calm, strict=True):
        np.testing.assert_allclose(found[:nose], wanted[:nose].astype(int), atol=3)
        moved += not np.array_equal(found[:nose], photo().images[0][:nose])
    assert moved > 10


def test_a_clip_plays_back_and_forth_with_nothing_changed_but_the_mouth():
    portrait = clip()
    order = load("animator", "mesh").order(portrait, 40, 25)
    assert order.max() >= len(portrait.images) - 2
    assert np.abs(np.diff(order)).max() <= 2
    painted = 0
    for index, picture in zip(order, animated(say(), portrait), strict=True):
        own, face = portrait.images[index], portrait.faces[index]
        assert np.array_equal(picture[: int(face.landmarks[4, 1])], own[: int(face.landmarks[4, 1])])
        assert np.array_equal(
            picture[int(face.landmarks[152, 1]) + 12 :], own[int(face.landmarks[152, 1]) + 12 :]
        )
        painted += not np.array_equal(picture, own)
    assert 20 < painted < 38


def test_frames_of_a_clip_without_a_face_stay_as_they_are_and_the_mouth_fades_towards_them():
    whole = clip(13)
    away = (5, 6)
    missing = Portrait(
        whole.images,
        tuple(replace(face, score=0.0) if n in away else face for n, face in enumerate(whole.faces)),
    )
    order = load("animator", "mesh").order(missing, 40, 25)
    for name in ("wav2lip", "mesh"):
        engine = Wav2Lip() if name == "wav2lip" else load("animator", "mesh")
        kept, changes = [], {}
        for index, picture in zip(order, animated(say(), missing, engine=engine), strict=True):
            change = np.abs(picture.astype(int) - missing.images[index]).mean()
            kept += [change] if index in away else []
            changes.setdefault(int(index), []).append(change)
        assert max(kept) == 0
        if name == "wav2lip":
            assert max(changes[4]) < max(changes[2])


def test_what_was_studied_survives_a_file(tmp_path):
    engine = Wav2Lip()
    known = engine.study(photo())
    np.savez(tmp_path / "face.npz", **known)
    with np.load(tmp_path / "face.npz", allow_pickle=False) as file:
        kept = dict(file)
    speech = say(0.5)
    one, other = (engine.animate(speech, photo(), each, fps=25, seed=1) for each in (known, kept))
    assert all(map(np.array_equal, one, other))


@pytest.mark.parametrize("layout", [WAV2LIP_256, WAV2LIP_384])
def test_larger_networks_of_the_family_animate_too(layout, tmp_path, monkeypatch):
    lips.build(tmp_path / "wav2lip", lips.network(layout))
    lips.use(monkeypatch, tmp_path)
    pictures = [picture.copy() for picture in animated(say(0.5, 0.15))]
    assert not np.array_equal(pictures[10], pictures[0])


# --- the published way ------------------------------------------------------------------------


def published(net, portrait, samples, fps):
    """The published algorithm, straight: every frame through the whole network, pasted as a square."""
    columns = mel.windows(samples, 1000, fps).columns
    boxes = [
        [
            max(0, int(f.box.x0)),
            max(0, int(f.box.y0)),
            int(f.box.x1),
            min(int(f.box.y1) + 10, portrait.height),
        ]
        for f in portrait.faces
    ]
    boxes = np.array(boxes)
    for at in range(len(boxes)):
        window = boxes[len(boxes) - 5 :] if at + 5 > len(boxes) else boxes[at : at + 5]
        boxes[at] = np.mean(window, axis=0)
    for number in range(len(samples) * fps // RATE):
        x1, y1, x2, y2 = boxes[number % len(boxes)]
        frame = portrait.images[number % len(boxes)][..., ::-1].copy()  # BGR
        face = cv2.resize(frame[y1:y2, x1:x2], (96, 96))
        hidden = face.copy()
        hidden[48:] = 0
        stacked = np.concatenate((hidden, face), axis=2)[None] / 255.0
        start = int(number * 80.0 / fps)
        heard = columns[:, start : start + 16]
        with torch.no_grad():
            painted = net(
                torch.FloatTensor(heard[None, None]), torch.FloatTensor(np.transpose(stacked, (0, 3, 1, 2)))
            )
        painted = painted.numpy().transpose(0, 2, 3, 1)[0] * 255.0
        frame[y1:y2, x1:x2] = cv2.resize(painted.astype(np.uint8), (x2 - x1, y2 - y1))
        yield frame[..., ::-1]


@pytest.mark.parametrize("portrait", [photo(), clip(), clip(3)], ids=["photo", "clip", "three frames"])
def test_the_original_option_gives_the_published_algorithm_s_frames(portrait):
    net = lips.network()
    speech = say(0.5, 0.1)
    frames = animated(speech, portrait, original=True)
    wanted = list(published(net, portrait, speech.samples, 25))
    assert len(wanted) >= 17
    for found, expected in zip(frames, wanted, strict=False):
        assert np.abs(found.astype(int) - expected).max() <= 2


def test_boxes_are_smoothed_as_published_with_all_its_quirks():
    found = original.boxes(clip(6))
    assert found.shape == (6, 4)
    assert (np.diff(found[:2], axis=0) >= 0).all()
    assert np.abs(found[-1] - found[-2]).max() <= 1  # the last ones share a window


# --- memory -----------------------------------------------------------------------------------


class Small(Fast):
    """A device with room for four frames at once."""

    room = 4

    def paint(self, mels, maps):
        if len(mels) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().paint(mels, maps)


def painter_of(monkeypatch, room):
    painter = Painter(lips.network())
    small = Small(lips.network())
    small.room = room
    monkeypatch.setattr(painter, "_fast", small)
    return painter


def test_batches_are_halved_until_they_fit(monkeypatch, caplog):
    engine, plenty = Wav2Lip(), Wav2Lip()
    engine.__dict__["_painter"] = painter_of(monkeypatch, 4)
    for found, wanted in zip(animated(say(), engine=engine), animated(say(), engine=plenty), strict=True):
        assert np.abs(found.astype(int) - wanted).max() <= 1
    assert engine._painter.batch == 3
    assert "memory is short" in caplog.text


def test_a_gpu_that_is_too_small_is_left_for_the_cpu(monkeypatch, caplog):
    engine = Wav2Lip()
    painter = engine.__dict__["_painter"] = painter_of(monkeypatch, 0)
    painter._net = lips.network()  # as on a GPU
    assert len(list(animated(say(0.3), engine=engine))) > 10
    assert painter._net is None
    assert "without it" in caplog.text


def test_too_little_memory_for_one_frame_is_said(monkeypatch):
    engine = Wav2Lip()
    engine.__dict__["_painter"] = painter_of(monkeypatch, 0)
    with pytest.raises(WorkError, match="E-MEMORY"):
        list(animated(say(0.3), engine=engine))


def test_other_failures_are_not_taken_for_a_lack_of_memory(monkeypatch):
    engine = Wav2Lip()
    monkeypatch.setattr(Fast, "paint", lambda *arguments: (_ for _ in ()).throw(RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        list(animated(say(0.3), engine=engine))


def test_memory_does_not_grow_with_the_length():
    engine = Wav2Lip()
    studied = engine.study(photo(256))

    def peak(seconds):
        frames = engine.animate(say(seconds), photo(256), studied, fps=25, seed=1)
        tracemalloc.start()
        for _ in frames:
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(0.5)
    assert peak(6) < peak(2) + 2_000_000  # four seconds of frames are 20 MB


def test_features_of_a_clip_are_kept_only_as_far_as_there_is_room():
    engine = Wav2Lip()
    unlimited = [zlib.crc32(picture.tobytes()) for picture in animated(say(), clip(), engine=engine)]
    sitter = next(iter(engine._seen.values()))
    one = sitter.gallery.maps(0, engine._painter).bytes
    assert len(sitter.gallery._maps) == len(clip().images)
    small = Wav2Lip()
    small._painter.kept = int(2.5 * one)
    assert [zlib.crc32(picture.tobytes()) for picture in animated(say(), clip(), engine=small)] == unlimited
    assert len(next(iter(small._seen.values())).gallery._maps) == 2


# --- what is missing --------------------------------------------------------------------------


def test_without_a_model_it_says_what_to_put_where(tmp_path, monkeypatch):
    lips.use(monkeypatch, tmp_path)
    with pytest.raises(EngineMissing, match="checkpoints/wav2lip"):
        Wav2Lip()


def test_a_model_that_cannot_be_used_is_told_when_it_is_needed(tmp_path, monkeypatch):
    (tmp_path / "wav2lip").mkdir()
    (tmp_path / "wav2lip" / "mine.pth").write_text("<html>")
    lips.use(monkeypatch, tmp_path)
    engine = Wav2Lip()
    with pytest.raises(SetupError, match="E-MODEL-BROKEN"):
        animated(say(), engine=engine)
