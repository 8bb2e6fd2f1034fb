import math

import numpy as np
import pytest

from presenter import visemes
from presenter.types import RATES_OF_FRAMES, Span, Timing
from presenter.visemes import JAW, NAMES, PRESS, ROUND, TUCK, closures, opening, track, visemes_of

LABELS = {
    "en": "aɪ b d dʒ eɪ f h i j k l m n n̩ p s t tʃ v w z æ ð ŋ ə əl ɚ ɪ ɹ ɾ ʃ ʌ ʒ ʔ ˈaɪɚ ˈoʊ ˈɜː ˌɛ θ ᵻ ˈiə",
    "de": "pf r s ts tʃ v x z ç ŋ ə ɜ ɡ ɾ ʊ ˈaɪ ˈyː ˈøː ˈœ ˈɑː ˈɑ̃ ˈɔø ˈʏ",
    "es": "a e j l ɲ o r s tʃ u w x ð ɣ ʎ ʝ ˈi β θ",
    "fr": "e- y z œ̃ ɔ̃ ɛ ɥ ɲ ʁ ʃ ʒ ˈø ˈœ ˈɑ̃ ˈɛ̃",
    "hi": "aː bʰ cʰ dʰ eː q tʰ x ɖ ɖʰ ə ɛ̃ ɟʰ ɡʰ ɣ ɳ ɾ ʂ ʈ ʈʰ ʋ ˈr̩ ˈũ",
    "cmn": "f i. iɛ i̪ s. th ts. ts.h tsh tɕ tɕh ɑu ɕ ʐ ˈei ˈo- ˈonɡ ˈuei ˈuo ˈy ˈyɛ ˈər χ",
}


def spoken(*labels, each=0.12, quiet=0.3):
    """A timing with the labels one after the other, between two silences; and its length."""
    spans, at = [Span("", 0.0, quiet)], quiet
    for label in labels:
        spans.append(Span(label, at, at + each))
        at += each
    spans.append(Span("", at, at + quiet))
    return Timing((), tuple(spans)), at + quiet


def column(timing, seconds, name, fps=50):
    return track(timing, seconds, fps).values[:, name]


@pytest.mark.parametrize("language", LABELS)
def test_every_phoneme_of_a_language_has_a_shape(language):
    for label in LABELS[language].split():
        shapes = visemes_of(label)
        assert shapes, label
        assert set(shapes) <= set(visemes.SHAPES), label
        assert "sil" not in shapes, label


@pytest.mark.parametrize(
    ("label", "shapes"),
    [
        ("ˈaɪ", ("aa", "I")), ("ˈaɪɚ", ("aa", "I", "RR")), ("tʃ", ("CH",)), ("ts", ("SS",)), ("tɕh", ("SH",)),
        ("ts.h", ("SH",)), ("pʰ", ("PP",)), ("ph", ("PP",)), ("ɔ̃", ("O",)), ("yː", ("Y",)),
        ("pf", ("PP", "FF")),
        ("ã", ("aa",)), ("h", ("H",)), ("", ("sil",)), ("_", ("sil",)), ("(fr)", ()), ("ˈɜː", ("RR",)),
    ],
)  # fmt: skip
def test_a_label_is_cut_into_shapes(label, shapes):
    assert visemes_of(label) == shapes


def test_an_unknown_letter_moves_the_mouth_and_an_unknown_mark_does_not():
    assert visemes_of("ж") == ("AH",)
    assert visemes_of("aˑ˞˥") == ("aa",)


@pytest.mark.parametrize("fps", RATES_OF_FRAMES)
def test_a_track_has_as_many_frames_as_the_sound_lasts(fps):
    timing, seconds = spoken("m", "a")
    curve = track(timing, seconds, fps)
    assert curve.values.shape == (math.ceil(round(seconds * fps, 6)), len(NAMES))
    assert curve.values.dtype == np.float32
    assert curve.fps == fps
    assert 0 <= curve.values.min() <= curve.values.max() <= 1


def test_silence_is_exactly_zero():
    assert not track(Timing((), ()), 2.0, 25).values.any()
    assert not track(Timing((), (Span("", 0.0, 2.0),)), 2.0, 25).values.any()


def test_a_track_begins_and_ends_closed_even_without_silence_around_it():
    timing = Timing((), (Span("a", 0.0, 0.5), Span("o", 0.5, 1.0)))
    values = track(timing, 1.0, 25).values
    assert not values[[0, -1]].any()
    assert values[12, JAW] > 0.3


def test_an_open_vowel_opens_the_mouth_more_than_a_close_one():
    widest = {
        vowel: opening(track(*spoken("t", vowel, "t", each=0.16), 50)).max()
        for vowel in ("ɑː", "ɛ", "iː", "uː")
    }
    assert widest["ɑː"] > widest["ɛ"] > widest["iː"] > widest["uː"]


