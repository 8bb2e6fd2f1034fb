"""A clip on a slide plays while the presenter talks over it, and stays on its last picture."""

from pathlib import Path
from types import SimpleNamespace

import fakes
import numpy as np
import pytest
from test_plan import segment, speech

from presenter import compose, media, planes, slides, themes, video
from presenter.compose import Clip
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order
from presenter.pipeline import render
from presenter.plan import Planner
from presenter.settings import Settings
from presenter.stills import Stills
from presenter.store import Store
from presenter.types import Shot, Slide, View

CLEAN = themes.theme("clean", [Path(slides.__file__).parent.parent / "assets" / "themes"])
MARKDOWN = "## How to jump\n\n![A jump](jump.mp4)"


def grey(level, width=64, height=48):
    return planes.canvas(np.full((height, width, 3), level, np.uint8))


@pytest.fixture
def folder(tmp_path):
    """A lesson's folder with a clip of one second: each frame is a little brighter."""
    frames = [grey(20 + 8 * number) for number in range(25)]
    video.encode(tmp_path / "jump.mp4", frames, width=64, height=48, fps=25)
    return tmp_path


def level(frame, box=None):
    y = planes.split(frame)[0]
    part = y if box is None else y[int(box.y0) + 4 : int(box.y1) - 4, int(box.x0) + 4 : int(box.x1) - 4]
    return (part.mean() - 16) * 255 / 219


# --- the file -----------------------------------------------------------------------------------


def test_a_clip_is_shown_by_its_first_picture(folder):
    slide = Slide("s", "Jump", MARKDOWN)
    slides.check(slide, folder)
    picture = slides.draw(slide, 640, 360, theme=CLEAN, folder=folder)
    (box,) = slides.places(slide, 640, 360, ["picture 1"], theme=CLEAN, folder=folder).values()
    inside = picture[round(box.y0) + 3 : round(box.y1) - 3, round(box.x0) + 3 : round(box.x1) - 3]
    assert abs(inside.mean() - 20) < 4
    assert box.width / box.height == pytest.approx(64 / 48, rel=0.02)


def test_a_clip_comes_at_the_rate_and_in_the_size_that_is_asked_for(folder):
    found = list(media.clip(folder / "jump.mp4", 32, 24, 50))
    assert len(found) in range(48, 52)
    assert found[0].shape == (24, 32, 3)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("jump.mp4", b"#EXTM3U\nfile:///etc/passwd\n", "E-SLIDES-CLIP"),
        ("jump.webm", b"no clip at all", "E-SLIDES-CLIP"),
        ("none.mp4", None, "E-SLIDES-PICTURE"),
        ("../jump.mp4", b"", "E-SLIDES-PICTURE"),
    ],
)
def test_what_is_no_clip_is_refused_before_anything_is_drawn(tmp_path, name, content, code):
    if content is not None and "/" not in name:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        slides.check(Slide("s", "Jump", f"![x]({name})"), tmp_path)
    assert caught.value.code == code
    assert str(tmp_path) not in str(caught.value)


def test_a_clip_that_is_too_long_or_too_large_is_refused(folder, monkeypatch):
    monkeypatch.setattr(media, "CLIP_SECONDS", 0.5)
    with pytest.raises(InputError, match="lasts 1 s"):
        slides.check(Slide("s", "Jump", MARKDOWN), folder)
    monkeypatch.setattr(media, "CLIP_SECONDS", 60)
    monkeypatch.setattr(media, "CLIP_SIDES", (40, 30))
    with pytest.raises(InputError, match="64x48"):
        slides.check(Slide("s", "Jump", MARKDOWN), folder)


def test_two_clips_do_not_play_at_once(folder):
    with pytest.raises(InputError, match="one can play at a time"):
        slides.check(Slide("s", "Jump", MARKDOWN + "\n\n![again](jump.mp4)"), folder)


# --- in the picture -----------------------------------------------------------------------------


def test_a_clip_plays_in_its_place_and_stays_on_its_last_picture():
    clip = Clip((grey(10 * number) for number in range(5)), 100, 60)
    shot = Shot("x", 9, "slide-only", "s")
    stills = {0: np.full((360, 640, 3), 250, np.uint8)}
    frames = list(
        compose.draw(
            shot,
            (640, 360),
            25,
            head=None,
            slides=stills,
            language="en",
            burned=False,
            theme=CLEAN,
            clip=clip,
        )
    )
    seen = [(planes.split(frame)[0][60:108, 100:164].mean() - 16) * 255 / 219 for frame in frames]
    assert seen == pytest.approx([0, 10, 20, 30, 40, 40, 40, 40, 40], abs=1)
    assert all(planes.split(frame)[0][200, 300] > 220 for frame in frames)


def test_a_clip_goes_on_from_shot_to_shot_until_its_end():
    planner = Planner(25, "auto", {"s": 120})
    rows = [
        segment(text, slide) for text, slide in (("a", "r"), ("b", "s"), ("c", "s"), ("d", "s"), ("e", "s"))
    ]
    shots = [planner.add(row, speech(row.text, 2.0)) for row in rows]
    assert [shot.clip for shot in shots] == [0, 0, 50, 100, 119]
    assert shots[1].before.clip == 0


def test_slides_without_a_clip_know_nothing_of_time():
    planner = Planner(25, "auto", {"s": 60})
    assert [planner.add(segment(text, "r"), speech(text, 1.0)).clip for text in "abc"] == [0, 0, 0]


def test_a_lesson_plays_a_clip_and_an_edit_elsewhere_leaves_it(folder, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    settings = Settings(home=tmp_path / "home", width=640, height=360, animator="dot", layout="slide-only")
    lesson = f"# Before\n\nWords of the beginning.\n\n{MARKDOWN}\n\nLook at how it is done.\n"

    def made(source):
        order = Order(source=source, folder=folder)
        return render(order, settings, tmp_path / "out.mp4", runner=Here())

    made(lesson)
    middle = [int(planes.split(frame)[0][200, 320]) for frame in video.planes(tmp_path / "out.mp4")]
    darkest = middle.index(min(middle))
    assert min(middle[:20]) > 200
    assert middle[darkest] < 130
    assert middle[-1] == pytest.approx(16 + (20 + 8 * 24) * 219 / 255, abs=4)
    assert np.ptp(middle[darkest + 20 :]) < 3
    assert made(lesson.replace("of the beginning", "of some beginning")).rendered == 1


@pytest.mark.parametrize(("width", "height"), [(4, 1200), (1200, 4)])
def test_a_clip_as_thin_as_a_line_is_shown(tmp_path, width, height):
    frames = [grey(90, width, height)] * 3
    video.encode(tmp_path / "jump.mp4", frames, width=width, height=height, fps=25)
    slide = Slide("s", "", "![A jump](jump.mp4)")
    script = SimpleNamespace(slides=(slide,), language="en")
    recipe = SimpleNamespace(script=script, folder=tmp_path, theme=CLEAN, width=320, height=180, fps=25)
    reel = Stills(recipe, Store(tmp_path / "store")).reel(View("pip-right", "s", 0))
    shown = next(video.planes(Path(reel.path), 0))
    assert min(shown.shape[1], shown.shape[0] * 2 // 3) == 2
