"""The score card of a voice, on people who are voices of the embedded engine."""

import json
import pickle
import struct
import sys

import numpy as np
import pytest
import soundfile

from presenter import cli, engines, hearing, people
from presenter.align import pitch
from presenter.engines import Engine, load, weights
from presenter.errors import EngineMissing, InputError, SetupError
from presenter.evaluate import lines, speakers, trial
from presenter.evaluate.trial import try_voice
from presenter.evaluate.voice import edge_errors, evaluate_voice
from presenter.settings import Settings
from presenter.types import Span, Style, Voice, Wave

TEXTS = (
    "The birch canoe slid on the smooth planks before the race began.",
    "Glue the sheet to the dark blue background and let it dry.",
    "It is easy to tell the depth of a well by the sound of a stone.",
    "These days a chicken leg is a rare dish in the mountain villages.",
)


class Parrot:
    """A speaker that learns nothing but speaks as one voice of the embedded engine, and knows no times."""

    variant = "f2"

    def study(self, references):
        assert all(one.text and len(one.wave.samples) for one in references)
        return {"variant": np.array(self.variant)}

    def languages(self):
        return ("en",)

    def speak(self, text, language, voice, *, style, seed):
        return load("speaker", "espeak").speak(text, language, voice, style=style, seed=seed)[0], None


@pytest.fixture(autouse=True)
def parrot(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "presenter.engines.parrots", sys.modules[__name__])
    row = Engine("speaker", "parrot", "parrots:Parrot", "1", "parrot", "Apache-2.0", True, cloning=True)
    monkeypatch.setattr(engines, "TABLE", (*engines.TABLE, row))
    engines._loaded.cache_clear()
    yield
    engines._loaded.cache_clear()


@pytest.fixture
def encoder():
    try:
        weights.find("speaker_encoder")
    except EngineMissing as error:
        pytest.skip(str(error))


def by_pitch(sounds):
    """Stands for the encoder: voices of one pitch are alike."""
    angles = np.array([2 * np.log2((pitch(sound) or 100) / 100) for sound in sounds])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def spoken(text, variant):
    return load("speaker", "espeak").speak(text, "en", {"variant": np.array(variant)}, style=Style(), seed=0)


@pytest.fixture
def person(tmp_path):
    """A folder of lines with texts and the times of their words."""
    folder = tmp_path / "person"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        wave, timing = spoken(text, "f2")
        soundfile.write(folder / f"{number}.wav", wave.samples, wave.rate)
        (folder / f"{number}.txt").write_text(text)
        rows = [{"text": word.label, "start": word.start, "end": word.end} for word in timing.words]
        (folder / f"{number}.words.json").write_text(json.dumps({"words": rows}))
    return folder


@pytest.fixture
def others(tmp_path):
    folder = tmp_path / "others"
    folder.mkdir()
    for variant in ("benjamin", "m3"):
        for number, text in enumerate(TEXTS[:1]):
            wave, _ = spoken(text, variant)
            soundfile.write(folder / f"{variant}-{number}.flac", wave.samples, wave.rate)
    return folder


# --- the card ---


def test_a_voice_that_is_the_person_is_near_and_passes(person, others, monkeypatch, tmp_path):
    monkeypatch.setattr(speakers, "embeddings", by_pitch)
    card = try_voice(
        Settings(home=tmp_path), person=str(person), speaker="parrot", train=2, others=str(others)
    )
    likeness = card.find("likeness")
    assert likeness.measure.value > 0.9
    assert likeness.real > 0.8
    assert card.find("nearest").measure.value == 100
    assert card.find("times").measure.value < 0.02
    assert card.find("loudness").measure.passed
    assert card.find("repeats").measure.passed
    assert card.find("real-time").measure.value < 0.3
    assert abs(card.find("pitch").measure.value - card.find("pitch").real) < 5
    assert (card.learnt, card.lines, card.engine) == (2, 2, "parrot")


