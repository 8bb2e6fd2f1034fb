"""Sound: what is read, how loud it is, and what mastering and warming leave alone."""

import io
import math

import av
import numpy as np
import pytest
import soundfile
from av.audio.frame import AudioFrame
from hypothesis import example, given, settings
from hypothesis import strategies as st

from presenter import audio, warmth
from presenter.errors import InputError
from presenter.types import RATE, Wave


def tone(hertz, decibels, seconds, rate=RATE):
    amplitude = 10 ** (decibels / 20)
    time = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def content(samples, rate=RATE, **options):
    stream = io.BytesIO()
    soundfile.write(stream, samples, rate, **({"format": "WAV", "subtype": "PCM_16"} | options))
    return stream.getvalue()


def coded(samples, container, codec, rate=RATE):
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        track = out.add_stream(codec, rate=rate, layout="mono")
        size = track.codec_context.frame_size or 1024
        kind = track.codec_context.format.name
        convert = av.AudioResampler(format=kind, layout="mono", rate=rate, frame_size=size)
        frame = AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = rate
        for part in [*convert.resample(frame), *convert.resample(None), None]:
            out.mux(track.encode(part))
    return stream.getvalue()


def code_of(call):
    with pytest.raises(InputError) as raised:
        call()
    return raised.value.code


# --- loudness: values of EBU Tech 3341 and BS.1770-4 ---


@pytest.mark.parametrize("decibels", [-3.0, -20.0, -36.0])
def test_a_mono_tone_of_997_hertz_reads_three_below_its_peak(decibels):
    # BS.1770-4: a full-scale 997 Hz sine in one channel reads -3.01 LKFS.
    assert audio.loudness([tone(997, decibels, 5)]) == pytest.approx(decibels - 3.01, abs=0.02)


def test_quiet_parts_are_gated():
    # EBU Tech 3341, case 3, in one channel: the tones at -36 do not count.
    parts = [tone(1000, -36, 5), tone(1000, -23, 20), tone(1000, -36, 5)]
    assert audio.loudness(parts) == pytest.approx(-26.0, abs=0.1)


def test_silence_has_no_loudness():
    assert audio.loudness([np.zeros(RATE, np.float32)]) == -math.inf
    assert audio.loudness([]) == -math.inf


def test_a_short_word_has_a_loudness():
    assert audio.loudness([tone(997, -20, 0.2)]) == pytest.approx(-23.01, abs=1.0)


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8))
@example([RATE, RATE, RATE])
@settings(max_examples=15, deadline=None)
def test_loudness_does_not_depend_on_how_it_is_cut(cuts):
    sound = tone(440, -12, 2) * np.linspace(0.1, 1, 2 * RATE, dtype=np.float32)
    chunks = np.split(sound, np.cumsum(cuts))
    assert audio.loudness(chunks) == pytest.approx(audio.loudness([sound]), abs=1e-9)


