"""Lessons on the page: talking, approving, writing, undoing, rendering; each browser its own."""

import html
import re
import time

import fakes
import pytest
from pages import LESSON, THEIRS, opened, place, settings_in

from presenter.director import LESSON as ALL
from presenter.director import Answer, Choice, Insert, Proposal, Question, Refusal, Replace, Request
from presenter.studio import Studio

ONE_MORE = Proposal((Insert("sentence", "They also need air.", "last", ALL),), "A sentence at the end.")


@pytest.fixture
def studio(tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(settings_in(tmp_path))


@pytest.fixture
def page(studio, monkeypatch):
    with opened(studio, monkeypatch) as page:
        yield page


@pytest.fixture
def working(studio, monkeypatch):
    with opened(studio, monkeypatch, works=True) as page:
        yield page


@pytest.fixture
def understood(monkeypatch):
    """What the director answers next; the messages that it was asked are noted."""
    replies, asked = [], []

    def understand(message, context):
        asked.append((message, context))
        return replies.pop(0) if replies else Answer("I did not understand that.")

    monkeypatch.setattr("presenter.director.understand", understand)
    replies.append(ONE_MORE)
    return replies, asked


# --- talking ------------------------------------------------------------------------------------


def test_at_the_first_visit_there_is_a_sample_and_three_things_to_try(page):
    shown = page.get("start").text
    assert len(re.findall("class='try'", shown)) == 3
    assert "web/welcome.jpg" in shown
    assert "AI-generated" in shown


def test_a_message_changes_nothing_until_it_is_approved(page, understood):
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text="Say that they need air").text
    assert "They also need air." in shown
    assert "Approve" in shown
    assert page.kept(lesson).source == LESSON
    page.post(f"lessons/{lesson}/approve")
    assert "They also need air." in page.kept(lesson).source


def test_a_proposal_shows_its_changes_marked_by_more_than_colour_and_its_price(page, understood):
    replies, _ = understood
    lesson = page.lesson()
    script = page.studio.parse(LESSON)
    replies[:] = [Proposal((Replace(script.segments[0].id, "Plants drink light."),), "Other words.")]
    shown = page.post(f"lessons/{lesson}/messages", text="drink instead of eat").text
    assert re.search("<del><span class='unseen'>\\[goes: </span>eat", shown)
    assert re.search("<ins><span class='unseen'>\\[comes: </span>drink", shown)
    assert re.search("about \\d+:\\d\\d of video · about \\d+ s to render · 0 of 3 sentences reused", shown)


def test_a_discarded_proposal_is_gone_and_the_lesson_as_it_was(page, understood):
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/messages", text="more")
    page.post(f"lessons/{lesson}/discard")
    assert "E-CHAT-NOTHING" in page.post(f"lessons/{lesson}/approve").text
    assert page.kept(lesson).source == LESSON


def test_a_message_before_there_is_a_lesson_begins_one(page, understood):
    replies, asked = understood
    replies[:] = [Proposal((Replace(ALL, LESSON),), "A new lesson.", fresh=True)]
    answer = page.post("lessons", text="Make a lesson about plants")
    lesson = answer.headers["X-Presenter-Goto"].removeprefix("lesson/")
    assert page.kept(lesson).source == ""
    page.post(f"lessons/{lesson}/approve")
    assert page.kept(lesson).source == LESSON
    assert asked[0][1].script is None


def test_a_new_lesson_is_shown_as_an_outline_with_its_settings_by_name(page, understood):
    replies, _ = understood
    settings = "---\nlanguage: de\nlayout: pip-left\nportrait: ada\n---\n"
    replies[:] = [Proposal((Replace(ALL, settings + LESSON),), "A new lesson.", fresh=True)]
    answer = page.post("lessons", text="Make a lesson about plants")
    shown = page.get(f"view/{answer.headers['X-Presenter-Goto']}").text
    assert "New lesson: 2 slides · 3 sentences" in shown
    assert "Language: German" in shown
    assert "Layout: Slide, presenter bottom left" in shown
    assert "Who speaks: Ada" in shown
    assert re.search("Leaves</span> <span class='small'>1 sentence</span>.*<p dir='auto'>Leaves are", shown)


