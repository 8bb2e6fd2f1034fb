"""Journeys in a real browser past what can go wrong: no network, no server, a failing model, no mouse."""

import threading
import time

import fakes
import pytest
from browsers import chromium, complaints_of_axe, running, say, visit, write
from openai_server import Scripted
from pages import settings_in

from presenter.studio import Studio
from presenter.web import server

pytestmark = pytest.mark.browser

PASTED = "Paste: Plants eat light. They take in water and air, and make sugar. That is why leaves are green."
WISH = "make the part with the sugar a bit friendlier, would you"
"""Something that the command grammar does not know."""


@pytest.fixture
def studio(tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(settings_in(tmp_path))


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def whole(page):
    """The finished video on the stage."""
    video = page.locator(".player video:not([data-early])")
    video.wait_for(timeout=60_000)
    return video


# --- a language model ---------------------------------------------------------------------------


def test_a_model_is_watched_writing_and_its_failure_is_told_and_mended(tmp_path, monkeypatch, browser):
    pytest.importorskip("pydantic_ai")
    fakes.install(monkeypatch)
    free = threading.Event()
    pieces = iter(range(10_000))
    with Scripted([], pause=lambda: next(pieces) > 6 and free.wait(30)) as model:
        studio = Studio(settings_in(tmp_path, chat_url=model.url, chat_model="tiny", chat_seconds=20))
        with running(studio) as address:
            page = visit(browser, address)
            write(page, PASTED)
            model.script = ["The sugar of a leaf is sweet, and all of us eat it sooner or later."]
            say(page, WISH)
            page.locator(".writing", has_text="sugar of a leaf").wait_for()
            assert "sooner" not in page.inner_text(".talk")
            assert complaints_of_axe(page) == []
            free.set()
            page.locator(".turns", has_text="sooner or later.").wait_for()

            model.script = ["(filtered)", *[429] * 4]
            say(page, WISH)
            page.get_by_text("The language model declined to answer this.").wait_for()
            say(page, WISH)
            page.get_by_text("The language model has too much to do.").wait_for(timeout=30_000)
            assert complaints_of_axe(page) == []
            model.script = ["Sweet, is it not?"]
            page.get_by_role("button", name="Send it again").press("Enter")
            page.get_by_text("Sweet, is it not?").wait_for()
            assert page.complaints == []


# --- no network, no server ----------------------------------------------------------------------


def test_a_render_goes_on_while_the_network_is_away_and_is_there_when_it_is_back(studio, browser):
    with running(studio, works=True) as address:
        page = visit(browser, address)
        write(page, PASTED)
        page.get_by_role("button", name="Make the video").press("Enter")
        page.locator(".making.progress").wait_for()
        page.context.set_offline(True)
        page.locator("#lost").wait_for(state="visible", timeout=20_000)
        (job,) = studio.jobs(None)
        end = time.monotonic() + 60
        while not studio.job(job.id, None).finished:
            assert time.monotonic() < end
            time.sleep(0.1)
        page.context.set_offline(False)
        whole(page)
        page.locator("#lost").wait_for(state="hidden")
        assert page.locator(".card .state.done").count() == page.locator(".card").count()


def test_a_restart_of_the_server_is_survived_without_a_reload(studio, browser):
    bound = server.listen("127.0.0.1", 0)
    port = bound.getsockname()[1]
    bound.close()
    with running(studio, works=True, port=port) as address:
        page = visit(browser, address)
        write(page, PASTED)
        page.get_by_role("button", name="Make the video").press("Enter")
        page.locator(".making.progress").or_(page.locator(".player video")).first.wait_for()
    page.evaluate("window.neverReloaded = true")
    with running(Studio(studio.settings), works=True, port=port):
        whole(page)
        say(page, "replace sugar with honey")
        page.locator("#proposal ins", has_text="honey").wait_for()
        assert page.evaluate("window.neverReloaded")


# --- back and forth, and side by side -----------------------------------------------------------


def test_what_was_undone_can_be_approved_again_and_is_made_already(studio, browser):
    with running(studio, works=True) as address:
        page = visit(browser, address)
        write(page, PASTED)
        for _ in range(2):
            say(page, "replace sugar with honey")
            page.get_by_role("button", name="Approve").press("Enter")
            page.locator(".card .said", has_text="honey").wait_for()
            if page.get_by_text("all of it is made").count():
                break
            page.get_by_role("button", name="Make the video").press("Enter")
            whole(page)
            page.get_by_text("all of it is made").wait_for(timeout=60_000)
            say(page, "undo")
            page.locator(".card .said", has_text="sugar").wait_for()
        assert len(studio.jobs(None)) == 1
        page.get_by_role("button", name="Redo").press("Enter") if page.locator(
            "text=Redo"
        ).is_enabled() else None


def test_two_people_render_side_by_side(studio, browser):
    with running(studio, works=True) as address:
        pages = [visit(browser, address), visit(browser, address)]
        for page, name in zip(pages, ("bees", "ants"), strict=True):
            write(page, f"Paste: Here we look at {name}. They live in large families.")
            page.get_by_role("button", name="Make the video").press("Enter")
        for page, other in zip(pages, ("ants", "bees"), strict=True):
            whole(page)
            assert other not in page.inner_text("#studio")
        for page, own in zip(pages, ("bees", "ants"), strict=True):
            page.get_by_role("link", name="Library").press("Enter")
            page.locator(".film").wait_for()
            assert page.locator(".film").count() == 1
            assert own in page.inner_text(".film")


# --- no mouse -----------------------------------------------------------------------------------


def reach(page, selector, most=60):
    """Goes on with the tabulator until that has the focus."""
    for _ in range(most):
        if page.evaluate("one => document.activeElement?.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(
        f"{selector} was not reached; the focus is on "
        + page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
    )


def test_the_whole_journey_needs_nothing_but_a_keyboard(studio, browser):
    with running(studio, works=True) as address:
        page = visit(browser, address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('.skip')")
        page.keyboard.press("Enter")
        reach(page, "#say")
        page.keyboard.insert_text(PASTED)
        page.keyboard.press("Enter")
        page.locator("#proposal").wait_for()
        page.wait_for_function("document.activeElement.textContent === 'Approve'")
        page.keyboard.press("Enter")
        page.locator(".card").first.wait_for()
        reach(page, "button[data-post$='/make']")
        page.keyboard.press("Enter")
        whole(page)
        reach(page, ".player video")
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('.player video').currentTime > 0")
        reach(page, "[role=tab]")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("!document.querySelector('#panel-text').hidden")
        page.keyboard.press("ArrowRight")
        reach(page, ".face input")
        page.keyboard.press("ArrowRight")
        page.locator(".card .state:not(.done)").first.wait_for(state="attached")
        for view in ("people", "library", "verify", "house"):
            page.evaluate("document.querySelector('.skip').focus()")
            reach(page, f"nav a[data-view={view}]")
            page.keyboard.press("Enter")
            page.locator(f"[data-place=view][data-view={view}]").wait_for()
        assert page.complaints == []