def test_a_wave_between_the_samples_is_a_true_peak():
    # A quarter of the rate, 45 degrees off: every sample lies 3 dB below the crest.
    time = np.arange(RATE // 2)
    sound = (0.5 * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-9.03, abs=0.01)
    assert audio.true_peak(sound[100:-100]) == pytest.approx(-6.02, abs=0.3)


# --- mastering ---


@pytest.mark.parametrize("size", [1, 777, RATE])
def test_mastering_keeps_length_and_place(size):
    sound = tone(300, -30, 0.05 if size == 1 else 2)
    sound[len(sound) // 2] = 0.5
    chunks = (sound[at : at + size] for at in range(0, len(sound), size))
    out = np.concatenate(list(audio.master(chunks, 6.0)))
    assert out.dtype == np.float32
    assert len(out) == len(sound)
    assert np.argmax(np.abs(out)) == len(sound) // 2
    np.testing.assert_allclose(out[:500], sound[:500] * 10 ** (6 / 20), atol=1e-5)


def test_mastering_holds_the_peaks():
    out = np.concatenate(list(audio.master([tone(200, -1, 1)], 12.0)))
    assert np.abs(out).max() <= 10 ** (audio.CEILING / 20) + 1e-4


def test_mastering_nothing_gives_nothing():
    assert list(audio.master([], 3.0)) == []
    assert list(audio.master([np.zeros(0, np.float32)], 3.0)) == []


def test_silence_stays_silent_whatever_gain_it_would_need():
    out = np.concatenate(list(audio.master([np.zeros(4800, np.float32)], math.inf)))
    assert len(out) == 4800
    assert not out.any()


# --- files ---


@pytest.mark.parametrize(
    "options",
    [
        {"format": "WAV", "subtype": "ULAW"},
        {"format": "WAV", "subtype": "PCM_U8"},
        {"format": "WAV", "subtype": "FLOAT"},
        {"format": "FLAC", "subtype": "PCM_24"},
        {"format": "OGG", "subtype": "VORBIS"},
    ],
)
@pytest.mark.parametrize("rate", [8000, 44100])
def test_any_kind_of_recording_is_read(options, rate):
    sound = tone(440, -6, 0.5, rate)
    wave = audio.read(content(sound, rate, **options), seconds_limit=10)
    assert wave.rate == rate
    assert wave.samples.dtype == np.float32
    assert len(wave.samples) == len(sound)
    assert np.abs(wave.samples).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("container", "codec"), [("mp3", "libmp3lame"), ("mp4", "aac"), ("webm", "libopus"), ("ipod", "aac")]
)
def test_compressed_recordings_are_read(container, codec):
    wave = audio.read(coded(tone(440, -6, 1), container, codec), seconds_limit=10)
    assert wave.seconds == pytest.approx(1.0, abs=0.1)
    middle = wave.samples[wave.rate // 4 : wave.rate // 2]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.354, abs=0.03)


def test_six_channels_become_one():
    sound = np.stack([tone(440, -6, 0.2)] * 6, axis=1)
    wave = audio.read(content(sound), seconds_limit=10)
    assert wave.samples.shape == (9600,)
    np.testing.assert_allclose(wave.samples, sound[:, 0], atol=1e-3)


def test_a_file_comes_back_as_it_was_written(tmp_path):
    sound = tone(440, -6, 0.2)
    audio.write_wav(tmp_path / "a.wav", sound, RATE)
    np.testing.assert_allclose(audio.read(tmp_path / "a.wav", seconds_limit=1).samples, sound, atol=1e-4)


def test_what_is_too_long_is_refused_by_its_header():
    silence = content(np.zeros(8000 * 3700, np.int16), 8000, format="FLAC")
    with pytest.raises(InputError) as raised:
        audio.read(silence, seconds_limit=120)
    assert raised.value.code == "E-VOICE-LONG"
    assert "1:01 h; the limit is 2:00 min" in raised.value.message


@pytest.mark.parametrize("container", ["mp3", "mp4"])
def test_what_is_too_long_is_refused_in_compressed_files_too(container):
    codec = "libmp3lame" if container == "mp3" else "aac"
    data = coded(tone(440, -6, 3), container, codec)
    assert code_of(lambda: audio.read(data, seconds_limit=2)) == "E-VOICE-LONG"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(value):
    sound = tone(440, -6, 0.1)
    sound[7] = value
    data = content(sound, subtype="FLOAT")
    assert code_of(lambda: audio.read(data, seconds_limit=2)) == "E-VOICE-BROKEN"


@pytest.mark.parametrize(
    "data",
    [
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"RIFF\0\0\0\0WAVE",
        b"fLaC" + bytes(100),
        b"OggS" + bytes(100),
        b"\0\0\0\x18ftypisom" + bytes(50),
        b"\x1a\x45\xdf\xa3" + bytes(50),
        b"ID3" + bytes(50),
        b"\x89PNG\r\n\x1a\n",
        b"x",
    ],
)
def test_what_is_no_recording_is_refused(data):
    assert code_of(lambda: audio.read(data, seconds_limit=2)) in ("E-MEDIA-TYPE", "E-VOICE-EMPTY")


def test_a_rare_codec_is_refused():
    data = coded(tone(440, -6, 0.5), "matroska", "wavpack")
    assert code_of(lambda: audio.read(data, seconds_limit=2)) == "E-MEDIA-TYPE"


def test_empty_recordings_are_refused():
    assert code_of(lambda: audio.read(b"", seconds_limit=2)) == "E-VOICE-EMPTY"
    nothing = content(np.zeros(0, np.float32))
    assert code_of(lambda: audio.read(nothing, seconds_limit=2)) == "E-VOICE-EMPTY"


@pytest.mark.parametrize("rate", [8000, 22050, 24000, 44100, 48000, 96000])
def test_resampling_keeps_time(rate):
    sound = np.zeros(rate, np.float32)
    sound[rate // 2] = 0.5
    out = audio.resample(Wave(sound, rate))
    assert out.dtype == np.float32
    assert len(out) == RATE
    assert abs(np.argmax(np.abs(out)) - RATE // 2) <= 1


# --- warming ---


def hissing(seconds=1.0):
    noise = np.random.default_rng(1).normal(0, 0.1, round(seconds * RATE))
    spectrum = np.fft.rfft(noise)
    spectrum[: round(5000 * seconds)] = 0
    spectrum[round(9000 * seconds) :] = 0
    return np.fft.irfft(spectrum).astype(np.float32)


def buzzing(seconds=3.0):
    """A monotone vowel: harmonics of 120 Hz that fall by 6 dB an octave, as of a dull formant voice."""
    time = np.arange(round(seconds * RATE)) / RATE
    waves = [np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 80)]
    return (0.15 * np.sum(waves, axis=0)).astype(np.float32)


FLAT = np.zeros(20)


def test_warming_keeps_length_and_place():
    sound = np.zeros(RATE, np.float32)
    sound[RATE // 3] = 0.5
    out = warmth.warm(sound, FLAT)
    assert out.dtype == np.float32
    assert len(out) == RATE
    assert np.argmax(np.abs(out)) == RATE // 3


@pytest.mark.parametrize("count", [0, 1, 100, 5000])
def test_even_the_shortest_sound_can_be_warmed(count):
    assert len(warmth.warm(np.full(count, 0.1, np.float32), FLAT)) == count


def test_a_hiss_gives_way_and_a_vowel_does_not():
    def loss(sound):
        before, after = (
            np.sqrt(np.mean(part[9600:-9600] ** 2)) for part in (sound, warmth.warm(sound, FLAT))
        )
        return 20 * np.log10(after / before)

    assert loss(hissing() * 0.3) < -3.0
    assert abs(loss(buzzing() * 0.2)) < 1.0


def test_loud_syllables_come_nearer_to_soft_ones():
    loud, soft = buzzing(1.0), buzzing(1.0) * 0.25
    out = warmth.warm(np.concatenate([loud, soft]), FLAT)
    ratio = np.sqrt(np.mean(out[9600:38400] ** 2) / np.mean(out[57600:86400] ** 2))
    assert 1.5 < ratio < 3.6


def test_balancing_brings_a_harsh_voice_near_to_speech():
    sound = buzzing() + np.append(0, np.diff(buzzing())).astype(np.float32) * 10
    gains = warmth.balance(sound)
    assert gains.shape == (20,)
    assert gains.max() <= 3.0
    assert gains.min() >= -12.0
    assert gains[-8:-3].mean() < gains[3:8].mean() - 2


# --- another pace ---


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.3, 2.0])
def test_another_pace_keeps_the_pitch(speed):
    sound = Wave(tone(220, -12, 3.0, 24_000), 24_000)
    out = audio.stretch(sound, speed)
    assert out.rate == sound.rate
    assert sound.seconds / out.seconds == pytest.approx(speed, rel=0.03)
    power = np.abs(np.fft.rfft(out.samples * np.hanning(len(out.samples))))
    assert power.argmax() * out.rate / len(out.samples) == pytest.approx(220, abs=1)
    assert np.abs(out.samples).max() == pytest.approx(np.abs(sound.samples).max(), rel=0.05)
    np.testing.assert_array_equal(audio.stretch(sound, speed).samples, out.samples)


def test_the_own_pace_changes_nothing():
    sound = Wave(tone(220, -12, 0.1), RATE)
    assert audio.stretch(sound, 1.0) is sound
    assert len(audio.stretch(Wave(np.zeros(0, np.float32), RATE), 1.5).samples) == 0
