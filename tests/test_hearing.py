"""Listening to what was said: every way to fail is told from speech, and speech passes."""

import functools
import logging

import numpy as np
import pytest

from presenter import audio, delivery, engines, hearing, voices
from presenter.engines import Engine, load
from presenter.errors import WorkError
from presenter.types import Segment, Style, Wave

TEXT = "Every green leaf is a small factory, and it runs on sunshine."
OTHER = "How much would you pay for the blue and yellow chairs over there?"
RATE = 24_000

SENTENCES = {
    "en-GB": "In fourteen fifty-five a new kind of book was printed with movable letters.",
    "de": "Die Blätter einer Pflanze machen aus Licht und Wasser ihre eigene Nahrung.",
    "es": "Las hojas de una planta convierten la luz y el agua en su propio alimento.",
    "fr": "Les feuilles d'une plante transforment la lumière et l'eau en nourriture.",
    "hi": "पौधे की पत्तियाँ प्रकाश और पानी से अपना भोजन बनाती हैं।",
    "cmn": "植物的叶子用光和水制造自己的食物。",
}


@functools.cache
def say(text=TEXT, language="en-US", variant="edward", speed=1.0):
    """Good speech, in a voice that is not the one that it is compared with."""
    voice = {"variant": np.array(variant), "pitch": np.array(-2.0)}
    wave, _ = load("speaker", "espeak").speak(text, language, voice, style=Style(speed=speed), seed=1)
    return Wave(audio.resample(wave, RATE), RATE)


def changed(change, text=TEXT):
    samples = say(text).samples.copy()
    return Wave(np.asarray(change(samples), np.float32), RATE)


def kinds(wave, text=TEXT, language="en-US", **options):
    return [flaw.kind for flaw in hearing.hear(wave, text, language, **options).flaws]


@pytest.fixture
def deaf(monkeypatch):
    """No recogniser is installed."""
    monkeypatch.setattr(hearing, "transcribe", lambda wave, language: None)


# --- speech passes ---


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("variant", ["edward", "f2"])
def test_speech_has_no_flaw(deaf, language, variant):
    text = SENTENCES[language]
    assert kinds(say(text, language, variant), text, language) == []


@pytest.mark.parametrize("text", ["Yes.", "Is that so?", "One, two, three, four.", "Ah!"])
def test_short_sentences_have_no_flaw(deaf, text):
    assert kinds(say(text), text) == []


@pytest.mark.parametrize("speed", [0.75, 1.4])
def test_the_pace_that_was_asked_for_is_expected(deaf, speed):
    assert kinds(say(speed=speed), speed=speed) == []
    assert kinds(say(speed=speed)) == []


def test_what_the_text_repeats_may_be_heard_again(deaf):
    text = "Row, row, row your boat. Row, row, row your boat. Row, row, row your boat."
    assert kinds(say(text), text) == []


def test_a_loop_in_a_text_that_repeats_itself_is_heard(deaf):
    text = "Row, row, row your boat. Row, row, row your boat."
    assert "repeated" in kinds(changed(loop, text), text)


def test_a_text_without_sound_may_be_silent(deaf):
    assert kinds(Wave(np.zeros(5_000, np.float32), RATE), "…") == []


def test_noise_of_a_room_and_another_level_change_nothing(deaf):
    noise = np.random.default_rng(0).normal(0, 0.002, 200_000)
    assert kinds(changed(lambda samples: 0.2 * samples + noise[: len(samples)])) == []


# --- flaws are heard ---


def hush(samples):
    middle = len(samples) // 2
    return np.concatenate([samples[:middle], np.zeros(3 * RATE), samples[middle:]])


def loop(samples):
    middle = len(samples) // 2
    return np.concatenate([samples[:middle], *[samples[middle - RATE : middle]] * 3])


def broken(samples):
    samples[1000] = np.nan
    return samples


