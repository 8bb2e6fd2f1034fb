"""The page with a language model: its words are seen as they come, and whatever it does is told clearly."""

import time

import pytest
from openai_server import Scripted
from pages import LESSON, opened, place, settings_in

from presenter.studio import Studio

pytest.importorskip("pydantic_ai")

WISH = "make the part with the roots a bit friendlier, would you"
"""Something that the command grammar does not know."""
WRITTEN = ("new_lesson", {"text": "# Bees\n\n" + "Bees fly from flower to flower. " * 12})


@pytest.fixture
def talking(tmp_path, monkeypatch):
    """The page with a scripted model; the pieces of its answers come slowly."""
    with Scripted([], pause=0.05) as model:
        settings = settings_in(tmp_path, chat_url=model.url, chat_model="tiny", chat_seconds=0.5)
        with opened(Studio(settings), monkeypatch) as page:
            yield page, model


def answered(page, lesson, shown):
    """All that is shown until an answer is there, and the last of it."""
    seen, end = [shown], time.monotonic() + 30
    while "data-place='writing'" in seen[-1]:
        assert time.monotonic() < end, seen[-1]
        time.sleep(0.05)
        seen.append(page.get(f"lessons/{lesson}/reply").text)
    return seen


def test_the_words_of_a_model_are_shown_as_they_come(talking):
    page, model = talking
    model.script = ["Plants make their own food, and they need nothing but light, water and air for it."]
    lesson = page.lesson()
    seen = answered(page, lesson, page.post(f"lessons/{lesson}/messages", text=WISH).text)
    assert "The language model is writing" in seen[0]
    assert "friendlier" in seen[0]
    assert any("Plants make their own" in one and "water and air" not in one for one in seen[:-1])
    assert "water and air for it." in place(seen[-1], "talk")


def test_a_lesson_is_seen_while_it_is_written_and_waits_for_approval(talking):
    page, model = talking
    model.script = [WRITTEN, "A lesson about bees."]
    onward = page.post("lessons", text="Make a lesson about bees").headers["X-Presenter-Goto"]
    lesson = onward.removeprefix("lesson/")
    seen = answered(page, lesson, page.get(f"view/{onward}").text)
    assert any("# Bees" in one for one in seen[:-1])
    assert f"lessons/{lesson}/approve" in seen[-1]
    assert page.kept(lesson).source == ""


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
    seen = answered(page, lesson, page.post(f"lessons/{lesson}/messages", text=WISH).text)
    talk = place(seen[-1], "talk")
    assert code in talk
    assert told in talk
    assert "friendlier" in talk
    assert page.kept(lesson).source == LESSON
    assert ("Send it again" in talk) == (code not in ("E-CHAT-KEY", "E-CHAT-REFUSED"))


def test_a_second_message_waits_for_the_answer_to_the_first(talking):
    page, model = talking
    model.script = ["One word after the other comes, and it takes a while until all of them are there."]
    lesson = page.lesson()
    first = page.post(f"lessons/{lesson}/messages", text=WISH).text
    refused = page.post(f"lessons/{lesson}/messages", text="slower")
    assert refused.status_code == 422
    assert "E-CHAT-WAIT" in refused.text
    answered(page, lesson, first)


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
