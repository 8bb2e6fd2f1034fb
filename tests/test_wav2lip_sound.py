"""Wav2Lip: what the network hears, and when its mouth is shown. Needs no network."""

from itertools import pairwise

import numpy as np
import pytest

from presenter.engines.wav2lip import gate, mel
from presenter.types import RATE

# --- what it hears ----------------------------------------------------------------------------


def slow_spectrogram(samples):
    """Straight from the definitions: sums instead of a fast transform, one band at a time."""
    sound = [samples[0], *(now - 0.97 * before for before, now in pairwise(samples))]
    sound = np.array([*sound[400:0:-1], *sound, *sound[-2:-402:-1]])
    window = [0.5 - 0.5 * np.cos(2 * np.pi * n / 800) for n in range(800)]
    times = np.arange(800)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(401), times) / 800)

    def mels(hertz):
        return 3 * hertz / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    def hertz(mels):
        return 200 * mels / 3 if mels < 15 else 1000 * 6.4 ** ((mels - 15) / 27)

    low, high = mels(55.0), mels(7600.0)
    edges = [hertz(low + (high - low) * number / 81) for number in range(82)]
    columns = []
    for start in range(0, len(sound) - 799, 200):
        magnitudes = np.abs(waves @ (sound[start : start + 800] * window))
        column = []
        for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
            total = 0.0
            for number, magnitude in enumerate(magnitudes):
                frequency = number * 20.0
                if left < frequency < right:
                    side = frequency - left if frequency <= middle else right - frequency
                    width = middle - left if frequency <= middle else right - middle
                    total += magnitude * side / width * 2 / (right - left)
            decibels = 20 * np.log10(max(1e-5, total)) - 20
            column.append(min(4.0, max(-4.0, 8 * (decibels + 100) / 100 - 4)))
        columns.append(column)
    return np.array(columns).T


def test_the_spectrogram_is_that_of_the_definitions():
    times = np.arange(4321) / 16_000
    samples = 0.3 * np.sin(2 * np.pi * 180 * times * (1 + times)) * np.sin(9 * times) + 0.02 * np.sin(
        2 * np.pi * 5200 * times
    )
    samples += np.random.default_rng(3).normal(0, 0.004, len(times))
    found = mel.spectrogram(samples.astype(np.float32))
    assert found.shape == (80, 22)
    np.testing.assert_allclose(found, slow_spectrogram(samples.astype(np.float32).astype(float)), atol=1e-4)


@pytest.mark.parametrize("length", [0, 1, 399, 400, 401, 1000])
def test_the_shortest_sounds_have_a_spectrogram(length):
    found = mel.spectrogram(np.zeros(length, np.float32))
    assert found.shape == (80, 1 + length // 200)
    assert (found == mel.SILENCE).all()


def test_every_frame_hears_the_fifth_of_a_second_from_its_own_time_on():
    tone = np.sin(np.arange(2 * RATE) / RATE * 2 * np.pi * 440).astype(np.float32) * 0.5
    sound = np.where(np.arange(2 * RATE) < RATE, 0, tone).astype(np.float32)  # begins after a second
    heard = mel.windows(sound, 50, 25)
    first_loud = next(frame for frame in range(50) if heard.part([frame]).max() > 0)
    assert first_loud == 20  # its window reaches 16 columns of 1 / 80 s ahead
    assert heard.part([49]).shape == (1, 1, 80, 16)
    assert (heard.part([49])[..., -8:] < -3).all()  # beyond the end there is silence
    later = mel.windows(sound, 50, 25, shift=-1)
    np.testing.assert_array_equal(later.part(range(1, 50)), heard.part(range(49)))


def test_windows_begin_where_the_published_script_lets_them_begin():
    sound = np.zeros(20 * RATE, np.float32)
    for fps in (23.976, 24, 25, 29.97, 30, 50, 60):
        heard = mel.windows(sound, 200, fps)
        assert list(heard.first) == [int(number * (80.0 / fps)) for number in range(200)]


# --- when somebody speaks ---------------------------------------------------------------------


def speech(*parts, noise=0.0):
    """Hum and silence by turns: seconds, beginning with silence."""
    sound = []
    for number, seconds in enumerate(parts):
        times = np.arange(round(seconds * RATE)) / RATE
        sound.append(0.3 * np.sin(2 * np.pi * 150 * times) * (number % 2))
    whole = np.concatenate(sound)
    return (whole + np.random.default_rng(1).normal(0, noise, len(whole))).astype(np.float32)


@pytest.mark.parametrize("noise", [0.0, 0.0005, 0.003])
def test_the_mouth_is_shown_while_somebody_speaks_and_not_in_silence(noise):
    sound = speech(0.6, 1.0, 0.8, 0.6, 0.6, noise=noise)
    shown = gate.gate(sound, 90, 25)
    assert shown.shape == (90,)
    assert shown[[0, -1]].tolist() == [0, 0]
    assert (shown[16:39] == 1).all()
    assert (shown[48:54] == 0).all()
    assert (shown[:9] == 0).all()
    assert np.abs(np.diff(shown)).max() < 0.5  # it fades


def test_short_pauses_do_not_close_the_mouth_and_clicks_do_not_open_it():
    assert (gate.gate(speech(0.4, 0.5, 0.12, 0.5, 0.4), 48, 25)[12:34] == 1).all()
    assert not gate.gate(speech(0.5, 0.01, 1.0), 37, 25).any()


def test_silence_and_the_shortest_speeches_show_no_painted_mouth():
    assert not gate.gate(np.zeros(RATE, np.float32), 25, 25).any()
    assert not gate.gate(speech(0.0, 0.08), 2, 25).any()
    assert gate.gate(np.zeros(0, np.float32), 0, 25).shape == (0,)


def test_a_speech_without_any_pause_is_shown_throughout():
    assert (gate.gate(speech(0.0, 2.0), 50, 25)[4:-4] == 1).all()
