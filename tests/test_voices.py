"""Speaking a segment: where the words are, how loud it is, and what is kept."""

import itertools

import numpy as np
import pytest

from presenter import audio, text, voices
from presenter.engines import load
from presenter.errors import InputError
from presenter.types import RATE, Pronunciation, Segment, Span, Speech, Style, Timing, Wave

PARAGRAPH = (
    "Welcome to this short lesson.",
    "Today we look at how plants make their food from light, water, and air.",
    "She sells six fresh sea shells!",
    "Yes.",
    "Is that really so?",
)


def spoken(written, language="en-US", voice="aria", pause=0.0, pronunciations=(), **style):
    return voices.speak(
        Segment("s1", written, language, "", pause=pause, pronunciations=pronunciations),
        text.read(written, language, pronunciations, {}),
        speaker=load("speaker", "espeak"),
        speaker_name="espeak",
        voice=voices.arrays(voices.find_voice(voice, language)),
        style=Style(**style),
    )


def assert_fits(speech, written):
    at = 0
    for word in speech.timing.words:
        at = written.index(word.label, at) + len(word.label)
        assert 0 <= word.start < word.end <= speech.seconds
    for one, other in itertools.pairwise(speech.timing.words):
        assert one.end <= other.start + 1e-9
    phonemes = speech.timing.phonemes
    assert phonemes[0].start == 0
    assert phonemes[-1].end == speech.seconds
    assert all(one.end == other.start for one, other in itertools.pairwise(phonemes))
    assert all(span.end > span.start for span in phonemes)
    assert not any(one.label == other.label == "" for one, other in itertools.pairwise(phonemes))


def heard(speech):
    loud = np.flatnonzero(np.abs(speech.samples) > 0.01)
    return loud[0] / RATE, loud[-1] / RATE


# --- time ---


def test_a_segment_has_its_lead_and_its_pause():
    speech, longer = spoken("Plants drink water."), spoken("Plants drink water.", pause=1.5)
    start, end = heard(speech)
    assert start == pytest.approx(voices.LEAD, abs=0.03)
    assert speech.seconds - end == pytest.approx(voices.TAIL, abs=0.08)
    assert longer.seconds - speech.seconds == pytest.approx(1.5, abs=1e-6)
    np.testing.assert_array_equal(longer.samples[: len(speech.samples)], speech.samples)


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("It costs $3.50 today.", "en-US", ["It", "costs", "$3.50", "today"]),
        ("In 1984, 12 of 100 left.", "en-US", ["In", "1984", "12", "of", "100", "left"]),
        ("Don't “quote” well-known — words!", "en-GB", ["Don't", "quote", "well-known", "words"]),
        ("Am 3.10. kamen 25 % mehr.", "de", ["Am", "3.10", "kamen", "25 %", "mehr"]),
        ("学习人工智能。", "cmn", ["学", "习", "人", "工", "智", "能"]),
        ("नमस्ते दुनिया।", "hi", ["नमस्ते", "दुनिया"]),
    ],
)
def test_words_carry_the_written_text(written, language, expected):
    speech = spoken(written, language)
    assert_fits(speech, written)
    assert [word.label for word in speech.timing.words] == expected


def test_a_pronunciation_changes_the_sound_and_not_the_label():
    written = "Use SQL now."
    said = (Pronunciation(4, 7, "sequel"),)
    plain, changed = spoken(written), spoken(written, pronunciations=said)
    assert [word.label for word in changed.timing.words] == ["Use", "SQL", "now"]
    assert len(changed.samples) != len(plain.samples)


def test_words_stand_where_they_are_heard():
    speech = spoken("Stop, and go.")
    stop, and_, go = speech.timing.words
    gap = speech.samples[round((stop.end + 0.04) * RATE) : round((and_.start - 0.02) * RATE)]
    assert np.abs(gap).max() < 0.03
    assert heard(speech)[0] == pytest.approx(stop.start, abs=0.1)
    assert heard(speech)[1] == pytest.approx(go.end, abs=0.06)


def test_a_text_without_sound_is_a_silent_segment():
    speech = spoken("...", pause=0.5)
    assert speech.seconds == pytest.approx(voices.LEAD + voices.TAIL + 0.5, abs=0.01)
    assert not speech.samples.any()
    assert speech.timing == Timing((), (Span("", 0.0, speech.seconds),))


