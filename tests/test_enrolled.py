"""Lessons in somebody's own voice: which engine speaks them, and that it is their voice."""

from dataclasses import replace
from importlib.util import find_spec

import fakes
import numpy as np
import pytest
import tiny
from recordings import BEN, encoded, said

from presenter import align, engines, pipeline, registry, settings, voices
from presenter.engines import choice
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order, decide
from presenter.people import Enrolment, People, exchange
from presenter.settings import Settings
from presenter.types import RATE, Wave

LESSON = "Good morning to you all.\n\nToday we talk about the moon and its light.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with the voice of Ben, who read four lines."""
    home = tmp_path_factory.mktemp("home")
    enrolment = Enrolment.start(home, "Max", person="Max Example", language="en")
    for line in enrolment.lines[:4]:
        assert enrolment.record(line.id, encoded(said(line.text, BEN))).accepted
    enrolment.finish()
    return home


@pytest.fixture
def own(home, monkeypatch):
    fakes.install(monkeypatch)
    return Settings(home=home, width=448, height=256, workers=1, voice="max")


def heard(own):
    """All speeches that the store keeps, as one sound."""
    speeches = [
        voices.load_speech(path).samples for path in sorted((own.home / "store" / "speech").glob("*/*.npz"))
    ]
    return Wave(np.concatenate(speeches), RATE)


@pytest.fixture
def ready(monkeypatch):
    """Says which engines are there."""

    def only(*names):
        monkeypatch.setattr(choice, "ready", lambda row: row.name in (*names, "convert"))
        monkeypatch.setattr(
            choice, "_speaks", lambda row, language: language != "th" or row.name == "convert"
        )

    return only


def chosen(wanted="auto", *, cloned=True, language="en", commercial=False):
    return choice.speaker(wanted, cloned=cloned, language=language, commercial=commercial).name


def test_a_lesson_is_spoken_in_an_enrolled_voice_with_nothing_downloaded(own, tmp_path):
    made = pipeline.render(Order(LESSON), own, tmp_path / "out.mp4", runner=Here())
    assert made.rendered == 2
    record = registry.recall(own.home, tmp_path / "out.mp4")
    assert record.voice == People(own.home).voice("max").reference
    assert record.engines[0].startswith("speaker:convert:")
    model, embedded = align.pitch(Wave(said("Good morning to you all.", BEN), RATE)), 190
    assert abs(align.pitch(heard(own)) - model) < 0.25 * abs(embedded - model)
    assert pipeline.render(Order(LESSON), own, tmp_path / "out.mp4", runner=Here()).rendered == 0


@pytest.mark.skipif(
    find_spec("TTS") is None, reason='torch and coqui-tts are missing: pip install -e ".[xtts]"'
)
def test_a_lesson_is_spoken_in_an_enrolled_voice_by_xtts(own, tmp_path, monkeypatch):
    tiny.build(tmp_path / "checkpoints" / "xtts", longest=40)
    monkeypatch.setenv("PRESENTER_CHECKPOINTS", str(tmp_path / "checkpoints"))
    settings.current.cache_clear()
    # Random weights say nothing, which the check of every sentence would notice.
    trusting = tuple(replace(row, checked=False) for row in engines.TABLE)
    monkeypatch.setattr(engines, "TABLE", trusting)
    try:
        order = Order(LESSON, speaker="xtts")
        made = pipeline.render(order, own, tmp_path / "out.mp4", runner=Here())
        assert made.rendered == 2
        assert registry.recall(own.home, tmp_path / "out.mp4").engines[0].startswith("speaker:xtts:")
    finally:
        settings.current.cache_clear()
        engines._loaded.cache_clear()


def test_a_voice_that_is_forgotten_while_its_lesson_is_made_leaves_nothing(own, tmp_path, monkeypatch):
    own = own.model_copy(update={"home": tmp_path / "home"})
    voice = Enrolment.start(own.home, "Max", person="Max Example", language="en")
    for line in voice.lines[:2]:
        voice.record(line.id, encoded(said(line.text, BEN)))
    reference = voice.finish().reference
    publish = pipeline.publish

    def too_late(*arguments):
        exchange.delete(exchange.holding(own.home, reference))
        return publish(*arguments)

    monkeypatch.setattr(pipeline, "publish", too_late)
    out = tmp_path / "lesson.mp4"
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        pipeline.render(Order(LESSON), own, out, runner=Here())
    assert not out.exists()
    kinds = {path.parent.parent.name for path in (own.home / "store").rglob("*") if path.is_file()}
    assert not kinds & {"voice", "speech", "lesson", "piece", "clip"}, kinds


def test_auto_takes_the_best_engine_that_is_there(ready):
    ready("xtts", "pocket")
    assert chosen() == "xtts"
    ready("pocket")
    assert chosen() == "pocket"
    ready()
    assert chosen() == "convert"


def test_commercial_use_passes_over_weights_that_do_not_allow_it(ready):
    ready("xtts", "pocket")
    assert chosen(commercial=True) == "pocket"
    with pytest.raises(InputError, match="E-ENGINE-LICENCE"):
        chosen("xtts", commercial=True)


def test_a_language_that_the_best_engine_does_not_speak_goes_to_another(ready):
    ready("xtts", "pocket")
    assert chosen(language="th") == "convert"


def test_a_built_in_voice_stays_with_the_embedded_engine(ready):
    ready("xtts", "pocket")
    assert chosen(cloned=False) == "espeak"


def test_an_engine_that_cannot_clone_is_not_asked_to(own):
    with pytest.raises(InputError, match="E-VOICE-CLONE"):
        decide(Order(LESSON, speaker="espeak"), own)


def test_a_built_in_voice_is_not_promised_by_another_engine(own):
    with pytest.raises(InputError, match="E-VOICE-ENGINE"):
        decide(Order(LESSON, voice="aria", speaker="convert"), own)


def test_a_voice_that_nobody_enrolled_is_named_with_those_near_it(own):
    with pytest.raises(InputError, match="E-VOICE-NAME") as refused:
        decide(Order(LESSON, voice="maxi"), own)
    assert 'Did you mean "max"?' in refused.value.hint
