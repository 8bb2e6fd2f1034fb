"""What every animator promises: one body over all of the table."""

import functools
import json
import math
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import visemes
from presenter.engines import engines, load
from presenter.errors import EngineMissing
from presenter.types import RATE, Box, Face, Portrait, Span, Speech, Timing

PRESENTERS = Path(__file__).parents[2] / "assets" / "presenters"
NAMES = [row.name for row in engines("animator")]
SIZE = 320


@functools.lru_cache
def portrait(name="ada", size=SIZE):
    """A drawn presenter at a small size, with the landmarks that are kept beside it."""
    image = cv2.cvtColor(cv2.imread(str(PRESENTERS / f"{name}.png")), cv2.COLOR_BGR2RGB)
    record = json.loads((PRESENTERS / f"{name}.json").read_text())
    scale = size / image.shape[0]
    landmarks = np.array(record["landmarks"], np.float32) * scale
    image = cv2.resize(image, (round(image.shape[1] * scale), size), interpolation=cv2.INTER_AREA)
    (x0, y0), (x1, y1) = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    face = Face(Box(x0, y0, x1, y1), landmarks, tuple(record["pose"]), record["score"])
    return Portrait(image[None], (face,))


def say(*labels, each=0.16, quiet=0.24, segment="one"):
    """A speech: a hum for each label, quiet before and after."""
    edges = quiet + each * np.arange(len(labels) + 1)
    spans = [
        Span("", 0.0, quiet),
        *map(Span, labels, edges[:-1], edges[1:]),
        Span("", edges[-1], edges[-1] + quiet),
    ]
    times = np.arange(round((edges[-1] + quiet) * RATE)) / RATE
    hum = 0.3 * np.sin(2 * np.pi * 140 * times) * ((times > quiet) & (times < edges[-1]))
    timing = Timing((Span("word", edges[0], edges[-1]),), tuple(spans))
    return Speech(segment, hum.astype(np.float32), timing)


def hush(seconds):
    """Nobody speaks."""
    samples = np.zeros(round(seconds * RATE), np.float32)
    return Speech("hush", samples, Timing((), (Span("", 0.0, seconds),)))


def mouth(face):
    """The rectangle of the lips as slices."""
    lips = face.landmarks[[61, 291, 0, 17], :2]
    (x0, y0), (x1, y1) = lips.min(axis=0).astype(int), lips.max(axis=0).astype(int)
    return slice(y0, y1 + 8), slice(x0, x1)


@pytest.fixture(scope="session")
def untrained(tmp_path_factory):
    """Wav2Lip with a small network of random weights: all of it is real but the mouths."""
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    import lips

    from presenter.engines.wav2lip import Wav2Lip

    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        lips.build(folder / "wav2lip")
        lips.use(patch, folder)
        return Wav2Lip(device="cpu")


@pytest.fixture(params=NAMES)
def animator(request):
    if request.param == "wav2lip":
        return request.getfixturevalue("untrained")
    try:
        return load("animator", request.param)
    except EngineMissing as missing:
        pytest.skip(str(missing))


@functools.lru_cache
def studied(animator):
    try:
        return animator.study(portrait())
    except EngineMissing as missing:
        pytest.skip(str(missing))


def animate(animator, speech, fps=25, seed=1):
    return animator.animate(speech, portrait(), studied(animator), fps=fps, seed=seed)


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_there_are_as_many_frames_as_the_sound_lasts_each_of_the_portraits_size(animator, fps):
    speech = say("m", "ɑː")
    frames = animate(animator, speech, fps)
    pictures = list(frames)
    assert frames.count == len(pictures) == math.ceil(round(speech.seconds * fps, 6))
    assert (frames.width, frames.height, frames.fps) == (portrait().width, portrait().height, fps)
    assert all(picture.shape == portrait().images[0].shape for picture in pictures)
    assert all(picture.dtype == np.uint8 for picture in pictures)


def test_reading_twice_gives_the_same(animator):
    frames = animate(animator, say("b", "oː", "t"))
    first, second = ([zlib.crc32(picture.tobytes()) for picture in frames] for _ in range(2))
    assert first == second


def test_the_same_seed_gives_the_same_and_study_is_repeatable(animator):
    again = animator.study(portrait())
    assert again.keys() == studied(animator).keys()
    for name, array in again.items():
        np.testing.assert_array_equal(array, studied(animator)[name])
    speech = say("a", "l")
    one, two = (list(animate(animator, speech, seed=7)) for _ in range(2))
    assert all(map(np.array_equal, one, two))


def test_what_was_studied_survives_a_file(animator, tmp_path):
    np.savez(tmp_path / "face.npz", **studied(animator))
    with np.load(tmp_path / "face.npz", allow_pickle=False) as file:
        kept = dict(file)
    speech = say("a")
    direct = animate(animator, speech)
    filed = animator.animate(speech, portrait(), kept, fps=25, seed=1)
    assert all(map(np.array_equal, direct, filed))


def test_silence_moves_no_lips(animator):
    part = mouth(portrait().faces[0])
    pictures = [picture[part].astype(int).copy() for picture in animate(animator, hush(2.0))]
    # The head may breathe: that is small and smooth, an opening mouth is neither.
    assert max(np.abs(picture - pictures[0]).mean() for picture in pictures) < 6


def test_the_mouth_opens_with_the_speech(animator):
    if type(animator).__name__ == "Wav2Lip":
        pytest.skip("random weights draw no mouths")
    speech = say("m", "ɑː", "p", "ɑː", "m", "ɛ", "b", "ɑː", "m", each=0.2)
    part = mouth(portrait().faces[0])
    pictures = [picture[part].astype(int).copy() for picture in animate(animator, speech)]
    change = [np.abs(picture - pictures[0]).mean() for picture in pictures]
    intended = visemes.opening(visemes.track(speech.timing, speech.seconds, 25))
    assert np.corrcoef(change, intended)[0, 1] > 0.8


def test_nothing_changes_far_from_the_face(animator):
    rest = portrait().images[0].astype(int)
    edge = SIZE // 20
    for picture in list(animate(animator, say("m", "ɑː", "oː")))[::4]:
        change = np.abs(picture.astype(int) - rest).max(axis=2)
        assert change[:edge].max() <= 2
        assert max(change[: SIZE // 2, :edge].max(), change[: SIZE // 2, -edge:].max()) <= 2


def test_pieces_join_because_each_starts_and_ends_at_rest(animator):
    one, two = (
        list(animate(animator, speech)) for speech in (say("m", "ɑː"), say("oː", "t", "iː", segment="two"))
    )
    np.testing.assert_array_equal(one[-1], two[0])
    np.testing.assert_array_equal(one[0], one[-1])
