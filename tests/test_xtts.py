"""XTTS through coqui-tts on a tiny model with random weights: it speaks no language, but it is loaded,
studied and spoken with as the released one."""

import importlib.util
import io
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest
import tiny

from presenter import settings
from presenter.engines import Recording, find
from presenter.errors import EngineMissing, InputError, SetupError, WorkError
from presenter.types import Style, Wave

torch = pytest.importorskip("torch", reason='needs the package torch: pip install -e ".[xtts]"')
if importlib.util.find_spec("TTS") is None:
    pytest.skip('needs the package coqui-tts: pip install -e ".[xtts]"', allow_module_level=True)

from presenter.engines import xtts  # noqa: E402
from presenter.engines.xtts import files  # noqa: E402
from presenter.engines.xtts import model as models  # noqa: E402

TEXT = "Every green leaf is a small factory."
SENTENCES = {
    "ar": "مرحبا بالعالم، هذا درس.",
    "cs": "Každý zelený list je malá továrna.",
    "de": "Süße Äpfel und Öl.",
    "en-GB": "Dr Smith's well-known dog isn't here.",
    "es-MX": "Hola, ¿cómo estás?",
    "fr": "L'été à Besançon.",
    "hi": "नमस्ते दुनिया, यह एक परीक्षण है।",
    "hu": "Jó napot kívánok.",
    "it": "Perché no?",
    "ja": "今日は光合成を学びます。",
    "ko": "안녕하세요 여러분.",
    "nl": "Dhr. Jansen komt.",
    "pl": "Każdy zielony liść.",
    "pt-BR": "Olá, mundo.",
    "ru": "Привет, мир!",
    "tr": "Merhaba dünya.",
    "cmn": "今天我们学习人工智能。",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("checkpoints")
    tiny.build(place / "xtts")
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def engine(place):
    """One for the module, loaded once; a test that changes it makes its own with ``fresh``."""
    return made(place)


@pytest.fixture
def fresh(place, tmp_path):
    """A folder of its own, for a test that changes the files."""
    shutil.copytree(place / "xtts", tmp_path / "xtts")
    yield tmp_path
    shutil.rmtree(tmp_path / "xtts")


def made(place):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "current", lambda: settings.Settings(checkpoints=place))
        return xtts.Xtts()


def recording(seconds=4.0, rate=22_050, pitch=120):
    times = np.arange(int(seconds * rate)) / rate
    waves = np.sin(2 * np.pi * pitch * times) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * times))
    return Recording(Wave((0.3 * waves).astype(np.float32), rate), "")


@pytest.fixture(scope="module")
def voice(engine):
    return engine.study([recording()])


def say(engine, voice, text=TEXT, language="en-US", seed=0, speed=2.0):
    """What it says, at double speed, which halves the work."""
    return engine.speak(text, language, voice, style=Style(speed=speed), seed=seed)[0]


def refused(action, kind, code):
    with pytest.raises(kind) as raised:
        action()
    assert raised.value.code == code
    return raised.value


# --- voices ---


def test_a_voice_is_two_arrays_and_studying_it_again_gives_the_same(engine, voice):
    assert {name: (value.shape, value.dtype) for name, value in voice.items()} == {
        "gpt_cond_latent": ((1, 32, tiny.WIDTH), np.float32),
        "speaker_embedding": ((1, 512, 1), np.float32),
    }
    again = engine.study([recording()])
    for name, value in voice.items():
        np.testing.assert_array_equal(again[name], value)


def test_a_voice_comes_back_from_its_file_exactly(engine, voice):
    stream = io.BytesIO()
    np.savez(stream, **voice)
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as found:
        kept = dict(found)
    np.testing.assert_array_equal(say(engine, kept).samples, say(engine, voice).samples)


def test_the_embedding_of_several_lines_is_their_mean(engine, voice):
    other = engine.study([recording(pitch=220, rate=48_000)])
    both = engine.study([recording(), recording(pitch=220, rate=48_000)])
    mean = (voice["speaker_embedding"] + other["speaker_embedding"]) / 2
    np.testing.assert_allclose(both["speaker_embedding"], mean, atol=1e-6)
    assert np.abs(other["speaker_embedding"] - voice["speaker_embedding"]).max() > 1e-3


