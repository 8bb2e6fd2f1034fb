"""Serving strangers: nothing starts before all is there that it asks for."""

import pytest

from presenter import audit, hosting, keys, tokens
from presenter.errors import SetupError
from presenter.settings import ROOT, Settings
from presenter.web import server


def nothing_wrong(image):
    return None


@pytest.fixture
def ready(tmp_path, monkeypatch):
    """Settings with which strangers can be served."""
    monkeypatch.setenv("PYTHONPATH", "tests")
    theirs = keys.home(Settings(home=tmp_path / "theirs"))
    settings = Settings(
        home=tmp_path / "home",
        hosted=True,
        consent_level=4,
        moderation="test_hosting:nothing_wrong",
        public="https://lessons.example.org",
        minutes_a_day=60,
        contact="abuse@lessons.example.org",
        certificate=theirs / "chain.pem",
        certificate_key=theirs / "key.pem",
    )
    tokens.create(settings.home, "school")
    return settings


def test_with_all_that_is_asked_for_it_may_start(ready):
    hosting.check(ready)


def test_without_hosted_nothing_is_asked_for(tmp_path):
    assert hosting.lacks(Settings(home=tmp_path)) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"certificate": None}, "certificate"),
        ({"certificate_key": ROOT / "README.md", "certificate": ROOT / "nothing"}, "certificate"),
        ({"consent_level": 1}, "consent level"),
        ({"moderation": ""}, "photos"),
        ({"moderation": "nothing:here"}, "pictures"),
        ({"public": "http://lessons.example.org"}, "https"),
        ({"public": ""}, "https"),
        ({"minutes_a_day": 0}, "how much video"),
        ({"contact": ""}, "complains"),
    ],
)
def test_each_thing_that_is_missing_is_named(ready, change, word):
    [lack] = hosting.lacks(ready.model_copy(update=change))
    assert word in lack.message
    assert lack.hint


def test_level_3_needs_a_detector_of_faces_as_well(ready, monkeypatch):
    asked = []

    def missing(name):
        asked.append(name)
        raise SetupError("E-MODEL-MISSING", "It is not there.", "Fetch it.")

    monkeypatch.setattr(hosting.weights, "find", missing)
    lacks = hosting.lacks(ready.model_copy(update={"consent_level": 3}))
    assert asked == ["speaker_encoder", "face_landmark"]
    speech, film = (lack.message for lack in lacks)
    assert "challenge" in speech
    assert "film" in film


def test_without_a_speaker_encoder_no_challenge_can_be_judged(ready, monkeypatch):
    def missing(name):
        raise SetupError("E-MODEL", f"{name} is missing.")

    monkeypatch.setattr("presenter.engines.weights.find", missing)
    [lack] = hosting.lacks(ready.model_copy(update={"consent_level": 2}))
    assert "speaker encoder" in lack.message


def test_a_broken_record_of_a_takedown_is_named(ready):
    (ready.home / "blocked").mkdir()
    (ready.home / "blocked" / ("a" * 64 + ".json")).write_text("{")
    [lack] = hosting.lacks(ready)
    assert "takedown" in lack.message


def test_a_broken_log_and_no_token_are_named(ready, tmp_path):
    for path in (ready.home / "tokens").iterdir():
        path.unlink()
    audit.note(ready.home, "forgotten")
    log = ready.home / "audit" / "log.jsonl"
    log.write_text(log.read_text().replace('"before": "0', '"before": "1'))
    text = " ".join(lack.message for lack in hosting.lacks(ready))
    assert "token" in text
    assert "audit log" in text


def test_the_server_does_not_start_and_says_all_at_once(tmp_path):
    from presenter.studio import Studio

    with pytest.raises(SetupError, match="E-HOSTED") as caught:
        server.create(Studio(Settings(home=tmp_path, hosted=True)))
    assert "7 things are missing" in caught.value.message
