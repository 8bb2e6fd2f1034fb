"""Consents are recorded, found again, ended for good; a real photo is given out only where one holds."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from presenter import faces
from presenter.errors import InputError, SetupError
from presenter.people import People, portraits
from presenter.settings import ROOT, Settings

NAMES = faces.samples(ROOT / "assets")
needs_samples = pytest.mark.skipif(not NAMES, reason="assets/presenters holds no drawn presenter")


class Finds:
    """A detector that finds the drawn presenter's face wherever it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, image):
        self.asked += 1
        return list(faces.sample(NAMES[0], ROOT / "assets").faces)


class Blind:
    def detect(self, image):
        return []


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home")


@pytest.fixture
def people(settings):
    return People(settings.home)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "me.png"
    path.write_bytes((ROOT / "assets" / "presenters" / f"{NAMES[0]}.png").read_bytes())
    return path


def ask(people, wanted, settings, consent=None, detector=Finds):
    return portraits.give_out(people, wanted, consent=consent, settings=settings, detector=detector)


def test_attesting_twice_records_one_consent(people):
    first = people.attest("Ada Example", "face", "a" * 64)
    assert people.attest("  Ada\nExample ", "face", "a" * 64) == first
    assert [entry.consent for entry in people.entries()] == [first]
    assert first.level == 1
    assert first.given.endswith("+00:00")
    assert len(first.statement) == 64


def test_a_consent_for_the_face_does_not_cover_the_voice(people):
    people.attest("Ada", "face", "a" * 64)
    assert people.find("a" * 64, "voice") is None
    people.attest("Ada", "both", "b" * 64)
    assert people.find("b" * 64, "voice") is not None


def test_a_consent_needs_a_person(people):
    with pytest.raises(InputError, match="E-CONSENT-PERSON"):
        people.attest(" \x00\n", "face", "a" * 64)


def kept_text(people):
    """All that is on record, as text."""
    return "".join(path.read_text() for path in (people._home / "people").rglob("*.json"))


def test_a_revoked_consent_stays_revoked_and_on_record(people):
    consent = people.attest("Ada", "both", "a" * 64)
    ended = people.revoke(consent.id)
    assert ended.ended == replace(consent, person="", statement="", revoked=ended.revoked)
    assert people.revoke(consent.id) == ended
    for scope in ("face", "voice", "both"):
        with pytest.raises(InputError, match=f"E-CONSENT-REVOKED.*{ended.revoked[:10]}"):
            people.attest("Ada", scope, "a" * 64)
    assert len(people.entries()) == 1


def test_a_revoked_consent_reaches_each_recording_that_it_covers(people):
    consent = people.attest("Ada", "voice", "a" * 64, ["b" * 64, "c" * 64])
    assert people.entries()[0].covers == ("b" * 64, "c" * 64)
    people.refuse_revoked(["b" * 64], "voice")
    people.revoke(consent.id)
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        people.refuse_revoked(["d" * 64, "c" * 64], "voice")
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):  # the same line in another voice
        people.attest("Eve", "voice", "e" * 64, ["b" * 64])
    people.attest("Ada", "face", "b" * 64)  # another scope is another matter


def test_a_tombstone_holds_no_name_and_once_all_is_gone_no_digest(people):
    consent = people.attest("Ada Example", "voice", "a" * 64, ["b" * 64])
    ended = people.revoke(consent.id)
    assert ended.left == ("a" * 64, "b" * 64)
    assert "Ada" not in kept_text(people)
    people.cleared(ended.left)
    assert not {"a" * 64, "b" * 64} & set(re.findall("[0-9a-f]{64}", kept_text(people)))
    assert people.revoke(consent.id).left == ()
    for known in ("a" * 64, "b" * 64):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            people.refuse_revoked([known], "voice")


def test_no_two_installations_salt_alike(people, tmp_path):
    other = People(tmp_path / "other")
    first, second = (one.revoke(one.attest("Ada", "face", "a" * 64).id) for one in (people, other))
    assert first.salted != second.salted


def test_a_record_that_is_restored_does_not_undo_the_end(people):
    consent = people.attest("Ada Example", "face", "a" * 64)
    file = (people._home / "people") / f"{consent.id}.json"
    copy = file.read_bytes()
    people.revoke(consent.id)
    file.write_bytes(copy)
    for refused in (
        lambda: people.find("a" * 64, "face"),
        lambda: people.vouched(consent.id, "The operator"),
    ):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            refused()
    assert not file.exists()
    assert len(people.entries()) == 1


def test_a_record_that_an_older_version_ended_becomes_a_tombstone(people):
    consent = people.attest("Ada Example", "voice", "a" * 64, ["b" * 64])
    file = (people._home / "people") / f"{consent.id}.json"
    values = json.loads(file.read_text())
    values["consent"]["revoked"] = "2026-01-02T00:00:00+00:00"
    file.write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"E-CONSENT-REVOKED.*2026-01-02"):
        people.refuse_revoked(["b" * 64], "voice")
    assert "Ada" not in kept_text(people)
    assert "b" * 64 not in kept_text(people)


@pytest.mark.parametrize("how", ["lost", "another"])
def test_without_its_secret_a_tombstone_refuses_everything(people, how):
    people.revoke(people.attest("Ada", "face", "a" * 64).id)
    salt = (people._home / "people") / "salt"
    salt.unlink() if how == "lost" else salt.write_bytes(bytes(32))
    with pytest.raises(SetupError, match=r"E-CONSENT-BROKEN.*people/salt"):
        people.find("b" * 64, "face")
    assert salt.exists() is (how == "another")  # a new one would hide that the old one is missing


