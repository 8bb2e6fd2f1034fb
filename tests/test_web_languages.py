"""The page in each of its languages in a real browser: nothing is left in English, cut off or too wide."""

import re

import fakes
import pytest
from browsers import chromium, running, visit
from pages import settings_in

from presenter.settings import ROOT
from presenter.studio import Studio
from presenter.web.phrases import tables
from presenter.web.words import NAMES, read

WORDS = ROOT / "assets" / "web" / "words"
PHRASES = ROOT / "assets" / "web" / "phrases"
OTHERS = [code for code in NAMES if code != "en"]
pytestmark = pytest.mark.browser

TEXTS = """() => {
  const found = new Set(), root = document.querySelector("#studio");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const hidden = walker.currentNode.parentElement.closest("[hidden], template, script, style, [lang=en]");
    if (!hidden) found.add(walker.currentNode.data.trim());
  }
  for (const name of ["aria-label", "placeholder", "alt"])
    for (const one of root.querySelectorAll(`[${name}]`)) found.add(one.getAttribute(name));
  return [...found];
}"""
"""What is read or heard on the page, piece by piece."""

CUT = """() => [...document.querySelectorAll("#studio :is(button, h1, h2, nav a, label > span)")]
  .filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).overflow !== "visible")
  .filter((one) => getComputedStyle(one).position !== "absolute")
  .map((one) => one.textContent.trim())"""
"""Labels of which a part is not seen."""


@pytest.fixture(scope="module")
def browser():
    with chromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream") as browser:
        yield browser


def english(code):
    """Regular expressions of the English texts that are others in that language."""
    first, other = read(WORDS / "en.toml"), read(WORDS / f"{code}.toml")
    for name, said in first.items():
        here = other[name]
        for form, text in {"": said}.items() if isinstance(said, str) else said.items():
            same = here if isinstance(here, str) else here.get(form)
            if same != text and re.search("[A-Za-z]{3}", re.sub(r"\{\w+\}", "", text)):
                yield re.compile(".+".join(re.escape(part) for part in re.split(r"\{\w+\}", text)))
    for text in tables(PHRASES):
        if re.search(r"[A-Za-z]{4}.* ", re.sub(r"\{\d\}", "", text)):
            yield re.compile(".+".join(re.escape(part) for part in re.split(r"\{\d\}", text)))


def left(page, code):
    """Texts on the page that are English ones."""
    own = {text for text in read(WORDS / f"{code}.toml").values() if isinstance(text, str)}
    shown, patterns = set(page.evaluate(TEXTS)) - own, list(english(code))
    return sorted(text for text in shown if any(pattern.fullmatch(text) for pattern in patterns))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        fakes.install(patch)
        with running(Studio(settings_in(tmp_path_factory.mktemp("home")))) as address:
            yield address


def check(page, code):
    assert left(page, code) == []
    assert page.evaluate(CUT) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("code", OTHERS)
def test_every_view_a_lesson_and_an_enrolment_are_in_the_language_and_fit_a_phone(browser, code, address):
    page = visit(browser, address, 390, 844)
    page.locator("select[data-language]").select_option(code)
    page.locator(f"[data-place=app][lang={code}]").wait_for()
    for view in ("library", "verify", "house", "people"):
        page.goto(f"{address}/#{view}")
        page.locator(f"[data-place=view][data-view={view}]").wait_for()
        page.wait_for_function("!document.querySelector('[data-poll=home], [data-poll=doctor]')")
        check(page, code)
    form = page.locator("form[data-post=enrolments]")
    form.locator("[name=name]").fill(f"Ada {code}")
    form.locator("[name=person]").fill("Ada Example")
    form.locator("[name=agreed]").check()
    form.locator("button[type=submit]").click()
    page.locator("[data-screen=booth]").wait_for()
    check(page, code)
    page.goto(f"{address}/#lesson/new")
    page.locator("#say").wait_for()
    check(page, code)
    page.locator("#say").fill("# Plants\n\nPlants eat light.\n\n# Water\n\nThey need water.")
    page.locator("#say").press("Enter")
    page.locator("#proposal").wait_for()
    check(page, code)
    page.locator("#proposal button.primary").click()
    page.locator(".card").first.wait_for()
    check(page, code)
    page.context.close()
