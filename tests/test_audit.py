"""What left and whose leave ended is on record, and nobody changes the record unnoticed."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from presenter import audit
from presenter.errors import SetupError


@pytest.fixture
def log(tmp_path):
    for number in range(5):
        audit.note(tmp_path, "published", digest=f"{number}" * 64, marks=[f"0000000{number}", "aaaaaaaa"])
    return tmp_path / "audit" / "log.jsonl"


def test_a_whole_log_says_so(log, tmp_path):
    found = audit.check(tmp_path)
    assert (found.lines, found.broken) == (5, "")
    assert [line.number for line in audit.lines(tmp_path)] == [1, 2, 3, 4, 5]


def test_an_empty_log_is_whole(tmp_path):
    assert audit.check(tmp_path).lines == 0
    assert list(audit.lines(tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(lambda rows: [rows[0], rows[1].replace("1111", "2222", 1), *rows[2:]], 3, id="changed"),
        pytest.param(lambda rows: [rows[0], *rows[2:]], 2, id="dropped"),
        pytest.param(lambda rows: [rows[1], rows[0], *rows[2:]], 1, id="swapped"),
        pytest.param(lambda rows: [*rows[:2], rows[2][:40], *rows[3:]], 3, id="cut"),
        pytest.param(lambda rows: [*rows[:2], rows[1], *rows[2:]], 3, id="said twice"),
    ],
)
def test_a_tampered_log_names_the_line(log, tmp_path, change, line):
    log.write_text("\n".join(change(log.read_text().splitlines())) + "\n")
    assert f"Line {line} " in audit.check(tmp_path).broken


def test_a_log_cut_short_shows_by_its_head(log, tmp_path):
    head = audit.check(tmp_path).head
    log.write_text("\n".join(log.read_text().splitlines()[:-1]) + "\n")
    assert audit.check(tmp_path).head != head


def test_a_line_that_a_killed_process_left_half_written_is_mended(log, tmp_path):
    with log.open("a") as stream:
        stream.write('{"number": 6, "ti')
    assert audit.check(tmp_path).broken == ""
    audit.note(tmp_path, "forgotten")
    assert audit.check(tmp_path) == audit.Check(6, audit.check(tmp_path).head)


def test_many_writers_make_one_chain(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: audit.note(tmp_path, "spoken", digest=str(number)), range(40)))
    assert audit.check(tmp_path).lines == 40
    assert audit.check(tmp_path).broken == ""


def test_marks_lead_to_the_files_that_carry_them(log, tmp_path):
    found = audit.marks(tmp_path)
    assert found["00000003"] == ("3" * 64,)
    assert len(found["aaaaaaaa"]) == 5


def test_a_log_that_cannot_be_written_stops_what_it_would_tell_of(log, tmp_path):
    log.write_text(json.dumps({"odd": 1}) + "\n")
    with pytest.raises(SetupError, match="E-AUDIT-WRITE"):
        audit.note(tmp_path, "published")
