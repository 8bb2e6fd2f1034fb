import json

import pytest

from presenter import cli
from presenter.people import People
from presenter.settings import Settings
from presenter.store import Store
from presenter.studio import Studio

PHOTO, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def home(tmp_path):
    """An installation in which two photos were used, on the command line and on the page."""
    home = tmp_path / "home"
    for photo in (PHOTO, OTHER):
        Store(home / "store").once(
            "portrait", "1", photo, "txt", lambda path: path.write_text("x") and None, sources=[photo]
        )
        video = home / "videos" / photo[:5]
        video.mkdir(parents=True)
        (video / "lesson.mp4").write_bytes(b"video")
        (video / "about.json").write_text(json.dumps({"photo": photo}))
        (home / "uploads").mkdir(exist_ok=True)
        (home / "uploads" / f"{photo}-0123abcd.png").write_bytes(b"photo")
        record = {
            "digest": f"{photo[:60]}beef", "title": "T",
            "created": "2026-01-01T00:00:00+00:00", "portrait": photo,
            "consent": "c", "engines": [], "pieces": [],
        }  # fmt: skip
        (home / "records").mkdir(exist_ok=True)
        (home / "records" / f"{photo}.json").write_text(json.dumps(record))
    (home / "videos" / "broken").mkdir()
    (home / "videos" / "broken" / "about.json").write_text("{")
    return home


def left(home, photo):
    """Files that hold or name the photo."""
    return [
        path
        for path in home.rglob("*")
        if path.is_file() and (photo in path.name or photo.encode() in path.read_bytes())
    ]


def test_forgetting_a_photo_leaves_no_file_of_it_and_all_of_others(home):
    before = left(home, OTHER)
    assert Studio(Settings(home=home)).forget(PHOTO) == 4
    assert left(home, PHOTO) == []
    assert left(home, OTHER) == before


def test_forgetting_everything_leaves_only_the_notes_of_consent_and_the_log(home):
    People(home).attest("Ada Example", "face", PHOTO)
    Studio(Settings(home=home)).forget()
    assert {path.parent.name for path in home.rglob("*") if path.is_file()} == {"people", "audit"}


def test_a_consent_is_listed_and_ended_on_the_command_line(home, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(home))
    consent = People(home).attest("Ada Example", "face", PHOTO)
    assert cli.main(["people"]) == 0
    assert f"{consent.id}" in (line := capsys.readouterr().out)
    assert "holds  face  Ada Example" in line
    assert cli.main(["people", "--revoke", consent.id]) == 0
    assert "nothing is left of it" in capsys.readouterr().out
    assert left(home, PHOTO) == []
    cli.main(["people"])
    assert "face  (no name kept)" in (told := capsys.readouterr().out)
    assert "ended" in told
    assert not [path for path in home.rglob("*") if path.is_file() and b"Ada Example" in path.read_bytes()]
    assert cli.main(["people", "--revoke", "nobody"]) == 2
    assert "E-CONSENT-UNKNOWN" in capsys.readouterr().err
