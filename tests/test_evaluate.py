import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from presenter import cli, mouth, pipeline, registry, video
from presenter import evaluate as scores
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.evaluate import Measure, ScoreCard, choose, picture, sound
from presenter.evaluate.motion import Motion, jumps
from presenter.order import Order
from presenter.settings import ROOT, Settings
from presenter.store import digest_of_file
from presenter.types import RATE, Box, Face, Span

needs_faces = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "face_landmark.tflite").exists(),
    reason="the face models are missing: presenter checkpoints fetch faces",
)


# --- the mouth --------------------------------------------------------------------------------


def speaking(count=200, seed=0):
    """An opening that comes and goes, in E."""
    noise = np.random.default_rng(seed).normal(0, 1, count)
    return np.clip(np.convolve(noise, np.hanning(7), "same") * 0.03, 0, None)


def take(intended, measured, closures=()):
    return mouth.Take(intended, measured, tuple(closures), 25)


def test_a_mouth_that_does_what_it_should_correlates_fully():
    opening = speaking()
    correlation, late = mouth.correlate([take(opening, 0.8 * opening + 0.01)])
    assert correlation == pytest.approx(1.0)
    assert late == 0


@pytest.mark.parametrize("frames", [-2, 3])
def test_the_offset_says_by_how_many_frames_the_mouth_is_late(frames):
    opening = speaking()
    correlation, late = mouth.correlate([take(opening, np.roll(opening, frames))])
    assert late == pytest.approx(frames, abs=0.15)
    assert correlation < 0.9


def test_frames_without_a_face_do_not_count():
    opening = speaking()
    measured = opening.copy()
    measured[40:50] = np.nan
    assert mouth.correlate([take(opening, measured)])[0] == pytest.approx(1.0)


def test_a_mouth_that_never_moves_has_no_correlation():
    assert np.isnan(mouth.correlate([take(speaking(), np.zeros(200))])[0])
    assert np.isnan(mouth.correlate([])[0])


def test_a_closure_counts_by_the_narrowest_frame_that_shows_it():
    measured = np.full(50, 0.10)
    measured[10] = 0.004
    spans = [Span("p", 0.40, 0.46), Span("b", 1.2, 1.26)]
    assert take(measured, measured, spans).closed() == pytest.approx([0.004, 0.10])


# --- motion -----------------------------------------------------------------------------------


def test_smooth_motion_is_no_jump_and_a_jerk_is():
    times = np.arange(100)
    still = np.zeros((100, 1, 2))
    nod = still + (1.2 * np.sin(times / 4))[:, None, None]
    assert jumps(nod).max() < 0.1
    jerk = nod.copy()
    jerk[50, 0, 1] += 1.0
    assert jumps(jerk).max() == pytest.approx(1.0, abs=0.1)


def test_jumps_are_seen_in_pictures_although_landmarks_scatter():
    random = np.random.default_rng(1)
    texture = random.integers(0, 255, (60, 60)).astype(np.uint8)
    texture = np.asarray(Image.fromarray(texture).resize((300, 300), Image.Resampling.BICUBIC))
    landmarks = np.zeros((468, 3), np.float32)
    landmarks[:, :2] = random.uniform(100, 200, (468, 2))
    landmarks[33, :2], landmarks[263, :2] = (100, 150), (200, 150)

    def largest(shifts):
        motion = Motion()
        for shift in shifts:
            noisy = landmarks + random.normal(0, 0.5, landmarks.shape).astype(np.float32)
            motion.add(np.roll(texture, shift, axis=1), Face(Box(0, 0, 300, 300), noisy, (0, 0, 0), 1.0))
        return motion.jumps().max()

    assert largest([0] * 10) < 0.1
    assert largest(range(10)) < 0.1
    assert largest([0] * 5 + [2] * 5) == pytest.approx(2.0, abs=0.1)


# --- the picture ------------------------------------------------------------------------------


def planes(seed, spread=60):
    return np.random.default_rng(seed).integers(100, 100 + spread, (96, 64)).astype(np.uint8)


