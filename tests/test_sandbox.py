"""Data of strangers is read in a child that can take little, keep little and open nothing."""

import io
import os
import subprocess
import sys
import time

import av
import numpy as np
import pytest
import recordings

from presenter import audio, intake, sandbox
from presenter.errors import InputError, WorkError

limited = pytest.mark.skipif(sys.platform != "linux", reason="the limits of Linux are tested")


# --- what runs in the child ---


def double(data, *, more=0):
    return {"twice": np.frombuffer(data, np.uint8) * 2 + more, "one": np.array(1.5)}


def complain(data):
    raise InputError("E-TEST", "It is odd.", "Mend it.", "voice")


def sleep(data):
    time.sleep(60)


def work(data):
    while True:
        pass


def swell(data):
    return {"large": np.ones(10**9, np.float64)}


def crash(data):
    os.abort()


def chat(data):
    os.write(1, b"this must not end up among the answers")
    return {"pid": np.array(os.getpid())}


def read_secret(data):
    with open("/etc/hostname", "rb") as stream:
        return {"secret": np.frombuffer(stream.read(), np.uint8)}


def write_file(data, *, path):
    with open(path, "wb") as stream:
        stream.write(data)
    return {}


def environment(data):
    return {"names": np.frombuffer("\n".join(os.environ).encode(), np.uint8)}


def text(data):
    return {"text": np.array("words")}


def bug(data):
    raise ZeroDivisionError


def run(function, data=b"", **options):
    return sandbox.run(f"test_sandbox:{function.__name__}", data, **options)


# --- tests ---


def test_arrays_come_back_as_they_were():
    found = run(double, bytes([1, 2, 3]), more=1)
    assert found["twice"].tolist() == [3, 5, 7]
    assert found["one"].shape == ()
    assert float(found["one"]) == 1.5


def test_the_functions_own_refusal_is_passed_on():
    with pytest.raises(InputError, match=r"E-TEST: It is odd\. Mend it\.") as caught:
        run(complain)
    assert caught.value.field == "voice"


def test_one_child_answers_many_calls_and_what_it_prints_is_lost():
    assert len({int(run(chat)["pid"]) for _ in range(3)}) == 1


def test_what_takes_too_long_is_ended_and_the_next_call_works():
    run(chat)  # the start of the child does not count
    began = time.monotonic()
    with pytest.raises(InputError, match=r"E-MEDIA-HEAVY.*1 s"):
        run(sleep, seconds=1.0)
    assert time.monotonic() - began < 10
    assert run(double, b"\x01")["twice"].tolist() == [2]


@limited
def test_computing_without_end_is_ended_by_the_system():
    run(chat)
    with pytest.raises(InputError, match="E-MEDIA-HEAVY"):
        run(work, seconds=1.0)


@limited
def test_what_takes_too_much_memory_is_refused():
    with pytest.raises(InputError, match=r"E-MEDIA-HEAVY.*memory"):
        run(swell, memory=500_000_000)
    assert run(double, b"\x01")["twice"].tolist() == [2]


def test_a_crash_ends_the_child_only():
    with pytest.raises(InputError, match="E-MEDIA-HEAVY"):
        run(crash)
    assert run(double, b"\x01")["twice"].tolist() == [2]


@limited
def test_nothing_can_be_opened_or_written_there(tmp_path):
    for _ in range(2):  # neither in the first call nor in a later one
        with pytest.raises(WorkError):
            run(read_secret)
        with pytest.raises(WorkError):
            run(write_file, b"x", path=str(tmp_path / "made"))
    assert list(tmp_path.iterdir()) == []


def test_the_child_does_not_see_the_secrets_of_its_parent(monkeypatch):
    monkeypatch.setattr(sandbox, "_waiting", [])
    monkeypatch.setenv("PRESENTER_TOKEN", "secret")
    assert b"TOKEN" not in run(environment)["names"].tobytes()


def test_only_numbers_come_out():
    with pytest.raises(WorkError, match="E-SANDBOX"):
        run(text)


def test_a_bug_in_the_function_is_no_reason_to_blame_the_file():
    with pytest.raises(WorkError, match="E-SANDBOX"):
        run(bug)


def test_the_child_ends_with_its_parent():
    script = (
        "from presenter import sandbox\n"
        "print(int(sandbox.run('test_sandbox:chat', b'')['pid']), flush=True)\n"
        "import os; os.kill(os.getpid(), 9)"
    )
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, env={**os.environ, **paths}
    )
    child = int(done.stdout)
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the child lives on")


# --- sound ---


def test_a_recording_decoded_in_the_child_is_the_same():
    data = recordings.encoded(recordings.noise(0.5), kind="FLAC")
    here, there = audio.read(data, seconds_limit=10), intake.read(data, seconds_limit=10)
    assert there.rate == here.rate
    np.testing.assert_array_equal(there.samples, here.samples)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "aac"), ("mp3", "libmp3lame"), ("webm", "libopus"), ("ogg", "libopus")],
)
def test_every_allowed_container_can_be_read_there(container, codec):
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as made:
        track = made.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(recordings.noise(1)[None], "flt", "mono")
        frame.rate = 48_000
        for part in av.AudioResampler(track.format, "mono", 48_000, track.frame_size or 1024).resample(frame):
            made.mux(track.encode(part))
        made.mux(track.encode(None))
    sandbox._end_all()  # a child of its own: nothing may be left to be loaded by an earlier file
    assert intake.read(stream.getvalue(), seconds_limit=10).seconds == pytest.approx(1, abs=0.1)


def test_a_playlist_that_hides_in_a_wav_opens_nothing(tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(recordings.encoded(recordings.noise(0.5)))
    for content in (f"#EXTM3U\n#EXTINF:1,\n{secret}\n", f"ffconcat version 1.0\nfile {secret}\n"):
        hidden = tmp_path / "voice.wav"
        hidden.write_text(content)
        with pytest.raises(InputError, match="E-MEDIA-TYPE"):
            intake.read(hidden, seconds_limit=10)


def test_a_huge_file_is_refused_by_what_its_header_says_without_being_read(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST", 1000)
    path = tmp_path / "podcast.wav"
    path.write_bytes(recordings.encoded(np.zeros(3 * 3600 * 20, np.float32), 20, subtype="PCM_U8"))
    with pytest.raises(InputError, match=r"E-VOICE-LONG: The recording has 3:00 h; the limit is 2:00 min"):
        intake.read(path, seconds_limit=120)
    path.write_bytes(b"ID3" + bytes(2000))
    with pytest.raises(InputError, match="E-VOICE-LARGE"):
        intake.read(path, seconds_limit=120)


def test_what_is_no_file_is_told_by_its_name(tmp_path):
    for path in (tmp_path, tmp_path / "gone.wav"):
        with pytest.raises(InputError, match="E-VOICE-FILE") as caught:
            intake.read(path, seconds_limit=10)
        assert str(tmp_path.parent) not in str(caught.value)
