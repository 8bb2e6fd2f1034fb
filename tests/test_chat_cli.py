"""A lesson is changed on the terminal by saying what should change."""

import pytest
from openai_server import Scripted

from presenter.cli import main

SOURCE = "# Leaves\n\nLeaves are green. They catch light.\n\n## Roots\n\nRoots drink water.\n"


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    path = tmp_path / "leaves.md"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def test_a_change_is_shown_and_made_only_after_yes(lesson, capsys):
    assert main(["chat", str(lesson), "delete the last sentence of slide 1"]) == 0
    shown = capsys.readouterr().out
    assert "  - They catch light." in shown
    assert "2 sentences are reused" in shown
    assert "Nothing was changed yet" in shown
    assert lesson.read_text(encoding="utf-8") == SOURCE
    assert main(["chat", str(lesson), "delete the last sentence of slide 1", "yes"]) == 0
    assert lesson.read_text(encoding="utf-8") == SOURCE.replace(" They catch light.", "")


def test_undo_and_redo_write_the_file(lesson):
    assert main(["chat", str(lesson), "delete slide 2", "yes", "undo"]) == 0
    assert lesson.read_text(encoding="utf-8") == SOURCE
    assert main(["chat", str(lesson), "delete slide 2", "yes", "undo", "redo"]) == 0
    assert "Roots" not in lesson.read_text(encoding="utf-8")


def test_no_leaves_the_lesson_alone(lesson, capsys):
    assert main(["chat", str(lesson), "delete slide 2", "no"]) == 0
    assert "Discarded." in capsys.readouterr().out
    assert lesson.read_text(encoding="utf-8") == SOURCE


def test_a_new_lesson_is_written_where_there_was_none_and_never_over_another(lesson, capsys):
    new = lesson.with_name("new.md")
    assert main(["chat", str(new), "make a lesson about rivers", "1", "yes"]) == 0
    assert "# Rivers" in new.read_text(encoding="utf-8")
    assert main(["chat", str(lesson), "make a lesson about rivers", "1", "yes"]) == 0
    assert lesson.read_text(encoding="utf-8") == SOURCE
    assert "a new one needs its own" in capsys.readouterr().out


def test_what_a_conversation_never_does_names_the_command(lesson, capsys):
    assert main(["chat", str(lesson), "make the video"]) == 0
    assert "presenter render leaves.md -o leaves.mp4" in capsys.readouterr().out


def test_something_else_than_a_lesson_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    assert main(["chat", str(tmp_path / "deck.pptx"), "help"]) == 2
    assert "E-SCRIPT-TYPE" in capsys.readouterr().err


def test_a_language_model_is_asked_where_one_is_set(lesson, monkeypatch, capsys):
    pytest.importorskip("pydantic_ai")
    with Scripted([("replace", {"target": "2.1", "new": "Roots love water."}), "Friendlier now."]) as server:
        monkeypatch.setenv("PRESENTER_CHAT_URL", server.url)
        monkeypatch.setenv("PRESENTER_CHAT_MODEL", "tiny")
        assert main(["chat", str(lesson), "could the roots be a tad friendlier", "yes"]) == 0
    assert "Roots love water." in lesson.read_text(encoding="utf-8")
    assert "Friendlier now." in capsys.readouterr().out