def test_the_background_is_what_the_animator_does_not_move():
    meant, rest = planes(1), planes(1)
    meant[:20] += 5  # the head moves here
    seen = meant.copy()
    seen[:20] = 0  # as bad as can be, but not background
    seen[20:] += 2
    backdrop = picture.Backdrop(meant.shape)
    backdrop.add(seen, meant, rest)
    assert picture.psnr(*backdrop.error()) == pytest.approx(10 * np.log10(255**2 / 4))
    assert backdrop.share == pytest.approx(76 / 96)


def test_a_hidden_box_is_hidden_in_all_three_planes():
    backdrop = picture.Backdrop((96, 64))
    backdrop.hide(Box(0, 0, 32, 64))
    assert backdrop.share == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("order", "misplaced"), [([0, 1, 2, 3], False), ([0, 1, 1, 3], True), ([0, 2, 2, 3], True)]
)
def test_a_frame_that_shows_its_neighbours_picture_is_found(order, misplaced):
    meant = [planes(number) for number in range(4)]
    succession = picture.Succession()
    for number, shown in enumerate(order):
        succession.add(meant[shown] + 1, meant[number])
    assert (succession.misplaced > 0) is misplaced


def test_frames_that_are_meant_to_be_equal_are_never_misplaced():
    succession = picture.Succession()
    for _ in range(5):
        succession.add(planes(3), planes(3))
    assert (succession.told_apart, succession.misplaced) == (0, 0)


# --- sound ------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [-700, 0, 37])
def test_the_offset_of_sound_is_exact_to_a_sample(late):
    meant = np.random.default_rng(2).normal(0, 0.1, sound.STRETCH).astype(np.float32)
    assert sound.offset(np.roll(meant, late) * 0.7, meant) == late


def test_silence_has_no_offset():
    quiet = np.zeros(sound.STRETCH, np.float32)
    assert sound.offset(quiet, quiet) is None


def test_stretches_are_the_same_however_the_stream_is_cut():
    wave = np.arange(RATE * 20, dtype=np.float32)
    starts = sound.starts_of(len(wave))
    whole, count = sound.stretches([wave], starts)
    cut, _ = sound.stretches(np.array_split(wave, 77), starts)
    assert count == len(wave)
    assert len(starts) == 3
    assert all(np.array_equal(one, other) for one, other in zip(whole, cut, strict=True))
    assert whole[-1][-1] == wave[-1]


# --- the card ---------------------------------------------------------------------------------


def test_a_card_passes_when_no_bar_is_missed():
    fine = Measure("a", "a thing", 0.95, least=0.9)
    missing = Measure("b", "not there", None, least=0.9, note="no head is shown")
    bad = Measure("c", "too much", 2.0, "px", most=1)
    assert [m.passed for m in (fine, missing, bad)] == [True, None, False]
    good = ScoreCard("d", 1.0, 25, 25, (fine, missing))
    assert good.passed
    card = replace(good, measures=(fine, missing, bad))
    assert not card.passed
    assert card.missed == (bad,)
    assert json.loads(json.dumps(card.as_dict()))["measures"][2]["passed"] is False
    assert bad.line().startswith("MISSED  too much")


def test_short_videos_are_looked_at_whole_and_long_ones_in_pairs_of_neighbours():
    assert choose([50] * 10, 1500) == list(range(10))
    chosen = choose([50] * 1000, 1500)
    assert len(chosen) == 30
    assert chosen[0] == 0
    assert chosen[-1] == 999
    assert all(second - first == 1 for first, second in zip(chosen[::2], chosen[1::2], strict=True))
    assert choose([9000, 9000, 9000], 1500) == [0, 1]


# --- a whole video ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A short video, rendered once for all tests: its settings and its file."""
    folder = tmp_path_factory.mktemp("evaluate")
    settings = Settings(home=folder / "home", width=640, height=360)
    source = "Papa, may I pick both big plums?"
    out = folder / "out.mp4"
    pipeline.render(Order(source=source), settings, out, runner=Here())
    return settings, out


def passed_off(settings, original, changed):
    """Let a changed file count as the original."""
    record = registry.recall(settings.home, original)
    registry.remember(settings.home, replace(record, digest=digest_of_file(changed)))
    return changed


