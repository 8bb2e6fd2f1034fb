"""The embedded cloning. The person is another voice of the embedded engine, so everything is known of it."""

import io
import resource
import time

import numpy as np
import pytest

from presenter.engines import Recording, load
from presenter.engines.convert import analysis, learning, network, pairs, psola, source
from presenter.errors import InputError
from presenter.types import Style, Wave

PERSON = {"variant": np.array("f4"), "pitch": np.array(5.0), "pace": np.array(118.0)}
LINES = (
    "The north wind and the sun argued about who was stronger.",
    "A large fish jumped over the old wooden bridge.",
    "Thank you, she said, and poured another cup of tea.",
    "Every boy enjoys a good joke about cheese and shoes.",
    "Which measure of length did they choose for the tower?",
)
TEXT = "Green leaves make sugar from light, water and air."


def spoken(text, voice=PERSON, language="en-US"):
    return load("speaker", "espeak").speak(text, language, voice, style=Style(), seed=0)


def lines(texts=LINES, known=True):
    return [Recording(spoken(text)[0], text if known else "", "en-US" if known else "") for text in texts]


@pytest.fixture(scope="module")
def engine():
    return load("speaker", "convert")


@pytest.fixture(scope="module")
def voice(engine):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "_FEWEST_STEPS", 20)
        patch.setattr(learning, "_STEPS_A_SECOND", 1.0)
        patch.setattr(learning, "_ROUNDS", 1)
        return engine.study(lines())


@pytest.fixture(scope="module")
def blind(engine):
    return engine.study(lines(LINES[:3], known=False))


@pytest.fixture(scope="module")
def clone(engine, voice):
    return say(engine, voice)


def say(engine, voice, text=TEXT, language="en-US", **style):
    return engine.speak(text, language, voice, style=Style(**style), seed=0)


def features(wave):
    return analysis.analyse(wave)


def pitch(wave):
    """Median fundamental frequency (octaves)."""
    f0 = features(wave).f0
    return np.median(np.log2(f0[f0 > 0]))


def colour(wave):
    """Mean spectrum of the voiced frames, without its level, (ORDER - 1,)."""
    found = features(wave)
    return found.cepstra[found.f0 > 0, 1:].mean(axis=0)


def apart(one, other):
    return float(np.linalg.norm(one - other))


# --- it becomes the person ---


def test_the_clone_has_the_persons_pitch_spectrum_and_pace(clone):
    wave, _ = clone
    person, unchanged = spoken(TEXT)[0], spoken(TEXT, source.KINDS["high"])[0]
    assert abs(pitch(wave) - pitch(person)) < 0.25 * abs(pitch(unchanged) - pitch(person))
    assert apart(colour(wave), colour(person)) < 0.5 * apart(colour(unchanged), colour(person))
    assert abs(wave.seconds - person.seconds) < 0.5 * abs(unchanged.seconds - person.seconds)


def test_without_texts_pitch_and_spectrum_are_still_the_persons(engine, blind):
    wave, _ = say(engine, blind)
    person, unchanged = spoken(TEXT)[0], spoken(TEXT, source.KINDS["high"])[0]
    assert len(blind["phonemes"]) == 0
    assert abs(pitch(wave) - pitch(person)) < 0.3 * abs(pitch(unchanged) - pitch(person))
    assert apart(colour(wave), colour(person)) < 0.6 * apart(colour(unchanged), colour(person))


def test_what_is_said_stays_what_is_said(clone):
    """The clone follows the person's own saying of the text more closely than another text of theirs."""
    wave, _ = clone

    def unlikeness(text):
        found = source.say(text, "en-US", "high")
        other = features(Wave(wave.samples, wave.rate))
        places = np.clip(pairs.align(found, found.features.cepstra, other).round().astype(int), 0, None)
        return np.abs(found.features.cepstra[places, 1:13] - other.cepstra[:, 1:13]).mean()

    assert unlikeness(TEXT) < 0.8 * unlikeness("Round about noon, old Tom sold four boats to my uncle.")


# --- the sound and its timing ---


def test_the_sound_is_finite_and_does_not_clip(clone):
    wave, _ = clone
    assert wave.samples.dtype == np.float32
    assert np.isfinite(wave.samples).all()
    assert 0.1 < np.abs(wave.samples).max() < 0.99


def test_the_same_seed_gives_the_same_samples(engine, voice, clone):
    say(engine, voice, "Something else.")
    np.testing.assert_array_equal(say(engine, voice)[0].samples, clone[0].samples)


def test_the_timing_lies_inside_the_sound_and_on_it(clone):
    wave, timing = clone
    assert [word.label for word in timing.words] == TEXT.replace(",", "").replace(".", "").split()
    assert timing.phonemes[0].start == 0
    assert timing.phonemes[-1].end == pytest.approx(wave.seconds)
    for one, other in zip(timing.phonemes, timing.phonemes[1:], strict=False):
        assert one.start < one.end == other.start
    level = np.array([np.abs(wave.samples[int(s.start * wave.rate) : int(s.end * wave.rate)]).mean()
                      for s in timing.phonemes])  # fmt: skip
    silent = np.array([not span.label for span in timing.phonemes])
    assert level[silent].max() < 0.3 * np.median(level[~silent])


