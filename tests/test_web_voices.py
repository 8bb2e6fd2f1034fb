"""Voices on the page: handlers, addresses with good and bad requests, and one enrolment in a browser."""

import io
import re
import shutil
import threading
import time
import types
import wave
from dataclasses import replace

import numpy as np
import pytest
from browsers import chromium, complaints_in_every_size, outside, visit
from browsers import running as served
from fastapi.testclient import TestClient

from presenter import audio
from presenter import voices as spoken
from presenter.engines import load
from presenter.errors import InputError, WorkError
from presenter.people import lines
from presenter.people.camera import Passed
from presenter.settings import ROOT, read
from presenter.studio import Studio
from presenter.types import RATE, Style
from presenter.web import screens, server
from presenter.web.album import Album
from presenter.web.challenges import Challenges
from presenter.web.dictionary import Dictionary
from presenter.web.orders import Orders
from presenter.web.visits import Visit
from presenter.web.voices import UNFINISHED, Voices
from presenter.web.words import Words

MINE, THEIRS = (Visit(letter * 32, Words("en", ROOT / "assets" / "web" / "words")) for letter in "MT")
"""Visits of two browsers."""


class QuickStudio(Studio):
    """A studio that enrols voices as usual but says everything as half a second of a tone."""

    def __init__(self, settings):
        super().__init__(settings)
        self.said = []

    def say(self, text, *, voice=None, language=None, **_):
        self.said.append((text, voice, language))
        tone = np.sin(np.arange(RATE // 2) / 20).astype(np.float32) / 2
        return types.SimpleNamespace(samples=tone, engine="tone")

    def sound(self, recital):
        return audio.encoded(recital.samples, "WAV")


def wav(samples, rate=RATE):
    memory = io.BytesIO()
    with wave.open(memory, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return memory.getvalue()


def speech(text, voice="noah"):
    """Somebody reading aloud in a fairly quiet room."""
    speaker = load("speaker", "espeak")
    known = spoken.arrays(next(one for one in spoken.builtin() if one.id == voice))
    samples = audio.resample(speaker.speak(text, "en-US", known, style=Style(), seed=0)[0])
    samples = np.pad(0.5 * samples / np.abs(samples).max(), (RATE // 2, RATE // 2))
    return wav(samples + np.random.default_rng(0).normal(0, 1e-3, len(samples)))


@pytest.fixture(scope="module")
def readings():
    """The first two lines, read aloud."""
    return [speech(line.text) for line in lines("en")[:2]]


@pytest.fixture
def settings(tmp_path):
    return read({"home": tmp_path / "home", "workers": 1}, environ={}, folder=tmp_path)


@pytest.fixture
def studio(settings):
    return QuickStudio(settings)


@pytest.fixture
def desk(studio):
    handlers = Voices(studio)
    yield handlers
    handlers.close()


def begin(desk, browser=MINE, name="Ada Voice", person="Ada Example", language="en", *, agreed=True):
    """Starts an enrolment; gives its id and the screen."""
    shown = desk.start(browser, name, person, language, agreed=agreed)
    return re.search(r"enrolments/([0-9a-f]{32})", shown)[1], shown


def hand_in(desk, tmp_path, key, number, sound, browser=MINE):
    path = tmp_path / "sound"
    path.write_bytes(sound)
    return desk.record(browser, key, lines("en")[number].id, path)


def enrolled(desk, tmp_path, readings, browser=MINE, name="Ada Voice"):
    """A voice that was enrolled from two lines; gives the last screen."""
    key, _ = begin(desk, browser, name)
    for number, sound in enumerate(readings):
        hand_in(desk, tmp_path, key, number, sound, browser)
    return made(desk, key, browser)


def made(desk, key, browser=MINE):
    """Finishes an enrolment; gives the last screen."""
    desk.finish(browser, key)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        shown, ready = desk.made(browser, key)
        if ready:
            return shown
    raise AssertionError("no voice was made")


# --- lines --------------------------------------------------------------------------------------


def test_an_enrolment_needs_the_tick_under_the_statement(desk):
    with pytest.raises(InputError, match="E-CONSENT-NEEDED"):
        begin(desk, agreed=False)
    assert "Not finished yet" not in desk.home(MINE)


@pytest.mark.parametrize(
    ("name", "person", "code"), [(" ", "Ada", "E-VOICE-NAME"), ("Ada", " ", "E-CONSENT-PERSON")]
)
def test_an_enrolment_needs_a_name_and_a_person(desk, name, person, code):
    with pytest.raises(InputError, match=code):
        begin(desk, name=name, person=person)


def test_lines_are_shown_one_at_a_time(desk):
    key, shown = begin(desk)
    first, second = lines("en")[:2]
    assert first.text in shown
    assert second.text not in shown
    assert "Line 1 of 12" in shown
    assert "0 of 12 kept" in shown
    assert second.text in desk.booth(MINE, key, 1)
    assert "Line 12 of 12" in desk.booth(MINE, key, 9999)


def test_what_people_write_is_escaped(desk):
    _, shown = begin(desk, name="<b>Ada & 'Bob'", person="<i>x</i>")
    for text in (shown, desk.home(MINE)):
        assert "<b>Ada" not in text
        assert "&lt;b&gt;Ada &amp; &#x27;Bob&#x27;" in text


def test_a_well_read_line_is_kept_and_the_keyboard_goes_on_with_the_next(desk, tmp_path, readings):
    key, _ = begin(desk)
    shown = hand_in(desk, tmp_path, key, 0, readings[0])
    assert "1 of 12 kept" in shown
    assert re.search(r"<button[^>]*data-get='enrolments/\w+\?at=1' data-focus>Next line", shown)
    assert shown.count("data-focus") == 1
    assert "notice bad" not in shown


def test_verdicts_of_takes_are_said_in_the_language_of_the_page(desk, tmp_path):
    german = Visit(MINE.key, Words("de", ROOT / "assets" / "web" / "words"))
    key, shown = begin(desk, german, language="de")
    assert "Zeile 1 von 12" in shown
    path = tmp_path / "sound"
    path.write_bytes(wav(np.zeros(4 * RATE)))
    shown = desk.record(german, key, lines("de")[0].id, path)
    assert "Bitte noch einmal aufnehmen.</strong> Es ist keine Sprache zu hören.</p>" in shown
    assert "Prüfen Sie das Mikrofon." in shown
    assert "<span class='small'>4,0 s</span>" in shown


def test_silence_is_told_by_sign_words_and_hint_and_is_not_kept(desk, tmp_path):
    key, _ = begin(desk)
    shown = hand_in(desk, tmp_path, key, 0, wav(np.zeros(4 * RATE)))
    assert "<span aria-hidden='true'>✗</span> Please record it again." in shown
    assert "E-VOICE-SILENT" in shown
    assert re.search(r"data-say='Please record it again\. \w+", shown)
    assert "0 of 12 kept" in shown
    assert "keep it" not in shown
    assert re.search(r"class='record' data-record data-focus", shown)


def test_a_wrong_line_is_told_and_only_kept_on_the_persons_word(desk, tmp_path, readings):
    key, _ = begin(desk)
    shown = hand_in(desk, tmp_path, key, 0, readings[1])
    assert "E-VOICE-LINE" in shown
    assert "0 of 12 kept" in shown
    assert "It is right: keep it" in shown
    assert "1 of 12 kept" in desk.accept(MINE, key, "en-01")


def test_an_enrolment_goes_on_where_it_stopped(studio, desk, tmp_path, readings):
    key, _ = begin(desk)
    hand_in(desk, tmp_path, key, 0, readings[0])
    again = Voices(studio)  # as after a restart
    assert "1 of 12 lines kept" in again.home(MINE)
    assert "Line 2 of 12" in again.booth(MINE, key)
    again.close()


def test_a_language_without_lines_begins_with_one_longer_recording(desk):
    _, shown = begin(desk, language="nl")
    assert "One longer recording" in shown
    assert "Read lines instead" not in shown


def test_a_longer_recording_alone_becomes_a_voice(desk, tmp_path):
    key, _ = begin(desk)
    path = tmp_path / "long"
    path.write_bytes(speech(" ".join(line.text for line in lines("en")[:4])))
    assert "Make the voice" not in desk.long(MINE, key)
    shown = desk.add(MINE, key, path, "")
    assert "Recording 1" in shown
    assert f"data-post='enrolments/{key}/finish'" in shown
    assert "Make the voice" not in desk.drop(MINE, key, "free-01")


def test_too_many_unfinished_voices_are_refused(desk):
    for number in range(UNFINISHED):
        begin(desk, name=f"Voice {number}")
    with pytest.raises(InputError, match="E-ENROL-MANY"):
        begin(desk, name="Another")
    begin(desk, THEIRS, name="Another")


def test_stopping_deletes_the_recordings(studio, desk, tmp_path, readings):
    key, _ = begin(desk)
    hand_in(desk, tmp_path, key, 0, readings[0])
    assert "The recordings are deleted." in desk.discard(MINE, key)
    assert not [path for path in studio.settings.home.rglob("*") if path.suffix == ".flac"]
    with pytest.raises(InputError, match="E-VOICE-ENROLMENT"):
        desk.booth(MINE, key)


# --- whose it is --------------------------------------------------------------------------------


def test_another_browser_cannot_reach_an_enrolment_whose_id_it_knows(desk, tmp_path, readings):
    key, _ = begin(desk)
    hand_in(desk, tmp_path, key, 0, readings[0])
    sound = tmp_path / "sound"
    for ask in (
        lambda: desk.booth(THEIRS, key),
        lambda: desk.long(THEIRS, key),
        lambda: desk.take(THEIRS, key, "en-01"),
        lambda: desk.record(THEIRS, key, "en-01", sound),
        lambda: desk.add(THEIRS, key, sound, ""),
        lambda: desk.accept(THEIRS, key, "en-01"),
        lambda: desk.drop(THEIRS, key, "en-01"),
        lambda: desk.finish(THEIRS, key),
        lambda: desk.made(THEIRS, key),
        lambda: desk.discard(THEIRS, key),
    ):
        with pytest.raises(InputError, match="E-VOICE-ENROLMENT"):
            ask()
    assert "Not finished yet" not in desk.home(THEIRS)
    assert desk.take(MINE, key, "en-01").is_file()


def test_a_voice_belongs_to_the_browser_that_made_it(desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    assert "ada-voice" in [voice.id for voice in desk.visible(MINE)]
    assert "ada-voice" not in [voice.id for voice in desk.visible(THEIRS)]
    assert "Ada Voice" not in desk.home(THEIRS)
    for ask in (
        lambda: desk.sample(THEIRS, "ada-voice", "Hello."),
        lambda: desk.export(THEIRS, "ada-voice", tmp_path / "voice.zip"),
        lambda: desk.forget(THEIRS, "ada-voice"),
    ):
        with pytest.raises(InputError, match="E-VOICE-NAME"):
            ask()


def test_handing_in_somebody_elses_recordings_takes_their_voice_from_nobody(desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    enrolled(desk, tmp_path, readings, THEIRS, "Zed")
    assert "ada-voice" in [voice.id for voice in desk.visible(MINE)]
    assert [voice.id for voice in desk.visible(THEIRS) if voice.reference] == ["zed"]


def test_a_voice_of_the_command_line_is_taken_away_by_no_visitor(settings, tmp_path, readings):
    hosted = Voices(QuickStudio(settings.model_copy(update={"host": "0.0.0.0"})))
    enrolled(hosted, tmp_path, readings)
    shutil.rmtree(settings.home / "owners")  # as if it had been enrolled on the command line
    assert "ada-voice" in [voice.id for voice in hosted.visible(THEIRS)]
    for ask in (
        lambda: hosted.export(THEIRS, "ada-voice", tmp_path / "voice.zip"),
        lambda: hosted.forget(THEIRS, "ada-voice"),
    ):
        with pytest.raises(InputError, match="E-VOICE-OWNER"):
            ask()
    assert not (tmp_path / "voice.zip").exists()
    hosted.close()


def test_a_lesson_cannot_ask_for_somebody_elses_voice(studio, desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    orders = Orders(studio, Album(studio.settings.home, ()), desk)
    for name in ("ada-voice", "ADA Voice", "Ada Voic"):
        lesson = studio.chat(THEIRS.owner).begin(f"---\nvoice: {name}\n---\nHello.")
        with pytest.raises(InputError, match="E-VOICE-NAME") as caught:
            orders.order(THEIRS, lesson)
        assert name == "ada-voice" or "ada-voice" not in str(caught.value)
    assert orders.order(MINE, studio.chat(MINE.owner).begin("---\nvoice: ada-voice\n---\nHello.")).source


# --- voices -------------------------------------------------------------------------------------


def test_a_finished_voice_says_a_sentence_and_tells_its_quality_and_consent(studio, desk, tmp_path, readings):
    shown = enrolled(desk, tmp_path, readings)
    assert "“Ada Voice” is ready" in shown
    assert "s of speech" in shown
    assert "Consent of Ada Example" in shown
    assert "recognisably like the person" in shown
    assert "the engine “tone”" in shown
    assert studio.said[-1][1] == "ada-voice"
    listed = desk.home(MINE)
    assert "Ada Voice" in listed
    assert "Not finished yet" not in listed


def test_a_voice_that_is_being_made_can_be_left_and_found_again(studio, desk, tmp_path, readings):
    go, say = threading.Event(), studio.say
    studio.say = lambda *what, **how: go.wait(20) and say(*what, **how)
    key, _ = begin(desk)
    for number, sound in enumerate(readings):
        hand_in(desk, tmp_path, key, number, sound)
    desk.finish(MINE, key)
    assert "being made" in desk.home(MINE)
    assert "Making “Ada Voice”" in desk.made(MINE, key)[0]
    assert "Ada Voice" not in desk.home(THEIRS)
    with pytest.raises(WorkError, match="E-ENROL-BUSY"):
        desk.booth(MINE, key)
    go.set()
    desk.close()
    shown = desk.home(MINE)
    assert "being made" not in shown
    assert "Consent of Ada Example" in shown


def test_too_little_speech_makes_no_voice_and_loses_nothing(desk, tmp_path, readings):
    key, _ = begin(desk)
    hand_in(desk, tmp_path, key, 0, readings[0])
    with pytest.raises(InputError, match="E-VOICE-SHORT"):
        made(desk, key)
    assert "1 of 12 lines kept" in desk.home(MINE)


def test_a_voice_that_cannot_speak_yet_is_kept_and_the_reason_is_shown(studio, desk, tmp_path, readings):
    def refuse(*_, **__):
        raise InputError("E-SOMETHING", "It cannot speak.", "Wait.")

    studio.say = refuse
    shown = enrolled(desk, tmp_path, readings)
    assert "E-SOMETHING" in shown
    assert "Ada Voice" in desk.home(MINE)


def test_an_own_voice_can_be_exported_and_forgotten(desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    assert desk.export(MINE, "ada-voice", tmp_path / "voice.zip").read_bytes()[:2] == b"PK"
    shown = desk.forget(MINE, "ada-voice")
    assert "deleted" in shown
    assert "ada-voice" not in [voice.id for voice in desk.visible(MINE)]


def test_a_sample_is_one_short_line(studio, desk):
    sound = desk.sample(MINE, "aria", "---\nvoice: ruth\n---\nHello.")
    assert studio.said == [("--- voice: ruth --- Hello.", "aria", None)]
    assert sound[:4] == b"RIFF"
    with pytest.raises(InputError, match="E-SAMPLE-LONG"):
        desk.sample(MINE, "aria", "word " * 50)


# --- pronunciations -----------------------------------------------------------------------------


def test_a_word_of_the_dictionary_is_added_played_and_removed(studio, desk):
    dictionary = Dictionary(studio, desk)
    assert "“nginx” is said" in dictionary.add(MINE, "nginx", "engine x", "")
    assert "engine x" in desk.home(MINE)
    dictionary.hear("nginx", "engine x", "")
    assert studio.said == [("[nginx]{say: engine x}", None, None)]
    dictionary.remove(MINE, "nginx", "")
    assert "engine x" not in desk.home(MINE)


def test_where_others_reach_the_page_its_dictionary_cannot_be_changed(settings):
    studio = QuickStudio(settings.model_copy(update={"host": "0.0.0.0"}))
    desk = Voices(studio)
    dictionary = Dictionary(studio, desk)
    with pytest.raises(InputError, match="E-PRONOUNCE-SHARED"):
        dictionary.add(MINE, "nginx", "engine x", "")
    with pytest.raises(InputError, match="E-PRONOUNCE-SHARED"):
        dictionary.remove(MINE, "nginx", "")
    assert "data-post='words'" not in desk.home(MINE)
    desk.close()


# --- addresses ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(home / "incoming"))
        studio = QuickStudio(read({"home": home}, environ={}, folder=home))
        with TestClient(server.create(studio), base_url="http://127.0.0.1") as client:
            yield client, home


def key_of(browser):
    return {"X-Presenter-Key": browser.key}


@pytest.fixture(scope="module")
def enrolment(site):
    """Address of an enrolment of MINE."""
    client, _ = site
    form = {"name": "Site", "person": "Ada", "language": "en", "agreed": "yes"}
    answer = client.post("/voices/enrolments", json=form, headers=key_of(MINE))
    assert answer.status_code == 200
    return "/voices/enrolments/" + re.search(r"enrolments/([0-9a-f]{32})", answer.text)[1]


def test_a_recording_travels_there_and_back_without_being_kept_by_anything_else(site, enrolment, readings):
    client, home = site
    answer = client.post(f"{enrolment}/lines/en-01", content=readings[0], headers=key_of(MINE))
    assert "1 of 12 kept" in answer.text
    sound = client.get(f"{enrolment}/lines/en-01/take", headers=key_of(MINE))
    assert sound.content[:4] == b"fLaC"
    assert sound.headers["content-type"] == "audio/flac"
    assert sound.headers["cache-control"] == "no-store"
    assert sound.headers["x-content-type-options"] == "nosniff"
    assert [path for path in (home / "incoming").rglob("*") if path.is_file()] == []


def test_the_words_of_a_free_recording_travel_in_front_of_its_sound(site, enrolment, readings, monkeypatch):
    client, _ = site
    came = []
    monkeypatch.setattr(Voices, "add", lambda self, *who: came.append((who[2].read_bytes(), who[3])) or "ok")
    words = "नमस्ते " * 500
    headers = key_of(MINE) | {"X-Presenter-Words": str(len(words.encode()))}
    body = words.encode() + readings[0]
    answer = client.post(f"{enrolment}/long", content=iter((body[:7], body[7:])), headers=headers)
    assert answer.text == "ok"
    assert came == [(readings[0], words)]


@pytest.mark.parametrize("headers", [{}, {"X-Presenter-Key": "short"}, {"X-Presenter-Key": "x" * 65}])
def test_a_request_without_a_proper_key_gets_nothing(site, enrolment, headers):
    client, _ = site
    for path in ("/voices/home", enrolment, f"{enrolment}/lines/en-01/take"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 422
        assert "E-KEY" in answer.text
    assert client.post(f"{enrolment}/lines/en-01", content=b"x", headers=headers).status_code == 422


def test_a_take_is_not_served_to_another_browser(site, enrolment):
    client, _ = site
    answer = client.get(f"{enrolment}/lines/en-01/take", headers=key_of(THEIRS))
    assert answer.status_code == 422
    assert "E-VOICE-ENROLMENT" in answer.text


@pytest.mark.parametrize("sound", [b"", b"no sound at all", b"#EXTM3U\n/etc/passwd\n", b"\x00" * 1000])
def test_what_is_no_recording_is_refused_in_words_and_not_kept(site, enrolment, sound):
    client, home = site
    answer = client.post(f"{enrolment}/lines/en-02", content=sound, headers=key_of(MINE))
    assert answer.status_code == 422
    assert re.search(r"E-(VOICE|MEDIA)-\w+", answer.text)
    assert "Traceback" not in answer.text
    assert [path for path in (home / "incoming").rglob("*") if path.is_file()] == []


def test_a_recording_over_the_limit_is_refused_also_when_its_length_is_not_said(site, enrolment, monkeypatch):
    client, home = site
    monkeypatch.setattr(screens, "LARGEST", 1000)
    address = f"{enrolment}/lines/en-02"
    told = client.post(address, content=b"x" * 2000, headers=key_of(MINE))
    untold = client.post(address, content=(b"x" * 300 for _ in range(9)), headers=key_of(MINE))
    for answer in (told, untold):
        assert answer.status_code == 422
        assert "E-VOICE-SIZE" in answer.text
    assert [path for path in (home / "incoming").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"name": ' + b"x" * 30_000])
def test_a_form_that_cannot_be_read_is_refused_in_words(site, body):
    client, _ = site
    answer = client.post("/voices/enrolments", content=body, headers=key_of(MINE))
    assert answer.status_code == 422
    assert "E-FORM" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/voices/enrolments/..%2F..%2Fpeople",
        "/voices/enrolments/" + "0" * 32,
        "/voices/enrolments/" + "0" * 32 + "/lines/..%2F..%2Fenrolment.json/take",
        "/voices/enrolments/" + "0" * 32 + "/made",
        "/voices/export?voice=..%2F..%2Fpeople",
        "/voices/export?voice=aria",
        "/voices/export",
    ],
)
def test_nothing_that_is_not_there_is_given_out(site, path):
    client, _ = site
    answer = client.get(path, headers=key_of(MINE))
    assert answer.status_code in (404, 422)
    assert b"PK" not in answer.content[:2]


def test_a_bug_behind_an_address_shows_only_a_reference(site, monkeypatch):
    client, _ = site
    monkeypatch.setattr(Voices, "home", lambda *_: 1 / 0)
    answer = client.get("/voices/home", headers=key_of(MINE))
    assert answer.status_code == 500
    assert "E-INTERNAL" in answer.text
    assert "division" not in answer.text


# --- in a browser -------------------------------------------------------------------------------


@pytest.fixture
def running(settings):
    with served(QuickStudio(settings)) as address:
        yield address


def start_enrolment(page, name):
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name of the voice").fill(name)
    page.get_by_label("Whose voice is it?").fill("Ada Example")
    page.locator("#voices").get_by_role("checkbox").check()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Line 1 of 12").wait_for()


def read_aloud(page, microphone, sound):
    """Says something into the microphone, with the keyboard alone; gives what is shown of it."""
    microphone.write_bytes(sound)  # the browser reads it when the microphone is opened
    page.locator("[data-record]").focus()
    page.keyboard.press("Space")
    page.locator(".recorder[data-state=recording]").wait_for()
    page.wait_for_timeout(1000 * (len(sound) - 44) / 2 / RATE)
    page.keyboard.press("Space")
    page.locator(".recorder[data-state=ready]").wait_for(timeout=30_000)
    shown = page.locator(".take").inner_text()
    page.locator("[data-off]").click()
    return shown


# --- challenges ---------------------------------------------------------------------------------


def test_a_consent_is_confirmed_by_reading_a_new_text_aloud(studio, desk, tmp_path, readings, monkeypatch):
    enrolled(desk, tmp_path, readings)
    assert "Confirm by reading aloud" in desk.home(MINE)
    challenges = Challenges(studio, desk)
    shown = challenges.ask(MINE, "ada-voice")
    key = re.search(r"data-take='challenges/([0-9a-f]{32})\?voice=ada-voice'", shown)[1]
    assert re.search(r"data-left='(29\d|300)'>", shown)
    assert (
        shown.count("<p>", shown.index("<blockquote"), shown.index("</blockquote>")) == 3
    )  # the last: digits
    assert "can vouch" in shown
    [entry] = studio.people().entries()
    asked = []

    def judge(*values, session):
        asked.append((*values, session))
        return Passed(replace(entry.consent, level=2))

    monkeypatch.setattr(studio, "answer", judge)
    shown = challenges.answer(MINE, "ada-voice", key, tmp_path / "sound")
    assert asked == [(key, tmp_path / "sound", MINE.key)]
    assert "the consent for “Ada Voice” is confirmed (level 2)" in shown


def test_a_challenge_that_is_not_passed_says_why_and_asks_for_a_new_text(studio, desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    challenges = Challenges(studio, desk)
    key = re.search(r"challenges/([0-9a-f]{32})", challenges.ask(MINE, "ada-voice"))[1]
    (tmp_path / "sound").write_bytes(wav(np.zeros(4 * RATE)))
    for code in ("E-", "E-CHALLENGE-UNKNOWN"):  # a text can be answered once
        shown = challenges.answer(MINE, "ada-voice", key, tmp_path / "sound")
        assert "Not confirmed yet" in shown
        assert code in shown
        assert "Try with a new text" in shown


def test_a_challenge_for_a_voice_of_another_browser_is_not_made(studio, desk, tmp_path, readings):
    enrolled(desk, tmp_path, readings)
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        Challenges(studio, desk).ask(THEIRS, "ada-voice")


@pytest.mark.browser
def test_a_person_becomes_a_voice_with_a_microphone_and_the_keyboard(running, tmp_path, readings):
    microphone = tmp_path / "microphone.wav"
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with chromium(*flags, f"--use-file-for-fake-audio-capture={microphone}%noloop") as browser:
        page = visit(browser, running, 390, 844)
        start_enrolment(page, "Ada Voice")
        assert "Please record it again" in read_aloud(page, microphone, wav(np.zeros(RATE)))
        for number in (1, 2):
            assert "Kept" in read_aloud(page, microphone, readings[number - 1])
            assert f"{number} of 12 kept" in page.inner_text(".kept")
            page.get_by_role("button", name="Next line").press("Enter")
            page.get_by_role("heading", name=f"Line {number + 1} of 12").wait_for()
        assert page.evaluate("document.activeElement.innerText") == "Record"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Make the voice").press("Enter")
        page.get_by_role("heading", name="“Ada Voice” is ready").wait_for(timeout=30_000)
        assert "The voice is ready." in page.inner_text("#spoken")
        page.get_by_role("button", name="Hear it").press("Enter")
        page.locator(".playing").wait_for()

        for who, there in ((page, True), (visit(browser, running), False)):
            who.get_by_role("link", name="Studio").click()
            who.get_by_role("button", name="Open the sample lesson").click()
            who.get_by_role("tab", name="Voice and look").click()
            voices = who.locator("#set-voice option").all_inner_texts()
            assert ("Ada Voice" in voices) is there
        assert outside(page, running) == []
        assert page.complaints == []


@pytest.mark.browser
def test_axe_finds_nothing_serious_while_a_voice_is_recorded_made_and_confirmed(running, tmp_path, readings):
    microphone = tmp_path / "microphone.wav"
    microphone.write_bytes(wav(np.zeros(RATE)))
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with chromium(*flags, f"--use-file-for-fake-audio-capture={microphone}%noloop") as browser:
        page = visit(browser, running)
        start_enrolment(page, "Ada Voice")
        page.get_by_role("button", name="Record").press("Enter")
        page.locator(".recorder[data-state=recording]").wait_for()
        assert complaints_in_every_size(page) == [], "recording"
        page.keyboard.press("Space")
        page.locator(".take").wait_for(timeout=30_000)
        assert complaints_in_every_size(page) == [], "a take that is not kept"
        page.locator("[data-off]").click()
        for number in (1, 2):
            assert "Kept" in read_aloud(page, microphone, readings[number - 1])
            page.get_by_role("button", name="Next line").press("Enter")
            page.get_by_role("heading", name=f"Line {number + 1} of 12").wait_for()
        page.get_by_role("button", name="Make the voice").press("Enter")
        page.get_by_role("heading", name="“Ada Voice” is ready").wait_for(timeout=30_000)
        assert complaints_in_every_size(page) == [], "the report"
        page.reload()
        page.get_by_role("button", name="Confirm by reading aloud").press("Enter")
        page.locator("blockquote").wait_for()
        assert complaints_in_every_size(page) == [], "the challenge"
        page.get_by_role("button", name="Record").press("Enter")
        page.locator(".recorder[data-state=recording]").wait_for()
        page.keyboard.press("Space")
        page.get_by_text("Not confirmed yet").wait_for(timeout=30_000)
        assert complaints_in_every_size(page) == [], "the answer to it"
        assert page.complaints == []


@pytest.mark.browser
def test_without_a_microphone_it_is_said_why_and_a_file_can_be_handed_in(running, readings):
    with chromium() as browser:
        page = visit(browser, running, 1280, 800)
        start_enrolment(page, "Refused")
        page.get_by_role("button", name="Record").press("Enter")
        page.locator("[role=alert]", has_text=re.compile("E-MIC-(REFUSED|MISSING)")).wait_for()
        page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false})")
        page.get_by_role("button", name="Record").press("Enter")
        page.locator("[role=alert]", has_text="E-MIC-INSECURE").wait_for()
        page.get_by_text("Other ways").click()
        sound = {"name": "line.wav", "mimeType": "audio/wav", "buffer": readings[0]}
        page.get_by_label("Hand in a file with this line").set_input_files(sound)
        page.get_by_text("1 of 12 kept").wait_for(timeout=30_000)