def join(out, frames, original, tmp_path, delay=0):
    """A file with other frames, and the sound of the original later by ``delay`` samples."""
    piece = tmp_path / "piece.mp4"
    height, width = frames[0].shape[0] * 2 // 3, frames[0].shape[1]
    video.encode(piece, frames, width=width, height=height, fps=25)
    wave = np.concatenate(list(video.sound(original)))[: len(frames) * RATE // 25]
    video.encode_sound(tmp_path / "sound.m4a", [np.roll(wave, delay)])
    video.join(out, [piece], tmp_path / "sound.m4a", fps=25)
    return out


@needs_faces
def test_a_rendered_video_passes_every_bar(rendered):
    settings, out = rendered
    told = []
    card = scores.evaluate(out, settings, report=lambda done, text: told.append(done))
    assert card.passed, [measure.line() for measure in card.missed]
    assert card.watched == card.frames
    assert all(measure.value is not None for measure in card.measures)
    assert card.find("closed").value == 100
    assert told == sorted(told)


@needs_faces
def test_faults_that_were_put_in_are_found(rendered, tmp_path):
    settings, out = rendered
    frames = list(video.planes(out))
    middle = len(frames) // 2
    frames[middle:] = frames[middle - 3 : -3]  # three frames are shown twice, the rest is late
    wrong = passed_off(settings, out, join(tmp_path / "out.mp4", frames, out, tmp_path, delay=480))
    card = scores.evaluate(wrong, settings)
    assert {"misplaced", "sound-offset"} <= {measure.name for measure in card.missed}
    assert card.find("sound-offset").value == 480
    assert card.find("drift").passed


@needs_faces
def test_a_missing_frame_and_a_late_mouth_are_found(rendered, tmp_path):
    settings, out = rendered
    frames = list(video.planes(out))
    late = [frames[0]] * 3 + frames[:-4]
    card = scores.evaluate(
        passed_off(settings, out, join(tmp_path / "out.mp4", late, out, tmp_path)), settings
    )
    assert card.find("missing").value == -1
    assert card.find("mouth-offset").value == pytest.approx(3, abs=0.5)
    assert {"missing", "mouth-offset", "misplaced", "drift"} <= {measure.name for measure in card.missed}


def test_only_videos_that_were_made_here_are_measured(rendered, tmp_path):
    settings, out = rendered
    stranger = tmp_path / "other.mp4"
    stranger.write_bytes(out.read_bytes() + b" ")
    with pytest.raises(InputError, match="E-VIDEO-UNKNOWN"):
        scores.evaluate(stranger, settings)


def test_a_video_of_another_version_or_without_its_parts_says_so(rendered, tmp_path):
    settings, out = rendered
    record = registry.recall(settings.home, out)
    home = tmp_path / "home"
    elsewhere = settings.model_copy(update={"home": home})
    registry.remember(home, replace(record, engines=("animator:mesh:0",)))
    with pytest.raises(InputError, match="E-VIDEO-OLD"):
        scores.evaluate(out, elsewhere)
    lost = tuple(replace(piece, speech=str(tmp_path / "gone.npz")) for piece in record.pieces)
    registry.remember(home, replace(record, pieces=lost))
    with pytest.raises(InputError, match="E-VIDEO-STORE"):
        scores.evaluate(out, elsewhere)


def test_a_contact_sheet_shows_evenly_spaced_frames(rendered, tmp_path):
    _, out = rendered
    scores.contact_sheet(out, tmp_path / "sheet.png", columns=3, rows=2)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape[1] == 1920
    cells = [part.std() for row in np.array_split(sheet, 2) for part in np.array_split(row, 3, axis=1)]
    assert min(cells) > 20


def test_the_command_prints_the_card_and_its_status_says_whether_it_passed(
    rendered, tmp_path, monkeypatch, capsys
):
    settings, out = rendered
    measure = Measure("closed", "lips closed at p, b and m", 97.0, "%", least=95)
    card = ScoreCard("d", 2.0, 50, 50, (measure,))
    monkeypatch.setenv("PRESENTER_HOME", str(settings.home))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scores, "evaluate", lambda *_, **__: card)
    assert cli.main(["evaluate", str(out), "--json", "--sheet", "sheet.png"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True
    assert (tmp_path / "sheet.png").exists()
    card = replace(card, measures=(replace(measure, value=80.0),))
    assert cli.main(["evaluate", str(out)]) == 1
    said = capsys.readouterr()
    assert "MISSED  lips closed at p, b and m" in said.out
    assert "lips closed" in said.err
