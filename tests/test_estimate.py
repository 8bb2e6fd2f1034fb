"""What a render would cost is told before it is done."""

import json
import re

import fakes
import pytest

from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.estimate import estimate
from presenter.order import Order
from presenter.pipeline import render
from presenter.rates import Rates
from presenter.settings import Settings

LESSON = "The first sentence is about bees.\n\nThe second is about birds.\n\nA third one ends it.\n"


@pytest.fixture(autouse=True)
def _standins(monkeypatch):
    fakes.install(monkeypatch)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=448, height=256, workers=1)


def made(source, settings, tmp_path, **wanted):
    return render(Order(source=source, **wanted), settings, tmp_path / "out.mp4", runner=Here())


def test_before_the_first_render_nothing_is_known_and_nothing_is_made(settings):
    found = estimate(Order(source=LESSON), settings)
    assert (found.sentences, found.reused, found.unspoken) == (3, 0, 3)
    assert len(found.new) == 3
    assert not found.exact
    assert not found.learnt
    assert found.work > 0
    assert not any(path.is_file() for path in settings.home.rglob("*"))


def test_a_finished_lesson_is_known_to_the_frame_and_costs_next_to_nothing(settings, tmp_path):
    video = made(LESSON, settings, tmp_path)
    found = estimate(Order(source=LESSON), settings)
    assert found.exact
    assert found.learnt
    assert found.seconds == video.seconds
    assert (found.reused, found.new) == (3, ())
    assert found.work < estimate(Order(source=LESSON + "\n\nOne more.\n"), settings).work


def test_an_edit_costs_the_sentence_that_it_changes(settings, tmp_path):
    made(LESSON, settings, tmp_path)
    edited = LESSON.replace("about birds", "about boats")
    found = estimate(Order(source=edited), settings)
    assert (found.reused, found.unspoken, len(found.new)) == (2, 1, 1)
    video = made(edited, settings, tmp_path)
    assert (video.rendered, video.reused) == (len(found.new), found.reused)
    assert str(found).endswith("2 of 3 sentences are reused")


def test_what_is_spoken_but_not_drawn_is_exact(settings, tmp_path):
    first = made(LESSON, settings, tmp_path)
    found = estimate(Order(source=LESSON, width=320, height=320), settings)
    assert found.exact
    assert found.seconds == first.seconds
    assert (found.reused, found.unspoken) == (0, 0)


def test_the_length_is_learnt_from_the_voice(settings, tmp_path):
    made(LESSON, settings, tmp_path)
    other = "These are some other words that nobody has said before.\n\nAnd a few more of them follow here.\n"
    found = estimate(Order(source=other), settings)
    assert not found.exact
    assert found.seconds == pytest.approx(made(other, settings, tmp_path).seconds, rel=0.1)


def test_a_rate_is_not_called_by_the_name_of_a_voice(settings, tmp_path):
    made(LESSON, settings, tmp_path)
    (name,) = [path.stem for path in (settings.home / "rates").glob("pace-*")]
    assert re.fullmatch(r"pace-tone-[0-9a-f]{8}-en", name)


def test_pauses_and_speed_count(settings):
    def seconds(text):
        return estimate(Order(source=text), settings).seconds

    paused = [seconds(f"Wait here. [pause {length}]\n") for length in (1, 4)]
    assert paused[1] - paused[0] == pytest.approx(3, abs=0.05)
    slow = "---\nspeed: 0.5\n---\nWe take our time with this.\n"
    assert seconds(slow) > 1.5 * seconds("We take our time with this.\n")


def test_equal_sentences_are_drawn_once(settings, tmp_path):
    lesson = "A first sentence that lasts longer than three seconds.\n\n" + "Again and again.\n\n" * 5
    made(lesson, settings, tmp_path)
    (tmp_path / "home" / "rates" / "draw-dot-448x256-full.json").unlink()  # the guess is the same for all
    other = [estimate(Order(source=lesson, width=256, height=256), settings)]
    other += [estimate(Order(source=lesson[: lesson.index("Again")] + "Again and again.\n", width=256,
                             height=256), settings)]  # fmt: skip
    assert len(other[0].new) == 6
    assert other[0].work - other[1].work < 0.5 * other[1].work


def test_a_lesson_that_cannot_be_rendered_has_no_estimate(settings):
    with pytest.raises(InputError, match="E-LAYOUT-NAME"):
        estimate(Order(source="Hello.", layout="upside-down"), settings)


def test_no_consent_is_asked_for(settings, tmp_path):
    photo = tmp_path / "me.jpg"
    photo.write_bytes(b"not even a photo")
    assert estimate(Order(source="Hello.", portrait=photo), settings).sentences == 1


# --- rates ------------------------------------------------------------------------------------


def test_a_rate_is_the_ratio_of_what_was_seen(tmp_path):
    rates = Rates(tmp_path / "store")
    assert rates.rate("draw mesh 1280x720") is None
    rates.learn("draw mesh 1280x720", 100, 2.0)
    assert Rates(tmp_path / "store").rate("draw mesh 1280x720") == pytest.approx(0.02)


def test_newer_work_counts_more(tmp_path):
    rates = Rates(tmp_path / "store")
    for seconds in [1.0] * 50 + [3.0] * 50:
        rates.learn("mix", 1, seconds)
    assert 2.5 < rates.rate("mix") < 3.0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"amount": "x"}', b'{"amount": NaN, "result": 1}'])
def test_a_broken_file_counts_as_nothing_learnt(tmp_path, content):
    rates = Rates(tmp_path / "store")
    rates.learn("mix", 1, 1)
    (file,) = (tmp_path / "rates").iterdir()
    file.write_bytes(content)
    assert rates.rate("mix") is None
    rates.learn("mix", 2, 1)
    assert rates.rate("mix") == 0.5


def test_nothing_is_learnt_from_no_work_or_from_nonsense(tmp_path):
    rates = Rates(tmp_path / "store")
    for amount, result in ((0, 1), (float("nan"), 1), (1, float("inf"))):
        rates.learn("mix", amount, result)
    assert rates.rate("mix") is None


def test_a_name_never_leaves_the_folder(tmp_path):
    rates = Rates(tmp_path / "store")
    rates.learn("../../Draw Mesh", 1, 1)
    (file,) = (tmp_path / "rates").iterdir()
    assert json.loads(file.read_text()) == {"amount": 1.0, "result": 1.0}
