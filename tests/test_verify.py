"""One plain answer about any file: made here, altered, elsewhere, unknown."""

import json
import shutil
from dataclasses import asdict

import av
import fakes
import numpy as np
import pytest
from av.video.frame import VideoFrame

from presenter import audit, pipeline, takedown, verify, video
from presenter.cli import main
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order
from presenter.settings import Settings

LESSON = "Bees hum in the morning and in the evening.\n\nBirds sing, and that is nearly all.\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("home"), width=640, height=360, workers=1)


def render(settings, out, source=LESSON):
    with pytest.MonkeyPatch.context() as monkeypatch:
        fakes.install(monkeypatch)
        return pipeline.render(Order(source=source), settings, out, runner=Here())


@pytest.fixture(scope="module")
def made(settings, tmp_path_factory):
    return render(settings, tmp_path_factory.mktemp("videos") / "out.mp4")


@pytest.fixture
def original(made, tmp_path):
    return shutil.copyfile(made.path, tmp_path / "copy.mp4")


def coded_anew(source, target, width, height, crf, start):
    """What a platform makes of an upload: other size, other quality, cut, nothing but the picture."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        frames = [frame for frame in given.decode(video=0) if frame.time >= start]
        for number, frame in enumerate(frames):
            copy = VideoFrame.from_ndarray(
                frame.reformat(width, height, "yuv420p").to_ndarray(), format="yuv420p"
            )
            copy.pts = number
            out.mux(stream.encode(copy))
        out.mux(stream.encode(None))
    return target


def test_an_original_was_made_here(made, original, settings):
    found = verify.verify(original, settings)
    assert found.answer == "made here"
    assert (found.digest, found.videos) == (made.digest, (made.digest,))
    assert found.credentials.state == "trusted"
    assert found.label
    assert not found.blocked


def test_200_changed_bytes_are_all_noticed(original, settings, monkeypatch):
    # In this process, as it costs a fraction; the child is for strangers, and others test it.
    monkeypatch.setattr(verify.sandbox, "run", lambda name, data, **rest: read_here(data, **rest))
    data = original.read_bytes()
    for place in np.random.default_rng(1).choice(len(data), 200, replace=False):
        changed = bytearray(data)
        changed[place] ^= 1 << int(place) % 8
        original.write_bytes(changed)
        try:
            assert verify.verify(original, settings).answer != "made here", place
        except InputError:
            pass  # not even a video any more


def read_here(data, *, kind, trusted, **_):
    """Credentials alone: the marks stay, whatever byte changes."""
    import io

    from presenter import credentials

    signed = asdict(credentials.inspect(io.BytesIO(data), kind, trusted))
    answer = {"credentials": signed, "sound": None, "picture": None, "comment": ""}
    return {"answer": np.frombuffer(json.dumps(answer).encode(), np.uint8)}


@pytest.mark.parametrize(
    ("width", "height", "crf", "start"),
    [(640, 360, 23, 0.0), (640, 360, 33, 0.0), (320, 180, 26, 0.0), (960, 540, 23, 0.0), (640, 360, 28, 1.7)],
)
def test_a_copy_that_was_coded_anew_is_found_by_its_mark(made, settings, tmp_path, width, height, crf, start):
    copy = coded_anew(made.path, tmp_path / "a.mp4", width, height, crf, start)
    found = verify.verify(copy, settings)
    assert found.answer == "altered"
    assert found.videos == (made.digest,)
    assert found.credentials.state == "none"
    assert not found.label
    assert found.seen.present


def on_a_screen(source, target):
    """A recording of a screen: the video at another size, with what else is there around it."""
    with av.open(str(source)) as given, av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "23"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number, frame in enumerate(given.decode(video=0)):
            screen = np.full((1080, 1920, 3), 70, np.uint8)
            screen[150 : 150 + 768, 270 : 270 + 1366] = frame.reformat(1366, 768, "rgb24").to_ndarray()
            copy = VideoFrame.from_ndarray(screen, format="rgb24").reformat(format="yuv420p")
            copy.pts = number
            out.mux(stream.encode(copy))
        out.mux(stream.encode(None))
    return target


def test_in_the_recording_of_a_screen_the_label_is_all_that_is_left(made, settings, tmp_path):
    found = verify.verify(on_a_screen(made.path, tmp_path / "a.mp4"), settings)
    assert (found.answer, found.label, found.videos) == ("unknown", False, ())
    assert found.seen.present
    assert "carries a label" in found.sentence


def test_another_installation_recognises_presenter(made, settings, tmp_path):
    other = Settings(home=tmp_path / "other")
    assert verify.verify(tmp_path.joinpath(shutil.copyfile(made.path, tmp_path / "a.mp4")), other).answer == (
        "elsewhere"
    )
    copy = coded_anew(made.path, tmp_path / "b.mp4", 640, 360, 23, 0.0)
    found = verify.verify(copy, other)
    assert found.answer == "elsewhere"
    assert found.videos == ()


def test_a_video_of_a_stranger_is_unknown(settings, tmp_path):
    draw = np.random.default_rng(3)
    frames = (draw.integers(16, 235, (360 * 3 // 2, 640)).astype(np.uint8) for _ in range(30))
    video.encode(tmp_path / "a.mp4", frames, width=640, height=360, fps=25, quality=video.Quality(30))
    found = verify.verify(tmp_path / "a.mp4", settings)
    assert found.answer == "unknown"
    assert not found.seen.present
    assert "does not mean that it is real" in found.sentence


@pytest.mark.parametrize(
    "content",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n",
        "1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
        "<!DOCTYPE html><title>Hello</title>",
        "# Hello\n\nThere.\n",
        "# Hello\n\n<!-- presenter-seal:eyJhIjoxfQ.eyJhIjoxfQ." + "A" * 86 + " -->\n",
    ],
)
def test_a_text_of_a_stranger_is_unknown(settings, tmp_path, content):
    (tmp_path / "a.txt").write_text(content)
    found = verify.verify(tmp_path / "a.txt", settings)
    assert (found.answer, found.label) == ("unknown", False)


def test_finished_work_that_was_forgotten_is_still_recognised(settings, tmp_path):
    made = render(settings, tmp_path / "a.mp4", "Something else is said here.\n")
    shutil.rmtree(settings.home / "store")
    shutil.rmtree(settings.home / "records")
    assert verify.verify(tmp_path / "a.mp4", settings).answer == "made here"
    copy = coded_anew(made.path, tmp_path / "b.mp4", 640, 360, 28, 0.0)
    assert verify.verify(copy, settings).videos == (made.digest,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E-VERIFY-TYPE"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", "E-VERIFY-TYPE"),
        (b"ffconcat version 1.0\nfile other.wav\n", "E-VERIFY-TYPE"),
        (b"%PDF-1.7\n", "E-VERIFY-TYPE"),
        (b"PK\3\4word/document.xml", "E-VERIFY-TYPE"),
        (b"PK\3\4ppt/presentation.xml", "E-VERIFY-FILE"),
        (b"\0\0\0\x20ftypisom" + b"\xff" * 400, "E-VIDEO-TYPE"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "E-VERIFY-FILE"),
    ],
)
def test_odd_files_get_a_plain_refusal(settings, tmp_path, content, code):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError) as caught:
        verify.verify(tmp_path / "a.mp4", settings)
    assert caught.value.code == code


def test_a_missing_file_and_a_folder_are_refused(settings, tmp_path):
    for path in (tmp_path, tmp_path / "none.mp4"):
        with pytest.raises(InputError, match="E-VERIFY-FILE"):
            verify.verify(path, settings)


def test_the_command_answers_in_words_and_in_json(made, settings, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PRESENTER_HOME", str(settings.home))
    assert main(["verify", made.path]) == 0
    assert capsys.readouterr().out.startswith("made here: ")
    copy = coded_anew(made.path, tmp_path / "a.mp4", 640, 360, 28, 0.0)
    assert main(["verify", str(copy), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["answer"] == "altered"


# --- takedown ---------------------------------------------------------------------------------


def test_what_was_taken_down_does_not_leave_again(settings, tmp_path):
    source = "This one is taken down.\n"
    made = render(settings, tmp_path / "a.mp4", source)
    takedown.block(settings.home, made.digest, "a report")
    assert verify.verify(tmp_path / "a.mp4", settings).blocked
    with pytest.raises(InputError, match="E-TAKEDOWN"):
        render(settings, tmp_path / "b.mp4", source)
    shutil.rmtree(settings.home / "store")  # made anew it is another file, and still the same video
    with pytest.raises(InputError, match="E-TAKEDOWN"):
        render(settings, tmp_path / "b.mp4", source)
    assert not (tmp_path / "b.mp4").exists()
    render(settings, tmp_path / "c.mp4", "Others are not concerned.\n")


def test_a_copy_leads_to_the_video_that_is_to_be_taken_down(settings, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(settings.home))
    made = render(settings, tmp_path / "a.mp4", "Found somewhere else.\n")
    copy = coded_anew(made.path, tmp_path / "b.mp4", 320, 180, 28, 0.0)
    [identity] = verify.verify(copy, settings).picture.identities
    assert main(["takedown", identity, "--reason", "not agreed"]) == 0
    assert takedown.is_blocked(settings.home, made.digest)
    assert main(["takedown"]) == 0
    assert "not agreed" in capsys.readouterr().out
    assert main(["takedown", made.digest, "--undo"]) == 0
    render(settings, tmp_path / "c.mp4", "Found somewhere else.\n")


def test_takedowns_are_on_record_without_their_reasons(settings):
    takedown.block(settings.home, "ab" * 32, "somebody's secret")
    line = list(audit.lines(settings.home))[-1]
    assert (line.event, line.detail) == ("takedown", {"digest": "ab" * 32})


@pytest.mark.parametrize("name", ["", "xyz", "../../etc/passwd", "0" * 8, "A" * 64])
def test_names_that_mean_no_video_are_refused(settings, name):
    with pytest.raises(InputError, match="E-TAKEDOWN-NAME"):
        takedown.resolve(settings.home, name)


def test_a_broken_record_of_a_takedown_stops_everything(tmp_path):
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / f"{'a' * 64}.json").write_text("{")
    settings = Settings(home=tmp_path, width=448, height=256, workers=1)
    with pytest.raises(Exception, match="E-TAKEDOWN-BROKEN"):
        render(settings, tmp_path / "a.mp4")
