"""Music gives way to words, comes back smoothly, and the lesson stays as loud as it should be."""

import json

import fakes
import numpy as np
import pytest
import soundfile

from presenter import audio, mixing, music, pipeline, registry, video
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.music import Bed
from presenter.order import Order, decide
from presenter.settings import Settings
from presenter.store import Store
from presenter.types import RATE, Span

WORDS = (Span("", 4.0, 4.5), Span("", 5.0, 6.0), Span("", 12.0, 13.0))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def tune(path, seconds=5.0, rate=44_100, level=0.2):
    times = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, level * np.sin(2 * np.pi * 220 * times) * (1 + 0.3 * np.sin(9 * times)), rate)
    return path


def bed(seconds=20.0, words=WORDS, level=-20.0, noise=None):
    sound = np.full(3 * RATE, 16384, np.int16) if noise is None else noise
    return Bed(sound, tuple(music.bridged(words)), 0.0, seconds, level)


def decibels(factor):
    return 20 * np.log10(factor)


# --- ducking ----------------------------------------------------------------------------------


def test_words_with_short_pauses_between_them_are_one_stretch():
    assert [(span.start, span.end) for span in music.bridged(WORDS)] == [(4.0, 6.0), (12.0, 13.0)]
    assert list(music.bridged(())) == []


def test_the_music_is_down_before_the_first_word_and_stays_down_to_the_last():
    spoken = np.concatenate([np.linspace(4.0, 6.0, 50), np.linspace(12.0, 13.0, 50)])
    assert np.allclose(decibels(bed().gain(spoken)), -20.0)
    waiting = bed().gain(np.array([2.5, 9.5]))
    assert np.allclose(decibels(waiting), -20.0 + music.RISE)


def test_nothing_moves_faster_than_an_ear_forgives_and_nothing_pumps():
    times = np.arange(1.6, 16.5, 0.01)
    curve = decibels(bed().gain(times))
    assert np.abs(np.diff(curve)).max() < 0.3  # dB in 10 ms
    turns = np.flatnonzero(np.diff(np.sign(np.diff(curve)[np.abs(np.diff(curve)) > 1e-9])))
    assert len(turns) == 3  # down, up, down, up


def test_it_fades_in_from_nothing_and_out_to_nothing():
    gains = bed().gain(np.array([-1.0, 0.0, 0.75, 20.0, 25.0]))
    assert np.allclose(gains[[0, 1, 3, 4]], 0.0)
    assert decibels(gains[2]) == pytest.approx(-20 + music.RISE - 6, abs=0.1)


def test_chunks_of_any_length_give_the_same_sound():
    whole = bed().part(0, 20 * RATE)
    sizes = [1, 479, 480, 481, 5000, 48_000, 100_000]
    silence = [np.zeros(size, np.float32) for size in sizes]
    assert np.allclose(np.concatenate(list(bed().add(silence))), whole[: sum(sizes)], atol=1e-7)