def test_a_voice_that_is_somebody_else_misses_its_bars(person, others, monkeypatch, tmp_path):
    monkeypatch.setattr(speakers, "embeddings", by_pitch)
    monkeypatch.setattr(Parrot, "variant", "m3")
    card = try_voice(
        Settings(home=tmp_path), person=str(person), speaker="parrot", train=2, others=str(others)
    )
    assert card.find("nearest").measure.value == 0
    assert not card.find("nearest").measure.passed
    assert not card.passed


def test_without_its_models_a_measure_says_how_to_get_them_and_the_others_are_there(
    person, monkeypatch, tmp_path
):
    def missing(name):
        raise EngineMissing(
            "E-MODEL-MISSING", "It is not there.", "Run: presenter checkpoints fetch evaluate."
        )

    monkeypatch.setattr(weights, "require", missing)
    monkeypatch.setattr(hearing, "transcribe", lambda *_: None)
    speakers._weights.cache_clear()
    card = try_voice(Settings(home=tmp_path), person=str(person), speaker="parrot", train=2)
    assert card.find("likeness").measure.value is None
    assert "checkpoints fetch evaluate" in card.find("likeness").measure.note
    assert 'pip install -e ".[evaluate]"' in card.find("word-error").measure.note
    assert card.find("loudness").measure.passed
    assert card.passed


def test_words_that_are_not_understood_count_against_the_plain_voice(person, monkeypatch, tmp_path):
    monkeypatch.setattr(Parrot, "variant", "m3")
    pitches = []

    def half(wave, language):
        pitches.append(wave)
        return " ".join(TEXTS[2].split()[: 4 if len(pitches) % 2 else 99])

    monkeypatch.setattr(hearing, "transcribe", half)
    card = try_voice(Settings(home=tmp_path), person=str(person), speaker="parrot", train=2, most=1)
    error = card.find("word-error")
    assert error.measure.value > 0.7
    assert error.plain == 0
    assert not error.measure.passed


def test_a_voice_that_never_says_the_same_twice_misses_its_bar(monkeypatch):
    noise = np.random.default_rng(0)

    def speak(self, text, language, voice, *, style, seed):
        hum = np.sin(np.arange(22050) * 0.05) + noise.normal(0, 0.1, 22050)
        return Wave((0.4 * hum).astype(np.float32), 22050), None

    monkeypatch.setattr(Parrot, "speak", speak)
    heard = [lines.Line("a", Wave(np.zeros(0, np.float32), 16000), TEXTS[0])]
    card = evaluate_voice("x", "parrot", heard, real=False)
    assert card.find("repeats").measure.passed is False
    assert card.find("loudness").measure.passed
    assert card.find("likeness").measure.value is None


def test_a_built_in_voice_says_the_lines_of_enrolment(monkeypatch, capsys):
    monkeypatch.setattr(hearing, "transcribe", lambda *_: None)
    status = cli.main(["evaluate", "--voice", "Noah", "--most", "2"])
    out = capsys.readouterr().out
    assert status == 0
    assert out.startswith("Noah (espeak), built in; 2 other lines said")
    assert "loudness as it is published (LUFS)" in out


def test_an_enrolled_voice_is_learnt_anew_from_some_of_its_lines(person, monkeypatch, tmp_path):
    monkeypatch.setattr(speakers, "embeddings", by_pitch)
    monkeypatch.setattr(hearing, "transcribe", lambda *_: None)
    recorded = [engines.Recording(line.wave, line.text, "en") for line in lines.gather(str(person))]
    ada = Voice("ada", "Ada", "auto", "0" * 64, "consent", ("en",))
    monkeypatch.setattr(people.People, "voice", lambda self, name: ada)
    monkeypatch.setattr(people.People, "recordings", lambda self, voice: recorded)
    card = try_voice(Settings(home=tmp_path), voice="Ada", speaker="parrot")
    assert (card.voice, card.learnt, card.lines) == ("Ada", 2, 2)