@pytest.mark.parametrize("fps", RATES_OF_FRAMES)
@pytest.mark.parametrize("consonant", "pbm")
def test_lips_meet_for_a_bilabial_between_open_vowels_at_every_rate(consonant, fps):
    for shift in np.linspace(0, 1 / fps, 5):
        timing, seconds = spoken("ɑː", consonant, "ɑː", each=0.07, quiet=0.3 + shift)
        gap = opening(track(timing, seconds, fps))
        (closure,) = closures(timing)
        first, last = int(closure.start * fps), math.ceil(closure.end * fps)
        assert gap[first : last + 1].min() == 0
        assert gap.max() > 0.05


def test_closures_are_long_enough_to_be_seen():
    timing, _ = spoken("a", "p", "a", "b", "i", "t", "m", each=0.03)
    spans = closures(timing)
    assert [span.label for span in spans] == ["p", "b", "m"]
    assert all(span.end - span.start >= visemes.SHORTEST_CLOSURE - 1e-9 for span in spans)


def test_the_lower_lip_touches_the_teeth_for_f_and_v_only():
    assert column(*spoken("a", "f", "a"), TUCK).max() == 1
    assert column(*spoken("a", "v", "a"), TUCK).max() == 1
    assert column(*spoken("a", "s", "a"), TUCK).max() == 0
    assert column(*spoken("a", "f", "a"), PRESS).max() == 0


def test_rounding_begins_before_the_vowel():
    timing, seconds = spoken("t", "uː", "t", each=0.15)
    rounding = column(timing, seconds, ROUND)
    heard = 0.3 + 0.15
    assert rounding[int(heard * 50)] > 0.4


def test_a_consonant_takes_its_rounding_from_the_vowel_beside_it():
    round_t = column(*spoken("uː", "t", "uː"), ROUND)
    spread_t = column(*spoken("iː", "t", "iː"), ROUND)
    middle = int((0.3 + 0.18) * 50)
    assert round_t[middle] > spread_t[middle] + 0.4


def test_a_short_gap_stays_open_and_a_pause_closes():
    def gap(quiet):
        timing = Timing(
            (), (Span("a", 0.3, 0.6), Span("", 0.6, 0.6 + quiet), Span("a", 0.6 + quiet, 0.9 + quiet))
        )
        curve = opening(track(timing, 1.2 + quiet, 50))
        return curve[int((0.6 + quiet / 2) * 50)]

    assert gap(0.08) > 0.04
    assert gap(0.60) == 0


def test_two_silences_in_a_row_count_as_one():
    whole = Timing((), (Span("a", 0.2, 0.5), Span("", 0.5, 0.7), Span("a", 0.7, 1.0)))
    parts = Timing((), (Span("a", 0.2, 0.5), Span("", 0.5, 0.6), Span("", 0.6, 0.7), Span("a", 0.7, 1.0)))
    np.testing.assert_array_equal(track(whole, 1.2, 25).values, track(parts, 1.2, 25).values)


def test_the_mouth_is_ahead_of_the_sound():
    timing, seconds = spoken("ɑː", each=0.2)
    curve = opening(track(timing, seconds, 60)).astype(float)
    centre = (curve * (np.arange(len(curve)) + 0.5)).sum() / curve.sum() / 60
    assert 0.015 < (0.3 + 0.1) - centre < 0.045


def test_louder_speech_opens_the_jaw_more_and_a_broken_envelope_does_no_harm():
    timing, seconds = spoken("ɑː", "t", "ɑː", each=0.2)
    count = len(track(timing, seconds, 25).values)
    quiet, loud, broken = (
        track(timing, seconds, 25, loudness=np.full(count, level, np.float32)).values
        for level in (0.1, 1.0, np.nan)
    )
    assert loud[:, JAW].max() > 1.2 * quiet[:, JAW].max()
    assert np.isfinite(broken).all()


def test_the_same_speech_moves_alike_at_every_rate():
    timing, seconds = spoken("h", "ə", "l", "oʊ", "w", "ɜː", "l", "d")
    reference = opening(track(timing, seconds, 25))
    at = (np.arange(len(reference)) + 0.5) / 25
    for fps in RATES_OF_FRAMES:
        other = opening(track(timing, seconds, fps))
        other = np.interp(at, (np.arange(len(other)) + 0.5) / fps, other)
        assert np.abs(other - reference).max() < 0.02


def test_a_minute_of_speech_is_quick_to_plan():
    timing, seconds = spoken(*["m", "a", "t", "o"] * 150, each=0.1)
    assert len(track(timing, seconds, 25).values) == math.ceil(round(seconds * 25, 6))
