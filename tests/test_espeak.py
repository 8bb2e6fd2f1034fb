"""The embedded speaker's direction: emphasis, changes of style, and sounds written in IPA."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from presenter import voices
from presenter.engines import load
from presenter.types import Part, Style


@pytest.fixture(scope="module")
def espeak():
    return load("speaker", "espeak")


def said(espeak, *parts, language="en-US", voice=None):
    """Words with their times, and phonemes as one text."""
    rows = [part if isinstance(part, Part) else Part(part, language) for part in parts]
    wave, timing = espeak.perform(rows, voice or {})
    phonemes = [span.label for span in timing.phonemes if span.label]
    return wave, {span.label: span for span in timing.words}, phonemes


def loudness(wave, span):
    sound = wave.samples[round(span.start * wave.rate) : round(span.end * wave.rate)].astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(sound, 400)[::200]
    return 10 * np.log10((frames**2).mean(axis=1).max())


# --- emphasis -----------------------------------------------------------------------------------


def highest(wave, span):
    """The highest fundamental frequency of a word (Hz), by autocorrelation."""
    sound = wave.samples[round(span.start * wave.rate) : round(span.end * wave.rate)].astype(np.float64)
    found = [0.0]
    for at in range(0, len(sound) - 1200, 200):
        likeness = np.correlate(sound[at : at + 1200], sound[at : at + 1200], "full")[1199:]
        lag = 70 + int(np.argmax(likeness[70:300]))
        if likeness[lag] > 0.7 * likeness[0] > 0.1:
            found.append(wave.rate / lag)
    return max(found)


@pytest.mark.parametrize("word", ["never", "she", "that"])
def test_an_emphasised_word_stands_out(espeak, word):
    text = "I never said that she stole it."
    before, _, after = text.partition(word)
    voice = {"variant": np.array("f2")}
    wave, words, _ = said(espeak, text, voice=voice)
    for degree, longer, higher in ((1, 1.2, 1.02), (2, 1.3, 1.08)):
        parts = Part(before, "en-US"), Part(word, "en-US", Style(emphasis=degree)), Part(after, "en-US")
        other, emphasised, _ = said(espeak, *parts, voice=voice)
        length = words[word].end - words[word].start
        assert emphasised[word].end - emphasised[word].start > longer * length
        assert highest(other, emphasised[word]) > higher * highest(wave, words[word])
        assert loudness(other, emphasised[word]) > loudness(wave, words[word]) - 0.5
        for label in ("stole", "it"):  # the others stay as they were
            kept = emphasised[label].end - emphasised[label].start
            assert kept == pytest.approx(words[label].end - words[label].start, abs=0.03)


def test_an_emphasised_small_word_has_its_full_vowel(espeak):
    _, _, usual = said(espeak, "We am here.")
    _, _, full = said(espeak, "We ", Part("am", "en-US", Style(emphasis=1)), " here.")
    assert "ɐ" in usual
    assert "ˈæ" in full


def test_less_emphasis_is_softer(espeak):
    wave, words, _ = said(espeak, "The leaf makes sugar.")
    other, reduced, _ = said(espeak, "The leaf ", Part("makes", "en-US", Style(emphasis=-1)), " sugar.")
    assert loudness(other, reduced["makes"]) < loudness(wave, words["makes"]) - 1.0


@pytest.mark.parametrize("voice", [voice.id for voice in voices.builtin()])
def test_the_strongest_emphasis_does_not_clip(espeak, voice):
    known = voices.arrays(voices.find_voice(voice, "en"))
    for text in ("Our father owns all the oil.", "He always wanted to go out into the wild."):
        wave, _, _ = said(espeak, Part(text, "en-US", Style(emphasis=2)), voice=known)
        assert np.abs(wave.samples).max() < 1.0


# --- changes of style inside a phrase -----------------------------------------------------------


def test_the_speed_changes_where_it_is_asked_for(espeak):
    _, usual, _ = said(espeak, "One green leaf makes seven sugars.")
    _, slow, _ = said(espeak, "One green ", Part("leaf makes", "en-US", Style(speed=0.6)), " seven sugars.")
    for word, factor in (("green", 1.0), ("makes", 1.5), ("seven", 1.0), ("sugars", 1.0)):
        ratio = (slow[word].end - slow[word].start) / (usual[word].end - usual[word].start)
        assert ratio == pytest.approx(factor, rel=0.15)


def test_parts_of_a_phrase_have_no_silence_between_them(espeak):
    _, timing = espeak.perform(
        [Part("A very ", "en"), Part("calm", "en", Style(speed=0.8)), Part(" sea.", "en")], {}
    )
    assert all(span.label for span in timing.phonemes[1:-1])


def test_one_part_is_the_same_as_speaking_it(espeak):
    text = "Plants [really] drink water, don't they?"
    wave, timing = espeak.perform([Part(text, "en-GB", Style(speed=1.1))], {})
    other, again = espeak.speak(text, "en-GB", {}, style=Style(speed=1.1))
    np.testing.assert_array_equal(wave.samples, other.samples)
    assert timing == again


def test_words_keep_their_order_and_times_among_commands(espeak):
    words = ["Every", "single", "leaf", "is", "one", "small", "factory"]
    parts = [Part(f"{word} ", "en", Style(emphasis=at % 3, pitch=at)) for at, word in enumerate(words)]
    wave, timing = espeak.perform(parts, {})
    assert [span.label for span in timing.words] == words
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(timing.words))
    assert timing.phonemes[-1].end == pytest.approx(wave.seconds)


# --- sounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sound", "heard"),
    [
        ("en-US", "/təˈmeɪtoʊ/", "t ə m ˈeɪ ɾ oʊ"),
        ("en-GB", "/təˈmɑːtəʊ/", "t ə m ˈɑː t əʊ"),
        ("en-US", "/ˌsɪŋˈɡɪŋ/", "s ˌɪ ŋ ɡ ˈɪ ŋ"),
        ("de", "/ʃɛf/", "ʃ ɛ f"),
        ("de", "/ˈt͡ʃɛlo/", "tʃ ˈɛ l o"),
        ("fr", "/bɔ̃ˈʒuʁ/", "b ɔ̃ ʒ ˈu ʁ"),
        ("es", "/ˈxwan/", "x w ˈa n"),
        ("hi", "/nəmˈsteː/", "n ə m s t ˈeː"),
        ("en-US", "tuh-MAY-toe", "t ə m ˈeɪ ɾ oʊ"),
        ("de", "MÜN-chen", "m ˈyː n ç eː n"),
    ],
)
def test_sounds_come_back_as_the_phonemes_that_are_heard(espeak, language, sound, heard):
    _, words, phonemes = said(
        espeak, "One ", Part("Chef", language, sound=sound), ", two.", language=language
    )
    assert heard in " ".join(phonemes)
    assert list(words) == ["One", "Chef", "two"]


@pytest.mark.parametrize(
    ("language", "sound", "heard"),
    [
        ("es", "/ʃy/", "ʃ"),
        ("en-US", "/ʁy/", "ʁ"),
        ("cmn", "/θɪ/", "θ"),
        ("de", "/wɒθ/", "θ"),
        ("fr", "/hɪŋ/", "h"),
    ],
)
def test_sounds_that_a_language_lacks_are_replaced_by_their_nearest(espeak, language, sound, heard):
    _, _, phonemes = said(espeak, Part("word", language, sound=sound), language=language)
    assert heard in phonemes
    assert len(phonemes) == len(sound.strip("/"))


def test_signs_without_a_sound_are_passed_over(espeak):
    _, _, phonemes = said(espeak, Part("word", "en-US", sound="/ˈn.juː.tʰən̩/"))
    assert phonemes[:3] == ["n", "j", "ˈuː"]
    assert len(phonemes) == 6


def test_a_sound_that_holds_nothing_leaves_the_word(espeak):
    _, words, phonemes = said(espeak, Part("word", "en-US", sound="/˥˥/"))
    assert list(words) == ["word"]
    assert "".join(phonemes) == "wˈɜːd"


def test_norwegian_is_spoken_by_its_older_names_too(espeak):
    for language in ("no", "nb", "nn"):
        _, words, _ = said(espeak, "God dag", language=language)
        assert list(words) == ["God", "dag"]


def test_sounds_can_be_made_in_nearly_every_language(espeak):
    silent = []
    for language in [*sorted({tag.split("-")[0] for tag in espeak.languages()})[::3], "kl"]:
        _, _, phonemes = said(espeak, Part("word", language, sound="/ˈmata/"), language=language)
        plain = "".join(phonemes).translate(str.maketrans("ɑɐæ", "aaa", "ˈː"))
        if not plain.startswith("ma"):
            silent.append(language)
    assert set(silent) <= {"kl", "mto"}