def test_an_engine_without_times_is_timed_by_the_embedded_voice():
    class Untimed:
        def speak(self, text, language, voice, *, style, seed):
            wave, _ = load("speaker", "espeak").speak(
                text, language, {"variant": np.array("m3")}, style=Style(speed=1.2), seed=seed
            )
            return Wave(audio.resample(wave, 24_000) * np.float32(0.1), 24_000), None

    written = "Every green leaf is a small factory."
    speech = voices.speak(
        Segment("a", written, "en-US", ""), text.read(written, "en-US"),
        speaker=Untimed(), speaker_name="other", voice={}, style=Style(),
    )  # fmt: skip
    assert_fits(speech, written)
    assert " ".join(word.label for word in speech.timing.words) == written[:-1]
    assert audio.loudness([speech.samples]) == pytest.approx(voices.LEVEL, abs=1.0)
    assert heard(speech)[0] == pytest.approx(voices.LEAD, abs=0.03)


# --- sound ---


@pytest.mark.parametrize("voice", [voice.id for voice in voices.builtin()])
def test_a_mastered_paragraph_has_minus_sixteen(voice):
    speeches = [spoken(sentence, voice=voice).samples for sentence in PARAGRAPH]
    gain = -16 - audio.loudness(speeches)
    mastered = list(audio.master(iter(speeches), gain))
    assert audio.loudness(mastered) == pytest.approx(-16, abs=1.0)
    assert audio.true_peak(np.concatenate(mastered)) < -1.0
    assert sum(map(len, mastered)) == sum(map(len, speeches))


def test_sentences_of_a_voice_are_equally_loud():
    levels = [audio.loudness([spoken(sentence).samples]) for sentence in PARAGRAPH]
    assert np.ptp(levels) < 3.0
    assert np.mean(levels) == pytest.approx(voices.LEVEL, abs=1.0)


@pytest.mark.parametrize("voice", [voice.id for voice in voices.builtin()])
def test_pace_is_that_of_calm_explaining(voice):
    speech = spoken(PARAGRAPH[1] + " " + PARAGRAPH[0], voice=voice)
    start, end = heard(speech)
    assert 135 < 19 / (end - start) * 60 < 175


def test_it_neither_clips_nor_clicks():
    speech = spoken(PARAGRAPH[2])
    assert speech.samples.dtype == np.float32
    assert np.abs(speech.samples).max() < 0.9
    assert speech.samples[0] == speech.samples[-1] == 0
    assert np.abs(np.diff(speech.samples[: round(voices.LEAD * RATE)])).max() < 0.02


def test_the_same_segment_gives_the_same_samples():
    first = spoken(PARAGRAPH[0])
    spoken("Guten Tag.", "de", "noah", pitch=3.0)
    np.testing.assert_array_equal(spoken(PARAGRAPH[0]).samples, first.samples)


def test_builtin_voices_differ():
    sounds = [spoken("Hello.", voice=voice.id).samples for voice in voices.builtin()]
    for one, other in itertools.combinations(sounds, 2):
        assert len(one) != len(other) or np.abs(one - other).max() > 0.01


# --- names ---


def test_voices_are_found_by_name_in_any_case():
    assert voices.find_voice("Noah", "de").id == "noah"
    assert voices.find_voice("auto", "hi") == voices.builtin()[0]
    assert voices.arrays(voices.find_voice("noah", "de"))["variant"] != ""


def test_an_unknown_voice_is_answered_with_the_known_ones():
    with pytest.raises(InputError) as raised:
        voices.find_voice("Arya", "en")
    assert raised.value.code == "E-VOICE-NAME"
    assert 'Did you mean "aria"?' in raised.value.hint
    assert "noah" in raised.value.hint


# --- keeping ---


def test_a_kept_speech_comes_back_exactly(tmp_path):
    speech = spoken("Ein „schöner“ Tag, 3,50 €.", "de")
    voices.save(speech, tmp_path / "draft")
    again = voices.load_speech(tmp_path / "draft")
    assert again.segment == speech.segment
    assert again.timing == speech.timing
    assert again.samples.dtype == np.float32
    np.testing.assert_array_equal(again.samples, speech.samples)


def test_keeping_it_twice_gives_the_same_bytes(tmp_path):
    speech = Speech("a", np.zeros(10, np.float32), Timing((), (Span("", 0.0, 10 / RATE),)))
    for name in ("one", "two"):
        voices.save(speech, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_studied_voice_survives_its_file_and_says_the_same(tmp_path):
    voice = voices.find_voice("noah", "en")
    np.savez(tmp_path / "voice.npz", **voices.study(voice))
    with np.load(tmp_path / "voice.npz") as found:
        kept = dict(found)
    assert kept["equaliser"].shape == (20,)
    speaker = load("speaker", "espeak")
    one, two = (
        speaker.speak("Plants make sugar.", "en", known, style=Style(), seed=0)[0].samples
        for known in (voices.arrays(voice), kept)
    )
    assert np.array_equal(one, two)
    assert voices._colour_of(kept) == voices._colour_of(voices.arrays(voice))