def test_what_changes_on_a_slide_is_shown_without_its_markdown(page, understood):
    replies, _ = understood
    lesson = page.lesson()
    slide = page.studio.parse(LESSON).slides[1].id
    replies[:] = [Proposal((Insert("item", "Green", "last", slide),), "An item.")]
    shown = place(page.post(f"lessons/{lesson}/messages", text="green").text, "talk")
    assert "• Green" in shown
    assert "# " not in shown


@pytest.mark.parametrize(
    ("action", "told"),
    [("estimate", "s to render"), ("download", "s to render"), ("verify", "#verify"), ("enrol", "#people")],
)
def test_what_needs_no_click_is_answered_at_once(page, understood, action, told):
    replies, _ = understood
    replies[:] = [Request(action, "What was asked for.")]
    shown = page.post(f"lessons/{page.lesson()}/messages", text="tell me").text
    assert told in place(shown, "talk")


def test_a_lesson_of_its_own_leaves_the_present_one_as_it_is(page, understood):
    replies, _ = understood
    replies[:] = [Proposal((Replace(ALL, "# Bees\n\nBees fly."),), "A new lesson.", fresh=True)]
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/messages", text="Make a lesson about bees")
    onward = page.post(f"lessons/{lesson}/approve").headers["X-Presenter-Goto"]
    assert page.kept(lesson).source == LESSON
    assert page.kept(onward.removeprefix("lesson/")).source == "# Bees\n\nBees fly."


def test_a_question_offers_its_choices_and_choosing_one_goes_on(page, understood):
    replies, _ = understood
    replies[:] = [Question("Where?", (Choice("At the end", ONE_MORE), Choice("Nowhere", Answer("Fine."))))]
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text="air").text
    assert "At the end" in shown
    shown = page.post(f"lessons/{lesson}/choose", choice="1").text
    assert "They also need air." in shown
    assert page.kept(lesson).source == LESSON


def test_a_refusal_is_shown_with_its_code(page, understood):
    replies, _ = understood
    replies[:] = [Refusal("E-POLICY-IMPERSONATION", "That is not done.")]
    shown = page.post(f"lessons/{page.lesson()}/messages", text="Be the president").text
    assert "That is not done." in shown
    assert "E-POLICY-IMPERSONATION" in shown


def test_asking_for_a_video_renders_nothing_before_a_click(page, understood):
    replies, _ = understood
    replies[:] = [Request("render", "The video is to be made.")]
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text="render it").text
    assert f"lessons/{lesson}/confirm" in shown
    assert page.studio.jobs(None) == ()
    page.post(f"lessons/{lesson}/confirm")
    assert len(page.studio.jobs(None)) == 1


def test_what_people_write_is_escaped_everywhere(page, understood):
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text="<script>alert(1)</script>").text
    bad = "# It's <img src=x onerror=1>\n\nHello.</textarea>"
    page.write(lesson, bad)
    shown += page.get(f"view/lesson/{lesson}").text
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown
    assert "Hello.</textarea>" not in shown
    assert html.escape("<script>alert(1)</script>") in shown


def test_what_was_heard_stands_in_the_message_field_and_is_not_sent(page, monkeypatch):
    monkeypatch.setattr("presenter.web.lessons.hear", lambda *_: "slower on <slide> two")
    shown = page.hand("lessons/heard", b"RIFF", "blob").text
    assert "data-into='say' data-add='slower on &lt;slide&gt; two'" in shown
    assert page.chat().lessons() == ()


def test_the_chat_listens_only_in_a_language_that_is_understood(page, monkeypatch):
    monkeypatch.setattr("presenter.web.chat.can_hear", lambda language: language == "en")
    assert "data-record" in page.get("start").text
    assert "data-record" not in page.get("start", **{"X-Presenter-Language": "de"}).text


# --- writing ------------------------------------------------------------------------------------


def test_what_is_written_by_hand_is_kept_at_once(page):
    lesson = page.lesson()
    shown = page.write(lesson, LESSON + "\n\nMore.").text
    assert page.kept(lesson).source.endswith("More.")
    assert "4 sentences" in place(shown, "hints")


def test_two_windows_do_not_overwrite_each_other(page):
    lesson = page.lesson()
    seen = page.version(lesson)
    page.post(f"lessons/{lesson}/source", source="Mine.", version=seen)
    answer = page.post(f"lessons/{lesson}/source", source="Yours.", version=seen)
    assert "E-LESSON-STALE" in answer.text
    assert page.kept(lesson).source == "Mine."


