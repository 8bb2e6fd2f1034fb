"""Training on one's own footage: a drawn presenter stands for a person, a thin network for the whole one."""

import functools
import json
import re
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest

from presenter import audio, cli, faces, planes, records, registry, video
from presenter.engines import load
from presenter.errors import EngineMissing, InputError, WorkError
from presenter.people import People
from presenter.settings import Settings
from presenter.store import digest_of_file
from presenter.types import RATE, Speech, Style

torch = pytest.importorskip("torch", reason="needs torch: pip install -e '.[wav2lip]'")
pytest.importorskip("safetensors", reason="needs safetensors: pip install -e '.[wav2lip]'")

from presenter import training  # noqa: E402
from presenter.engines import checkpoint  # noqa: E402
from presenter.engines.mesh import Mesh  # noqa: E402
from presenter.engines.wav2lip import files, layouts, mel  # noqa: E402
from presenter.training import Plan, course, footage, lips, sync, work  # noqa: E402

ASSETS = Settings().assets
TEXTS = ("Papa, mama, papa.", "Ah, papa, ah, mama.", "Mama, ah, papa.", "Papa, ah, mama, ah.")
STEPS, RATE_OF_LEARNING = 120, 4e-3


def film(path, texts=TEXTS, size=160, before=0):
    """A clip of the drawn presenter Ada saying some texts, after so many frames without anybody."""
    portrait = faces.frame(faces.sample("ada", ASSETS), size, size)
    speaker, animator = load("speaker", "espeak"), Mesh(lively=0.0)
    studied = animator.study(portrait)
    pictures = [np.full((size, size, 3), 90, np.uint8)] * before
    sounds = [np.zeros(before * RATE // 25, np.float32)]
    for number, text in enumerate(texts):
        wave, timing = speaker.speak(text, "en-GB", speaker.study([]), style=Style(speed=0.9), seed=number)
        samples = audio.resample(wave)
        samples = samples[: len(samples) // 1920 * 1920]
        speech = Speech("", samples, timing)
        pictures += [each.copy() for each in animator.animate(speech, portrait, studied, fps=25, seed=0)]
        sounds.append(samples)
    return write(path, pictures, sounds)


def write(path, pictures, sounds):
    piece, sound = path.with_suffix(".piece.mp4"), path.with_suffix(".sound.mp4")
    size = pictures[0].shape[0]
    video.encode(piece, (planes.canvas(each) for each in pictures), width=size, height=size, fps=25)
    video.encode_sound(sound, sounds)
    video.join(path, [piece], sound, fps=25)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    return film(tmp_path_factory.mktemp("clip") / "ada.mp4")


@pytest.fixture(scope="session")
def kept(clip, tmp_path_factory):
    """What is prepared of the clip."""
    folder = tmp_path_factory.mktemp("kept") / "clip"
    footage.prepare(clip, folder, 96, lambda: load("detector", "auto"), lambda _done, _text: None)
    return folder


@pytest.fixture
def reel(kept):
    return footage.load(kept)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def prepared(monkeypatch, kept):
    """Spare the search for the face: it was done for all tests."""

    def prepare(_clip, folder, *_rest):
        shutil.copytree(kept, folder, dirs_exist_ok=True)

    monkeypatch.setattr(footage, "prepare", prepare)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def trainer(seed=0):
    layout = layouts.slim(layouts.WAV2LIP_96, 8)
    return lips.Trainer(layout, divisor=8, batch=1, rate=RATE_OF_LEARNING, seed=seed, device="cpu")


def plan(clip, folder, **more):
    return Plan((clip,), folder / "own.safetensors", divisor=8, batch=1, rate=RATE_OF_LEARNING, **more)


# --- learning ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_thin_network_learns_the_mouth_and_follows_speech_that_it_never_heard(
    clip, prepared, settings, tmp_path, monkeypatch
):
    wanted = replace(plan(clip, tmp_path), batch=2)
    losses = []

    def note(_done, _left, text):
        losses.extend(float(loss) for loss in re.findall(r"loss ([\d.]+)", text))

    done = training.train(wanted, settings, person="Ada", steps=STEPS, every=1e9, report=note)
    assert (done.steps, done.stopped) == (STEPS, False)
    assert losses[-1] < losses[0] / 2.5
    assert done.best.mouth < done.first.mouth / 2
    assert done.best.mouth < done.best.idle  # nearer to the real mouth than one that does not move
    assert done.best.following > 0.4
    assert done.best.following > done.first.following + 0.2
    strip = cv2.imread(str(sorted(done.samples.glob("*.png"))[-1]))
    assert strip.shape == (3 * 96, 8 * 96, 3)
    assert "own footage" in checkpoint.metadata(done.out)["licence"]
    assert files.load(done.out).layout == layouts.slim(layouts.WAV2LIP_96, 8)

    # The engine takes the model as it is, and its mouth moves.
    from presenter import settings as configuration
    from presenter.engines.wav2lip import Wav2Lip

    (tmp_path / "wav2lip").mkdir()
    shutil.copy(done.out, tmp_path / "wav2lip")
    monkeypatch.setattr(configuration, "current", lambda: Settings(checkpoints=tmp_path))
    portrait = faces.frame(faces.sample("ada", ASSETS), 160, 160)
    speaker = load("speaker", "espeak")
    wave, timing = speaker.speak("Papa.", "en-GB", speaker.study([]), style=Style(), seed=0)
    engine = Wav2Lip(device="cpu")
    speech = Speech("", audio.resample(wave), timing)
    pictures = [p.copy() for p in engine.animate(speech, portrait, engine.study(portrait), fps=25, seed=0)]
    assert np.abs(pictures[len(pictures) // 2].astype(int) - pictures[0]).max() > 20


def test_a_stopped_training_goes_on_exactly_as_if_it_had_not_been(reel, tmp_path):
    whole = trainer()
    whole.begin([reel])
    for _ in range(4):
        whole.step([reel])
    first = trainer()
    first.begin([reel])
    for _ in range(2):
        first.step([reel])
    work.save(tmp_path, first.state())
    second = trainer(seed=0)
    second.restore(work.restore(tmp_path))
    for _ in range(2):
        second.step([reel])
    assert second.steps == 4
    assert second.losses == whole.losses
    for name, value in whole.net.state_dict().items():
        assert torch.equal(value, second.net.state_dict()[name]), name


def test_ctrl_c_saves_writes_a_model_and_the_next_run_goes_on(clip, prepared, settings, tmp_path):
    def stop(_done, _left, text):
        if text.startswith("step 2,"):
            raise KeyboardInterrupt

    first = training.train(plan(clip, tmp_path), settings, person="Ada", steps=5, report=stop)
    assert (first.steps, first.stopped) == (2, True)
    assert files.load(first.out).layout.size == 96
    again = training.resume(tmp_path / "own.training")
    assert again.clips == (clip,)
    second = training.train(again, settings, resumed=True, steps=3)
    assert (second.steps, second.stopped) == (3, False)
    assert second.first == first.first


def test_a_model_can_be_begun_with_another_whose_terms_are_noted(clip, prepared, settings, tmp_path):
    begun = training.train(plan(clip, tmp_path), settings, person="Ada", steps=1)
    further = Plan((clip,), tmp_path / "further.safetensors", source=begun.out, batch=1)
    done = training.train(further, settings, steps=1)
    assert "own.safetensors, whose terms hold" in checkpoint.metadata(done.out)["licence"]


def test_the_expert_learns_to_tell_what_belongs_together(reel):
    seen = trainer()
    starts = reel.learnt()[:40:5]
    sound, picture = seen.heard(reel, starts), sync.lips_of(seen.real(reel, starts))
    assert picture.shape == (len(starts), 15, 48, 96)
    fits = seen.expert(sound, picture)
    assert fits.shape == (len(starts),)
    assert 0 <= float(fits.min().detach()) <= float(fits.max().detach()) <= 1.0001
    assert (
        float(sync.loss(torch.ones(3), torch.ones(3)))
        < 0.01
        < float(sync.loss(torch.ones(3), torch.zeros(3)))
    )


def test_larger_pictures_are_seen_by_the_expert_at_its_own_size():
    assert sync.lips_of(torch.rand(2, 5, 3, 256, 256)).shape == (2, 15, 48, 96)


def test_an_error_that_is_no_number_ends_the_training(reel):
    broken = trainer()
    with torch.no_grad():
        broken.net.output_block[1].bias.fill_(float("nan"))
    with pytest.raises(WorkError) as caught:
        broken.step([reel])
    assert caught.value.code == "E-TRAIN-DIVERGED"


# --- footage ----------------------------------------------------------------------------------


def test_what_is_held_out_is_never_learnt_from(reel):
    assert reel.learnt().max() + footage.WINDOW <= reel.end
    assert reel.held_out().min() >= reel.end + footage.PAUSE
    for _ in range(3):
        rows = lips.choose([reel], 50, np.random.default_rng(0))
        assert rows[:, 1:].max() + footage.WINDOW <= reel.end
        assert (np.abs(rows[:, 1] - rows[:, 2]) >= footage.WINDOW).all()
        assert (np.abs(rows[:, 1] - rows[:, 3]) >= footage.WINDOW).all()


def test_the_mouth_that_is_judged_lies_in_the_hidden_half_and_is_what_moves(reel):
    rows, columns = reel.mouth
    assert 48 <= rows.start < rows.stop <= 96
    assert 10 < columns.start < 48 < columns.stop < 86
    upper = np.asarray(reel.faces[reel.seen][:, 8:40, 20:76], float)
    lower = np.asarray(reel.faces[reel.seen][:, rows, columns], float)
    assert upper.std(axis=0).mean() < lower.std(axis=0).mean() / 2


def test_the_crop_does_not_follow_the_jaw():
    """Its height would tell the network how far the mouth is open."""
    opening = 1 + 0.1 * np.maximum(0, np.sin(np.arange(100)))
    places = np.tile(np.array([[100.0, 0, 30], [0, 130, 40]]), (100, 1, 1))
    places[:, :, 1] *= opening[:, None]
    seen = np.ones(100, bool)
    seen[10:13] = False
    found = footage._steady(places, seen)
    assert np.ptp(found[:, 1, 1]) < 0.01 * 130
    np.testing.assert_allclose(found[:, :, [0, 2]], places[:, :, [0, 2]], atol=1e-9)


def test_sound_is_heard_in_blocks_as_in_one_piece(clip, reel, monkeypatch):
    whole = np.concatenate(list(video.sound(clip)))
    expected = mel.windows(whole, len(reel.seen), 25)
    part = range(3, len(reel.seen) - 6)
    np.testing.assert_allclose(reel.heard.part(part), expected.part(part), atol=0.02)
    monkeypatch.setattr(footage, "_BLOCK", 1)
    blocks = footage._listen(clip, len(reel.seen))
    assert np.abs(blocks - reel.heard.columns)[:, 2:-12].mean() < 1e-3


def test_frames_without_a_face_are_left_out(tmp_path):
    path = film(tmp_path / "late.mp4", TEXTS[:1], before=12)
    footage.prepare(path, tmp_path / "late", 96, lambda: load("detector", "auto"), lambda *_: None)
    reel = footage.load(tmp_path / "late")
    assert not reel.seen[:11].any()
    assert reel.seen[14:].all()
    assert not len(reel.learnt()) or reel.learnt().min() >= 11


def test_a_clip_at_another_rate_is_seen_at_25_frames_a_second(tmp_path):
    pictures = [np.full((32, 32, 3), 4 * number, np.uint8) for number in range(50)]
    piece, sound, path = (tmp_path / f"{name}.mp4" for name in "abc")
    video.encode(piece, (planes.canvas(each) for each in pictures), width=32, height=32, fps=50)
    video.encode_sound(sound, [np.zeros(RATE, np.float32)])
    video.join(path, [piece], sound, fps=50)
    levels = [float(picture.mean()) for picture in video.steady(path, 25)]
    assert len(levels) in (25, 26)
    np.testing.assert_allclose(levels[:25], np.arange(25) * 8.0, atol=5)


# --- what is refused --------------------------------------------------------------------------


def test_nobody_is_learnt_from_without_their_word(clip, settings, tmp_path):
    with pytest.raises(InputError) as caught:
        training.train(plan(clip, tmp_path), settings, steps=1)
    assert caught.value.code == "E-CONSENT-NEEDED"
    assert not (tmp_path / "own.training").exists()


def test_a_consent_that_was_ended_ends_the_training_too(clip, prepared, settings, tmp_path):
    training.train(plan(clip, tmp_path), settings, person="Ada", steps=1)
    people = People(settings.home)
    people.revoke(people.find(digest_of_file(clip), "face").id)
    with pytest.raises(InputError) as caught:
        training.train(training.resume(tmp_path / "own.training"), settings, resumed=True, steps=2)
    assert caught.value.code == "E-CONSENT-REVOKED"


def test_a_video_of_a_sample_presenter_needs_nobody_s_word(clip, prepared, settings, tmp_path):
    record = registry.Record(digest_of_file(clip), "", records.now(), "0" * 64, None, (), ())
    registry.remember(settings.home, record)
    assert training.train(plan(clip, tmp_path), settings, steps=1).steps == 1


def test_a_video_of_a_person_needs_the_consent_for_their_photo(clip, settings, tmp_path):
    record = registry.Record(digest_of_file(clip), "", records.now(), "1" * 64, "someone", (), ())
    registry.remember(settings.home, record)
    with pytest.raises(InputError) as caught:
        training.train(plan(clip, tmp_path), settings, steps=1)
    assert caught.value.code == "E-CONSENT-NEEDED"


@functools.cache
def _noise(frames):
    random = np.random.default_rng(0)
    return [random.integers(0, 255, (96, 96, 3), np.uint8) for _ in range(frames)]


def test_a_clip_in_which_nobody_is_seen_is_refused(settings, tmp_path):
    path = write(tmp_path / "noise.mp4", _noise(10), [np.zeros(10 * RATE // 25, np.float32)])
    with pytest.raises(InputError) as caught:
        training.train(plan(path, tmp_path), settings, person="Nobody", steps=1)
    assert caught.value.code == "E-FACE-NONE"
    assert 'in "noise.mp4"' in caught.value.message


def test_a_clip_without_sound_is_refused(settings, tmp_path):
    path = tmp_path / "mute.mp4"
    video.encode(path, (planes.canvas(each) for each in _noise(10)), width=96, height=96, fps=25)
    with pytest.raises(InputError) as caught:
        training.train(plan(path, tmp_path), settings, person="Nobody", steps=1)
    assert caught.value.code == "E-TRAIN-SOUND"


def test_footage_that_is_too_short_says_how_long_it_is(reel):
    short = footage.Reel(reel.faces[:50], reel.seen[:50], reel.heard, reel.mouth)
    with pytest.raises(InputError) as caught:
        footage.check_length([short])
    assert caught.value.code == "E-TRAIN-SHORT"
    assert "2.0 s; at least 4 s" in caught.value.message


def test_a_file_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(InputError) as caught:
        training.train(plan(tmp_path / "gone.mp4", tmp_path), settings, person="Ada", steps=1)
    assert caught.value.code == "E-VIDEO-FILE"


def test_a_training_that_was_begun_is_not_begun_again(clip, prepared, settings, tmp_path):
    training.train(plan(clip, tmp_path), settings, person="Ada", steps=1)
    with pytest.raises(InputError) as caught:
        training.train(plan(clip, tmp_path), settings, steps=1)
    assert caught.value.code == "E-TRAIN-BEGUN"
    assert "--resume own.training" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": 128}, "E-TRAIN-LAYOUT"),
        ({"divisor": 3}, "E-TRAIN-LAYOUT"),
        ({"divisor": 16}, "E-TRAIN-LAYOUT"),
    ],
)
def test_networks_that_there_are_not_are_refused(clip, tmp_path, change, code):
    with pytest.raises(InputError) as caught:
        work.begin(Plan((clip,), tmp_path / "own.safetensors", **change))
    assert caught.value.code == code


def test_a_model_of_another_kind_of_file_is_refused(clip, tmp_path):
    with pytest.raises(InputError) as caught:
        work.begin(Plan((clip,), tmp_path / "own.pth"))
    assert caught.value.code == "E-TRAIN-OUT"


def test_a_folder_that_is_no_training_cannot_be_gone_on_with(tmp_path):
    for text in ("", "[]", "{}", json.dumps({"clips": 3})):
        (tmp_path / "plan.json").write_text(text)
        with pytest.raises(InputError) as caught:
            training.resume(tmp_path)
        assert caught.value.code == "E-TRAIN-FOLDER"


def test_a_damaged_save_is_said(tmp_path):
    (tmp_path / work.STATE).write_bytes(b"nothing")
    with pytest.raises(WorkError) as caught:
        work.restore(tmp_path)
    assert caught.value.code == "E-TRAIN-BROKEN"


def test_without_torch_it_is_said_how_to_get_it(clip, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(course.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing) as caught:
        training.train(plan(clip, tmp_path), settings, steps=1)
    assert "[wav2lip]" in caught.value.hint


# --- the command ------------------------------------------------------------------------------


def run(capsys, *arguments):
    status = cli.main(["train", "wav2lip", *map(str, arguments)])
    out, told = capsys.readouterr()
    return status, out, told


def test_the_command_trains_and_tells_the_scores(clip, prepared, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    out = tmp_path / "own.safetensors"
    status, printed, told = run(
        capsys, "--clip", clip, "--person", "Ada", "-o", out, "--slim", 8, "--batch", 1, "--steps", 1
    )
    assert status == 0, told
    assert out.exists()
    assert "untrained: held-out mouth" in printed
    assert "model:     held-out mouth" in printed
    status, printed, told = run(capsys, "--resume", tmp_path / "own.training", "--steps", 2)
    assert status == 0, told
    assert "done after 2 steps" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "needs clips and a name"),
        (("--clip", "a.mp4"), "needs clips and a name"),
        (("--resume", "x", "--slim", "2"), "--slim cannot be changed"),
        (("--clip", "a.mp4", "-o", "b.safetensors", "--from", "c.pth", "--slim", "2"), "decides layout"),
        (("--steps", "0"), "no whole number above 0"),
    ],
)
def test_a_command_that_makes_no_sense_is_said_in_one_sentence(capsys, arguments, said):
    status, _, told = run(capsys, *arguments)
    assert status == 2
    assert "E-USAGE" in told
    assert said in told
