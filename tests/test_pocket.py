"""pocket-tts through the library's own loading, on a tiny model with random weights: it hums, but it is
built, loaded, studied and spoken with as the real one."""

import io
import json

import numpy as np
import pytest

from presenter import delivery, settings, voices
from presenter.engines import Recording
from presenter.errors import EngineMissing, InputError, SetupError, WorkError
from presenter.types import Segment, Style, Wave

torch = pytest.importorskip("torch", reason="needs the package torch")
pytest.importorskip("pocket_tts", reason="needs the package pocket-tts")

from presenter.engines import pocket  # noqa: E402

TEXT = "Every green leaf is a small factory."
CONFIG = """
weights_path: hf://nobody/nothing/model.safetensors
weights_path_without_voice_cloning: hf://nobody/nothing/other.safetensors
default_eos_threshold: {threshold}
model_recommended_frames_after_eos: 2
flow_lm:
  insert_bos_before_voice: true
  dtype: float32
  flow: {{depth: 1, dim: 16}}
  transformer: {{d_model: 32, hidden_scale: 2, max_period: 10000, num_heads: 2, num_layers: 2}}
  lookup_table:
    {{dim: 32, n_bins: {words}, tokenizer: sentencepiece, tokenizer_path: hf://nobody/nothing/tokenizer.model}}
mimi:
  dtype: float32
  sample_rate: 24000
  inner_dim: 8
  outer_dim: 16
  channels: 1
  frame_rate: 12.5
  seanet:
    {{dimension: 16, channels: 1, n_filters: 2, n_residual_layers: 1, ratios: [6, 5, 4], kernel_size: 7,
     residual_kernel_size: 3, last_kernel_size: 3, dilation_base: 2, pad_mode: constant, compress: 2}}
  transformer:
    {{d_model: 16, num_heads: 2, num_layers: 1, layer_scale: 0.01, context: 50, dim_feedforward: 32,
     input_dimension: 16, output_dimensions: [16]}}
  quantizer: {{dimension: 8, output_dimension: 16}}
"""


def write_tokenizer(folder):
    """A vocabulary of letters and punctuation, in the format of the released models."""
    pieces = ["<unk>", "▁", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,;:!?'-äöüß0123456789"]
    space = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    model = {"type": "Unigram", "unk_id": 0, "vocab": [[piece, -1.0] for piece in pieces]}
    rows = {"version": "1.0", "pre_tokenizer": space, "decoder": space, "model": model, "added_tokens": []}
    rows |= {"truncation": None, "padding": None, "normalizer": None, "post_processor": None}
    (folder / "tokenizer.json").write_text(json.dumps(rows))
    return len(pieces)


def build(folder, seed=0, threshold=-100.0):
    """A model with random weights in the layout of the released ones. With the low threshold it ends after
    its first frames, as soon as the library lets it."""
    from pocket_tts import TTSModel
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    text = CONFIG.format(threshold=threshold, words=write_tokenizer(folder))
    (folder / "config.yaml").write_text(text)
    bare = folder / "bare.yaml"
    lines = [line for line in text.splitlines() if not line.startswith("weights_path")]
    bare.write_text(
        "\n".join(lines).replace("hf://nobody/nothing/tokenizer.model", str(folder / "tokenizer.json"))
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = TTSModel.load_model(config=bare)
        # Untrained layers begin as zeros or nearly: noise lets text and voice reach the sound.
        noise = {name: 0.2 * torch.randn(value.shape) for name, value in model.state_dict().items()}
        noise["flow_lm.speaker_proj_weight"] *= 100
        weights = {name: value + noise[name].to(value.dtype) for name, value in model.state_dict().items()}
    bare.unlink()
    save_file(weights, folder / "model.safetensors")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    place = tmp_path_factory.mktemp("checkpoints")
    build(place / "pocket" / "english")
    build(place / "pocket" / "german_24l", seed=1)
    return place


@pytest.fixture
def place(built, monkeypatch):
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=built))
    return built


@pytest.fixture
def engine(place):
    return pocket.Pocket()


