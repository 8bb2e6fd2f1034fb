"""The page in tests: requests as the script in a browser makes them, and a worker in the same process."""

import contextlib
import re
import time

from fastapi.testclient import TestClient

from presenter.jobs.worker import Worker
from presenter.settings import read
from presenter.web import server
from presenter.web.shows import Shows
from presenter.web.visits import Visit

MINE, THEIRS = "M" * 32, "T" * 32
"""Keys of two browsers."""

LESSON = (
    "# Plants\n\n- Light\n- Water\n\nPlants eat light. They need water, too.\n\n# Leaves\n\nLeaves are green."
)


class Page:
    """The page of a studio, as the script of a browser asks for it."""

    def __init__(self, client, studio):
        self.client = client
        self.studio = studio

    def get(self, path, key=MINE, **headers):
        return self.client.get(f"/studio/{path}", headers={"X-Presenter-Key": key, **headers})

    def post(self, path, key=MINE, **form):
        return self.client.post(f"/studio/{path}", json=form, headers={"X-Presenter-Key": key})

    def hand(self, path, data, name, key=MINE):
        """A file is dropped."""
        headers = {"Content-Type": "application/octet-stream", "X-Presenter-Name": name}
        return self.client.post(f"/studio/{path}", content=data, headers={**headers, "X-Presenter-Key": key})

    def lesson(self, source=LESSON, key=MINE):
        """Id of a new lesson with that text."""
        return self.hand("lessons/files", source.encode(), "lesson.md", key).headers["X-Presenter-Goto"][7:]

    def kept(self, lesson, key=MINE):
        """The lesson as it is kept."""
        return self.chat(key).lesson(lesson)

    def chat(self, key=MINE):
        return self.studio.chat(Visit(key, None).owner)

    def version(self, lesson):
        """What a window sends with the text that it changed."""
        return str(self.kept(lesson).revision)

    def write(self, lesson, source):
        """The text is changed by hand."""
        return self.post(f"lessons/{lesson}/source", source=source, version=self.version(lesson))

    def job(self, lesson):
        """Id of the newest video of a lesson."""
        return Shows(self.studio.settings.home).of(lesson)[-1].job

    def made(self, lesson, key=MINE, seconds=60.0):
        """The screens after a render has ended."""
        end = time.monotonic() + seconds
        while "data-poll" in (shown := self.get(f"lessons/{lesson}/progress", key).text):
            assert time.monotonic() < end, shown
            time.sleep(0.1)
        return shown


def place(html, name):
    """What came for a place of the page."""
    found = re.search(rf"<(\w+) data-place='{name}'.*", html, re.DOTALL)
    return found[0] if found else ""


def settings_in(folder, **more):
    values = {"home": folder / "home", "workers": 1, "lessons": 1, "width": 448, "height": 256, "fps": 25}
    return read({**values, "reserve_gigabytes": 0, **more}, environ={}, folder=folder)


@contextlib.contextmanager
def opened(studio, monkeypatch, *, works=False):
    """The whole application of a studio; with a worker in this process where it works."""
    from presenter.web.samples import Samples

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(studio.settings.home / "incoming"))
    monkeypatch.setattr(Samples, "prepare", lambda _: None)
    worker = Worker(studio.settings, here=True) if works else None
    if worker is not None:
        worker.start()
    try:
        with TestClient(server.create(studio), base_url="http://127.0.0.1") as client:
            yield Page(client, studio)
    finally:
        if worker is not None:
            worker.stop()
