"""Alignment: times carried from one rendering to another, checked where the true times are known."""

import difflib
import time
import tracemalloc

import numpy as np
import pytest

from presenter.align import align, spread
from presenter.engines import load
from presenter.types import Part, Span, Style, Timing, Wave
from presenter.voices import timed

TEXT = "Today we look at how plants make their food from light, water, and air. Every leaf is a factory."


def spoken(variant="", speed=1.0, text=TEXT, language="en-US"):
    voice = {"variant": np.array(variant)} if variant else {}
    return load("speaker", "espeak").speak(text, language, voice, style=Style(speed=speed), seed=0)


def errors(found, true):
    """Seconds by which the starts of those phonemes differ that both renderings have."""
    pairs = difflib.SequenceMatcher(
        None, [span.label for span in found], [span.label for span in true], autojunk=False
    ).get_matching_blocks()
    rows = [(found[a + k], true[b + k]) for a, b, size in pairs for k in range(size)]
    return np.array([abs(one.start - other.start) for one, other in rows if one.label])


@pytest.mark.parametrize(
    ("variant", "speed", "noise"),
    [("f2", 1.0, 0.0), ("benjamin", 1.25, 0.0), ("f4", 0.8, 0.0), ("m3", 1.0, 0.01), ("klatt4", 1.1, 0.02)],
)
def test_other_voices_and_speeds_and_noise_are_timed_within_15_ms(variant, speed, noise):
    wave, true = spoken(variant, speed)
    samples = wave.samples + np.random.default_rng(0).normal(0, noise, len(wave.samples)).astype(np.float32)
    timing = align(Wave(samples, wave.rate), *spoken())
    assert errors(timing.phonemes, true.phonemes).mean() < 0.015
    assert errors(timing.words, true.words).mean() < 0.015


def test_another_rate_and_level_and_a_late_start_make_no_difference():
    wave, true = spoken("f2")
    late = np.pad(wave.samples * np.float32(0.2), (wave.rate // 2, 0))
    timing = align(Wave(late, wave.rate), *spoken())
    moved = [Span(span.label, span.start + 0.5, span.end + 0.5) for span in true.words]
    assert errors(timing.words, moved)[1:].mean() < 0.015


def test_longer_pauses_are_found():
    wave, true = spoken("f2")
    pause = next(span for span in true.phonemes[1:] if not span.label)
    cut, more = round((pause.start + pause.end) / 2 * wave.rate), round(0.6 * wave.rate)
    stretched = np.concatenate([wave.samples[:cut], np.zeros(more, np.float32), wave.samples[cut:]])
    timing = align(Wave(stretched, wave.rate), *spoken())
    later = [
        Span(span.label, span.start + (0.6 if span.start > pause.start else 0), span.end)
        for span in true.words
    ]
    assert errors(timing.words, later).mean() < 0.03


def test_phonemes_have_no_gaps_and_fill_the_recording():
    wave, _ = spoken("f2", 1.3)
    timing = align(wave, *spoken())
    assert timing.phonemes[0].start == 0.0
    assert timing.phonemes[-1].end == wave.seconds
    for one, other in zip(timing.phonemes, timing.phonemes[1:], strict=False):
        assert one.end == other.start > one.start
    assert [word.start for word in timing.words] == sorted(word.start for word in timing.words)


def test_ten_seconds_take_well_under_one():
    wave, reference = spoken("f2"), spoken()
    start = time.process_time()
    align(wave[0], *reference)
    assert time.process_time() - start < 1.0 * wave[0].seconds / 8


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.1, 1.0])
def test_silence_and_scraps_do_not_break_it(seconds):
    wave = Wave(np.zeros(round(seconds * 22050), np.float32), 22050)
    timing = align(wave, *spoken(text="Yes."))
    assert all(0 <= span.start <= span.end <= wave.seconds for span in (*timing.words, *timing.phonemes))