def recording(seconds=5.0, rate=16_000, pitch=120):
    times = np.arange(int(seconds * rate)) / rate
    waves = np.sin(2 * np.pi * pitch * times) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * times))
    return Recording(Wave((0.3 * waves).astype(np.float32), rate), "")


def say(engine, voice, text=TEXT, language="en-US", seed=0, **style):
    return engine.speak(text, language, voice, style=Style(**style), seed=seed)[0]


# --- voices ---


def test_a_voice_says_the_same_with_the_same_seed_and_otherwise_with_another(engine):
    voice = engine.study([recording()])
    one, other = say(engine, voice, seed=3), say(engine, voice, seed=4)
    np.testing.assert_array_equal(one.samples, say(engine, voice, seed=3).samples)
    assert len(one.samples) != len(other.samples) or not np.allclose(one.samples, other.samples)


def test_the_sound_is_that_of_speech_in_its_format(engine):
    wave = say(engine, engine.study([recording()]))
    assert wave.rate == 24_000
    assert wave.samples.dtype == np.float32
    assert wave.samples.ndim == 1
    assert np.isfinite(wave.samples).all()
    assert 0 < np.abs(wave.samples).max() < 1


def test_a_voice_comes_back_from_its_file_exactly(engine):
    voice = engine.study([recording()])
    stream = io.BytesIO()
    np.savez(stream, **voice)
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as found:
        kept = dict(found)
    assert kept.keys() == voice.keys()
    for name, value in voice.items():
        assert kept[name].dtype == value.dtype
        np.testing.assert_array_equal(kept[name], value)
    np.testing.assert_array_equal(say(engine, kept).samples, say(engine, voice).samples)


def test_another_person_sounds_otherwise(engine):
    one, other = (say(engine, engine.study([recording(pitch=pitch)])) for pitch in (110, 220))
    assert len(one.samples) != len(other.samples) or not np.allclose(one.samples, other.samples)


def test_each_model_that_is_there_hears_the_person(engine):
    voice = engine.study([recording()])
    names = {name.split("/")[0].rpartition("-")[0] for name in voice if "/" in name}
    assert names == {"english", "german_24l"}


def test_a_model_that_came_later_hears_the_kept_sound(engine):
    voice = engine.study([recording()])
    before = say(engine, voice, language="de", text="Guten Tag, liebe Leute.")
    late = {name: value for name, value in voice.items() if not name.startswith("german")}
    again = say(engine, late, language="de", text="Guten Tag, liebe Leute.")
    np.testing.assert_array_equal(again.samples, before.samples)


def test_a_state_of_other_weights_is_not_used(engine, place, tmp_path, monkeypatch):
    voice = engine.study([recording()])
    build(tmp_path / "pocket" / "english", seed=9)
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=tmp_path))
    other = pocket.Pocket()
    fresh = say(other, other.study([recording()]))
    np.testing.assert_array_equal(say(other, voice).samples, fresh.samples)


def test_only_so_much_is_listened_to_and_whole_lines_come_first(engine):
    long, short = recording(9.0), recording(2.0)
    prompt = engine.study([long, long, short])["prompt"]
    assert len(prompt) / pocket.RATE == pytest.approx(11.25, abs=0.05)
    assert len(engine.study([recording(40.0)])["prompt"]) / pocket.RATE <= pocket.PROMPT


def test_a_long_recording_is_cut_in_a_pause(engine):
    sound = recording(30.0).wave
    samples = sound.samples.copy()
    samples[10 * sound.rate : round(10.3 * sound.rate)] = 0
    prompt = engine.study([Recording(Wave(samples, sound.rate), "")])["prompt"]
    assert 10.0 < len(prompt) / pocket.RATE < 10.3


@pytest.mark.parametrize(
    "references", [[], [recording(1.0)], [Recording(Wave(np.zeros(200_000, np.float32), 16_000), "")]]
)
def test_too_little_speech_is_refused(engine, references):
    with pytest.raises(InputError) as raised:
        engine.study(references)
    assert raised.value.code == "E-VOICE-SHORT"
    assert "at least 3 s" in raised.value.message


