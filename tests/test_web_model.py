"""The page with a language model: its words are seen as they come, and whatever it does is told clearly."""

import threading
import time

import pytest
from openai_server import Scripted
from pages import LESSON, opened, place, settings_in

from presenter.studio import Studio

pytest.importorskip("pydantic_ai")

WISH = "make the part with the roots a bit friendlier, would you"
"""Something that the command grammar does not know."""
WRITTEN = ("new_lesson", {"text": "# Bees\n\n" + "Bees fly from flower to flower. " * 12})


class Held:
    """Holds an answer back after its first pieces until it is let go."""

    def __init__(self):
        self.pieces, self.go = 0, threading.Event()

    def __call__(self):
        self.pieces += 1
        if self.pieces > 6:
            self.go.wait(20)


@pytest.fixture
def talking(tmp_path, monkeypatch, request):
    """The page with a scripted model, which may be silent for as long as a test says."""
    seconds = getattr(request, "param", 30.0)
    with Scripted([]) as model:
        settings = settings_in(tmp_path, chat_url=model.url, chat_model="tiny", chat_seconds=seconds)
        with opened(Studio(settings), monkeypatch) as page:
            yield page, model


def answered(page, lesson, shown, until=""):
    """What is shown when an answer is there, or as soon as these words are."""
    end = time.monotonic() + 30
    while "data-place='writing'" in shown and not (until and until in shown):
        assert time.monotonic() < end, shown
        time.sleep(0.05)
        shown = page.get(f"lessons/{lesson}/reply").text
    return shown


def test_the_words_of_a_model_are_shown_as_they_come(talking):
    page, model = talking
    model.script, model.pause = (
        ["Plants make their own food, and they need nothing but light for it."],
        Held(),
    )
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text=WISH).text
    assert "The language model is writing" in shown
    assert "friendlier" in shown
    assert "light" not in answered(page, lesson, shown, "Plants make their own")
    model.pause.go.set()
    assert "nothing but light for it." in place(answered(page, lesson, shown), "talk")


def test_a_lesson_is_seen_while_it_is_written_and_waits_for_approval(talking):
    page, model = talking
    model.script, model.pause = [WRITTEN, "A lesson about bees."], Held()
    onward = page.post("lessons", text="Make a lesson about bees").headers["X-Presenter-Goto"]
    lesson = onward.removeprefix("lesson/")
    shown = page.get(f"view/{onward}").text
    assert "# Bees" in answered(page, lesson, shown, "Bees fly")
    model.pause.go.set()
    assert f"lessons/{lesson}/approve" in answered(page, lesson, shown)
    assert page.kept(lesson).source == ""


@pytest.mark.parametrize("talking", [1.0], indirect=True)
@pytest.mark.parametrize(
    ("steps", "code", "told"),
    [
        ([b"{nonsense"] * 4, "E-CHAT-", "language model"),
        ([("replace", "{nonsense")] * 4, "E-CHAT-NONSENSE", "made no sense"),
        ([5.0] * 4, "E-CHAT-TIME", "took too long"),
        ([429] * 4, "E-CHAT-BUSY", "too much to do"),
        ([401], "E-CHAT-KEY", "does not accept the key"),
        (["(filtered)"], "E-CHAT-REFUSED", "declined"),
    ],
    ids=["no protocol", "no arguments", "silence", "overloaded", "wrong key", "refusal"],
)
def test_a_model_that_fails_is_told_in_the_conversation_and_nothing_is_lost(talking, steps, code, told):
    page, model = talking
    model.script = list(steps)
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text=WISH).text
    talk = place(answered(page, lesson, shown), "talk")
    assert code in talk
    assert told in talk
    assert "friendlier" in talk
    assert page.kept(lesson).source == LESSON
    assert ("Send it again" in talk) == (code not in ("E-CHAT-KEY", "E-CHAT-REFUSED"))


def test_a_second_message_waits_for_the_answer_to_the_first(talking):
    page, model = talking
    model.script, model.pause = ["One word comes after the other until all of them are there."], Held()
    lesson = page.lesson()
    first = page.post(f"lessons/{lesson}/messages", text=WISH).text
    refused = page.post(f"lessons/{lesson}/messages", text="slower")
    assert refused.status_code == 422
    assert "E-CHAT-WAIT" in refused.text
    model.pause.go.set()
    assert "all of them are there." in answered(page, lesson, first)


def test_a_message_that_a_restart_left_without_an_answer_can_be_sent_again(talking):
    page, _ = talking
    lesson = page.lesson()
    kept = page.chat()
    kept._shelf.tell(lesson, kept._owner, "user", WISH)
    shown = page.get(f"view/lesson/{lesson}").text
    assert "Send it again" in place(shown, "talk")


def test_the_model_is_told_what_was_said_before(talking):
    page, model = talking
    model.script = ["First the roots, then the leaves.", "Gladly."]
    lesson = page.lesson()
    for message in ("Give me ideas for the order of things", WISH):
        answered(page, lesson, page.post(f"lessons/{lesson}/messages", text=message).text)
    prompt = str(model.seen[-1][0]["messages"])
    assert "teacher: Give me ideas" in prompt
    assert "you: First the roots, then the leaves." in prompt