def test_all_consents_for_a_photo_end_together(people):
    first = people.attest("Ada", "face", "a" * 64)
    second = people.attest("Ada's agent", "face", "a" * 64)
    other = people.attest("Ben", "face", "b" * 64)
    people.cleared(people.revoke(first.id).left)
    ended = {entry.consent.id for entry in people.entries() if entry.consent.revoked}
    assert ended == {first.id, second.id}
    assert "a" * 64 not in kept_text(people)
    assert people.find("b" * 64, "face") == other


def test_what_one_consent_ended_is_not_named_by_another(people):
    film = "f" * 64
    voice = people.attest("Ada", "voice", "a" * 64, ["c" * 64, film])
    face = people.attest("Ada", "face", "b" * 64)
    people.raised(face.id, 3, {"recording": film, "voice": voice.id})
    twin = people.attest("Ada", "voice", "d" * 64, ["c" * 64, "e" * 64])
    people.cleared(people.revoke(voice.id).left)
    assert people.find("b" * 64, "face").level == 3
    assert people.entry(twin.id).covers == ("e" * 64,)
    assert people.seen(film)
    assert not {film, "c" * 64} & set(re.findall("[0-9a-f]{64}", kept_text(people)))


def test_a_record_from_before_voices_covers_its_reference_only(people):
    consent = people.attest("Ada", "face", "a" * 64)
    file = (people._home / "people") / f"{consent.id}.json"
    values = json.loads(file.read_text())
    del values["covers"]
    file.write_text(json.dumps(values))
    assert people.entries()[0].covers == ()
    assert people.find("a" * 64, "face") == consent


def test_a_consent_that_has_expired_does_not_hold(people):
    consent = people.attest("Ada", "face", "a" * 64)
    file = (people._home / "people") / f"{consent.id}.json"
    values = json.loads(file.read_text())
    values["consent"]["expires"] = "2020-01-01T00:00:00+00:00"
    file.write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"E-CONSENT-ENDED.*2020-01-01"):
        people.find("a" * 64, "face")


def test_a_damaged_record_stops_instead_of_being_overlooked(people):
    consent = people.attest("Ada", "face", "a" * 64)
    ((people._home / "people") / f"{consent.id}.json").write_text("{")
    with pytest.raises(SetupError, match="E-CONSENT-BROKEN"):
        people.find("a" * 64, "face")


def test_a_draft_left_by_a_killed_process_is_no_record(people):
    people.attest("Ada", "face", "a" * 64)
    ((people._home / "people") / ".x.json-123").write_text("{")
    assert len(people.entries()) == 1


@needs_samples
def test_a_drawn_presenter_needs_no_consent_and_no_detector(people, settings):
    record, opened = ask(people, NAMES[0], settings, detector=None)
    assert record.consent is None
    assert record.name == NAMES[0]
    assert opened().images.shape[0] == 1


def test_an_unknown_presenter_names_those_that_there_are(people, settings):
    with pytest.raises(InputError, match="E-PORTRAIT-NAME"):
        ask(people, "nobody", settings)


def test_a_file_that_is_not_there_is_said_by_its_name_without_its_path(people, settings, tmp_path):
    with pytest.raises(InputError, match="E-PHOTO-FILE") as caught:
        ask(people, tmp_path / "gone.jpg", settings)
    assert str(tmp_path) not in str(caught.value)


@needs_samples
def test_a_photo_without_consent_is_refused(people, settings, photo):
    with pytest.raises(InputError, match="E-CONSENT-NEEDED"):
        ask(people, photo, settings)
    assert people.entries() == ()


@needs_samples
def test_a_photo_with_consent_is_opened_and_needs_none_the_next_time(people, settings, photo):
    record, opened = ask(people, photo, settings, "Ada, herself")
    assert opened().width == Image.open(photo).width
    assert record.consent is not None
    detector = Finds()
    again, opened = ask(people, photo, settings, detector=lambda: detector)
    assert again == record
    assert detector.asked == 0
    opened()
    assert detector.asked == 1


@needs_samples
def test_what_is_wrong_with_the_photo_is_said_before_consent_is_asked_for(people, settings, photo, tmp_path):
    with pytest.raises(InputError, match="E-FACE-NONE"):
        ask(people, photo, settings, detector=Blind)
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    with pytest.raises(InputError, match="E-PHOTO-EMPTY"):
        ask(people, empty, settings, "Ada")
    assert people.entries() == ()


@needs_samples
def test_a_photo_whose_consent_was_revoked_is_not_given_out(people, settings, photo):
    record, _ = ask(people, photo, settings, "Ada")
    people.revoke(record.consent)
    for consent in (None, "Ada", "somebody else"):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            ask(people, photo, settings, consent)


@needs_samples
def test_the_operator_can_refuse_a_picture(people, photo, tmp_path, monkeypatch):
    Path(tmp_path / "gate_of_test.py").write_text("def judge(picture): return 'no'\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings = Settings(home=tmp_path / "home", moderation="gate_of_test:judge")
    with pytest.raises(InputError, match="E-POLICY-PHOTO") as caught:
        ask(people, photo, settings, "Ada")
    assert caught.value.reference in caught.value.hint


def test_a_name_never_opens_a_file(people, settings, photo, monkeypatch):
    monkeypatch.chdir(photo.parent)
    for name in (str(photo), photo.name, "./" + photo.name):
        with pytest.raises(InputError, match="E-PORTRAIT-NAME"):
            ask(people, name, settings, "Ada, herself")
