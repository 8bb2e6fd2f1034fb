"""A teacher makes a lesson of about five minutes on the page, only by chat.

``pytest -s -m slow -k teacher`` starts ``python app.py`` with an empty home and drives Chromium as a teacher
would: once without a language model, with a text that is pasted, and once with a scripted model that writes
outline and lesson. Both times the lesson is corrected by chat, rendered, corrected again after that, so that
only the difference is rendered, undone and approved again. It prints each turn, how long things took,
and the length and loudness of the video; screenshots and videos are left in ``out/teacher``.
"""

import re
import shutil
import time
from pathlib import Path

import pytest
from browsers import chromium, outside, say, served, visit
from openai_server import Scripted

from presenter.evaluate import evaluate
from presenter.settings import ROOT, read

LESSONS = Path(__file__).parent / "golden" / "teacher"
OUT = ROOT / "out" / "teacher"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(
        not (ROOT / "checkpoints" / "face_landmark.tflite").is_file(),
        reason="the face models are missing: presenter checkpoints fetch faces",
    ),
]


@pytest.fixture(autouse=True)
def asked_for(request):
    """It takes minutes, so it runs only where it is asked for."""
    if request.config.getoption("markexpr") != "slow":
        pytest.skip("it takes minutes: pytest -s -m slow -k teacher")


OUTLINE = """\
Here is an outline for about five minutes:
1. Welcome to the kitchen of the plants
2. What a plant needs: light, water and carbon dioxide
3. Inside the leaf, with two examples
4. What comes out: sugar and oxygen
5. Day and night
6. All of us eat sunlight
7. An experiment for the window sill
8. What to remember
Shall I write it?"""


class Teacher:
    """Somebody who only talks, approves and looks."""

    def __init__(self, page, name, home, capsys):
        self.page, self.name, self.home, self.capsys, self.shots = page, name, home, capsys, 0

    def tell(self, line):
        with self.capsys.disabled():
            print(line)

    def asks(self, text, approve=True, looks=""):
        """Says something, waits for the answer, and approves what waits; gives what was answered."""
        turns, began = self.page.locator(".turns > li"), time.perf_counter()
        before = turns.count()
        say(self.page, text)
        self.page.wait_for_function(
            "before => document.querySelectorAll('.turns > li').length >= before + 2", arg=before
        )
        answer = self.page.locator(".turns > li").last.inner_text().removeprefix("Presenter:").strip()
        self.tell(f"> {text if len(text) < 90 else text[:80] + ' ...'}")
        self.tell(f"  {answer}   [{time.perf_counter() - began:.2f} s]")
        if approve:
            self.page.locator("#proposal").wait_for()
            self.tell("  " + self.page.inner_text("#proposal .price"))
            assert self.page.locator("#proposal .changes li, #proposal .outline li").count()
            if looks:
                self.looks(looks)
            self.page.get_by_role("button", name="Approve").click()
            self.page.locator("#proposal").wait_for(state="detached")
            self.page.locator(".card").first.wait_for()
        return answer

    def looks(self, what):
        """Keeps a screenshot."""
        self.shots += 1
        self.page.screenshot(path=OUT / f"{self.name}-{self.shots:02}-{what}.png")

    def renders(self):
        """Says that the video is to be made, and waits until it is there; gives the line below it."""
        began = time.perf_counter()
        self.asks("Make the video", approve=False)
        self.page.locator(".chat .proposal").get_by_role("button", name="Make the video").click()
        self.page.locator(".making.progress").wait_for()
        early = self.page.locator(".player video[data-early]")
        whole = self.page.locator(".player video:not([data-early])")
        early.or_(whole).wait_for(timeout=120_000)
        if early.count():
            self.page.wait_for_function(
                "document.querySelector('.player video')?.readyState >= 3", timeout=60_000
            )
            self.tell(f"  the first sentence could be watched after {time.perf_counter() - began:.1f} s")
            self.looks("pieces")
        self.page.locator(".making:not(.progress)").wait_for(timeout=600_000)
        whole.wait_for()
        facts = self.page.inner_text(".player .facts-line").replace("\n", " ")
        self.tell(f"  made after {time.perf_counter() - began:.1f} s: {facts}")
        self.looks("made")
        return facts

    def keeps(self):
        """Downloads the video, and prints its score card."""
        path = OUT / f"{self.name}.mp4"
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Download MP4").first.click()
        shutil.copy(download.value.path(), path)
        found = evaluate(path, read({"home": self.home}, environ={}, folder=self.home))
        loud = found.find("loudness").value
        missed = ", ".join(measure.title for measure in found.missed) or "none"
        self.tell(f"  {path}: {found.seconds:.0f} s, {loud:.1f} LUFS, missed bars: {missed}")
        return found


