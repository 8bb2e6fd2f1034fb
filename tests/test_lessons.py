"""Lessons that are worked on: two tabs, undo without end, and nothing that a message does by itself."""

import threading

import pytest

from presenter import lessons
from presenter.errors import InputError, PresenterError
from presenter.lessons import Shelf
from presenter.settings import Settings
from presenter.studio import Studio
from presenter.types import RATE

SOURCE = "# Leaves\n\nLeaves are green. They catch light.\n\n## Roots\n\nRoots drink water."


@pytest.fixture
def studio(tmp_path):
    return Studio(Settings(home=tmp_path))


@pytest.fixture
def chat(studio):
    return studio.chat("ada")


@pytest.fixture
def lesson(chat):
    return chat.begin(SOURCE)


def test_a_message_proposes_and_only_approval_changes_the_lesson(chat, lesson):
    told = chat.propose(lesson.id, "delete slide 2")
    assert told.reply.summary == "Delete slide 2, “Roots”."
    assert [(one.kind, one.what) for one in told.difference.changes] == [
        ("removed", "slide"),
        ("removed", "sentence"),
    ]
    assert chat.lesson(lesson.id).source == SOURCE
    after = chat.approve(lesson.id)
    assert after.source == "# Leaves\n\nLeaves are green. They catch light.\n"
    assert after.pending is None
    assert [one.summary for one in chat.versions(lesson.id)] == ["", "Delete slide 2, “Roots”."]


def test_yes_is_a_request_that_the_door_carries_out(chat, lesson):
    chat.propose(lesson.id, "delete slide 2")
    assert chat.propose(lesson.id, "yes").reply.action == "approve"


def test_it_and_the_same_go_back_to_what_was_approved_last(chat, lesson):
    chat.propose(lesson.id, "slower on slide 1")
    chat.approve(lesson.id)
    told = chat.propose(lesson.id, "the same for slide 2")
    assert [(one.name, one.value) for one in told.reply.edits] == [("speed", "0.85")]
    chat.discard(lesson.id)
    chat.undo(lesson.id)
    assert chat.propose(lesson.id, "the same for slide 2").reply.kind == "question"


def test_undo_and_redo_go_back_and_forth_without_end(chat, lesson):
    sources = [SOURCE, *(chat.save(lesson.id, f"{SOURCE} More {number}.").source for number in range(5))]
    for source in reversed(sources[:-1]):
        assert chat.undo(lesson.id).source == source
    with pytest.raises(InputError, match="E-LESSON-UNDO"):
        chat.undo(lesson.id)
    for source in sources[1:]:
        assert chat.redo(lesson.id).source == source
    with pytest.raises(InputError, match="E-LESSON-REDO"):
        chat.redo(lesson.id)


def test_an_edit_after_an_undo_loses_nothing(chat, lesson):
    chat.save(lesson.id, f"{SOURCE} One.")
    chat.undo(lesson.id)
    chat.save(lesson.id, f"{SOURCE} Two.")
    assert [one.parent for one in chat.versions(lesson.id)] == [0, 1, 1]
    assert chat.restore(lesson.id, 2).source == f"{SOURCE} One."
    assert chat.undo(lesson.id).source == SOURCE
    assert chat.redo(lesson.id).source == f"{SOURCE} Two."


def test_versions_have_names(chat, lesson):
    chat.call(lesson.id, 1, "  for the  parents ")
    assert chat.versions(lesson.id)[0].name == "for the parents"
    with pytest.raises(InputError, match="E-LESSON-VERSION"):
        chat.call(lesson.id, 9, "x")


def test_the_second_tab_is_told_that_it_is_late(chat, lesson):
    chat.save(lesson.id, f"{SOURCE} One.", lesson.revision)
    with pytest.raises(InputError, match="E-LESSON-STALE"):
        chat.save(lesson.id, f"{SOURCE} Two.", lesson.revision)
    assert chat.lesson(lesson.id).source == f"{SOURCE} One."


def test_of_ten_tabs_that_save_at_once_one_wins(studio, chat, lesson):
    results = []

    def save(number):
        try:
            chat.save(lesson.id, f"{SOURCE} {number} more.", lesson.revision)
            results.append("saved")
        except InputError as error:
            results.append(error.code)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["E-LESSON-STALE"] * 9 + ["saved"]
    assert len(chat.versions(lesson.id)) == 2


def test_what_was_proposed_for_an_older_text_is_gone_with_it(chat, lesson):
    chat.propose(lesson.id, "delete slide 2")
    chat.save(lesson.id, "# New\n\nQuite another text.")
    with pytest.raises(InputError, match="E-CHAT-NOTHING"):
        chat.approve(lesson.id)


def test_a_restart_loses_nothing(tmp_path, chat, lesson):
    chat.propose(lesson.id, "delete the sentence about leaves or light")
    told = chat.propose(lesson.id, "delete slide 2")
    again = Studio(Settings(home=tmp_path, port=9999)).chat("ada")  # other settings: nothing is shared
    waiting = again.waiting(lesson.id)
    assert waiting.reply == told.reply
    assert waiting.difference == told.difference
    assert [one.who for one in again.messages(lesson.id)] == ["user", "chat", "user", "chat"]
    assert again.messages(lesson.id)[-1].reply == told.reply


def test_lessons_of_others_do_not_exist(studio, lesson):
    other = studio.chat("ben")
    assert other.lessons() == ()
    for act in (
        other.lesson,
        other.undo,
        other.versions,
        other.messages,
        other.delete,
        other.approve,
        other.waiting,
        lambda name: other.propose(name, "delete slide 2"),
        lambda name: other.save(name, "Hello."),
    ):
        with pytest.raises(InputError, match="E-LESSON-UNKNOWN"):
            act(lesson.id)