def test_a_kept_voice_says_the_same(engine, voice, clone):
    stream = io.BytesIO()
    np.savez(stream, **voice)
    assert stream.tell() < 100_000 * len(voice["recordings"]) / analysis.RATE + 1_500_000
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as kept:
        wave, _ = say(engine, dict(kept))
    np.testing.assert_array_equal(wave.samples, clone[0].samples)


def test_style_is_obeyed(engine, voice, clone):
    wave, _ = clone
    assert say(engine, voice, speed=1.5)[0].seconds < 0.8 * wave.seconds
    assert pitch(say(engine, voice, pitch=-6.0)[0]) == pytest.approx(pitch(wave) - 0.5, abs=0.12)

    def liveliness(found):
        f0 = features(found).f0
        return np.subtract(*np.percentile(np.log2(f0[f0 > 0]), [85, 15]))

    assert liveliness(say(engine, voice, liveliness=0.0)[0]) < 0.6 * liveliness(wave)


@pytest.mark.parametrize(("text", "language"), [
    ("Straße zwischen Häusern, süße Äpfel.", "de"), ("你好世界,今天我们学习。", "cmn"), ("नमस्ते दुनिया।", "hi"),
])  # fmt: skip
def test_languages_that_were_not_recorded_are_spoken_too(engine, voice, text, language):
    wave, timing = say(engine, voice, text, language)
    assert np.isfinite(wave.samples).all()
    assert len(timing.words) > 1
    assert abs(pitch(wave) - pitch(spoken(TEXT)[0])) < 0.25


@pytest.mark.parametrize("text", ["...", "", "—"])
def test_a_text_without_sound_is_a_short_silence(engine, voice, text):
    wave, timing = say(engine, voice, text)
    assert wave.seconds < 0.5
    assert not wave.samples.any()
    assert timing.words == ()


def test_a_long_text_needs_little_time_and_memory(engine, voice):
    text = " ".join([TEXT, LINES[0], LINES[3]] * 2)
    say(engine, voice)
    before, since = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    wave, _ = say(engine, voice, text)
    assert time.process_time() - since < 0.6 * wave.seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KB


# --- what it learns from ---


def test_a_line_that_is_plainly_another_text_is_not_compared(engine):
    wrong = Recording(spoken(LINES[0])[0], " ".join(LINES * 2), "en-US")
    assert learning._said(wrong, 600, "high") is None
    assert learning._said(Recording(wrong.wave, LINES[0], "xh"), 600, "high") is None
    assert learning._said(Recording(wrong.wave, LINES[0], "en-US"), 600, "high") is not None


def test_too_little_to_learn_from_is_said_in_plain_words(engine):
    chance = np.random.default_rng(0)
    silence = Wave(np.zeros(48_000 * 5, np.float32), 48_000)
    hiss = Wave((0.1 * chance.standard_normal(48_000 * 4)).astype(np.float32), 48_000)
    broken = Wave(np.full(48_000, np.nan, np.float32), 48_000)
    for references, code in (
        ([], "E-VOICE-SHORT"), ([Recording(silence, "")], "E-VOICE-SHORT"),
        ([Recording(spoken("Hi.")[0], "Hi.", "en")], "E-VOICE-SHORT"),
        ([Recording(Wave(np.zeros(0, np.float32), 16_000), "")], "E-VOICE-SHORT"),
        ([Recording(hiss, "")], "E-VOICE-NOSPEECH"), ([Recording(broken, "")], "E-VOICE-BROKEN"),
    ):  # fmt: skip
        with pytest.raises(InputError) as raised:
            engine.study(references)
        assert raised.value.code == code
        assert raised.value.hint


def test_it_does_not_speak_without_a_voice(engine):
    with pytest.raises(InputError) as raised:
        say(engine, {})
    assert raised.value.code == "E-VOICE-NONE"


# --- its parts ---


def test_pitch_follows_a_glide():
    rate, seconds = analysis.RATE, 1.0
    times = np.arange(round(rate * seconds)) / rate
    truth = 120.0 * 2.0**times
    phase = 2 * np.pi * np.cumsum(truth) / rate
    tone = sum(np.sin(k * phase) / k for k in range(1, 15)) * 0.2
    f0 = analysis.pitch(Wave(tone.astype(np.float32), rate))[10:-10]
    wanted = 120.0 * 2.0 ** (np.arange(10, 10 + len(f0)) * analysis.HOP)
    assert np.abs(np.log2(f0 / wanted)).max() < 0.02