def echo(samples):
    """The last second again, a little faster and softer."""
    tail = audio.stretch(Wave(samples[-RATE - RATE // 4 : -RATE // 4], RATE), 1.03).samples
    return np.concatenate([samples, 0.8 * tail, 0.7 * tail])


def hum(samples):
    """A vowel that does not end."""
    times = np.arange(2 * RATE) / RATE
    vowel = sum(np.sin(2 * np.pi * 120 * k * times) / k for k in (1, 4, 5, 6, 20))
    return np.concatenate([samples, 0.2 * vowel])


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (broken, "broken"),
        (lambda samples: samples[:0], "silent"),
        (np.zeros_like, "silent"),
        (lambda samples: 1e-5 * samples, "silent"),
        (lambda samples: np.clip(5 * samples, -1, 1), "clipped"),
        (lambda samples: samples[: len(samples) // 4], "short"),
        (lambda samples: np.concatenate([samples, say(OTHER).samples, say(OTHER).samples]), "long"),
        (hush, "pause"),
        (loop, "repeated"),
        (echo, "repeated"),
        (hum, "repeated"),
        (lambda samples: np.concatenate([samples, samples]), "repeated"),
        (lambda samples: say(OTHER).samples, "words"),
        (lambda samples: np.delete(samples, np.s_[len(samples) // 3 : len(samples) * 2 // 3]), "missing"),
        (lambda samples: np.concatenate([samples, say(OTHER).samples[: 2 * RATE]]), "added"),
    ],
)
def test_a_flaw_is_heard(deaf, change, kind):
    assert kind in kinds(changed(change))


@pytest.mark.parametrize("language", SENTENCES)
def test_another_text_is_less_like_the_right_one_in_any_language(language):
    other = {"cmn": "请把那三本旧书放在桌子的左边。", "hi": "उसने पूछा कि क्या किसी ने दो पुरानी नावें देखी थीं।"}
    right = hearing.hear(say(SENTENCES[language], language), SENTENCES[language], language)
    wrong = hearing.hear(say(other.get(language, OTHER), language), SENTENCES[language], language)
    assert wrong.unlikeness > 2 * right.unlikeness > 0


def test_a_language_that_nobody_here_speaks_is_only_looked_at(deaf):
    assert kinds(say(), "molo", "xh") == []
    assert kinds(changed(loop), "molo", "xh") == ["repeated"]


def test_a_message_has_the_value_and_the_limit(deaf):
    short = hearing.hear(changed(lambda samples: samples[: len(samples) // 4]), TEXT, "en").flaws[0]
    assert short.message.startswith("it is too short: ")
    assert "s are expected" in short.message
    assert short.certain


def test_other_words_are_a_doubt_without_a_recogniser_and_certain_with_one(monkeypatch):
    for heard, certain in ((None, False), ("how much would you pay", True)):
        monkeypatch.setattr(hearing, "transcribe", lambda wave, language, heard=heard: heard)
        found = hearing.hear(say(OTHER), TEXT, "en")
        assert found.flaws[0].kind == "words"
        assert found.failed is certain


def test_a_recogniser_that_hears_the_text_overrules_the_doubt(monkeypatch):
    monkeypatch.setattr(hearing, "transcribe", lambda wave, language: "every green leaf is a small factory")
    assert kinds(say(OTHER)) == []


def test_word_errors_are_counted():
    assert hearing.word_error("One, two, three!", "one two three") == 0
    assert hearing.word_error("One two three four.", "one too three") == pytest.approx(0.5)
    assert hearing.word_error("Don’t stop forty-two", "don't stop forty two") == 0
    assert hearing.word_error("one", "") == 1


def test_the_recogniser_hears_the_text_and_hears_it_again():
    pytest.importorskip("pocketsphinx", reason="needs the package pocketsphinx")
    first = hearing.transcribe(say(variant="f2"), "en-US")
    hearing.transcribe(say(OTHER), "en-US")
    assert hearing.transcribe(say(variant="f2"), "en-US") == first
    assert hearing.word_error(TEXT, first) < hearing.ERRORS < hearing.word_error(OTHER, first)
    assert hearing.transcribe(say(), "de") is None


# --- trying again ---


class Failing:
    """A speaker that fails in one way for its first seeds."""

    def __init__(self, change, times):
        self.change, self.times = change, times
        self.seeds = []

    def study(self, references):
        return {"of": np.array(len(references))}

    def languages(self):
        return ("en",)

    def speak(self, text, language, voice, *, style, seed):
        self.seeds.append(seed)
        if len(self.seeds) > self.times:
            return say(text), None
        return Wave(np.asarray(self.change(say(text).samples.copy()), np.float32), RATE), None


REASONS = {
    "loop": "comes again at",
    "silence": "nothing is heard",
    "too long": "it is too long",
    "not numbers": "values that are no numbers",
}


def speak(speaker, text=TEXT, seed=7):
    return hearing.Careful(speaker).speak(text, "en-US", {}, style=Style(), seed=seed)[0]


WAYS = {
    "loop": loop,
    "silence": np.zeros_like,
    "too long": lambda samples: np.concatenate([samples, say(OTHER).samples, say(OTHER).samples]),
    "wrong text": lambda samples: say(OTHER).samples,
    "not numbers": broken,
}


@pytest.mark.parametrize("way", WAYS)
def test_what_went_wrong_is_said_again_with_the_next_seeds(deaf, way):
    speaker = Failing(WAYS[way], 2)
    wave = speak(speaker)
    assert speaker.seeds == [7, 8, 9]
    np.testing.assert_array_equal(wave.samples, say().samples)


def test_good_speech_is_said_once(deaf):
    speaker = Failing(loop, 0)
    speak(speaker)
    assert speaker.seeds == [7]


@pytest.mark.parametrize("way", REASONS)
def test_after_four_tries_the_sentence_is_named(deaf, way):
    speaker = Failing(WAYS[way], 99)
    with pytest.raises(WorkError) as raised:
        speak(speaker, TEXT + " And this goes on.")
    assert speaker.seeds == [7, 8, 9, 10]
    assert raised.value.code == "E-SPEECH-FAILED"
    assert raised.value.message.startswith('"Every green leaf is a small factory, and it runs on sunshin…"')
    assert "in 4 tries: " in raised.value.message
    assert REASONS[way] in raised.value.message
    assert "split it" in raised.value.hint


def test_an_engine_that_gives_up_is_asked_again(deaf):
    def refuse(samples):
        raise WorkError("E-VOICE-ENGINE", "It gave no sound.", "Try again.")

    speaker = Failing(refuse, 3)
    np.testing.assert_array_equal(speak(speaker).samples, say().samples)
    with pytest.raises(WorkError, match=r"E-SPEECH-FAILED.*gave no sound"):
        speak(Failing(refuse, 4))


def test_a_mere_doubt_keeps_the_nearest_try_and_is_logged(deaf, caplog):
    tries = iter([say(OTHER, variant=variant) for variant in ("f5", "f2", "edward", "f5")])
    kept = []

    class Doubtful(Failing):
        def speak(self, text, language, voice, *, style, seed):
            kept.append(next(tries))
            return kept[-1], None

    with caplog.at_level(logging.WARNING):
        wave = speak(Doubtful(None, 0))
    assert wave is min(kept, key=lambda one: hearing.hear(one, TEXT, "en-US").badness)
    assert "may not be said as it is written" in caplog.text
    assert "green" not in caplog.text


def test_what_a_careful_speaker_knows_is_what_the_speaker_knows():
    careful = hearing.Careful(Failing(loop, 0))
    assert careful.languages() == ("en",)
    assert careful.study([])["of"] == 0


@pytest.mark.parametrize(("checked", "tries"), [(True, 2), (False, 1)])
def test_only_engines_that_fail_at_times_are_listened_to(deaf, monkeypatch, checked, tries):
    row = Engine("speaker", "shaky", "standins:Shaky", "1", "fails", "Apache-2.0", True, checked=checked)
    monkeypatch.setattr(engines, "TABLE", (*engines.TABLE, row))
    segment, speaker = Segment("s", TEXT, "en-US", ""), Failing(loop, 1)
    voices.speak(
        segment, delivery.read(segment, lambda language: {}),
        speaker=speaker, speaker_name="shaky", voice={}, style=Style(),
    )  # fmt: skip
    assert len(speaker.seeds) == tries
    assert not engines.find("speaker", "espeak").checked
    assert engines.find("speaker", "pocket").checked
