"""What every speaker of the table promises: one body for all, and what the embedded one promises besides."""

import functools
import io
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from presenter.engines import Recording, engines, load
from presenter.errors import InputError, SetupError
from presenter.types import Style, Wave

TEXT = "Every green leaf is a small factory, and it runs on sunshine."
LINES = (
    "The north wind and the sun argued about who was stronger.",
    "A large fish jumped over the old wooden bridge.",
    "Thank you, she said, and poured another cup of tea.",
)


@pytest.fixture(params=[row.name for row in engines("speaker")])
def speaker(request):
    try:
        return load("speaker", request.param)
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture
def espeak():
    return load("speaker", "espeak")


@functools.cache
def studied(speaker):
    """A voice of the speaker's own, or one that it learnt from somebody's lines where it has none."""
    try:
        return speaker.study([])
    except InputError:
        person = {"variant": np.array("f5"), "pitch": np.array(2.0)}
        embedded = load("speaker", "espeak")
        waves = [embedded.speak(line, "en-US", person, style=Style(), seed=0)[0] for line in LINES]
        return speaker.study([Recording(wave, "") for wave in waves])


def say(speaker, text=TEXT, language="en-US", voice=None, **style):
    return speaker.speak(text, language, voice or studied(speaker), style=Style(**style), seed=0)


def assert_in_order(text, timing, seconds):
    at = 0
    for word in timing.words:
        at = text.index(word.label, at) + len(word.label)
        assert 0 <= word.start <= word.end <= seconds + 1e-6
    starts = [word.start for word in timing.words]
    assert starts == sorted(starts)
    assert timing.phonemes[0].start == 0
    assert timing.phonemes[-1].end == pytest.approx(seconds, abs=1e-6)
    for one, other in zip(timing.phonemes, timing.phonemes[1:], strict=False):
        assert one.start < one.end == other.start


# --- every speaker ---


def test_the_sound_is_finite_and_does_not_clip(speaker):
    wave, _ = say(speaker)
    assert wave.samples.dtype == np.float32
    assert wave.samples.ndim == 1
    assert np.isfinite(wave.samples).all()
    assert 0.05 < np.abs(wave.samples).max() < 1.0


def test_the_length_is_that_of_speech(speaker):
    wave, _ = say(speaker)
    assert 100 < len(TEXT.split()) / wave.seconds * 60 < 220


def test_the_same_arguments_give_the_same_samples(speaker):
    first, _ = say(speaker)
    time.sleep(1.0)  # no clock may be in it
    for language in ("de", "es", "hi"):
        if language in speaker.languages():
            say(speaker, "Guten Tag, 12.", language)
    again, _ = say(speaker)
    np.testing.assert_array_equal(first.samples, again.samples)


def test_what_was_studied_survives_being_kept(speaker):
    voice = studied(speaker)
    stream = io.BytesIO()
    np.savez(stream, **voice)
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as kept:
        wave, _ = say(speaker, voice=dict(kept))
    np.testing.assert_array_equal(wave.samples, say(speaker, voice=voice)[0].samples)


def test_the_timing_is_inside_the_sound(speaker):
    wave, timing = say(speaker)
    if timing is not None:
        assert_in_order(TEXT, timing, wave.seconds)


def test_a_language_that_it_cannot_speak_is_named(speaker):
    with pytest.raises(InputError) as raised:
        say(speaker, "molo", "xh")
    assert raised.value.code == "E-SCRIPT-LANG"
    assert "Xhosa" in raised.value.message
    assert "German" in raised.value.hint


def test_speed_changes_the_length(speaker):
    slow, fast = (say(speaker, speed=speed)[0].seconds for speed in (0.75, 1.4))
    assert 1.4 < slow / fast < 2.4


# --- the embedded speaker ---