def test_noise_has_no_pitch():
    hiss = (0.1 * np.random.default_rng(0).standard_normal(analysis.RATE)).astype(np.float32)
    assert (analysis.pitch(Wave(hiss, analysis.RATE)) > 0).mean() < 0.05


@pytest.mark.parametrize("hertz", [110, 220])
def test_the_envelope_is_that_of_the_filter_whatever_the_pitch(hertz):
    from scipy.signal import freqz, lfilter

    rate = analysis.RATE
    pulses = np.zeros(rate)
    pulses[(np.arange(hertz) * rate / hertz).astype(int)] = 0.01
    poles = [radius * np.exp(2j * np.pi * at / rate) for radius, at in ((0.97, 600), (0.96, 1500), (0.9, 0))]
    filter_ = np.poly([*poles, *np.conj(poles[:2])]).real
    truth = np.log(np.abs(freqz(1, filter_, worN=analysis.FFT // 2 + 1)[1]))[5:480]
    found = analysis.analyse(Wave(lfilter([1], filter_, pulses).astype(np.float32), rate))
    shape = analysis.spectra(found.cepstra)[40:160, 5:480] - truth
    assert np.abs(shape - shape.mean()).mean() < 0.12


def test_stretching_moves_a_formant():
    bins = np.arange(analysis.FFT // 2 + 1)
    peak = np.exp(-(((bins - 60) / 12.0) ** 2)).astype(np.float32)[None]
    moved = analysis.spectra((peak @ analysis._encoding()) @ analysis.stretching(1.2))
    assert moved[0].argmax() == pytest.approx(72, abs=2)


def test_the_networks_gradients_are_those_of_its_loss(monkeypatch):
    monkeypatch.setattr(network, "_DROPOUT", 0.0)
    monkeypatch.setattr(network, "_FORGET", 0.0)
    chance = np.random.default_rng(0)
    parameters = network._initial(6, 3, chance)
    parameters["out"] = chance.standard_normal(parameters["out"].shape) * 0.3
    parameters = {name: value.astype(np.float64) for name, value in parameters.items()}
    given, wanted = chance.standard_normal((2, 40, 6)), chance.standard_normal((2, 40, 3))
    weight = chance.uniform(0.1, 1.0, (2, 40))
    found = network._gradients(parameters, given, wanted, weight, slice(0, 0), chance)

    def loss(moved):
        error = np.stack([network.run(moved, one) for one in given]) - wanted
        total = (np.abs(error) * weight[:, :, None]).sum()
        return (total + 2.0 * (np.abs(np.diff(error, axis=1)) * weight[:, 1:, None]).sum()) / error.size

    for name, value in parameters.items():
        way = chance.standard_normal(value.shape)
        way /= np.linalg.norm(way)
        up, down = (loss({**parameters, name: value + step * way}) for step in (1e-3, -1e-3))
        assert (up - down) / 2e-3 == pytest.approx(float((found[name] * way).sum()), rel=0.05, abs=2e-4)


def test_alignment_finds_the_frames_and_steps_over_a_pause():
    found = source.say(LINES[0], "en-US", "high")
    wave, timing = spoken(LINES[0])
    word = timing.words[4]
    cut = round(word.start * wave.rate)
    gap = np.zeros(round(0.6 * wave.rate), np.float32)
    person = features(Wave(np.concatenate([wave.samples[:cut], gap, wave.samples[cut:]]), wave.rate))
    places = pairs.align(found, found.features.cepstra, person)
    assert (np.diff(places) >= 0).all()
    errors = [
        abs(np.interp((one.start + (0.6 if one.start >= word.start - 1e-6 else 0.0) + 0.02) / analysis.HOP,
                      np.arange(len(places)), places) * analysis.HOP - other.start)
        for one, other in zip(timing.words, found.timing.words, strict=True)
    ]  # fmt: skip
    assert np.median(errors) < 0.03
    assert max(errors) < 0.1


def test_pieces_put_back_where_they_were_give_the_same_sound():
    wave, _ = spoken(LINES[1])
    found = features(wave)
    peaks = psola.marks(wave.samples, found.f0)
    periods = np.diff(peaks) / wave.rate
    assert 0.8 < np.median(periods) * np.median(found.f0[found.f0 > 0]) < 1.2
    f0 = np.where(found.f0 > 0, found.f0, 200.0).astype(np.float32)
    flat = np.zeros((len(found), analysis.FFT // 2 + 1), np.float32)
    places = np.arange(len(found)) * analysis.STEP
    again = psola.overlap(wave.samples, peaks, places, found.f0, f0, flat, 0)
    one, other = features(wave), features(Wave(again, wave.rate))
    count = min(len(one), len(other))
    loud = one.cepstra[:count, 0] > np.percentile(one.cepstra[:, 0], 40)
    assert (
        np.abs(
            analysis.spectra(one.cepstra)[:count][loud] - analysis.spectra(other.cepstra)[:count][loud]
        ).mean()
        < 0.5
    )
