"""The studio in a real browser: a teacher's journey, two people at a time, a reload, a lost server."""

import io
import re
import time
from pathlib import Path

import fakes
import pytest
from browsers import chromium, complaints_of_axe, outside, running, say, served, visit, write
from pages import settings_in
from PIL import Image

from presenter.settings import ROOT
from presenter.studio import Studio

ADA = ROOT / "assets" / "presenters" / "ada.png"
VIEWS = ("lesson", "people", "library", "verify", "house")
needs_faces = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "face_landmark.tflite").is_file(),
    reason="the face models are missing: presenter checkpoints fetch faces",
)
pytestmark = pytest.mark.browser


@pytest.fixture
def studio(tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(settings_in(tmp_path))


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


PASTED = "Paste: Plants eat light. They take in water and air, and make sugar. That is why leaves are green."


def test_a_teacher_makes_a_lesson_by_chat_and_watches_it_appear(studio, browser):
    with running(studio, works=True) as address:
        page = visit(browser, address)
        write(page, PASTED)
        page.get_by_role("button", name="Make the video").press("Enter")
        video = page.locator(".player video:not([data-early])")
        video.wait_for(timeout=60_000)
        page.wait_for_function("document.querySelector('.player video').duration > 0.5")
        video.evaluate("video => { video.muted = true; return video.play(); }")
        page.wait_for_function("document.querySelector('.player video').currentTime > 0.2")
        track = video.evaluate("video => [video.textTracks[0].mode, video.textTracks[0].cues.length]")
        assert track[0] == "showing"
        assert track[1] > 0
        assert "AI-generated" in page.inner_text(".player")
        assert page.locator(".card .state.done").count() == page.locator(".card").count()

        say(page, "replace sugar with sweet sugar")
        page.locator("#proposal ins", has_text="sweet").wait_for()
        assert re.search(r"about \d+ s to render · 2 of 3 sentences reused", page.inner_text("#proposal"))
        page.get_by_role("button", name="Approve").press("Enter")
        page.locator(".card .state.changed").wait_for()
        page.get_by_role("button", name="Undo").press("Enter")
        page.locator(".card .state.done").wait_for()

        say(page, "What do plants eat?")
        page.get_by_role("button", name="Show it as a video").press("Enter")
        page.locator(".answer video:not([data-early])").wait_for(timeout=60_000)
        assert page.locator(".player video").get_attribute("aria-label") != "What do plants eat?"

        page.get_by_role("link", name="Library").press("Enter")
        page.get_by_role("link", name="Open the lesson").last.press("Enter")
        page.locator(".player video").wait_for()
        page.get_by_role("link", name="Library").press("Enter")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download MP4").last.click()
        path = Path(download.value.path())
        assert path.read_bytes()[4:8] == b"ftyp"
        page.get_by_role("link", name="Verify").press("Enter")
        page.set_input_files(
            "#proof", {"name": "mine.mp4", "mimeType": "video/mp4", "buffer": path.read_bytes()}
        )
        page.get_by_text("“mine.mp4” was made here and is unchanged.").wait_for(timeout=60_000)
        assert outside(page, address) == []
        assert page.complaints == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_every_view_fits_its_window_and_axe_finds_nothing_serious(studio, browser, width):
    with running(studio) as address:
        for scheme in ("light", "dark"):
            page = visit(browser, address, width, 844, color_scheme=scheme, reduced_motion="reduce")
            assert complaints_of_axe(page) == []
            write(page, PASTED)
            for view in VIEWS:
                page.locator(f"nav a[data-view={view}]").click()
                page.locator(f"[data-place=view][data-view={view}]").wait_for()
                page.wait_for_timeout(300)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert complaints_of_axe(page) == [], view
            page.locator("nav a[data-view=lesson]").click()
            for name in ("Text", "Voice and look"):
                page.get_by_role("tab", name=name).click()
                assert complaints_of_axe(page) == [], name
            say(page, "replace sugar with honey")
            page.locator("#proposal").wait_for()
            assert complaints_of_axe(page) == []
            assert page.complaints == []
            page.context.close()


def test_two_people_see_only_their_own_and_a_reload_loses_nothing(studio, browser):
    with running(studio) as address:
        one, other = visit(browser, address), visit(browser, address)
        write(one, PASTED)
        say(one, "replace sugar with honey")
        one.locator("#proposal").wait_for()
        one.reload()
        one.locator("#proposal ins", has_text="honey").wait_for()
        other.reload()
        other.locator("#say").wait_for()
        assert "honey" not in other.inner_text("#studio")
        lesson = one.url.split("#lesson/")[1] if "#lesson/" in one.url else ""
        other.goto(f"{address}/#lesson/{lesson}")
        other.reload()
        other.locator("#say").wait_for()
        assert "honey" not in other.inner_text("#studio")


def test_what_is_written_while_the_server_is_away_arrives_when_it_is_back(studio, browser):
    with running(studio) as address:
        page = visit(browser, address)
        write(page, PASTED)
        page.get_by_role("tab", name="Text").press("Enter")
        page.context.set_offline(True)
        page.locator("#source").press("Control+End")
        page.keyboard.type("\n\nWritten while nobody listened.")
        page.locator("#lost").wait_for(state="visible", timeout=10_000)
        page.context.set_offline(False)
        page.locator("#lost").wait_for(state="hidden", timeout=15_000)
        page.get_by_text("4 sentences").first.wait_for(timeout=10_000)
        page.reload()
        page.get_by_role("tab", name="Text").click()
        assert page.input_value("#source").endswith("Written while nobody listened.")


@needs_faces
def test_a_photo_and_a_deck_are_brought(studio, browser, tmp_path):
    memory = io.BytesIO()
    Image.open(ADA).convert("RGB").resize((512, 512)).save(memory, "JPEG")
    photo = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": memory.getvalue()}
    with running(studio) as address:
        page = visit(browser, address, view="#people")
        page.set_input_files("#bring", photo)
        page.get_by_text("This photo can be used.").wait_for(timeout=20_000)
        page.locator(".portrait").get_by_label("Whose face is it?").fill("Ada Example")
        page.locator(".portrait").get_by_role("checkbox").check()
        page.get_by_role("button", name="Use this photo").press("Enter")
        page.get_by_text("Consent given").wait_for()
        page.get_by_role("link", name="Studio").click()
        deck = {"name": "deck.pdf", "mimeType": "application/pdf", "buffer": pdf()}
        page.locator(".attach input").set_input_files(deck)
        page.locator(".card").first.wait_for(timeout=30_000)
        page.get_by_role("tab", name="Voice and look").press("Enter")
        page.locator(".face input").last.check(force=True)
        page.wait_for_timeout(800)
        page.get_by_role("tab", name="Text").press("Enter")
        assert "portrait: me" in page.input_value("#source")
        assert page.complaints == []


def pdf():
    """Two pages with a title each."""
    import typst

    source = b"#set page(width: 16cm, height: 9cm)\n= One\nFirst things.\n#pagebreak()\n= Two\nSecond things."
    return typst.compile(source)


def test_the_page_speaks_the_language_that_is_chosen(studio, browser):
    with running(studio) as address:
        page = visit(browser, address, locale="de-DE")
        assert page.evaluate("document.documentElement.lang") == "de"
        page.get_by_role("link", name="Mediathek").wait_for()
        page.locator("[data-language]").select_option("zh")
        page.get_by_role("link", name="视频库").wait_for()
        page.reload()
        page.get_by_role("link", name="视频库").wait_for()


# --- figures ------------------------------------------------------------------------------------

MINUTE = "Paste: " + " ".join(
    f"Sentence number {number} tells in a few plain words what a leaf does with light, water and air."
    for number in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
)
"""About a minute of speech."""


CLICKED = """value => new Promise(done => {
  const began = performance.now();
  const put = () => done((performance.now() - began) / 1000);
  document.addEventListener("presenter:put", put, { once: true });
  document.querySelector(`.face input[value=${value}]`).click();
})"""
"""Chooses a face; the seconds until the page shows it."""


@pytest.fixture
def app(tmp_path):
    """``python app.py`` on a free port, as people start it; gives its address."""
    with served(tmp_path) as address:
        yield address


@pytest.mark.slow
@needs_faces
def test_the_page_is_quick(app, browser, capsys):
    """Prints what was measured; ``pytest -s -m slow -k quick``. Nothing is asserted about times."""

    def timed(act):
        began = time.perf_counter()
        act()
        return time.perf_counter() - began

    ready = [timed(lambda: visit(browser, app).context.close()) for _ in range(5)]
    page = visit(browser, app)
    page.locator(".first video").or_(page.locator(".first .poster")).wait_for()
    while page.evaluate("!document.querySelector('.first video')"):  # the sample is made first
        page.wait_for_timeout(1000)
        page.reload()
        page.locator("[data-place=view]").wait_for()
    write(page, MINUTE)
    page.get_by_role("tab", name="Voice and look").click()
    faces = ("ben", "mei", "ada") * 7
    answers = [page.evaluate(CLICKED, face) for face in faces[:20]]
    began = time.perf_counter()
    page.get_by_role("button", name="Quick draft").click()
    page.wait_for_function("document.querySelector('video[data-early]')?.readyState >= 3", timeout=90_000)
    first = time.perf_counter() - began
    page.locator(".player video:not([data-early])").wait_for(timeout=180_000)
    whole = time.perf_counter() - began
    with capsys.disabled():
        print(f"\npage ready: {min(ready):.2f} to {max(ready):.2f} s")
        print(f"a setting is answered: median {sorted(answers)[10]:.3f} s, p95 {sorted(answers)[18]:.3f} s")
        print(f"of a minute, the first sentence plays after {first:.1f} s, all of it after {whole:.1f} s")
    assert page.complaints == []
