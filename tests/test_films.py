"""Clips before and after a lesson become pieces like all others: labelled, of its size, in time."""

from fractions import Fraction
from pathlib import Path

import av
import fakes
import numpy as np
import pytest

from presenter import estimate, exports, films, pipeline, registry, video
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order
from presenter.settings import Settings
from presenter.store import Store
from presenter.types import RATE

LESSON = "# One\n\nThis is said on the first slide.\n\n# Two\n\nAnd this on the second.\n"


def clip(path, frames=36, fps=30, size=(320, 240), sound=True, codec="libx264"):
    """A red picture with a white bar that wanders, and a tone."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream(codec, rate=fps)
        pictures.width, pictures.height, pictures.pix_fmt = *size, "yuv420p"
        tone = out.add_stream("aac", rate=44_100, layout="stereo") if sound else None
        for number in range(frames):
            image = np.zeros((size[1], size[0], 3), np.uint8)
            image[..., 0] = 200
            image[:, number * 4 : number * 4 + 8] = 255
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(pictures.encode(frame))
        for number in range(frames * 44_100 // fps // 1024 if tone else 0):
            times = np.arange(number * 1024, (number + 1) * 1024) / 44_100
            wave = (0.05 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 44_100, number * 1024, Fraction(1, 44_100)
            out.mux(tone.encode(frame))
        for stream in filter(None, (pictures, tone)):
            out.mux(stream.encode(None))
    return path


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=448, height=256, workers=1)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_a_clip_has_the_rate_of_the_lesson_and_sound_as_long_as_its_pictures(tmp_path, store):
    taken = films.take_in(clip(tmp_path / "a.mp4"), store, 25)
    assert taken.count in (30, 31)  # 1.2 s; its last picture lasts for a whole frame of the lesson
    shown = list(films.frames(taken.file.path, 448, 256, 25, taken.count + 5))
    assert len(shown) == taken.count + 5
    assert all(picture.shape == (256, 448, 3) for picture in shown)
    assert shown[0][:, :40].max() < 20  # bars beside what is narrower
    assert shown[0][128, 224, 0] > 150
    assert np.array_equal(shown[-1], shown[-6])


def test_a_clip_without_sound_is_silent(tmp_path, store):
    from presenter import voices

    taken = films.take_in(clip(tmp_path / "a.mp4", sound=False), store, 25)
    samples = voices.load_speech(taken.sound.path).samples
    assert len(samples) == taken.count * RATE // 25
    assert not samples.any()


def test_clips_that_cannot_be_used_say_why(tmp_path, store):
    (tmp_path / "text.mp4").write_text("#EXTM3U\nfile:///etc/passwd\n")
    cases = {
        "E-CLIP-FILE": tmp_path / "none.mp4",
        "E-VIDEO-TYPE": tmp_path / "text.mp4",
        "E-VIDEO-CODEC": clip(tmp_path / "rare.mkv", codec="ffv1", frames=3, sound=False),
        "E-VIDEO-LONG": clip(tmp_path / "long.mp4", frames=61 * 5, fps=5, size=(64, 64), sound=False),
        "E-VIDEO-SIZE": clip(tmp_path / "large.mp4", frames=1, size=(4000, 64), sound=False),
        "E-VIDEO-RATE": clip(tmp_path / "slow.mp4", frames=2, fps=1, size=(64, 64), sound=False),
    }
    for code, path in cases.items():
        with pytest.raises(InputError, match=code) as told:
            films.take_in(path, store, 25)
        assert told.value.field == "clip"


def test_a_clip_with_damaged_pictures_is_refused_and_not_kept(tmp_path, store):
    path = clip(tmp_path / "a.mp4", sound=False)
    content = path.read_bytes()
    begin, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    path.write_bytes(content[:begin] + b"\xff" * (end - begin) + content[end:])
    for _ in range(2):
        with pytest.raises(InputError, match="E-VIDEO-BROKEN") as told:
            films.take_in(path, store, 25)
        assert told.value.field == "clip"


def test_intro_and_outro_stand_around_the_lesson(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    order = Order(source=LESSON, intro=clip(tmp_path / "a.mp4"), outro=clip(tmp_path / "b.mp4", frames=60))
    out = tmp_path / "out.mp4"
    plain = pipeline.render(Order(source=LESSON), settings, tmp_path / "plain.mp4", runner=Here())
    told = []
    made = pipeline.render(order, settings, out, runner=Here(), report=told.append)
    assert (made.rendered, made.reused) == (2, 2)  # the clips alone are new
    # Whoever watches finished pieces early counts sentences.
    sentences = [piece for piece in registry.recall(settings.home, out).pieces if piece.shot.segment]
    lengths = [round(25 * video.probe(Path(path)).seconds) for path in told[-1].ready]
    assert lengths == [piece.shot.count for piece in sentences]
    assert told[-1].count == len(lengths) == 2
    around = made.frames - plain.frames
    assert around in range(80, 83)  # 1.2 s and 2 s
    record = registry.recall(settings.home, out)
    assert sum(piece.shot.count for piece in record.pieces) == made.frames
    shown, samples = video.times(out)
    assert (len(shown), samples) == (made.frames, made.frames * RATE // 25)
    assert [chapter.start for chapter in record.chapters][1] == record.pieces[0].shot.count / 25
    first_cue = exports.Source(out, record, settings).captions()[0]
    assert first_cue.start > 30 / 25
    # The clip's picture is there, and its label.
    frame = next(video.pictures(out, 10))
    assert frame[128, 100, 0] > 150
    assert (frame[4:20, 300:440].astype(int).max(axis=2) > 180).any()
    heard = np.concatenate(list(video.sound(out)))
    assert np.sqrt((heard[RATE // 4 : RATE] ** 2).mean()) > 0.05
    assert estimate.estimate(order, settings).seconds == pytest.approx(made.seconds, abs=0.1)


def test_a_transcript_says_nothing_of_the_clips(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    out = tmp_path / "out.mp4"
    order = Order(source=LESSON, intro=clip(tmp_path / "a.mp4"))
    pipeline.render(order, settings, out, runner=Here())
    text = exports.export(out, ["talk.md"], settings)[0].read_text("utf-8")
    assert "[0:01] This is said on the first slide." in text
    assert len([line for line in text.splitlines() if line.startswith("[")]) == 2
