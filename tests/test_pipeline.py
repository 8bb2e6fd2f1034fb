"""The invariants of ARCHITECTURE.md, on the real pipeline. Most use stand-ins for the two slow engines."""

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import fakes
import numpy as np
import pytest

from presenter import mixing, pipeline, registry, video
from presenter.engines.runners import Here
from presenter.errors import Cancelled, InputError, SetupError, WorkError
from presenter.order import Order
from presenter.people import People
from presenter.pieces import Kit, animated
from presenter.settings import ROOT, Settings
from presenter.types import RATE

LESSON = "The first sentence is about bees.\n\nThe second is about birds.\n\nA third one ends it.\n"
SLIDES = """# Light [layout pip-right]

- waves
- colours

[build] Light is a wave. [build] It has many colours.

# Sound

A sound is a wave too.
"""

needs_faces = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "face_landmark.tflite").exists(),
    reason="the face models are missing: presenter checkpoints fetch faces",
)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=512, height=256, workers=1)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "videos" / "out.mp4"


@pytest.fixture
def standins(monkeypatch):
    fakes.install(monkeypatch)


def render(source, settings, out, **wanted):
    return pipeline.render(Order(source=source, **wanted), settings, out, runner=Here())


def kept(settings, kind):
    """Names of the finished artefacts of a kind."""
    return {
        path.name for path in (settings.home / "store" / kind).glob("*/[0-9a-f]*") if path.suffix != ".json"
    }


# --- what is done again -----------------------------------------------------------------------


def test_a_changed_sentence_costs_one_speech_and_one_piece(settings, out, standins):
    first = render(LESSON, settings, out)
    assert (first.rendered, first.reused) == (3, 0)
    before = {kind: kept(settings, kind) for kind in ("speech", "piece", "portrait", "study")}
    second = render(LESSON.replace("about birds", "about boats"), settings, out)
    assert (second.rendered, second.reused) == (1, 2)
    new = {kind: len(kept(settings, kind) - names) for kind, names in before.items()}
    assert new == {"speech": 1, "piece": 1, "portrait": 0, "study": 0}


def test_an_unchanged_lesson_is_not_made_again_and_gives_the_same_file(settings, out, standins):
    first = render(LESSON, settings, out)
    before = out.read_bytes(), {kind: kept(settings, kind) for kind in ("speech", "piece", "lesson")}
    second = render(LESSON, settings, out)
    assert (second.rendered, second.reused) == (0, 3)
    assert (out.read_bytes(), {kind: kept(settings, kind) for kind in before[1]}) == before
    assert first.digest == second.digest


def test_an_edit_at_the_front_redraws_nothing_that_follows(settings, out, standins):
    later = "\n\nWhat follows stays.\n\nThis stays as well.\n"
    render("A first sentence that lasts longer than three seconds." + later, settings, out)
    changed = render("Another beginning that takes more than three seconds too." + later, settings, out)
    assert (changed.rendered, changed.reused) == (1, 2)


def test_equal_sentences_share_a_piece(settings, out, standins):
    start = "A first sentence that lasts longer than three seconds.\n\n"
    made = render(start + "Again and again.\n\n" * 5 + "The end.\n", settings, out)
    assert (made.rendered, made.reused) == (3, 4)
    assert len(kept(settings, "piece")) == 3


def test_a_new_layout_needs_no_new_speech(settings, out, standins):
    render(SLIDES, settings, out)
    before = kept(settings, "speech")
    again = render(SLIDES.replace("pip-right", "side-by-side"), settings, out)
    assert again.rendered == 3
    assert kept(settings, "speech") == before


def essence(path):
    """All coded pictures, sounds and captions of a file, without what is signed about them."""
    return path.read_bytes().partition(b"mdat")[2]


def test_an_edit_of_a_slide_redraws_its_shots_and_the_one_that_fades_from_it(settings, out, standins):
    slides = "".join(
        f"## Number {n}\n\n- {n}\n\nWords of {n}. More of {n}.\n\n" for n in ("one", "two", "three")
    )
    render(slides, settings, out)
    changed = render(slides.replace("## Number two", "## Count two"), settings, out)
    assert (changed.rendered, changed.reused) == (3, 3)
    cut = "---\ntransition: none\n---\n" + slides
    render(cut, settings, out)
    cut = render(cut.replace("## Number two", "## Three less one"), settings, out)
    assert (cut.rendered, cut.reused) == (2, 4)


def test_a_name_on_a_banner_redraws_only_the_shots_that_show_it(settings, out, standins):
    lesson = (
        "---\nname: {}\n---\n[layout lower-third] Good morning to you.\n\n[layout full] Let us begin now.\n"
    )
    render(lesson.format("Ada"), settings, out)
    assert render(lesson.format("Ben"), settings, out).rendered == 1