def test_a_short_piece_is_repeated_without_a_seam():
    times = np.arange(6 * RATE) / RATE
    noise = (12_000 * np.sin(2 * np.pi * 200.3 * times)).astype(
        np.int16
    )  # its end does not meet its beginning
    sound = bed(60.0, (), -12.0, noise).part(10 * RATE, 30 * RATE)
    assert np.abs(np.diff(sound)).max() < 0.02
    power = (sound[: len(sound) // 4800 * 4800].reshape(-1, 4800) ** 2).mean(axis=1)
    assert power.min() > 0.2 * np.median(power)  # equal power of unlike sounds; like ones may cancel a little


# --- taking in --------------------------------------------------------------------------------


def test_music_is_kept_as_loud_as_speech(tmp_path, store):
    kept = np.load(music.take_in(tune(tmp_path / "a.wav", 6.0), store).path)
    assert kept.dtype == np.int16
    assert len(kept) == 6 * RATE
    assert audio.loudness([kept / np.float32(32768)]) == pytest.approx(-16, abs=0.2)


def test_music_that_cannot_be_used_says_why(tmp_path, store):
    soundfile.write(tmp_path / "silent.wav", np.zeros(RATE * 3), RATE)
    (tmp_path / "list.mp3").write_text("#EXTM3U\n/etc/passwd\n")
    cases = {"E-MUSIC-FILE": "none.wav", "E-MUSIC-SILENT": "silent.wav", "E-MEDIA-TYPE": "list.mp3"}
    cases |= {"E-MUSIC-SHORT": tune(tmp_path / "short.wav", 0.5).name}
    for code, name in cases.items():
        with pytest.raises(InputError, match=code) as told:
            music.take_in(tmp_path / name, store)
        assert told.value.field == "music"


# --- a lesson with music ------------------------------------------------------------------------

LESSON = "---\nmusic: a.wav\nmusic_level: -12\n---\nThis is said first of all.\n\nThis is said after it.\n"


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=256, height=256, workers=1)


def made(source, settings, tmp_path, **wanted):
    out = tmp_path / "out.mp4"
    order = Order(source=source, folder=tmp_path, **wanted)
    return pipeline.render(order, settings, out, runner=Here()), out


def test_a_lesson_with_music_is_as_loud_as_one_without(settings, tmp_path):
    tune(tmp_path / "a.wav")
    _, out = made(LESSON, settings, tmp_path)
    heard = np.concatenate(list(video.sound(out)))
    assert audio.loudness([heard]) == pytest.approx(-16, abs=0.5)
    assert audio.true_peak(heard) <= -1.5 + 0.3  # what AAC adds between samples
    pieces = registry.recall(settings.home, out).pieces
    assert len(heard) == pytest.approx(sum(map(len, mixing.mixed(pieces))), abs=2048)


def test_other_music_costs_no_piece_and_no_speech(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    tune(tmp_path / "a.wav")
    first, out = made(LESSON, settings, tmp_path)
    before = out.read_bytes()
    tune(tmp_path / "a.wav", level=0.1, seconds=7)
    second, _ = made(LESSON, settings, tmp_path)
    assert (first.rendered, second.rendered) == (2, 0)
    assert out.read_bytes() != before
    quiet, _ = made(LESSON, settings, tmp_path, music_level=-30)
    assert quiet.rendered == 0


def test_music_is_looked_for_beside_the_lesson_only(settings, tmp_path):
    folder = tmp_path / "lessons"
    folder.mkdir()
    tune(tmp_path / "a.wav")
    for name in ("a.wav", "../a.wav", str(tmp_path / "a.wav")):
        with pytest.raises(InputError, match="E-MUSIC-FILE"):
            decide(Order(source=f"---\nmusic: {name}\n---\nHello.\n", folder=folder), settings)
    with pytest.raises(InputError, match="E-MUSIC-LEVEL"):
        decide(Order(source="Hello.", music=tmp_path / "a.wav", music_level=3), settings)
    with pytest.raises(InputError, match="E-SCRIPT-FRONT"):
        decide(Order(source="---\nmusic_level: loud\n---\nHello."), settings)


def test_a_job_takes_its_music_and_its_clips_along(settings, tmp_path):
    from presenter.jobs import orders

    tune(tmp_path / "a.wav")
    clip = tmp_path / "clip.MP4"
    clip.write_bytes(b"whatever")
    order = Order(
        source=LESSON,
        folder=tmp_path,
        intro=clip,
        subtitles=(("de", "1\n00:00:01,000 --> 00:00:02,000\nJa"),),
    )
    recipe = decide(order, settings)
    folder = tmp_path / "job"
    orders._copy(folder, recipe, None, "")
    again = orders.restore(orders._written(order, recipe, None), folder)
    assert json.loads(orders._written(order, recipe, None))["beside"] == {"music": ".wav", "intro": ".MP4"}
    assert again.music.read_bytes() == (tmp_path / "a.wav").read_bytes()
    assert again.intro.is_relative_to(folder)
    assert again.subtitles == order.subtitles
