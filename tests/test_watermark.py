"""Marks in sound and picture are found after what usually happens to a file, and nowhere else."""

import io

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presenter import audio, planes, video
from presenter.types import RATE, Wave
from presenter.watermark import code, picture, sound

ID = "deadbeef"


# --- what is written ---


@given(st.integers(0, 2**32 - 1))
def test_an_id_is_read_as_it_was_written(number):
    plane = code.pattern(60, 60)
    identity = f"{number:08x}"
    assert code.decode(plane.bits(plane.carrying(identity))) == identity


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 47), min_size=1, max_size=2, unique=True))
def test_two_wrong_bits_are_mended_where_they_are_the_weak_ones(number, places):
    plane = code.pattern(60, 60)
    bits = plane.bits(plane.carrying(f"{number:08x}"))
    bits[places] *= -0.1
    assert code.decode(bits) == f"{number:08x}"


@given(st.integers(0, 2**32 - 1))
def test_four_wrong_bits_are_noticed(number):
    plane = code.pattern(60, 60)
    bits = plane.bits(plane.carrying(f"{number:08x}")) * np.linspace(1, 2, 48)
    bits[[9, 17, 30, 41]] *= -1
    assert code.decode(bits) != f"{number:08x}"


# --- sound ---


def spoken(seconds=24, seed=0):
    """Something like speech: a voice of changing pitch and vowels, with pauses."""
    draw = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * RATE:
        length = int(draw.uniform(0.08, 0.3) * RATE)
        times = np.arange(length) / RATE
        pitch = draw.uniform(90, 220) * (1 + 0.1 * np.sin(times * draw.uniform(5, 20)))
        source = (np.cumsum(pitch) / RATE % 1 < 0.1) - 0.1 + draw.normal(0, 0.02, length)
        shape = np.exp(-np.arange(200) / 30) * np.cos(np.arange(200) * draw.uniform(0.05, 0.4))
        envelope = np.hanning(length) * (draw.random() > 0.15)
        parts.append(np.convolve(source, shape, "same") * envelope)
    samples = np.concatenate(parts)[: seconds * RATE]
    return (0.3 * samples / np.abs(samples).max()).astype(np.float32)


@pytest.fixture(scope="module")
def clean():
    return spoken()


@pytest.fixture(scope="module")
def marked(clean):
    return np.concatenate(list(sound.mark([clean], ID)))