# --- speaking ---


def test_speed_changes_the_length(engine):
    voice = engine.study([recording()])
    slow, fast = (say(engine, voice, speed=speed).seconds for speed in (0.75, 1.5))
    assert slow / fast == pytest.approx(2.0, rel=0.15)


def test_a_long_text_is_cut_by_the_library(engine):
    voice = engine.study([recording()])
    one, four = (say(engine, voice, text=" ".join([TEXT] * count)).seconds for count in (1, 4))
    assert four == pytest.approx(4 * one, rel=0.01)


def test_what_is_no_speech_is_refused_and_the_sentence_named(engine):
    segment = Segment("s", TEXT, "en-US", "")
    with pytest.raises(WorkError) as raised:
        voices.speak(
            segment, delivery.read(segment, lambda language: {}),
            speaker=engine, speaker_name="pocket", voice=engine.study([recording()]), style=Style(),
        )  # fmt: skip
    assert raised.value.code == "E-SPEECH-FAILED"
    assert TEXT in raised.value.message


def test_a_text_without_sound_is_silent(engine):
    wave = say(engine, engine.study([recording()]), text=" … ")
    assert 0 < wave.seconds < 1
    assert not wave.samples.any()


def test_the_numbers_of_others_and_their_threads_stay_as_they_were(engine):
    voice = engine.study([recording()])
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    say(engine, voice)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_a_model_without_end_is_stopped_by_the_library(tmp_path, monkeypatch):
    build(tmp_path / "pocket" / "english", threshold=100.0)
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=tmp_path))
    engine = pocket.Pocket()
    wave = say(engine, engine.study([recording()]), text="Hi there.")
    assert 2.0 < wave.seconds < 8.0


# --- what is there ---


def test_languages_are_those_of_the_models(engine):
    assert engine.languages() == ("de", "en")


def test_a_language_without_a_model_here_names_files_and_folder(engine):
    with pytest.raises(EngineMissing) as raised:
        say(engine, {}, "Bonjour.", "fr-FR")
    assert "French" in raised.value.message
    assert "model.safetensors and tokenizer.json into checkpoints/pocket/french" in raised.value.hint


def test_a_language_that_no_model_speaks_is_named(engine):
    with pytest.raises(InputError) as raised:
        say(engine, {}, "molo", "xh")
    assert raised.value.code == "E-SCRIPT-LANG"
    assert "Xhosa" in raised.value.message
    assert "German" in raised.value.hint


def test_missing_weights_name_files_and_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=tmp_path))
    with pytest.raises(EngineMissing) as raised:
        pocket.Pocket()
    assert raised.value.code == "E-MODEL-MISSING"
    assert "model.safetensors" in raised.value.message
    assert "checkpoints/pocket" in raised.value.message
    assert "kyutai/pocket-tts" in raised.value.hint


def test_a_missing_package_is_named(place, monkeypatch):
    monkeypatch.setattr(pocket.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pocket"):
        pocket.Pocket()


def test_damaged_weights_are_refused_in_plain_words(tmp_path, monkeypatch, caplog):
    build(tmp_path / "pocket" / "english")
    (tmp_path / "pocket" / "english" / "model.safetensors").write_bytes(b"no tensors")
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=tmp_path))
    with pytest.raises(SetupError) as raised:
        pocket.Pocket().study([recording()])
    assert raised.value.code == "E-MODEL-BROKEN"
    assert "checkpoints/pocket/english" in raised.value.message


def test_nothing_is_fetched(place, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("it asked for the internet")

    import socket

    import pocket_tts.utils.utils as library

    monkeypatch.setattr(library, "hf_hub_download", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    pocket._load.cache_clear()
    engine = pocket.Pocket()
    say(engine, engine.study([recording()]))


def test_a_released_model_takes_its_description_from_the_library(tmp_path):
    folder = tmp_path / "italian_24l"
    folder.mkdir()
    assert pocket._config(folder).name == "italian_24l.yaml"
    assert pocket._config(tmp_path) is None