SENTENCES = {
    "en-GB": "Dr Smith's well-known dog isn't here; it left at half past ten.",
    "de": "Straße zwischen Häusern, süße Äpfel und Öl.",
    "es-MX": "Hola, ¿cómo estás? Hoy aprendemos algo nuevo.",
    "fr": "Aujourd'hui, l'été commence à Besançon.",
    "hi": "नमस्ते दुनिया, यह एक परीक्षण है।",
    "zh-CN": "你好世界,今天我们学习人工智能。",
    "ru": "Привет, мир! Как дела?",
    "pt-BR": "Olá, mundo. Isto é uma lição.",
    "ar": "مرحبا بالعالم",
    "ko": "안녕하세요 여러분",
    "ja": "こんにちは、せかい。",
    "tr": "Merhaba dünya, nasılsın?",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_words_and_phonemes_fit_in_every_language(espeak, language):
    text = SENTENCES[language]
    wave, timing = say(espeak, text, language)
    assert_in_order(text, timing, wave.seconds)
    assert "".join(word.label for word in timing.words) == "".join(
        char for char in text if char.isalnum() or char in "'-" or ord(char) in range(0x900, 0x964)
    )
    assert all(word.end - word.start > 0.02 for word in timing.words)
    assert not any(set(span.label) & set("()0123456789?#") for span in timing.phonemes)


def test_speech_begins_at_once_and_ends_soon_after_its_last_sound(espeak):
    for text in (TEXT, "Yes.", "Ah, papa!"):
        wave, timing = say(espeak, text)
        heard = np.flatnonzero(np.abs(wave.samples) > 0.003)
        assert heard[0] / wave.rate < 0.1
        assert wave.seconds - heard[-1] / wave.rate < 0.25
        assert timing.phonemes[-1].label == ""


def test_the_closure_of_a_stop_belongs_to_the_stop(espeak):
    wave, timing = say(espeak, "A happy puppy stopped.")
    for span in timing.phonemes:
        if span.label == "p":
            sound = wave.samples[round(span.start * wave.rate) : round(span.end * wave.rate)]
            first, last = np.array_split(np.abs(sound), 2)
            assert np.median(first) < 0.2 * np.median(last)
            assert span.end - span.start > 0.05


def test_pauses_are_long_enough_to_follow(espeak):
    _, timing = say(espeak, "First light, then water. Then air.")
    comma, stop = (span.end - span.start for span in timing.phonemes[1:-1] if not span.label)
    assert 0.18 < comma < 0.32
    assert 0.4 < stop < 0.6


@pytest.mark.parametrize("text", ["...", "", "   ", "—", "!", "\x00\x07"])
@pytest.mark.parametrize("language", ["en", "cmn"])
def test_a_text_without_sound_is_a_short_silence(espeak, text, language):
    wave, timing = say(espeak, text, language)
    assert 0 < wave.seconds < 0.5
    assert not wave.samples.any()
    assert [span.label for span in timing.phonemes] == [""]
    assert timing.words == ()


def test_emoji_and_control_characters_do_not_move_the_words(espeak):
    text = "😀 Hello\x07 😀 world, 𝒳 is\tnice"
    wave, timing = say(espeak, text)
    assert [word.label for word in timing.words] == ["Hello", "world", "𝒳", "is", "nice"]
    assert_in_order(text, timing, wave.seconds)


def test_a_long_text_keeps_its_times(espeak):
    text = " ".join(["The quick brown fox jumps over the lazy dog."] * 60)
    wave, timing = say(espeak, text)
    assert len(timing.words) == 540
    assert_in_order(text, timing, wave.seconds)
    gaps = np.diff([word.start for word in timing.words if word.label == "fox"])
    assert gaps.std() < 0.01 * gaps.mean()


def pitches(wave):
    """Fundamental frequencies of the voiced parts (Hz), by autocorrelation."""
    found = []
    for at in range(0, len(wave.samples) - 1200, 400):
        part = wave.samples[at : at + 1200].astype(np.float64)
        likeness = np.correlate(part, part, "full")[1199:]
        shortest, longest = wave.rate // 330, wave.rate // 70
        lag = shortest + np.argmax(likeness[shortest:longest])
        if likeness[0] > 1 and likeness[lag] > 0.6 * likeness[0]:
            found.append(wave.rate / lag)
    return np.array(found)


def test_pitch_and_liveliness_are_obeyed(espeak):
    text = "Mama, may I have a lemon?"
    usual, high, flat, lively = (
        pitches(say(espeak, text, **style)[0])
        for style in ({}, {"pitch": 6.0}, {"liveliness": 0.0}, {"liveliness": 1.8})
    )
    assert np.median(high) / np.median(usual) == pytest.approx(2 ** (6 / 12), rel=0.08)
    assert flat.std() < 0.6 * usual.std() < 0.6 * lively.std()


def test_threads_do_not_disturb_one_another(espeak):
    texts = [f"Thread {word} is speaking now." for word in ("one", "two", "three", "four", "five", "six")]
    alone = [say(espeak, text)[0].samples for text in texts]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda text: say(espeak, text)[0].samples, texts))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("variant", ["f1", "f2", "f5", "edward", "benjamin"])
def test_breath_and_flutter_repeat_too(espeak, variant):
    voice = {"variant": np.array(variant)}
    first, _ = say(espeak, voice=voice)
    say(espeak, "यह एक परीक्षण है।", "hi", {"variant": np.array("m7")})
    np.testing.assert_array_equal(say(espeak, voice=voice)[0].samples, first.samples)


def test_languages_are_tags_that_it_takes_back(espeak):
    languages = espeak.languages()
    assert len(languages) > 100
    assert list(languages) == sorted(set(languages))
    assert {"en", "en-GB", "de", "es-419", "fr", "hi", "zh", "cmn", "pt-BR"} <= set(languages)
    for language in languages[::12]:
        assert say(espeak, "a", language)[0].seconds > 0


def test_japanese_with_kanji_is_refused_rather_than_misread(espeak):
    with pytest.raises(InputError) as raised:
        say(espeak, "世界のみなさん", "ja")
    assert raised.value.code == "E-SCRIPT-LANG"
    assert "世界" in raised.value.message


def test_an_unknown_variant_is_refused(espeak):
    with pytest.raises(InputError) as raised:
        say(espeak, voice={"variant": np.array("nobody")})
    assert raised.value.code == "E-VOICE-NAME"


def test_it_says_that_it_cannot_learn(espeak):
    with pytest.raises(InputError) as raised:
        espeak.study([Recording(Wave(np.zeros(10, np.float32), 16000), "hello")])
    assert raised.value.code == "E-VOICE-CLONE"