def test_so_much_as_is_listened_to_counts_and_no_more(engine, monkeypatch):
    monkeypatch.setattr(xtts, "LISTENED", 5)
    long = recording(8.0)
    samples = long.wave.samples.copy()
    samples[xtts.LISTENED * long.wave.rate :] = 0.25
    changed = engine.study([Recording(Wave(samples, long.wave.rate), "")])
    for name, value in engine.study([long]).items():
        np.testing.assert_allclose(changed[name], value, atol=1e-5)


def test_too_little_speech_is_refused(engine):
    error = refused(lambda: engine.study([recording(1.2)]), InputError, "E-VOICE-SHORT")
    assert "1.2 s of speech; at least 3 s" in error.message
    scraps = [recording(0.1) for _ in range(40)]
    assert "0.0 s" in refused(lambda: engine.study(scraps), InputError, "E-VOICE-SHORT").message


def test_the_voices_of_the_model_can_be_spoken_in_and_the_first_stands_for_none(engine):
    voices = engine.builtin()
    assert list(voices) == ["Tiny One", "Tiny Two"]
    one, two = (say(engine, voice).samples for voice in voices.values())
    assert not np.array_equal(one, two)
    np.testing.assert_array_equal(say(engine, {}).samples, one)
    np.testing.assert_array_equal(
        engine.study([])["speaker_embedding"], voices["Tiny One"]["speaker_embedding"]
    )


@pytest.mark.parametrize(
    "strange",
    [
        {"variant": np.array("f2")},
        {"gpt_cond_latent": np.zeros((1, 32, 1024), np.float32), "speaker_embedding": np.zeros((1, 512, 1))},
        {"gpt_cond_latent": np.zeros((1, 32, tiny.WIDTH), np.float32)},
    ],
    ids=["of another engine", "of another model", "half"],
)
def test_a_voice_that_it_did_not_learn_is_refused(engine, strange):
    refused(lambda: say(engine, strange), InputError, "E-VOICE-KIND")


# --- speaking ---


def test_the_sound_is_finite_and_does_not_clip(engine, voice):
    wave = say(engine, voice, speed=1.0)
    assert (wave.rate, wave.samples.dtype, wave.samples.ndim) == (24_000, np.float32, 1)
    assert np.isfinite(wave.samples).all()
    assert 0.05 < np.abs(wave.samples).max() < 1
    # Of tokens of 1024 samples at 22 050 Hz the model makes so many at most, and as many here.
    assert wave.seconds == pytest.approx((tiny.LONGEST - 3) * 1024 / 22_050, abs=0.05)


def test_the_same_seed_gives_the_same_samples_and_another_others(engine, voice):
    one, other = say(engine, voice, seed=3), say(engine, voice, seed=4)
    torch.rand(7)
    np.testing.assert_array_equal(one.samples, say(engine, voice, seed=3).samples)
    assert not np.array_equal(one.samples, other.samples)
    assert say(engine, voice, seed=2**70 + 3).seconds > 0


def test_the_random_numbers_of_others_go_on_as_if_nothing_was_said(engine, voice):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    say(engine, voice)
    assert torch.equal(torch.rand(3), expected)
    assert not torch.are_deterministic_algorithms_enabled()


def test_speed_changes_the_length(engine, voice):
    slow, fast = (say(engine, voice, speed=speed).seconds for speed in (0.75, 1.5))
    assert slow / fast == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("text", ["...", "", " — ", "\x00\x07"])
def test_a_text_without_sound_is_a_short_silence(engine, text):
    wave = say(engine, {}, text)
    assert 0 < wave.seconds < 0.5
    assert not wave.samples.any()


def test_a_long_text_is_said_in_pieces_with_pauses(engine, voice):
    text = "When light falls on a leaf, the leaf begins to work at once. " * 6
    pieces = engine._pieces(text, "en")
    assert len(pieces) == 2
    each = say(engine, voice, pieces[0]).seconds
    assert 2 * each + 0.2 < say(engine, voice, text).seconds < 2 * each + 0.5


def test_no_piece_has_more_tokens_than_the_model_takes(engine, monkeypatch):
    monkeypatch.setattr(engine._model().args, "gpt_max_text_tokens", 30)
    pieces = engine._pieces(TEXT * 3, "en")
    assert len(pieces) > 3
    assert all(len(engine._model().tokenizer.encode(piece, "en")) < 30 for piece in pieces)


