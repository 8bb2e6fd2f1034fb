"""Voices at the command line: what is read, what is said about it, and what becomes of it."""

import contextlib
import json

import pytest
from recordings import ANNA, BEN, encoded, said

from presenter import cli
from presenter.people import Enrolment, lines


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def run(capsys, *arguments):
    status = cli.main(["voices", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def read(number, name, person=ANNA):
    """Write somebody's reading of a line to a file."""
    with open(name, "wb") as stream:
        stream.write(encoded(said(lines("en")[number - 1].text, person)))
    return name


def test_without_files_the_lines_to_read_are_printed_with_their_numbers(capsys, home):
    status, printed, told = run(capsys, "enrol", "Anna", "--language", "de")
    assert (status, told) == (0, "")
    for number, line in enumerate(lines("de"), 1):
        assert f"{number:>3}. {line.text}" in printed
    assert "line-01.wav" in printed
    assert "--person" in printed
    assert not home.exists() or not list(home.rglob("*.json"))


def test_each_line_gets_its_verdict_what_is_good_is_kept_and_the_rest_comes_later(capsys):
    read(2, "line-02.wav")
    read(3, "line-01.wav")  # the wrong line
    status, printed, _ = run(
        capsys, "enrol", "Anna", "--person", "Anna B.", "--lines", "line-02.wav", "line-01.wav"
    )
    assert status == 2
    assert "en-02" in printed
    assert "good   Clear and complete." in printed
    assert "again  This sounds like line 3, not like the line shown." in printed
    assert "1 of 12 lines are good" in printed
    assert "Next: line 1." in printed

    status, printed, _ = run(capsys, "enrol", "Anna", "--resume")
    assert "(good)" in printed
    assert "begun:     Anna (1 of 12 lines are read)" in run(capsys, "list")[1]

    read(1, "again.wav")  # without a number: the next line that is left
    status, printed, told = run(capsys, "enrol", "anna", "--lines", "again.wav", "--finish")
    assert (status, told) == (0, ""), told
    assert 'The voice "Anna" is ready: 9 s of speech' in printed
    status, printed, _ = run(capsys)
    assert "own:       anna (en; spoken by " in printed
    assert "begun:" not in printed


def test_a_line_that_is_doubted_can_be_accepted_by_whoever_listened(capsys):
    read(3, "line-01.wav")
    assert run(capsys, "enrol", "Anna", "--person", "A", "--lines", "line-01.wav")[0] == 2
    status, printed, _ = run(capsys, "enrol", "Anna", "--accept", "1")
    assert status == 0
    assert "1 of 12 lines are good" in printed
    assert (
        "E-VOICE-LINE: There is no line 13; there are 12."
        in run(capsys, "enrol", "Anna", "--accept", "13")[2]
    )


def test_a_voice_is_shown_exported_taken_in_and_forgotten(capsys, tmp_path, monkeypatch):
    with open("talk.wav", "wb") as stream:
        stream.write(encoded(said(" ".join(line.text for line in lines("en")[:3]), BEN)))
    assert run(capsys, "enrol", "Ben", "--person", "Ben", "--free", "talk.wav")[0] == 0
    _, printed, _ = run(capsys, "show", "ben", "--json")
    kept = json.loads(printed)
    assert kept["name"] == "Ben"
    assert kept["report"]["recordings"] == 1
    assert "Ben (en), enrolled" in run(capsys, "show", "ben")[1]
    assert run(capsys, "export", "ben", "-o", "ben.zip")[0] == 0
    assert "E-OUT-EXISTS" in run(capsys, "export", "ben", "-o", "ben.zip")[2]

    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "elsewhere"))
    assert "E-CONSENT-PERSON" in run(capsys, "enrol", "--from", "ben.zip")[2]
    _, printed, _ = run(capsys, "enrol", "Benno", "--from", "ben.zip", "--person", "Ben", "--json")
    assert json.loads(printed)["voice"]["id"] == "benno"
    rows = json.loads(run(capsys, "--json")[1])["voices"]
    assert [row["id"] for row in rows if row["reference"]] == ["benno"]
    assert all(row["engines"] == ["espeak"] for row in rows if not row["reference"])
    assert run(capsys, "forget", "Benno")[0] == 0
    assert "E-VOICE-NAME" in run(capsys, "show", "benno")[2]


def test_answers_in_json_hold_verdicts_and_no_digests(capsys):
    read(1, "line-01.wav")
    status, printed, _ = run(capsys, "enrol", "Anna", "--person", "A", "--lines", "line-01.wav", "--json")
    assert status == 0
    (take,) = json.loads(printed)["takes"]
    assert take["accepted"]
    assert take["verdicts"][0]["severity"] == "ok"
    assert "sha256" not in take


def test_somebody_else_does_not_go_on_with_an_enrolment(capsys):
    read(1, "line-01.wav")
    assert run(capsys, "enrol", "Anna", "--person", "Anna B.", "--lines", "line-01.wav")[0] == 0
    status, _, told = run(capsys, "enrol", "Anna", "--person", "Eve", "--lines", "line-01.wav")
    assert status == 2
    assert 'E-VOICE-NAME: The voice "Anna" was begun by "Anna B.", not by "Eve".' in told
    _, _, told = run(capsys, "enrol", "Anna", "--language", "de", "--resume")
    assert "was begun in the language en, not in de." in told
    assert run(capsys, "enrol", "anna", "--person", " anna b.", "--language", "en", "--resume")[0] == 0


def test_a_first_command_that_was_interrupted_leaves_no_enrolment(capsys, home, monkeypatch):
    read(1, "line-01.wav")

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Enrolment, "record", stopped)
        with contextlib.suppress(KeyboardInterrupt):
            run(capsys, "enrol", "Anna", "--person", "Ann", "--lines", "line-01.wav")
    assert Enrolment.under_way(home) == ()
    Enrolment.start(home, "Anna", person="Ann", language="de")  # as a killed process leaves it
    assert run(capsys, "enrol", "Anna", "--person", "Anna", "--lines", "line-01.wav")[0] == 0
    assert [(one.person, one.language) for one in Enrolment.under_way(home)] == [("Anna", "en")]


def test_a_name_that_is_taken_is_told_before_anybody_reads_a_line(capsys):
    with open("talk.wav", "wb") as stream:
        stream.write(encoded(said(" ".join(line.text for line in lines("en")[:3]), BEN)))
    run(capsys, "enrol", "Ben", "--person", "Ben", "--free", "talk.wav")
    for name in ("ben", "Aria"):
        status, printed, told = run(capsys, "enrol", name)
        assert (status, printed) == (2, "")
        assert "E-VOICE-NAME" in told


def test_control_characters_of_a_record_do_not_reach_the_terminal(capsys, home):
    with open("talk.wav", "wb") as stream:
        stream.write(encoded(said(" ".join(line.text for line in lines("en")[:3]), BEN)))
    run(capsys, "enrol", "Ben", "--person", "Ben", "--free", "talk.wav")
    file = home / "voices" / "ben" / "voice.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps({**record, "person": "Ben\x1b[2J\u202e"}))
    _, printed, _ = run(capsys, "show", "ben")
    assert "\x1b" not in printed
    assert "Ben\\x1b[2J\\u202e" in printed