def test_another_home_gives_an_equal_video(settings, out, tmp_path, standins):
    render(SLIDES, settings, out)
    render(SLIDES, settings.model_copy(update={"home": tmp_path / "other"}), tmp_path / "other.mp4")
    assert essence(out) == essence(tmp_path / "other.mp4")


def test_the_embedded_engines_give_equal_files_too(settings, out, tmp_path):
    render("Bees hum.", settings, out)
    render("Bees hum.", settings.model_copy(update={"home": tmp_path / "other"}), tmp_path / "b.mp4")
    assert essence(out) == essence(tmp_path / "b.mp4")


# --- how long it is ---------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [24, 25, 60])
def test_frames_add_up_and_the_sound_is_as_long_as_the_pictures(settings, out, fps, standins):
    made = render(LESSON, settings, out, fps=fps)
    pieces = registry.recall(settings.home, out).pieces
    shown, samples = video.times(out)
    assert made.frames == sum(piece.shot.count for piece in pieces) == len(shown)
    assert [time * fps for time in shown] == list(range(made.frames))
    assert samples == made.frames * RATE // fps
    assert sum(map(len, mixing.mixed(pieces))) == samples


@pytest.mark.slow
def test_twenty_minutes_drift_by_no_sample(settings, out, standins):
    sentences = [
        f"Sentence number {word} says next to nothing.\n\n" for word in ("one", "two", "three", "four")
    ]
    small = settings.model_copy(update={"width": 256, "height": 256, "fps": 24})
    made = render("".join(sentences) * 70, small, out, captions="none")
    assert made.seconds > 20 * 60
    shown, samples = video.times(out)
    assert len(shown) == made.frames
    assert samples - made.frames * RATE // 24 == 0
    last = registry.recall(small.home, out).pieces[-1].shot.count * RATE // 24
    *_, meant = mixing.mixed(registry.recall(small.home, out).pieces)
    heard = np.concatenate(list(video.sound(out)))[: made.frames * RATE // 24][-last:]
    onset = [int(np.argmax(np.abs(wave) > 0.1 * np.abs(wave).max())) for wave in (heard, meant)]
    assert abs(onset[0] - onset[1]) < RATE // 1000


# --- whole or not at all ----------------------------------------------------------------------


def process(settings, lesson, out):
    environment = {**os.environ, "PRESENTER_HOME": str(settings.home)}
    command = ["render", str(lesson), "-o", str(out), "--size", "512x256", "--workers", "1", "--quiet"]
    return subprocess.Popen(
        [sys.executable, "-m", "presenter", *command],
        env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def below(pid):
    """Processes that a process has started, and theirs."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in file.read_text().split():
            found += [int(child), *below(child)]
    return found


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the workers")
def test_a_killed_render_leaves_nothing_half_written_and_the_next_one_goes_on(settings, out, tmp_path):
    lesson = tmp_path / "lesson.md"
    lesson.write_text("".join(f"Sentence {n} talks about bees and birds.\n\n" for n in range(1, 7)))
    running = process(settings, lesson, out)
    assert wait_until(lambda: kept(settings, "piece"), 40)
    workers = below(running.pid)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not out.parent.exists() or not list(out.parent.iterdir())
    assert wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 5)
    finished = kept(settings, "piece")
    assert not kept(settings, "lesson")
    for path in (settings.home / "store" / "piece").glob("*/[0-9a-f]*.mp4"):
        assert sum(1 for _ in video.decode(path)) > 25
    made = pipeline.render(Order(source=lesson.read_text()), settings, out, runner=Here())
    assert made.reused == len(finished) > 0
    assert made.rendered == 6 - made.reused
    assert len(video.times(out)[0]) == made.frames


def test_a_stopped_render_ends_soon_and_keeps_its_pieces(settings, out):
    asked = []

    def cancelled():
        if not asked and kept(settings, "piece"):
            asked.append(time.monotonic())
        return bool(asked)

    order = Order(source="".join(f"Sentence {n} talks about bees and birds.\n\n" for n in range(1, 7)))
    with pytest.raises(Cancelled):
        pipeline.render(order, settings, out, cancelled=cancelled)
    assert time.monotonic() - asked[0] < 2
    assert not out.exists()
    finished = len(kept(settings, "piece"))
    assert 1 <= finished < 6
    assert not list((settings.home / "store").rglob(".*"))
    assert render(order.source, settings, out).reused == finished


def test_a_failing_shot_leaves_the_others_and_no_video(settings, out, standins):
    with pytest.raises(WorkError, match="E-TEST"):
        render(LESSON, settings, out, animator="fragile")
    assert not out.exists()
    assert len(kept(settings, "piece")) == 2
    assert not list((settings.home / "store").rglob(".*"))


def test_a_folder_that_cannot_be_written_is_told_before_any_work(settings, tmp_path, standins):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SetupError, match="E-OUT-WRITE"):
        render(LESSON, settings, tmp_path / "file" / "out.mp4")
    assert not settings.home.exists()


def test_an_older_video_stays_until_the_new_one_is_whole(settings, out, standins):
    render(LESSON, settings, out)
    before = out.read_bytes()
    with pytest.raises(WorkError, match="E-TEST"):
        render(LESSON + "\n\nMore of it.\n", settings, out, animator="fragile")
    assert out.read_bytes() == before


# --- rest, label, consent ---------------------------------------------------------------------


def test_every_piece_begins_and_ends_with_the_head_at_rest(settings, out):
    render("Bees hum.\n\nBirds sing aloud.", settings, out)
    ends = []
    for piece in registry.recall(settings.home, out).pieces:
        frames = [picture.copy() for picture in animated(piece)]
        assert any((picture != frames[0]).any() for picture in frames)
        ends += [frames[0], frames[-1]]
    assert all(np.array_equal(picture, ends[0]) for picture in ends)


@pytest.mark.parametrize("layout", ["full", "pip-left", "slide-only"])
def test_every_frame_carries_the_label(settings, out, layout, standins):
    made = render(
        "# Bees\n\nBees hum in the garden.\n\nThey fly to every flower.\n", settings, out, layout=layout
    )
    assert made.seconds > 4
    edge = settings.height // 11, settings.width // 2
    spread = []
    for picture in video.decode(out):
        strip = picture[: edge[0]].astype(float)
        spread.append((strip[:, edge[1] :].std(), strip[:, : edge[1] // 2].std()))
    with_label, without = np.array(spread).T
    assert with_label.min() > 8
    assert without.max() < 4


def test_the_full_label_does_not_flicker_where_shots_meet(settings, out, standins):
    render("Bees hum.\n\nBirds sing.\n\nBoats sail away slowly.\n", settings, out)
    shots = [piece.shot for piece in registry.recall(settings.home, out).pieces]
    assert shots[0].count < shots[0].label == 75
    strips = [picture[: settings.height // 11].astype(float) for picture in video.decode(out)]
    steps = [np.abs(after - before).mean() for before, after in pairwise(strips[:60])]
    assert max(steps) < 1


@needs_faces
def test_a_photo_needs_consent_once(settings, out, tmp_path, standins):
    photo = tmp_path / "me.png"
    shutil.copy(settings.assets / "presenters" / "ada.png", photo)
    with pytest.raises(InputError, match="E-CONSENT"):
        render("Bees hum.", settings, out, portrait=photo)
    assert not kept(settings, "portrait")
    assert not kept(settings, "speech")
    render("Bees hum.", settings, out, portrait=photo, consent="Ada Example, herself")
    assert registry.recall(settings.home, out).consent
    assert render("Bees hum.", settings, out, portrait=photo).reused == 1


def test_another_word_with_the_same_reading_gets_its_own_times(settings, out, standins):
    for word in ("SQL", "XML"):
        render(f"[{word}]{{say: sequel}} is fun.", settings, out, captions="soft")
        assert word in out.with_suffix(".srt").read_text()
    assert len(kept(settings, "speech")) == 2


@needs_faces
def test_consent_that_ends_during_a_render_stops_the_video(settings, out, tmp_path, standins):
    photo = tmp_path / "me.png"
    shutil.copy(settings.assets / "presenters" / "ada.png", photo)
    people = People(settings.home)

    def revoke(progress):
        for entry in people.entries():
            people.revoke(entry.consent.id)

    order = Order(source="Bees hum.", portrait=photo, consent="Ada Example, herself")
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        pipeline.render(order, settings, out, report=revoke, runner=Here())
    assert not out.exists()


def test_captions_of_an_earlier_video_do_not_stay_beside_one_without(settings, out, standins):
    render("One sentence.", settings, out, captions="soft")
    assert out.with_suffix(".vtt").exists()
    render("One sentence.", settings, out, captions="none")
    assert not out.with_suffix(".vtt").exists()
    assert not out.with_suffix(".srt").exists()


def test_frames_of_a_clip_without_a_face_are_counted_in_a_note(tmp_path):
    kit = Kit.__new__(Kit)
    kit._framed = tmp_path / "framed.npz"
    np.savez(kit._framed, scores=np.array([0.9, 0.0, 0.0, 0.8]))
    assert kit.notes() == ("2 of the clip's 4 frames show no face; they stay as they are.",)
    np.savez(kit._framed, scores=np.array([0.9]))
    assert kit.notes() == ()
    kit._framed = None
    assert kit.notes() == ()


def test_a_banner_without_a_name_is_told(settings, out, standins):
    made = render("[layout lower-third] Good morning.", settings, out)
    assert any("lower-third shows no name" in warning for warning in made.warnings)
    named = render("---\nname: Ada\n---\n[layout lower-third] Good morning.", settings, out)
    assert not any("lower-third" in warning for warning in named.warnings)