def test_a_model_that_gives_no_sound_says_so(fresh):
    engine = made(fresh)
    model = engine._model()
    with torch.no_grad():
        model.gpt.mel_head.bias[model.args.gpt_stop_audio_token] = 1e4
    refused(lambda: say(engine, {}), WorkError, "E-VOICE-ENGINE")


# --- streams ---


def test_a_stream_comes_in_parts_the_same_with_the_same_seed(engine, voice, monkeypatch):
    monkeypatch.setattr(xtts, "PART", 8)
    text = "When light falls on a leaf, the leaf begins to work at once. " * 6
    style = Style(speed=2.0)
    torch.manual_seed(5)
    expected = torch.rand(9)
    torch.manual_seed(5)
    parts, numbers = [], []
    for part in engine.stream(text, "en", voice, style=style, seed=1):
        parts.append(part)
        numbers.append(torch.rand(1))
    assert torch.equal(torch.cat(numbers), expected[: len(numbers)])
    assert len(parts) == 5  # two of each piece, and the pause between
    assert not parts[2].samples.any()
    sound = np.concatenate([part.samples for part in parts])
    assert sound.dtype == np.float32
    assert 0.05 < np.abs(sound).max() < 1
    again = np.concatenate([part.samples for part in engine.stream(text, "en", voice, style=style, seed=1)])
    np.testing.assert_array_equal(again, sound)


def test_a_stream_of_nothing_is_a_short_silence(engine):
    (part,) = engine.stream("…", "en", {}, style=Style(), seed=0)
    assert 0 < part.seconds < 0.5


# --- languages and spelling ---


def test_languages_are_those_of_the_model(engine, fresh):
    assert len(engine.languages()) == 17
    assert list(engine.languages()) == sorted(engine.languages())
    file = fresh / "xtts" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"languages": ["en", "zh-cn", "vi"]}))
    assert made(fresh).languages() == ("en", "zh")


@pytest.mark.parametrize("language", SENTENCES)
def test_every_language_is_spelt_for_the_model(engine, language):
    text, code = SENTENCES[language], engine._code(language)
    (piece,) = engine._pieces(text, code)
    tokenizer = engine._model().tokenizer
    ids = tokenizer.encode(piece, code)
    assert ids[0] == tokenizer.tokenizer.token_to_id(f"[{code}]")
    assert len(ids) > 3


def test_chinese_japanese_and_korean_are_written_in_letters(engine):
    spell = engine._model().tokenizer.preprocess_text
    assert spell("今天", "zh") == "jin1tian1"
    assert spell("今日は", "ja") == "kyou wa"
    assert spell("여러분", "ko").isascii()


@pytest.mark.parametrize(("language", "name"), [("xh", "Xhosa"), ("yue", "Cantonese"), ("zh-HK", "")])
def test_a_language_that_it_cannot_speak_is_named(engine, language, name):
    error = refused(lambda: say(engine, {}, "molo", language), InputError, "E-SCRIPT-LANG")
    assert name in error.message
    assert "German" in error.hint
    assert "Mandarin" in error.hint


def test_a_package_that_spells_a_language_is_named_where_it_is_missing(engine, monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        xtts.importlib.util, "find_spec", lambda name: None if name == "cutlet" else there(name)
    )
    error = refused(lambda: say(engine, {}, "今日は", "ja"), EngineMissing, "E-ENGINE-MISSING")
    assert "cutlet" in error.message
    assert "Japanese" in error.message
    assert ".[xtts]" in error.hint
    assert error.exit == 3


@pytest.mark.parametrize(
    ("text", "language", "spelt"),
    [
        ("It works. Does it?", "en", "it works . does it ?"),
        ("Dhr. Jansen komt.", "nl", "de heer jansen komt ."),
        ("Ez a vitamin B.", "hu", "ez a vitamin b ."),
        ("Işık İstanbul'da.", "tr", "ışık istanbul'da ."),
        ("Hear [de] this [STOP] now", "en", "hear de this stop now"),
        ("这是课。今天学。", "zh-cn", "这是课 。今天学 。"),
    ],
)
def test_text_is_spelt_so_that_the_model_reads_what_is_meant(engine, text, language, spelt):
    engine._model()
    assert xtts._spelt(text, language) == spelt