def test_a_text_that_cannot_be_read_is_kept_and_what_is_wrong_is_said(page):
    lesson = page.lesson()
    shown = page.write(lesson, "Hello [pause 99999] there.").text
    assert "E-SCRIPT-PAUSE" in place(shown, "hints")
    assert "role='alert'" not in shown
    assert page.kept(lesson).source == "Hello [pause 99999] there."


def test_undo_and_redo_go_back_and_forth_and_restoring_loses_nothing(page):
    lesson = page.lesson("One.")
    for text in ["Two.", "Three."]:
        page.write(lesson, text)
    page.post(f"lessons/{lesson}/undo")
    assert page.kept(lesson).source == "Two."
    page.post(f"lessons/{lesson}/redo")
    assert page.kept(lesson).source == "Three."
    page.post(f"lessons/{lesson}/restore", version="1")
    assert page.kept(lesson).source == "One."
    assert len(page.chat().versions(lesson)) == 3
    page.post(f"lessons/{lesson}/restore", version="3")
    assert page.kept(lesson).source == "Three."


def test_a_setting_a_layout_and_the_order_of_slides_are_edits_of_the_text(page):
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/settings", portrait="ben")
    assert page.studio.parse(page.kept(lesson).source).setting("portrait") == "ben"
    slide = page.studio.parse(page.kept(lesson).source).slides[1].id
    page.post(f"lessons/{lesson}/move", slide=slide, way="earlier")
    titles = [one.title for one in page.studio.parse(page.kept(lesson).source).slides]
    assert titles == ["Leaves", "Plants"]
    slide = page.studio.parse(page.kept(lesson).source).slides[0].id
    page.post(f"lessons/{lesson}/layout?slide={slide}", layout="side-by-side")
    assert "[layout side-by-side]" in page.kept(lesson).source


def test_a_setting_that_the_page_does_not_offer_is_not_set(page):
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/settings", title="Other", label="off")
    assert page.kept(lesson).source == LESSON


def test_slides_are_shown_as_cards_with_their_pictures(page):
    lesson = page.lesson()
    shown = page.get(f"view/lesson/{lesson}").text
    assert len(re.findall("<li class='card'", shown)) == 2
    address = html.unescape(re.search("<img class='slide'[^>]* src='([^']+)'", shown)[1])
    picture = page.client.get("/" + address)
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.content[:2] == b"\xff\xd8"
    assert page.client.get("/lessons/browser-x/" + "x" * 22 + "/slides/s?layout=full").status_code == 422


# --- rendering ----------------------------------------------------------------------------------


def test_a_lesson_is_rendered_and_the_next_change_costs_one_sentence(working, understood):
    lesson = working.lesson()
    assert "data-poll" in working.post(f"lessons/{lesson}/make").text
    shown = working.made(lesson)
    assert "<track kind='captions'" in shown
    assert " default>" in shown
    assert re.search("data-seek='0.00'.*Plants.*data-seek", shown)
    assert "all of it is made" in shown
    assert len(re.findall("class='state done'", shown)) == 2
    replies, _ = understood
    sentence = working.studio.parse(LESSON).segments[0].id
    replies[:] = [Proposal((Replace(sentence, "Plants drink light."),), "Other words.")]
    address = re.search(r" src='(media/[\w-]{22}/[^']+\.mp4)'", shown)[1]
    assert working.client.get(f"/{address}").content[4:8] == b"ftyp"
    proposal = working.post(f"lessons/{lesson}/messages", text="air").text
    assert re.search(r"(\d) of 3 sentences reused", proposal)[1] == "2"


def test_finished_sentences_can_be_watched_while_the_rest_is_made(working):
    lesson = working.lesson()
    working.post(f"lessons/{lesson}/make")
    working.made(lesson)
    job = working.job(lesson)
    clip = working.client.get(f"/media/{job}/early/0.mp4")
    assert clip.status_code == 200
    assert clip.content[4:8] == b"ftyp"
    assert working.client.get(f"/media/{job}/early/9.mp4").status_code == 422


