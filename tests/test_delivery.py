"""How a segment is said: its parts, the silences between them, and what each engine makes of them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from presenter import delivery, script, voices
from presenter.engines import load
from presenter.pronunciations import chosen
from presenter.settings import Settings
from presenter.types import RATE, Entry, Part, Segment, Span, Style, Timing, Wave


def segment_of(source, language="en") -> Segment:
    (segment,) = script.parse(source, language=language).segments
    return segment


def parts_of(source, language="en", style=Style(), lexicon=()):  # noqa: B008 - frozen
    segment = segment_of(source, language)
    reading = delivery.read(segment, lambda tag: chosen(lexicon, tag))
    return delivery.parts(segment, reading, style)


def speech_of(source, language="en", speaker=None):
    segment = segment_of(source, language)
    reading = delivery.read(segment, lambda _: {})
    return voices.speak(
        segment, reading, speaker=speaker or load("speaker", "espeak"),
        speaker_name="tone" if speaker else "espeak",
        voice={} if speaker else voices.arrays(voices.find_voice("aria", language)), style=Style(),
    )  # fmt: skip


class Tone:
    """A speaker that cannot direct its voice: a tone of 0.1 s a word, and silence around it."""

    def __init__(self, timed=True):
        self.asked = []
        self.timed = timed

    def languages(self):
        return ("de", "en")

    def study(self, references):
        return {}

    def speak(self, text, language, voice, *, style, seed):
        self.asked.append((text, language, style, seed))
        words = [word.strip(",.") for word in text.split() if word.strip(",.")]
        count = 2400 * len(words)
        tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(count) / 24000).astype(np.float32)
        wave = Wave(np.concatenate([np.zeros(2400, np.float32), tone, np.zeros(4800, np.float32)]), 24000)
        spans = tuple(Span(word, 0.1 + 0.1 * at, 0.2 + 0.1 * at) for at, word in enumerate(words))
        sounds = (Span("", 0.0, 0.1), *(replace(span, label="a") for span in spans))
        timing = Timing(spans, (*sounds, Span("", 0.1 + 0.1 * len(words), wave.seconds)))
        return wave, timing if self.timed else None


def silences(samples, rate, least=0.1):
    """Length of each silence inside a sound (s)."""
    heard = np.flatnonzero(np.abs(samples) > 0.003)
    return [float(gap) / rate for gap in np.diff(heard) if gap > least * rate]


# --- parts --------------------------------------------------------------------------------------


def test_a_plain_sentence_is_one_part():
    assert parts_of("It cost $2.") == (Part("It cost two dollars.", "en"),)


def test_parts_together_are_the_spoken_text():
    found = parts_of("It *really* cost [lang de]3,50 €[/lang], [pause 1] not [slow]$2 a piece[/slow].")
    assert [part.text.strip() for part in found if part.style.emphasis] == ["really"]
    assert "".join(part.text for part in found) == (
        "It really cost drei Euro fünfzig, not two dollars a piece."
    )
    assert [part.text.strip() for part in found if part.language == "de"] == ["drei Euro fünfzig,"]
    assert [part.pause for part in found if part.pause] == [1.0]
    assert [part.text.strip() for part in found if part.style.speed == 0.8] == ["two dollars a piece."]


def test_a_segments_way_lies_over_the_lessons():
    (part,) = parts_of("[slow]Calm words.[/slow]", style=Style(speed=0.9, pitch=1.0))
    assert part.style == Style(speed=pytest.approx(0.72), pitch=1.0)


def test_each_stretch_is_read_by_its_language_and_its_own_words():
    lexicon = (Entry("Chef", "boss", "en"), Entry("Chef", "/ʃɛf/", "de"))
    found = parts_of("The Chef, [lang de]der Chef um 8 Uhr[/lang].", lexicon=lexicon)
    assert "".join(part.text for part in found) == "The boss, der Chef um acht Uhr."
    assert [(part.text.strip(), part.sound) for part in found if part.sound] == [("Chef", "/ʃɛf/")]


# --- sound --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0.3, 0.8, 2.5])
def test_a_pause_inside_a_sentence_is_silence_of_its_length_at_its_place(seconds):
    speech = speech_of(f"Wait [pause {seconds}] here now.")
    (silence,) = silences(speech.samples, RATE)
    assert silence == pytest.approx(seconds, abs=0.02)
    wait, here = speech.timing.words[:2]
    assert (wait.label, here.label) == ("Wait", "here")
    assert here.start - wait.end == pytest.approx(seconds, abs=0.06)


def test_a_word_of_another_language_is_said_in_it_within_the_sentence():
    speech = speech_of("They call it [lang de]Straße[/lang] there.")
    assert [word.label for word in speech.timing.words] == ["They", "call", "it", "Straße", "there"]
    phonemes = " ".join(span.label for span in speech.timing.phonemes)
    assert "ʃ t" in phonemes  # as German has it
    assert "ˈɑː s ə" in phonemes
    assert max(silences(speech.samples, RATE, 0.05), default=0.0) < 0.15


def test_words_and_phonemes_of_a_directed_sentence_fit_its_sound():
    speech = speech_of("It is *never* [lang fr]merci[/lang], [pause 0.4] but [slow]thank you[/slow].")
    assert [word.label for word in speech.timing.words] == [
        "It", "is", "never", "merci", "but", "thank", "you",
    ]  # fmt: skip
    phonemes = speech.timing.phonemes
    assert phonemes[0].start == 0
    assert phonemes[-1].end == speech.seconds
    assert all(one.end == other.start for one, other in itertools.pairwise(phonemes))
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(speech.timing.words))


# --- engines that cannot direct -----------------------------------------------------------------


def test_such_an_engine_gets_a_phrase_for_each_language_and_way():
    tone = Tone()
    said = parts_of("One *two* three{say: /θriː/} [lang de]vier fünf[/lang] [slow]six[/slow] seven.")
    delivery.perform(said, speaker=tone, voice={}, seed=7)
    assert [(text.strip(), language, style.speed) for text, language, style, _ in tone.asked] == [
        ("One two three,", "en", 1.0), ("vier fünf,", "de", 1.0), ("six,", "en", 0.8), ("seven.", "en", 1.0),
    ]  # fmt: skip
    assert {style.emphasis for _, _, style, _ in tone.asked} == {0}
    assert {seed for *_, seed in tone.asked} == {7}


def test_phrases_are_joined_with_their_silences_and_without_clicks():
    said = parts_of("One two [pause 0.5] three [lang de]vier[/lang] five.")
    wave, timing = delivery.perform(said, speaker=Tone(), voice={})
    assert [round(gap, 2) for gap in silences(wave.samples, wave.rate, 0.03)] == pytest.approx(
        [0.5, delivery.GAP, delivery.GAP], abs=0.02
    )
    step = 0.3 * 2 * np.pi * 220 / wave.rate  # the steepest slope of the tone itself
    assert np.abs(np.diff(wave.samples)).max() < 1.2 * step
    assert [span.label for span in timing.words] == ["One", "two", "three", "vier", "five"]
    starts = [span.start for span in timing.words]
    assert np.diff(starts) == pytest.approx([0.1, 0.6, 0.16, 0.16], abs=0.02)
    assert all(one.end == pytest.approx(other.start) for one, other in itertools.pairwise(timing.phonemes))
    assert timing.phonemes[-1].end == pytest.approx(wave.seconds)


def test_an_engine_that_gives_no_times_gives_none_when_joined():
    said = parts_of("One [pause 0.5] two.")
    wave, timing = delivery.perform(said, speaker=Tone(timed=False), voice={})
    assert timing is None
    assert silences(wave.samples, wave.rate) == pytest.approx([0.5], abs=0.02)


def test_a_plain_sentence_reaches_the_engine_as_it_is():
    tone = Tone()
    wave, _ = delivery.perform(parts_of("One two."), speaker=tone, voice={}, seed=3)
    assert tone.asked == [("One two.", "en", Style(), 3)]
    np.testing.assert_array_equal(
        wave.samples, tone.speak("One two.", "en", {}, style=Style(), seed=3)[0].samples
    )


# --- what is made again -------------------------------------------------------------------------


@pytest.fixture
def spoken(tmp_path):
    """Says a lesson with one store and tells which sentences were made anew."""
    from presenter.order import Order, decide
    from presenter.speeches import Speeches
    from presenter.store import Store

    store = Store(tmp_path / "store")

    def say(source):
        speeches = Speeches(decide(Order(source), Settings(home=tmp_path)), store)
        count = speeches.unspoken()
        fresh = [one.text for one in speeches.recipe.script.segments if speeches.speech(one).fresh]
        assert len(fresh) == count
        return fresh

    return say


LESSON = "---\nlanguage: en\npronounce:\n  leaf: leef\n---\nA leaf is green. It drinks light. Then it rests."


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("It drinks light.", "[slow]It drinks light.[/slow]", ["It drinks light."]),
        ("drinks", "*drinks*", ["It drinks light."]),
        ("drinks light", "drinks [pause 0.5] light", ["It drinks light."]),
        ("leef", "/liːf/", ["A leaf is green."]),
        ("  leaf: leef", "  leaf: leef\n  moon: muun", []),
        (
            "language: en",
            "language: en\nliveliness: 1.2",
            ["A leaf is green.", "It drinks light.", "Then it rests."],
        ),
    ],
)
def test_only_what_is_heard_in_another_way_is_said_again(spoken, old, new, again):
    assert len(spoken(LESSON)) == 3
    assert spoken(LESSON.replace(old, new)) == again


def test_what_an_engine_leaves_out_is_told(monkeypatch, tmp_path):
    from presenter import order

    asked = order.Order("A *red* tomato{say: /təˈmeɪtoʊ/}.", language="en")
    assert order.decide(asked, Settings(home=tmp_path)).script.warnings == ()
    monkeypatch.setattr(order, "load", lambda kind, name: Tone())
    assert order.decide(asked, Settings(home=tmp_path)).script.warnings == (
        'The speaker "espeak" cannot read IPA: 1 word is said as written.',
        'The speaker "espeak" leaves emphasis out.',
    )


def test_words_of_the_installation_are_said_unless_the_lesson_says_otherwise(spoken, tmp_path):
    from presenter import pronunciations

    assert len(spoken(LESSON)) == 3
    pronunciations.add(tmp_path, "light", "lite-lite")
    assert spoken(LESSON) == ["It drinks light."]
    pronunciations.add(tmp_path, "leaf", "never heard")
    assert spoken(LESSON) == []
