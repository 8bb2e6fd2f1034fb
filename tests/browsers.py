"""A real browser for tests of the page, and the page on a free port for it."""

import contextlib
import shutil
import threading
from pathlib import Path

import pytest

from presenter.jobs.worker import Worker
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
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    served.should_exit = True
    thread.join(20)
    if worker is not None:
        worker.stop()


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
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.goto(f"{address}/{view}")
    page.locator("[data-place=view]").wait_for(timeout=30_000)
    return page


def outside(page, address):
    """Requests that went anywhere else."""
    return [url for url in page.requested if not url.startswith((address, "data:", "blob:"))]
