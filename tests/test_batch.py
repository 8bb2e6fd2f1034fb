"""A lesson for each row of a table; sentences that rows share are made once."""

import fakes
import pytest

from presenter import batch
from presenter.cli import main
from presenter.errors import InputError
from presenter.order import Order

LESSON = "Hello {{name}}, and welcome.\n\nToday is about bees.\n\nSee you in {{ place }}.\n"
TABLE = "name,place,unused\nAda,Rome,1\nBen,Oslo,2\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_fields_become_what_the_row_says(table):
    rows = batch.read(table, LESSON, name="name")
    assert [row.name for row in rows] == ["ada", "ben"]
    source = batch.fill(Order(LESSON), rows[1]).source
    assert source == "Hello Ben, and welcome.\n\nToday is about bees.\n\nSee you in Oslo.\n"


def test_rows_with_the_same_name_do_not_overwrite_one_another(table):
    table.write_text("name,place\nAda,Rome\nAda,Oslo\n")
    assert [row.name for row in batch.read(table, LESSON, name="name")] == ["ada", "ada-2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name\nAda\n", "E-BATCH-FIELD: The table has no column place"),
        ("name,place\n", "E-BATCH-FIELD"),
        ("name,place\nAda,[pause 9]\n", 'E-BATCH-VALUE: Row 1 has "\\["'),
        ("name,place\nAda,\n", "E-BATCH-VALUE: Row 1 has 0 characters for place"),
        ("name,place\nAda\n", "E-BATCH-VALUE"),
        ("", "E-BATCH-FIELD"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(table, text, code):
    table.write_text(text)
    with pytest.raises(InputError, match=code):
        batch.read(table, LESSON)


def test_a_file_that_is_no_table_is_refused(table):
    table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="E-BATCH-FILE"):
        batch.read(table, LESSON)


def test_only_what_differs_between_rows_is_drawn(table, tmp_path, monkeypatch, capsys):
    fakes.install(monkeypatch)
    monkeypatch.setattr(
        "presenter.pipeline._processes",
        lambda kit, workers: __import__("presenter.engines.runners", fromlist=["Here"]).Here(),
    )
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lesson.md").write_text(LESSON)
    out = tmp_path / "out"
    assert (
        main(["batch", "lesson.md", "rows.csv", "-o", str(out), "--name", "name", "--size", "448x256"]) == 0
    )
    said = capsys.readouterr().out.splitlines()
    assert "3 pieces drawn, 0 reused" in said[0]
    assert "2 pieces drawn, 1 reused" in said[1]
    assert said[2] == "2 of 2 videos, 5 pieces drawn"
    assert {path.stem for path in out.glob("*.mp4")} == {"ada", "ben"}