def test_a_question_is_answered_in_writing_and_then_as_a_video_that_is_no_video_of_the_lesson(working):
    lesson = working.lesson()
    shown = working.post(f"lessons/{lesson}/messages", text="What do plants eat?").text
    assert "<p>Plants eat light.</p>" in shown
    assert "Show it as a video" in shown
    assert working.studio.jobs(None) == ()  # nothing is made without a click
    asked = working.post(f"lessons/{lesson}/answer").text
    assert f"data-poll='lessons/{lesson}/answer'" in asked
    end = time.monotonic() + 60
    while "data-poll" in (shown := working.get(f"lessons/{lesson}/answer").text):
        assert time.monotonic() < end, shown
        time.sleep(0.1)
    assert "<track kind='captions'" in place(shown, "answer-player")
    (job,) = working.studio.jobs(None)
    assert job.title == "What do plants eat?"
    stage, _, _ = working.get(f"lessons/{lesson}/progress").text.partition("data-place='making'")
    assert "<video" not in stage


def test_what_no_sentence_of_the_lesson_tells_is_not_offered_as_a_video(page):
    lesson = page.lesson()
    shown = page.post(f"lessons/{lesson}/messages", text="Who won the match?").text
    assert "I did not understand" in shown
    assert "Show it as a video" not in shown
    page.post(f"lessons/{lesson}/answer")
    assert page.studio.jobs(None) == ()


def test_a_cancelled_render_says_so_and_can_be_made_again(page):
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/make")
    shown = page.post(f"lessons/{lesson}/cancel").text
    assert "data-poll" not in shown
    assert "Make the video" in shown


def test_a_lesson_that_cannot_be_rendered_makes_no_job(page):
    lesson = page.lesson()
    page.write(lesson, "Hello [pause 99999] there.")
    answer = page.post(f"lessons/{lesson}/make")
    assert answer.status_code == 422
    assert "E-SCRIPT-PAUSE" in answer.text
    assert page.studio.jobs(None) == ()


# --- whose it is --------------------------------------------------------------------------------


def test_lessons_of_another_browser_do_not_exist(page):
    lesson = page.lesson(key=THEIRS)
    for path in (f"view/lesson/{lesson}", f"lessons/{lesson}/progress"):
        answer = page.get(path)
        assert answer.status_code == 422
        assert "E-LESSON-UNKNOWN" in answer.text
    for action in ("messages", "approve", "source", "make", "undo", "delete", "cancel", "answer"):
        assert page.post(f"lessons/{lesson}/{action}", text="x", source="x").status_code == 422
    assert page.kept(lesson, THEIRS).source == LESSON
    assert lesson not in page.get("start").text


def test_without_a_key_nothing_is_answered(page):
    answer = page.client.get("/studio/start")
    assert answer.status_code == 422
    assert "E-KEY" in answer.text


def test_a_restart_of_the_server_loses_nothing(studio, monkeypatch, understood):
    with opened(studio, monkeypatch) as page:
        lesson = page.lesson()
        page.post(f"lessons/{lesson}/messages", text="air")
    with opened(Studio(studio.settings), monkeypatch) as page:
        shown = page.get("start?view=lesson").text
        assert f"lessons/{lesson}/approve" in shown
        page.post(f"lessons/{lesson}/approve")
        assert "They also need air." in page.kept(lesson).source


def test_a_deleted_lesson_is_gone(page):
    lesson = page.lesson()
    page.post(f"lessons/{lesson}/delete")
    assert page.get(f"view/lesson/{lesson}").status_code == 422
    assert page.chat().lessons() == ()


def test_only_own_videos_stand_in_the_library_and_can_be_deleted(working):
    lesson = working.lesson()
    working.post(f"lessons/{lesson}/make")
    working.made(lesson)
    job = working.job(lesson)
    library = working.get("view/library").text
    assert "class='film'" in library
    assert f"href='#lesson/{lesson}'>Open the lesson" in library
    assert "Version 1" in library
    assert "class='film'" not in working.get("view/library", THEIRS).text
    assert "class='film'" in working.get("library?q=plan").text
    assert "class='film'" not in working.get("library?q=moon").text
    transcript = working.get(f"library/{job}/forms/transcript")
    assert "Plants eat light." in transcript.text
    assert "attachment" in transcript.headers["content-disposition"]
    assert working.get(f"library/{job}/forms/transcript", THEIRS).status_code == 422
    assert "E-EXPORT-FORM" in working.get(f"library/{job}/forms/captions").text
    assert working.post(f"library/{job}/delete", THEIRS).status_code == 422
    shared = working.client.get(f"/watch/{job}")
    assert "script-src 'none'" in shared.headers["content-security-policy"]
    assert "AI-generated" in shared.text
    working.post(f"library/{job}/delete")
    assert working.client.get(f"/watch/{job}").status_code == 422
    assert "class='film'" not in working.get("view/library").text
