"""A real browser for tests of the page, and the page on a free port for it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from presenter.jobs.worker import Worker
from presenter.settings import ROOT
from presenter.web import server

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@contextlib.contextmanager
def running(studio, *, works=False, port=0):
    """The application in a thread, with a worker in this process where it works; gives its address."""
    import uvicorn

    bound = server.listen("127.0.0.1", port)
    worker = Worker(studio.settings, here=True) if works else None
    if worker is not None:
        starting = threading.Thread(target=worker.start)  # a browser has its event loop in this thread
        starting.start()
        starting.join()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(studio.settings.home / "incoming"))
        patch.setattr("presenter.web.samples.Samples.prepare", lambda _: None)
        config = uvicorn.Config(server.create(studio), log_level="critical", timeout_graceful_shutdown=1)
        served = uvicorn.Server(config)
        thread = threading.Thread(target=served.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            served.should_exit = True
            thread.join(20)
            if worker is not None:
                worker.stop()


@contextlib.contextmanager
def served(folder, port=0, **variables):
    """``python app.py`` as people start it, with a worker of its own; gives its address.

    Args:
        folder: holds all that it keeps.
        variables: further settings, as the environment has them.
    """
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    known = {"PRESENTER_HOME": str(folder / "home"), "PRESENTER_PORT": str(port), **variables}
    process = subprocess.Popen([sys.executable, ROOT / "app.py"], cwd=folder, env=os.environ | known)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + 90
    try:
        while True:
            assert process.poll() is None, "the app ended by itself"
            assert time.monotonic() < end, "the app did not start"
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def chromium(*flags):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).is_file():
        pytest.skip("there is no chromium")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        browser.close()


def visit(browser, address, width=1280, height=800, view="", **more):
    """A page of that size for somebody new, ready to be used; complaints and requests are collected on it."""
    more = {"locale": "en-GB", **more}
    page = browser.new_context(viewport={"width": width, "height": height}, **more).new_page()
    page.wait_for_function = lambda words, **more: until(page, words, **more)
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.goto(f"{address}/{view}")
    page.locator("[data-place=view]").wait_for(timeout=30_000)
    return page


def until(page, words, timeout=60_000, **more):
    """Waits for an expression to be true. The browser's own way evaluates text inside of the page, which the
    page forbids."""
    for _ in range(timeout // 50):
        if page.evaluate(words, **more):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {words}")


def say(page, text):
    """Writes a message and sends it, with the keyboard alone."""
    page.locator("#say").focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def write(page, text):
    """Begins a lesson of a pasted text, and approves it."""
    say(page, text)
    page.locator("#proposal").wait_for()
    page.get_by_role("button", name="Approve").press("Enter")
    page.locator(".card").first.wait_for()


def complaints_of_axe(page):
    """What axe finds that is serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page).response["violations"]
    return [
        (row["id"], [node["html"][:120] for node in row["nodes"]][:3])
        for row in found
        if row["impact"] in ("serious", "critical")
    ]


def complaints_in_every_size(page):
    """The same at three widths, light and dark, and what is wider than its window."""
    found = []
    for width in (390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 844})
        for dark in (True, False):
            page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
            found += [(width, dark, row) for row in complaints_of_axe(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [(width, wide)] if wide > width else []
    return found


def outside(page, address):
    """Requests that went anywhere else."""
    return [url for url in page.requested if not url.startswith((address, "data:", "blob:"))]
