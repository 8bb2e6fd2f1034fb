"""Pronunciations of an installation: kept, found, forgotten, and what is refused."""

from __future__ import annotations

import json

import pytest

from presenter import pronunciations
from presenter.cli import main
from presenter.errors import InputError, SetupError
from presenter.pronunciations import add, chosen, entries, remove
from presenter.types import Entry


def test_nothing_is_kept_at_first(tmp_path):
    assert entries(tmp_path / "nowhere") == ()


def test_words_are_kept_sorted_those_of_every_language_first(tmp_path):
    add(tmp_path, "Chef", "/ʃɛf/", "German")
    add(tmp_path, "SQL", "sequel")
    add(tmp_path, "tomato", "tuh-MAY-toe")
    assert entries(tmp_path) == (
        Entry("SQL", "sequel"),
        Entry("tomato", "tuh-MAY-toe"),
        Entry("Chef", "/ʃɛf/", "de"),
    )
    assert [path.name for path in tmp_path.iterdir()] == [pronunciations.FILE]


def test_a_word_takes_the_place_of_what_it_was(tmp_path):
    add(tmp_path, "SQL", "sequel")
    add(tmp_path, "SQL", "ess queue ell")
    assert entries(tmp_path) == (Entry("SQL", "ess queue ell"),)


def test_quotes_and_signs_survive_the_file(tmp_path):
    add(tmp_path, 'a "b" = c\\d', "e # 'f'")
    assert entries(tmp_path) == (Entry('a "b" = c\\d', "e # 'f'"),)


def test_a_word_is_forgotten_in_one_language_or_in_all(tmp_path):
    for language in ("", "de", "fr"):
        add(tmp_path, "Chef", "/ʃɛf/", language)
    assert remove(tmp_path, "Chef", "de") == (Entry("Chef", "/ʃɛf/", "de"),)
    assert len(remove(tmp_path, "Chef")) == 2
    assert entries(tmp_path) == ()


def test_an_unknown_word_is_answered_with_its_nearest(tmp_path):
    add(tmp_path, "tomato", "tuh-MAY-toe")
    with pytest.raises(InputError) as caught:
        remove(tmp_path, "tomatoe")
    assert caught.value.code == "E-PRONOUNCE-UNKNOWN"
    assert caught.value.hint == 'Did you mean "tomato"?'


@pytest.mark.parametrize(
    ("word", "say", "language", "code"),
    [
        ("", "x", "", "E-PRONOUNCE-WORD"),
        ("...", "x", "", "E-PRONOUNCE-WORD"),
        ("w" * 81, "x", "", "E-PRONOUNCE-WORD"),
        ("word", "", "", "E-PRONOUNCE-SAY"),
        ("word", "/t3/", "", "E-PRONOUNCE-SAY"),
        ("word", "s" * 121, "", "E-PRONOUNCE-SAY"),
        ("word", "say", "klingonish", "E-PRONOUNCE-LANG"),
    ],
)
def test_what_cannot_be_kept_is_refused(tmp_path, word, say, language, code):
    with pytest.raises(InputError) as caught:
        add(tmp_path, word, say, language)
    assert caught.value.code == code
    assert caught.value.hint
    assert entries(tmp_path) == ()


@pytest.mark.parametrize(
    "content", ["[all", "SQL = 'sequel'", "[all]\nSQL = 1", "[klingonish]\na = 'b'", b"\xff"]
)
def test_a_file_that_was_broken_by_hand_is_told(tmp_path, content):
    (tmp_path / pronunciations.FILE).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SetupError) as caught:
        entries(tmp_path)
    assert caught.value.code == "E-CONFIG-FILE"
    assert str(tmp_path) not in str(caught.value)


def test_an_entry_of_a_language_holds_for_its_regions_and_later_entries_win():
    known = (Entry("a", "one"), Entry("a", "two", "en"), Entry("b", "three", "de"))
    assert chosen(known, "en-GB") == {"a": "two"}
    assert chosen(known, "de") == {"a": "one", "b": "three"}
    assert chosen((*known, Entry("a", "four")), "en") == {"a": "four"}


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs ``presenter pronounce`` with a home of its own; returns exit status, output and complaints."""
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path))

    def command(*arguments):
        status = main(["pronounce", *arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return command


def test_the_command_line_adds_lists_and_removes(run):
    assert run("list")[1].startswith("No words yet.")
    assert run("add", "Chef", "/ʃɛf/", "--language", "de") == (0, "de    Chef  /ʃɛf/\n", "")
    assert run("add", "SQL", "sequel")[0] == 0
    assert run("list")[1] == "all   SQL  sequel\nde    Chef  /ʃɛf/\n"
    assert json.loads(run("list", "--json")[1])[0] == {"word": "SQL", "say": "sequel", "language": ""}
    assert run("remove", "SQL")[0] == 0
    assert run("list")[1] == "de    Chef  /ʃɛf/\n"


def test_the_command_line_refuses_in_one_line(run):
    status, _, complaint = run("add", "tomato", "/t3/")
    assert status == 2
    assert complaint.startswith('E-PRONOUNCE-SAY: What is to be said for "tomato" holds "3"')
    assert complaint.count("\n") == 1