def test_a_choice_of_a_question_is_taken_by_its_number(chat):
    lesson = chat.begin("Oxygen is a gas. Plants make oxygen. We breathe.")
    asked = chat.propose(lesson.id, "delete the sentence about oxygen")
    told = chat.choose(lesson.id, 2)
    assert told.reply == asked.reply.choices[1].reply
    assert chat.approve(lesson.id).source == "Oxygen is a gas. We breathe."
    with pytest.raises(InputError, match="E-CHAT-CHOICE"):
        chat.choose(lesson.id, 1)


def test_a_first_lesson_is_made_by_chat_and_a_second_leaves_the_first_alone(chat):
    lesson = chat.begin()
    assert chat.propose(lesson.id, "delete slide 1").reply.kind == "answer"
    chat.propose(lesson.id, "paste: # Volcanoes\n\nThey spit fire.")
    assert chat.approve(lesson.id).id == lesson.id
    chat.propose(lesson.id, "make a lesson about rivers")
    chat.choose(lesson.id, 1)
    second = chat.approve(lesson.id)
    assert (second.id == lesson.id, second.title) == (False, "Rivers")
    assert chat.lesson(lesson.id).title == "Volcanoes"
    assert [one.title for one in chat.lessons()] == ["Rivers", "Volcanoes"]


def test_a_proposal_that_cannot_be_carried_out_becomes_its_reason(chat):
    lesson = chat.begin("Only this.")
    told = chat.propose(lesson.id, "delete the first sentence")
    assert told.reply.code == "E-EDIT-LAST"
    assert told.lesson.pending == told.reply


def test_an_owner_keeps_so_many_lessons_and_no_more(tmp_path):
    shelf = Shelf(Settings(home=tmp_path, lessons_each=2))
    first = shelf.begin("ada")
    shelf.begin("ada")
    shelf.begin("ben")
    with pytest.raises(InputError, match="E-LESSON-MANY"):
        shelf.begin("ada")
    shelf.delete(first.id, "ada")
    assert shelf.begin("ada").source == ""


def test_a_proposal_for_another_lesson_waits_on_where_there_is_no_room_for_one(tmp_path):
    chat = Studio(Settings(home=tmp_path, lessons_each=1)).chat("ada")
    lesson = chat.begin(SOURCE)
    text = "\n".join(f"Line {number} of what I want to teach today." for number in range(8))
    told = chat.choose(lesson.id, 1) if chat.propose(lesson.id, text).reply.choices else None
    assert told.reply.fresh
    with pytest.raises(InputError, match="E-LESSON-MANY"):
        chat.approve(lesson.id)
    assert chat.lesson(lesson.id).pending == told.reply


def test_a_deleted_lesson_is_gone_with_its_pictures_and_its_transcript(tmp_path, chat, lesson):
    lesson.folder.mkdir(parents=True)
    (lesson.folder / "leaf.png").write_bytes(b"x")
    chat.propose(lesson.id, "delete slide 2")
    chat.delete(lesson.id)
    assert not lesson.folder.exists()
    assert chat.lessons() == ()


def test_a_lesson_that_cannot_be_read_is_not_saved(chat, lesson):
    with pytest.raises(InputError, match="E-SCRIPT-EMPTY"):
        chat.save(lesson.id, "# Only a heading")
    assert chat.lesson(lesson.id).source == SOURCE


def test_the_owner_is_kept_as_a_digest_only(tmp_path, chat, lesson):
    chat.save(lesson.id, "Hello there.")
    Studio(Settings(home=tmp_path)).chat("Ms Unmistakable").begin("Hello again.")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("jobs.sqlite*"))
    assert b"Hello again" in kept
    assert b"Unmistakable" not in kept


def test_a_question_is_answered_by_the_presenter_with_the_lessons_own_sentences(chat):
    lesson = chat.begin(f"---\nportrait: mei\nvoice: ruth\n---\n\n{SOURCE}")
    order = chat.answer(lesson.id, "What do the roots drink?")
    script = Studio(Settings()).parse(order.source)
    assert [one.text for one in script.segments] == ["Roots drink water."]
    assert (script.setting("portrait"), script.setting("voice")) == ("mei", "ruth")


def test_an_answer_is_said_in_the_language_of_the_lesson_and_in_the_words_that_were_written(chat, lesson):
    told = chat.propose(lesson.id, "was trinken die roots?", language="de").reply
    assert (told.text, told.question) == ("Roots drink water.", "was trinken die roots?")
    order = chat.answer(lesson.id, told.question, language="de")
    script = Studio(Settings()).parse(order.source)
    assert (script.language, script.title) == ("en", "Was trinken die roots?")
    assert [one.text for one in script.segments] == ["Roots drink water."]


def test_what_the_lesson_does_not_tell_is_not_made_up(chat, lesson):
    assert "says nothing about that" in chat.answer(lesson.id, "Who won the match?").source


def test_a_spoken_message_is_heard(tmp_path):
    pytest.importorskip("pocketsphinx")
    import soundfile

    said = Studio(Settings(home=tmp_path)).say("Delete the last slide.")
    file = tmp_path / "message.wav"
    soundfile.write(file, said.samples, RATE)
    assert lessons.can_hear("en")
    assert "the last" in lessons.hear(file)  # it errs in many words, and those heard are shown before sent


def test_without_a_recogniser_it_says_so():
    assert not lessons.can_hear("hi")
    with pytest.raises(PresenterError, match="E-CHAT-HEAR"):
        lessons.hear(b"", "hi")
