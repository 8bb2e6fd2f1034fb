"""The challenge before a camera on the page: the text with its movements, the camera, what comes of it."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from browsers import chromium, outside, running, visit
from recordings import ANNA, encoded, said

from presenter import audio, intake
from presenter.errors import InputError
from presenter.people import Enrolment, People
from presenter.people.camera import Passed
from presenter.settings import ROOT, Settings
from presenter.studio import Studio
from presenter.types import RATE
from presenter.web.album import Album
from presenter.web.cameras import Cameras
from presenter.web.portraits import Portraits
from presenter.web.visits import Asked, Visit
from presenter.web.voices import Voices
from presenter.web.words import NAMES, Words

WORDS = ROOT / "assets" / "web" / "words"
MINE = "M" * 32


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory):
    """A home with the voice of Ada."""
    home = tmp_path_factory.mktemp("enrolled")
    enrolment = Enrolment.start(home, "Ada Voice", person="Ada Example", language="en")
    for line in enrolment.lines[:2]:
        enrolment.record(line.id, encoded(said(line.text, ANNA)))
    enrolment.finish()
    return home


@pytest.fixture
def studio(enrolled, tmp_path):
    shutil.copytree(enrolled, tmp_path / "home")
    return Studio(Settings(home=tmp_path / "home", workers=1))


@pytest.fixture
def cameras(studio):
    voices = Voices(studio)
    yield Cameras(studio, voices, Portraits(studio, Album(studio.settings.home, studio.portraits())))
    voices.close()


def visitor(code="en", key=MINE):
    return Visit(key, Words(code, WORDS))


def asked(cameras, code="en"):
    """The screen of a new challenge, and its id."""
    shown = cameras.ask(visitor(code), Asked(form={"voice": "ada-voice"}))
    return shown, re.search(r"data-film='cameras/([0-9a-f]{32})\?voice=ada-voice'", shown)[1]


@pytest.mark.parametrize("code", NAMES)
def test_the_text_stands_with_its_movements_in_the_language_of_the_page(cameras, studio, code):
    shown, key = asked(cameras, code)
    kept = json.loads((studio.settings.home / "people" / "challenges" / f"{key}.json").read_text())
    words = Words(code, WORDS)
    at = [shown.index(words(f"camera.{one['kind']}")) for one in kept["gestures"]]
    assert at == sorted(at)
    assert shown.count("class='gesture'") == 2
    assert words("camera.title") in shown
    assert re.search(r"data-left='(29\d|300)'", shown)


def test_whoever_passes_has_a_portrait_among_their_own(cameras, studio, monkeypatch, tmp_path):
    from PIL import Image

    _, key = asked(cameras)
    home = studio.settings.home
    portrait = home / "portraits" / "cut-out.png"
    portrait.parent.mkdir()
    Image.fromarray(np.full((240, 240, 3), 128, np.uint8)).save(portrait)
    [entry] = People(home).entries()
    raised = Passed(replace(entry.consent, level=3), face=entry.consent, portrait=portrait)
    monkeypatch.setattr(studio, "answer", lambda *_, session: raised)
    film = tmp_path / "film"
    film.write_bytes(b"film")
    shown = cameras.answer(visitor(), Asked({"id": key}, {"voice": "ada-voice"}, file=film))
    assert "Ada Example answered before the camera" in shown
    assert "data-place='portraits'" in shown
    [own] = Album(home, ()).of(visitor().owner)
    assert own.person == own.name == "Ada Example"
    assert not portrait.exists()


def test_a_film_that_is_none_is_refused_and_a_new_text_is_offered(cameras, tmp_path):
    _, key = asked(cameras)
    film = tmp_path / "film"
    film.write_bytes(b"\x1a\x45\xdf\xa3 and nothing")
    for code in ("E-MEDIA-TYPE", "E-CHALLENGE-UNKNOWN"):  # a text can be answered once
        shown = cameras.answer(visitor(), Asked({"id": key}, {"voice": "ada-voice"}, file=film))
        assert "Not confirmed yet" in shown
        assert code in shown
        assert "Try with a new text" in shown


def test_nobody_else_can_answer(cameras, tmp_path):
    _, key = asked(cameras)
    film = tmp_path / "film"
    film.write_bytes(b"film")
    shown = cameras.answer(visitor(key="T" * 32), Asked({"id": key}, {"voice": "ada-voice"}, file=film))
    assert "E-CHALLENGE-UNKNOWN" in shown
    with pytest.raises(InputError, match="E-VIDEO-FILE"):
        cameras.answer(visitor(), Asked({"id": key}, {"voice": "ada-voice"}))


@pytest.mark.browser
def test_picture_and_sound_are_recorded_together_with_the_keyboard(studio, monkeypatch, tmp_path):
    films = []

    def judge(key, film, *, session):
        films.append(film.read_bytes())
        raise InputError("E-CHALLENGE-LIPS", "The lips do not say what is heard.", "Read it.", "film")

    monkeypatch.setattr(studio, "answer", judge)
    picture, sound = tmp_path / "camera.y4m", tmp_path / "microphone.wav"
    frames = b"".join(b"FRAME\n" + bytes([40 + 5 * number]) * (320 * 240 * 3 // 2) for number in range(25))
    picture.write_bytes(b"YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n" + frames)
    sound.write_bytes(audio.encoded(0.3 * np.sin(np.arange(5 * RATE) * 0.05).astype(np.float32), "WAV"))
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={picture}", f"--use-file-for-fake-audio-capture={sound}"]
    with running(studio) as address, chromium(*flags) as browser:
        page = visit(browser, address, 390, 844, "#people")
        page.get_by_role("button", name="Confirm before the camera").press("Enter")
        shoot = page.locator("[data-shoot]")
        shoot.wait_for()
        assert page.evaluate("document.activeElement.innerText") == "Turn the camera on"
        for key in ("Escape", "Space"):  # the first film is dropped
            if page.locator(".recorder.shoot[data-state=off]").count():
                page.keyboard.press("Enter")
            page.locator(".recorder.shoot[data-state=ready]").wait_for()
            page.keyboard.press("Space")
            page.get_by_text(re.compile("0:01 / 1:00")).wait_for()
            page.keyboard.press(key)
        page.get_by_role("heading", name="Not confirmed yet").wait_for(timeout=30_000)
        assert "E-CHALLENGE-LIPS" in page.inner_text("[data-screen=camera]")
        assert page.evaluate("document.activeElement.innerText") == "Try with a new text"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert outside(page, address) == []
        assert page.complaints == []
    [film] = films
    assert intake.read(film, seconds_limit=60).seconds > 0.7
    seen = intake.frames(film, fps=25, pixels=220_000, seconds=60)
    assert len(seen) > 15
    assert seen[:, :200].mean(axis=(1, 2)).std() > 5


@pytest.mark.browser
def test_without_a_camera_it_is_said_why(studio):
    with running(studio) as address, chromium() as browser:
        page = visit(browser, address, view="#people")
        page.get_by_role("button", name="Confirm before the camera").press("Enter")
        page.locator("[data-shoot]").press("Enter")
        page.locator("[role=alert]", has_text=re.compile("E-CAMERA-(REFUSED|MISSING)")).wait_for()
        assert page.locator(".recorder.shoot[data-state=off]").count()