def test_without_a_reference_words_share_the_time_and_the_mouth_follows_the_level():
    rate = 16000
    hum = 0.3 * np.sin(np.arange(rate) * 0.05).astype(np.float32)
    quiet = np.zeros(rate // 2, np.float32)
    timing = spread(Wave(np.concatenate([quiet, hum, quiet, hum, quiet]), rate), "one three")
    assert [span.label for span in timing.phonemes] == ["", "a", "", "a", ""]
    assert [span.label for span in timing.words] == ["one", "three"]
    assert timing.words[0].start == pytest.approx(0.5, abs=0.02)
    assert timing.words[1].end == pytest.approx(3.0, abs=0.02)
    assert spread(Wave(quiet, rate), "one") == Timing((), (Span("", 0.0, 0.5),))


# --- as people speak: pauses and breaths where the reference has none, another pace, a noisy room ---

LONG = (
    "The first books were printed in black letters and the printers of that time took great care that "
    "every page should be a thing of beauty which the reader would keep for the rest of his life"
)


def breath(rng, seconds, rate):
    """Noise like that of air drawn in: between 0.7 and 4 kHz, swelling and fading."""
    noise = np.fft.rfft(rng.normal(0, 1, round(seconds * rate)))
    hertz = np.fft.rfftfreq(round(seconds * rate), 1 / rate)
    noise[(hertz < 700) | (hertz > 4000)] = 0
    sound = np.fft.irfft(noise, round(seconds * rate))
    return 0.012 * np.hanning(len(sound)) * sound / sound.std()


def paused(wave, words, after, breathing, rng):
    """The recording with 0.6 s of rest after some of its words, and the times that its words then have."""
    parts, moved, at, shift = [], [], 0, 0.0
    for index, word in enumerate(words):
        moved.append(Span(word.label, word.start + shift, word.end + shift))
        if index in after:
            cut = round(word.end * wave.rate)
            rest = np.zeros(round(0.6 * wave.rate))
            if breathing:
                air = breath(rng, 0.3, wave.rate)
                rest[round(0.25 * wave.rate) :][: len(air)] = air
            parts += [wave.samples[at:cut], rest]
            at, shift = cut, shift + 0.6
    sound = np.concatenate([*parts, wave.samples[at:]])
    sound = sound + rng.normal(0, 0.0005, len(sound))
    return Wave(sound.astype(np.float32), wave.rate), moved


@pytest.mark.parametrize("breathing", [False, True])
@pytest.mark.parametrize(("variant", "speed"), [("m3", 0.8), ("f4", 1.25), ("klatt4", 1.0)])
def test_pauses_and_breaths_of_a_person_stay_within_the_bars(variant, speed, breathing):
    wave, true = spoken(variant, speed, LONG)
    recording, moved = paused(wave, true.words, (3, 9, 17, 24), breathing, np.random.default_rng(1))
    timing = align(recording, *spoken("f2", speed, LONG))
    assert [word.label for word in timing.words] == [word.label for word in moved]
    edges = np.array(
        [
            abs(found - meant)
            for one, other in zip(timing.words, moved, strict=True)
            for found, meant in ((one.start, other.start), (one.end, other.end))
        ]
    )
    assert np.median(edges) < 0.040
    assert np.percentile(edges, 95) < 0.120


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "de",
            "Die ersten Bücher wurden in schwarzer Schrift gedruckt, und jede Seite war ein schönes Ding.",
        ),
        ("hi", "पौधे प्रकाश, पानी और हवा से अपना भोजन बनाते हैं।"),
    ],
)
def test_the_reference_takes_the_pace_and_the_height_of_the_recording(language, text):
    wave, true = spoken("m3", 0.7, text, language)
    recording, moved = paused(wave, true.words, (2, 5), True, np.random.default_rng(2))
    timing = timed(recording, (Part(text, language),))
    starts = [abs(one.start - other.start) for one, other in zip(timing.words, moved, strict=True)]
    assert np.median(starts) < 0.040
    assert max(starts) < 0.120


def test_where_a_person_pauses_there_is_silence_between_the_phonemes():
    wave, true = spoken("m3", 1.0, LONG)
    recording, moved = paused(wave, true.words, (9,), False, np.random.default_rng(3))
    timing = align(recording, *spoken("f2", 1.0, LONG))
    middle = moved[9].end + 0.3
    silent = next(span for span in timing.phonemes if span.start <= middle < span.end)
    assert silent.label == ""
    assert silent.end - silent.start == pytest.approx(0.6, abs=0.1)


def test_twenty_seconds_need_little_memory():
    wave, timing = spoken("f2", 1.0, LONG)
    times = round(20 / wave.seconds)
    long = Wave(np.tile(wave.samples, times), wave.rate)
    said = Timing(
        tuple(
            Span(span.label, span.start + turn * wave.seconds, span.end + turn * wave.seconds)
            for turn in range(times)
            for span in timing.words
        ),
        (Span("a", 0.0, long.seconds),),
    )
    tracemalloc.start()
    found = align(long, long, said)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    assert errors(found.words, said.words).max() < 0.03