def test_a_text_holds_no_commands_for_the_model(engine):
    tokenizer = engine._model().tokenizer
    plain = engine._pieces("hear [de] this [STOP] now", "en")[0]
    ids = tokenizer.encode(plain, "en")
    commands = [tokenizer.tokenizer.token_to_id(name) for name in ("[de]", "[STOP]", "[START]")]
    assert not set(ids) & set(commands)


# --- files ---


@pytest.mark.parametrize("file", ["config.json", "model.pth", "vocab.json", "speakers_xtts.pth"])
def test_a_missing_file_is_named_with_its_place(fresh, file):
    (fresh / "xtts" / file).unlink()
    error = refused(lambda: made(fresh), EngineMissing, "E-MODEL-MISSING")
    assert file in error.message
    assert "checkpoints/xtts" in error.message
    assert "coqui/XTTS-v2" in error.hint
    assert error.exit == 3


class Evil:
    """Asks whoever unpickles it to run a command."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize(
    "save", [torch.save, lambda content, file: file.write_bytes(pickle.dumps(content, 2))]
)
def test_weights_that_ask_to_run_code_are_not_loaded(fresh, tmp_path, save):
    save({"model": {}, "x": Evil(tmp_path / "ran")}, fresh / "xtts" / "model.pth")
    error = refused(lambda: say(made(fresh), {}), SetupError, "E-MODEL-UNSAFE")
    assert "model.pth asks to run code (posix.system)" in error.message
    assert not (tmp_path / "ran").exists()


def test_voices_that_ask_to_run_code_are_not_loaded(fresh, tmp_path):
    torch.save({"Evil": Evil(tmp_path / "ran")}, fresh / "xtts" / "speakers_xtts.pth")
    error = refused(made(fresh).builtin, SetupError, "E-MODEL-UNSAFE")
    assert "speakers_xtts.pth asks to run code (posix.system)" in error.message
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("file", "keep"),
    [
        ("config.json", 0.6),
        ("vocab.json", 0.6),
        ("speakers_xtts.pth", 0.6),
        ("model.pth", 0.6),
        ("model.pth", 0),
    ],
)
def test_a_damaged_file_is_named(fresh, file, keep):
    path = fresh / "xtts" / file
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])

    def use():
        engine = made(fresh)
        engine.builtin()
        say(engine, {})

    error = refused(use, SetupError, "E-MODEL-BROKEN")
    assert file in error.message
    assert "checkpoints/xtts" in error.hint
    assert str(fresh) not in str(error)


def test_weights_of_another_shape_are_refused(fresh):
    file = fresh / "xtts" / "config.json"
    known = json.loads(file.read_text())
    known["model_args"]["gpt_layers"] = 3
    file.write_text(json.dumps(known))
    error = refused(lambda: say(made(fresh), {}), SetupError, "E-MODEL-KIND")
    assert len(error.message) < 200


@pytest.mark.parametrize("content", [{"weights": {}}, [1, 2], {"model": {"a": 1}}])
def test_weights_of_something_else_are_refused(fresh, content):
    torch.save(content, fresh / "xtts" / "model.pth")
    refused(lambda: say(made(fresh), {}), SetupError, "E-MODEL-KIND")


def test_the_description_of_another_model_is_refused(fresh):
    (fresh / "xtts" / "config.json").write_text('{"model": "vits", "languages": ["en"]}')
    assert '"vits"' in refused(lambda: made(fresh), SetupError, "E-MODEL-KIND").message


def test_weights_of_the_first_release_are_read_and_left_as_they_are(fresh):
    file = fresh / "xtts" / "model.pth"
    library = models.coqui()
    config = library.XttsConfig()
    config.load_json(fresh / "xtts" / "config.json")
    content = {"model": torch.load(file, weights_only=True)["model"], "config": config}
    with library._legacy_safe_globals():  # it held its settings as an object of a class that has moved
        torch.save(content, file)
    before = file.read_bytes()
    assert b"TTS.tts.models.xtts" in before
    expected = say(made(fresh), {}).samples
    assert len(expected)
    assert file.read_bytes() == before


# --- the process around it ---


def test_nothing_goes_to_the_network(fresh, monkeypatch):
    def refuse(*_):
        raise AssertionError("it asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert say(made(fresh), {}).seconds > 0
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_where_the_gpu_is_too_small_it_speaks_on_the_cpu(engine, voice, monkeypatch, caplog):
    class Crowded:
        device = torch.device("cuda")

        def cpu(self):
            self.device = torch.device("cpu")

        def inference(self, text, **arguments):
            if self.device.type == "cuda":
                torch.rand(1)
                raise torch.OutOfMemoryError("CUDA out of memory")
            return {"wav": torch.rand(2400).numpy()}

    crowded = made_of(engine, Crowded(), monkeypatch)
    first = crowded._say("Hello.", {}, 7)
    assert "speaks on the CPU" in caplog.text
    np.testing.assert_array_equal(crowded._say("Hello.", {}, 7), first)


def test_too_little_memory_is_said_in_plain_words(engine, monkeypatch):
    class Full:
        device = torch.device("cpu")

        def inference(self, text, **arguments):
            raise torch.OutOfMemoryError("out of memory")

    full = made_of(engine, Full(), monkeypatch)
    assert "memory" in refused(lambda: full._say("Hello.", {}, 0), WorkError, "E-VOICE-ENGINE").message


def test_too_little_memory_for_the_model_is_not_taken_for_a_damaged_file(place, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

    monkeypatch.setattr(torch, "load", full)
    error = refused(lambda: say(made(place), {}), WorkError, "E-VOICE-ENGINE")
    assert "memory" in error.message


def made_of(engine, model, monkeypatch):
    monkeypatch.setattr(engine, "_loaded", model)
    return engine


def test_what_is_missing_further_down_is_named(place, monkeypatch):
    def lacking():
        raise ModuleNotFoundError("No module named 'six'", name="six")

    monkeypatch.setattr(models, "coqui", lacking)
    error = refused(lambda: say(made(place), {}), EngineMissing, "E-ENGINE-MISSING")
    assert "needs the package six" in error.message
    assert ".[xtts]" in error.hint


def test_the_stand_in_for_torchaudio_is_gone_after_loading(engine):
    engine._model()
    assert "torchcodec" not in sys.modules or sys.modules["torchcodec"].__spec__.loader
    assert "torchaudio" not in sys.modules or sys.modules["torchaudio"].__spec__.loader


def test_nothing_heavy_is_imported_before_it_speaks(place):
    code = (
        "import sys, presenter, presenter.engines as e; from presenter.engines import xtts;"
        "print(len(e.engines()), xtts.Xtts().languages()[0]);"
        "assert not {'torch', 'TTS', 'librosa', 'transformers'} & set(sys.modules)"
    )
    environment = os.environ | {"PRESENTER_CHECKPOINTS": str(place)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[1] == "ar"


def test_its_row_says_what_it_is_and_what_its_licence_forbids():
    row = find("speaker", "xtts")
    assert (row.commercial, row.cloning, row.extra) == (False, True, "xtts")
    assert row.licence.startswith("CPML")
    assert row.languages == str(len(files.LANGUAGES))


# --- the stand-in for torchaudio ---


def test_mel_spectrograms_are_those_of_the_definition(engine):
    from presenter.engines.xtts.spectrogram import MelSpectrogram

    mel = MelSpectrogram(
        sample_rate=22_050, n_fft=2048, win_length=1024, hop_length=256, f_max=8000, n_mels=80
    )
    assert list(mel.state_dict()) == ["spectrogram.window", "mel_scale.fb"]
    assert tuple(mel.state_dict()["mel_scale.fb"].shape) == (1025, 80)
    times = torch.arange(22_050) / 22_050
    power = mel(torch.sin(2 * torch.pi * 1000 * times)[None])
    assert tuple(power.shape) == (1, 80, 1 + 22_050 // 256)
    # HTK's scale: 2595 log10(1 + f / 700), 82 corners from 0 to 8000 Hz, so that filter n is centred on
    # corner n + 1.
    position = np.log10(1 + 1000 / 700) / np.log10(1 + 8000 / 700) * 81
    assert abs(int(power[0, :, 40].argmax()) + 1 - position) < 1


def test_the_stand_in_resamples_nothing(engine):
    from presenter.engines.xtts.spectrogram import resample

    sound = torch.zeros(1, 10)
    assert resample(sound, 16_000, 16_000) is sound
    with pytest.raises(NotImplementedError):
        resample(sound, 22_050, 16_000)