def test_lines_of_an_enrolled_voice_are_of_its_own_language_and_their_texts_are_known(monkeypatch, tmp_path):
    ada = Voice("ada", "Ada", "auto", "0" * 64, "consent", ("de",))
    spoken = Wave(np.zeros(16_000, np.float32), 16_000)
    monkeypatch.setattr(people.People, "voice", lambda self, name: ada)
    asked = []
    monkeypatch.setattr(trial, "evaluate_voice", lambda *_, language, **__: asked.append(language))
    texts = ["Guten Tag.", "Guten Abend.", "Gute Nacht."]
    recorded = [engines.Recording(spoken, text, "de") for text in texts]
    monkeypatch.setattr(people.People, "recordings", lambda self, voice: recorded)
    try_voice(Settings(home=tmp_path), voice="Ada")
    assert asked == ["de"]
    free = [engines.Recording(spoken, "", "de")]
    monkeypatch.setattr(people.People, "recordings", lambda self, voice: free)
    with pytest.raises(InputError, match="E-LINES-TEXT"):
        try_voice(Settings(home=tmp_path), voice="Ada")


def test_the_card_is_json_on_request_and_the_exit_status_tells_a_missed_bar(person, capsys, monkeypatch):
    monkeypatch.setattr(speakers, "embeddings", by_pitch)
    monkeypatch.setattr(hearing, "transcribe", lambda *_: "")
    status = cli.main(["evaluate", "--person", str(person), "--speaker", "parrot", "--most", "1", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert status == (0 if found["passed"] else 1)
    assert {row["measure"]["name"] for row in found["rows"]} >= {"likeness", "word-error", "pitch", "clipped"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "E-USAGE"),
        (["--voice", "a", "--person", "b"], "E-USAGE"),
        (["--person", "nowhere"], "E-LINES-NONE"),
        (["--voice", "nobody"], "E-VOICE-NAME"),
        (["--voice", "aria", "--most", "0"], "E-USAGE"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_sentence(capsys, arguments, code):
    assert cli.main(["evaluate", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"{code}: ")


def test_lines_that_are_all_learnt_from_leave_none_to_say(person, tmp_path):
    with pytest.raises(InputError, match="E-LINES-FEW"):
        try_voice(Settings(home=tmp_path), person=str(person), speaker="parrot", train=4)


# --- lines ---


def beep(path):
    soundfile.write(path, np.full(1600, 0.1, np.float32), 16000)


def test_texts_are_found_as_data_sets_keep_them(tmp_path):
    for folder in ("ljs", "libri", "json", "above"):
        (tmp_path / folder).mkdir()
    beep(tmp_path / "ljs" / "LJ-1.wav")
    (tmp_path / "ljs" / "metadata.csv").write_text('LJ-1|In 1st "place|In first place\n')
    beep(tmp_path / "libri" / "84-1-0.flac")
    (tmp_path / "libri" / "84-1.trans.txt").write_text("84-1-0 AND SO IT WAS\n")
    beep(tmp_path / "json" / "b.wav")
    (tmp_path / "json" / "transcripts.json").write_text('{"b.wav": "By  file"}')
    beep(tmp_path / "above" / "c.wav")
    (tmp_path / "transcripts.json").write_text('{"above/c.wav": "From above"}')
    said = [lines.gather(str(tmp_path / folder))[0].text for folder in ("ljs", "libri", "json", "above")]
    assert said == ["In first place", "AND SO IT WAS", "By file", "From above"]


def test_lines_of_several_people_are_told_apart_by_their_names(tmp_path):
    for name in ("a-1", "a-2", "b-1"):
        beep(tmp_path / f"{name}.wav")
    found = lines.by_speaker(str(tmp_path))
    assert {speaker: len(group) for speaker, group in found.items()} == {"a": 2, "b": 1}
    assert len(lines.by_speaker(str(tmp_path / "b-*"))) == 1


def test_recordings_without_texts_and_broken_files_beside_them_are_told(tmp_path):
    beep(tmp_path / "a.wav")
    with pytest.raises(InputError, match="E-LINES-TEXT: Nothing tells what is said in the 1 recordings"):
        lines.gather(str(tmp_path))
    (tmp_path / "a.txt").write_text("Hello")
    (tmp_path / "a.words.json").write_text('{"words": [{"text": 1}]}')
    with pytest.raises(InputError, match=r'E-LINES-FILE: "a.words.json"'):
        lines.gather(str(tmp_path))


def test_edges_are_compared_of_words_that_both_have():
    found = [Span("The", 0.0, 0.2), Span("Cat,", 0.2, 0.5), Span("sat", 0.6, 0.9)]
    true = [Span("the", 0.1, 0.2), Span("sat", 0.6, 1.0)]
    assert edge_errors(found, true) == pytest.approx([0.1, 0.0, 0.0, 0.1])


# --- the speaker encoder ---


def test_recordings_of_one_voice_are_alike_and_of_two_are_not(encoder):
    wave, _ = spoken(TEXTS[0], "f2")
    paused = np.concatenate([wave.samples, np.zeros(2 * wave.rate, np.float32), wave.samples])
    nothing, silence = Wave(np.zeros(0, np.float32), 16000), Wave(np.zeros(16000, np.float32), 16000)
    found = speakers.embeddings(
        [
            wave,
            spoken(TEXTS[1], "f2")[0],
            spoken(TEXTS[0], "benjamin")[0],
            Wave(0.3 * paused, wave.rate),
            nothing,
            silence,
        ]
    )
    one, same, other, faint = found[:4]
    assert np.isfinite(found).all()
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-5)
    assert one @ same > one @ other + 0.2
    assert one @ faint > 0.9


class Evil:
    def __reduce__(self):
        return print, ("this must not run",)


def test_a_file_of_weights_that_would_run_something_is_refused(tmp_path, monkeypatch, capsys):
    path = tmp_path / "evil.pt"
    with path.open("wb") as file:
        for value in (1, 1001, {}, {"model_state": Evil()}):
            pickle.dump(value, file)
    monkeypatch.setattr(weights, "require", lambda _: path)
    speakers._weights.cache_clear()
    with pytest.raises(SetupError, match="E-MODEL-BROKEN"):
        speakers._weights()
    assert "must not run" not in capsys.readouterr().out


def test_tensors_are_read_from_their_places_in_the_storages(tmp_path):
    class Kind:
        pass

    class Storage:
        pass

    def rebuilt():
        pass

    class Tensor:
        def __reduce__(self):
            return rebuilt, (Storage(), 2, (2, 2), (2, 1), False, {})

    class Writer(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage", Kind, "7", "cpu", 6, None) if isinstance(value, Storage) else None

    Kind.__module__, Kind.__qualname__, Kind.__name__ = "torch", "FloatStorage", "FloatStorage"
    rebuilt.__module__, rebuilt.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch = type(sys)("torch")
    torch.FloatStorage, torch._utils = Kind, type(sys)("torch._utils")
    torch._utils._rebuild_tensor_v2 = rebuilt
    with pytest.MonkeyPatch.context() as patch, (tmp_path / "a.pt").open("wb") as file:
        patch.setitem(sys.modules, "torch", torch)
        patch.setitem(sys.modules, "torch._utils", torch._utils)
        for value in (1, 1001, {}, {"model_state": {"w": Tensor()}}, ["7"]):
            Writer(file, 2).dump(value)
        file.write(struct.pack("<q6f", 6, 0, 1, 2, 3, 4, 5))
    assert speakers._read(tmp_path / "a.pt")["w"].tolist() == [[2, 3], [4, 5]]