def coded(samples, container, codec, bits):
    """After a lossy coder."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=RATE)
        stream.bit_rate, stream.layout = bits, "mono"
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.rate = RATE
        out.mux([*stream.encode(frame), *stream.encode(None)])
    file.seek(0)
    with av.open(file) as given_back:
        return np.concatenate([frame.to_ndarray()[0] for frame in given_back.decode(audio=0)])


def noisy(samples, decibels):
    power = np.sqrt(np.mean(samples**2)) * 10 ** (-decibels / 20)
    return samples + np.random.default_rng(5).normal(0, power, len(samples)).astype(np.float32)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x, id="untouched"),
        pytest.param(lambda x: coded(x, "adts", "aac", 128_000), id="AAC 128k"),
        pytest.param(lambda x: coded(x, "adts", "aac", 64_000), id="AAC 64k"),
        pytest.param(lambda x: coded(x, "mp3", "libmp3lame", 64_000), id="MP3 64k"),
        pytest.param(
            lambda x: audio.resample(Wave(audio.resample(Wave(x, RATE), 16_000), 16_000)), id="16 kHz"
        ),
        pytest.param(lambda x: 0.708 * x, id="3 dB softer"),
        pytest.param(lambda x: 1.413 * x, id="3 dB louder"),
        pytest.param(lambda x: x[int(3.3333 * RATE) :], id="3.3 s cut off"),
        pytest.param(lambda x: x[7 * RATE : 19 * RATE], id="12 s cut out"),
        pytest.param(lambda x: noisy(x, 25), id="noise 25 dB below"),
    ],
)
def test_the_mark_in_sound_survives(marked, change):
    assert sound.read([change(marked)]).identity == ID


def test_the_mark_in_sound_is_far_below_it(clean, marked):
    difference = marked - clean
    assert len(marked) == len(clean)
    assert 10 * np.log10(np.mean(clean**2) / np.mean(difference**2)) > 18


def test_silence_stays_silent():
    assert not np.concatenate(list(sound.mark([np.zeros(RATE, np.float32)], ID))).any()


@pytest.mark.parametrize("size", [100, 511, 512, 1500, 48_000])
def test_chunks_of_any_size_give_the_same_sound(clean, marked, size):
    part = clean[: 3 * RATE]
    chunks = [part[at : at + size] for at in range(0, len(part), size)]
    once = np.concatenate(list(sound.mark([part], ID)))
    np.testing.assert_allclose(np.concatenate(list(sound.mark(chunks, ID))), once, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 100, 511, 512, 513, 1024, 5000])
def test_short_sounds_keep_their_length(count):
    made = list(sound.mark([np.full(count, 0.1, np.float32)], ID))
    assert sum(map(len, made)) == count


def test_reading_in_chunks_finds_the_same(marked):
    chunks = [marked[at : at + 5000] for at in range(0, len(marked), 5000)]
    assert sound.read(chunks).identity == sound.read([marked]).identity
    assert sound.read(chunks).score == pytest.approx(sound.read([marked]).score, rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_clean_sound_has_no_mark(seed):
    found = sound.read([spoken(12, seed + 10)])
    assert not found.present
    assert found.identity is None


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(500), np.zeros(RATE), np.ones(3 * RATE)])
def test_odd_sounds_have_no_mark(samples):
    assert not sound.read([samples.astype(np.float32)]).present


def test_a_faster_copy_is_not_read_and_that_is_known(marked):
    assert sound.read([audio.stretch(Wave(marked, RATE), 1.05).samples]).identity is None


# --- picture ---


def scene(width, height, count=24, seed=0):
    """Frames with flat parts, text-like edges, a soft gradient and a textured field that moves."""
    draw = np.random.default_rng(seed)
    image = np.full((height, width, 3), 250, np.uint8)
    image[: height // 6] = np.linspace(20, 230, width)[None, :, None]
    for _ in range(60):
        x, y = draw.integers(0, width - 40), draw.integers(height // 5, height - 20)
        image[y : y + 8, x : x + draw.integers(8, 40)] = draw.integers(0, 256, 3)
    for number in range(count):
        frame = image.copy()
        side = height // 3
        texture = draw.integers(40, 200, (side // 4, side // 4, 3)).astype(np.uint8)
        frame[-side - 4 : -4, 10 + number : 10 + number + side] = cv2.resize(texture, (side, side))
        yield planes.canvas(frame)


def filmed(frames, path, width, height, crf):
    video.encode(path, frames, width=width, height=height, fps=25, quality=video.Quality(crf))
    return list(video.planes(path))


def scaled(frames, width, height):
    for frame in frames:
        sizes = (width, height), (width // 2, height // 2), (width // 2, height // 2)
        parts = [
            cv2.resize(part, size, interpolation=cv2.INTER_AREA)
            for part, size in zip(planes.split(frame), sizes, strict=True)
        ]
        yield np.concatenate([part.reshape(-1) for part in parts]).reshape(height * 3 // 2, width)


def found_in(frames):
    return picture.read([picture.fields(planes.split(frame)[1]) for frame in frames[::4]])


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (720, 720)])
def test_the_mark_in_pictures_survives_coding(width, height, tmp_path):
    made = filmed(picture.mark(scene(width, height), ID), tmp_path / "a.mp4", width, height, 21)
    assert found_in(made).identities == (ID,)
    for crf in (23, 28, 33):
        assert found_in(filmed(made, tmp_path / "b.mp4", width, height, crf)).identities == (ID,)


def test_the_mark_in_pictures_survives_half_the_size(tmp_path):
    made = filmed(picture.mark(scene(1280, 720), ID), tmp_path / "a.mp4", 1280, 720, 21)
    small = filmed(scaled(made, 640, 360), tmp_path / "b.mp4", 640, 360, 28)
    assert found_in(small).identities == (ID,)


def test_pieces_with_ids_of_their_own_are_all_read(tmp_path):
    made = [*picture.mark(scene(640, 360), "00000001"), *picture.mark(scene(640, 360, seed=1), "00000002")]
    assert found_in(filmed(made, tmp_path / "a.mp4", 640, 360, 23)).identities == ("00000001", "00000002")


@pytest.mark.parametrize("seed", range(5))
def test_clean_pictures_have_no_mark(seed):
    found = found_in(list(scene(640, 360, seed=seed)))
    assert not found.present
    assert found.identities == ()


@pytest.mark.parametrize("value", [0, 16, 128, 255])
def test_plain_pictures_have_no_mark(value):
    assert not found_in([np.full((360 * 3 // 2, 640), value, np.uint8)] * 8).present


def test_the_mark_changes_one_plane_by_two_steps_at_most():
    for frame, marked in zip(scene(640, 360), picture.mark(scene(640, 360), ID), strict=True):
        before, after = planes.split(frame), planes.split(marked)
        assert (before[0] == after[0]).all()
        assert (before[2] == after[2]).all()
        assert np.abs(before[1].astype(int) - after[1]).max() <= 2


def test_a_cropped_copy_is_not_read_and_that_is_known():
    made = list(picture.mark(scene(640, 360), ID))
    cut = [np.ascontiguousarray(planes.split(frame)[1][10:, 20:]) for frame in made]
    assert picture.read([picture.fields(blue) for blue in cut]).identities == ()
