"""Saying a text without a picture: from Python and on the command line."""

import io
import json

import numpy as np
import pytest
import soundfile

from presenter import audio, cli
from presenter.settings import Settings
from presenter.studio import Studio
from presenter.types import RATE

TEXT = "Plants make food. They need 3 km of light, water and air!"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(capsys, *arguments):
    status = cli.main(["say", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def studio(tmp_path):
    return Studio(Settings(home=tmp_path / "home"))


def test_a_text_becomes_sound_with_the_times_of_its_written_words(studio):
    recital = studio.say(TEXT, voice="noah", language="en")
    assert recital.samples.dtype == np.float32
    assert [word.label for word in recital.words][:6] == ["Plants", "make", "food", "They", "need", "3 km"]
    assert [sentence.label for sentence in recital.sentences] == TEXT.replace("food. ", "food.|").split("|")
    assert recital.sentences[0].end == recital.sentences[1].start < recital.words[3].start
    assert recital.sentences[-1].end == recital.seconds == len(recital.samples) / RATE
    assert (recital.voice.id, recital.language, recital.engine) == ("noah", "en", "espeak")


def test_it_is_as_loud_as_a_lesson_and_not_clipped(studio):
    samples = studio.say(TEXT, language="en").samples
    assert -17 < audio.loudness([samples]) < -15
    assert np.abs(samples).max() < 1.0


def test_the_same_text_gives_the_same_samples_and_is_spoken_once(studio, monkeypatch):
    first = studio.say(TEXT, language="en")
    monkeypatch.setattr("presenter.voices.speak", lambda *_, **__: pytest.fail("spoken again"))
    assert np.array_equal(studio.say(TEXT, language="en").samples, first.samples)


def test_speed_lies_over_that_of_the_text(studio):
    usual, fast = studio.say(TEXT, language="en"), studio.say(TEXT, language="en", speed=1.5)
    assert fast.seconds < 0.85 * usual.seconds


def test_progress_is_told_for_each_sentence(studio):
    told = []
    studio.say(TEXT, language="en", report=lambda done, count: told.append((done, count)))
    assert told == [(1, 2), (2, 2)]


def test_a_file_is_written_with_a_note_that_it_is_generated(capsys, tmp_path):
    status, out, err = run(capsys, "Hello there.", "--language", "en", "-o", "hello.wav")
    assert (status, err) == (0, "")
    assert out.startswith("hello.wav: 0:0")
    assert "of speech, 1 sentence in the voice Aria (espeak)" in out
    with soundfile.SoundFile(tmp_path / "hello.wav") as file:
        assert (file.samplerate, file.channels, file.subtype) == (RATE, 1, "PCM_16")
        assert "AI-generated" in file.comment
        assert file.frames > 0.5 * RATE
    assert [path.name for path in tmp_path.glob("*.wav")] == ["hello.wav"]


def test_flac_files_and_lessons_in_files_work_too(capsys, tmp_path):
    (tmp_path / "lesson.md").write_text("---\nvoice: ruth\nlanguage: en\n---\nHello there.\n")
    status, out, _ = run(capsys, "lesson.md", "-o", "hello.flac")
    assert status == 0
    assert "Ruth" in out
    assert soundfile.info(tmp_path / "hello.flac").format == "FLAC"


def test_words_are_printed_as_json(capsys):
    status, out, _ = run(capsys, "Hello there.", "--language", "en", "-o", "a.wav", "--json")
    said = json.loads(out)
    assert status == 0
    assert [word["text"] for word in said["words"]] == ["Hello", "there"]
    assert 0 < said["words"][0]["start"] < said["words"][1]["start"] < said["seconds"]


def test_a_dash_writes_the_sound_to_standard_output(capsysbinary):
    assert cli.main(["say", "Hello.", "--language", "en", "-o", "-"]) == 0
    samples, rate = soundfile.read(io.BytesIO(capsysbinary.readouterr().out))
    assert rate == RATE
    assert len(samples) > 0.3 * RATE


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["Hello.", "-o", "a.mp3"], 2, "E-OUT-TYPE"),
        (["Hello.", "-o", "nowhere/a.wav"], 3, "E-OUT-WRITE"),
        (["Hello.", "-o", "-", "--json"], 2, "E-USAGE"),
        (["", "-o", "a.wav"], 2, "E-SCRIPT-EMPTY"),
        (["Hello.", "-o", "a.wav", "--voice", "ari"], 2, "E-VOICE-NAME"),
        (["Hello.", "-o", "a.wav", "--speed", "9"], 2, "E-SPEED"),
        (["Hello.", "-o", "a.wav", "--speaker", "nobody"], 2, "E-ENGINE-NAME"),
        (["nowhere.txt", "-o", "a.wav"], 2, "E-SCRIPT-FILE"),
    ],
)
def test_what_cannot_be_said_is_told_in_one_sentence(capsys, tmp_path, arguments, status, code):
    found, _, err = run(capsys, *arguments)
    assert found == status
    assert err.startswith(f"{code}: ")
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("*.wav"))


@pytest.mark.parametrize("seed", ["-1", "4294967296", "x"])
def test_a_seed_that_is_none_is_refused(capsys, seed):
    status, _, err = run(capsys, "Hello.", f"--seed={seed}", "-o", "-")
    assert status == 2
    assert "whole number" in err


def test_a_folder_that_is_not_there_is_told_before_anything_is_spoken(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("presenter.studio.Studio.say", lambda *_, **__: pytest.fail("it spoke"))
    status, _, err = run(capsys, "Hello.", "-o", str(tmp_path / "nowhere" / "hello.wav"))
    assert status == 3
    assert "E-OUT-WRITE" in err


def test_a_long_text_says_first_that_it_is_generated_and_a_short_one_does_not(studio, monkeypatch):
    from presenter.exports import speech

    short = studio.say(TEXT, language="en")
    monkeypatch.setattr(speech, "ALOUD", short.seconds / 2)
    long = studio.say(TEXT, language="en")
    late = long.seconds - short.seconds
    notice = speech.said(short.voice, "en", studio.settings)
    assert late == pytest.approx(len(notice) / RATE + len(speech.PAUSE) / RATE, abs=0.001)
    assert np.corrcoef(long.samples[: len(notice)], notice)[0, 1] > 0.95
    assert long.words[0].start == pytest.approx(short.words[0].start + late)
    assert long.sentences[-1].end == pytest.approx(long.seconds)