@pytest.fixture
def teacher(request, tmp_path, capsys):
    """A teacher before the page; with what the language model says, where the test has a script for it."""
    OUT.mkdir(parents=True, exist_ok=True)
    script = getattr(request, "param", None)
    with Scripted(script or [], pause=lambda: time.sleep(0.01)) as model, chromium() as browser:
        more = {"PRESENTER_CHAT_URL": model.url, "PRESENTER_CHAT_MODEL": "scripted"} if script else {}
        with served(tmp_path, **more) as address:
            page = visit(browser, address)
            page.set_default_timeout(60_000)
            yield Teacher(page, "with-model" if script else "without-model", tmp_path / "home", capsys)
            assert outside(page, address) == []
            assert page.complaints == []


def corrects(teacher):
    """What a teacher does after the first video: only the difference is rendered; undo and approve again."""
    page = teacher.page
    page.locator(".chapters button").nth(2).click()
    page.wait_for_function("document.querySelector('.player video').readyState >= 2")
    page.evaluate("const v = document.querySelector('.player video'); v.pause(); v.currentTime += 6")
    page.wait_for_function("!document.querySelector('.player video').seeking")
    teacher.asks("slower on slide 3 and drop the last example", looks="change")
    page.locator(".card .state:not(.done)").first.wait_for()
    facts = teacher.renders()
    reused, sentences = map(int, re.search(r"(\d+) of (\d+) sentences reused", facts).groups())
    assert 0 < sentences - reused <= 8  # the sentences of slide 3
    teacher.asks("undo", approve=False)
    page.get_by_text("all of it is made").wait_for()
    teacher.asks("slower on slide 3 and drop the last example")
    page.get_by_text("all of it is made").wait_for()


def judged(teacher):
    """The last video is as long and as loud as it was to be."""
    found = teacher.keeps()
    assert 270 <= found.seconds <= 330


def test_a_teacher_makes_five_minutes_without_a_language_model(teacher):
    teacher.looks("first-visit")
    teacher.asks((LESSONS / "water.txt").read_text("utf-8"))
    teacher.asks("Use Ada and put the slides on the right")
    teacher.asks("speak slower, please")
    teacher.asks("full screen for slide 1")
    teacher.asks("full screen on the last slide")
    teacher.asks("add a slide called Words to know after slide 5")
    teacher.asks("undo", approve=False)
    teacher.asks('add a bullet "Evaporation: water becomes vapour" to slide 3')
    teacher.looks("plan")
    teacher.renders()
    corrects(teacher)
    teacher.looks("end")
    judged(teacher)


def scripted():
    lesson = (LESSONS / "light.md").read_text("utf-8")
    kinder = "So be kind to the next tree that you meet, and say thank you for the air."
    return [
        OUTLINE.replace("\n", " \n "),
        ("new_lesson", {"text": lesson}), "It has eight slides and takes about five minutes.",
        ("replace", {"target": "8.6", "new": kinder}), "The ending thanks the trees now.",
    ]  # fmt: skip


@pytest.mark.parametrize("teacher", [scripted()], indirect=True, ids=["scripted"])
def test_a_teacher_makes_five_minutes_with_a_scripted_model(teacher):
    page = teacher.page
    teacher.asks(
        "Give me an outline for a five-minute lesson on photosynthesis for ten-year-olds", approve=False
    )
    teacher.looks("outline")
    say(page, "Good. Write it with Ada, slides on the right")
    page.locator(".writing p").nth(4).wait_for()
    teacher.looks("writing")
    page.locator("#proposal").wait_for()
    teacher.looks("plan")
    page.get_by_role("button", name="Approve").click()
    page.locator(".card").first.wait_for()
    teacher.renders()
    teacher.asks("make the ending a bit kinder to the trees")
    corrects(teacher)
    teacher.looks("end")
    judged(teacher)
