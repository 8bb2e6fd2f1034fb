"""Files that appear whole or not at all."""

import pytest

from presenter import records


def test_a_file_appears_when_it_is_whole(tmp_path):
    with records.whole(tmp_path / "a.txt", durable=True) as draft:
        draft.write_text("new")
        assert not (tmp_path / "a.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_what_fails_leaves_the_older_file_and_no_draft(tmp_path):
    (tmp_path / "a.txt").write_text("old")

    def write_half() -> None:
        with records.whole(tmp_path / "a.txt") as draft:
            draft.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_two_who_write_the_same_file_do_not_meet(tmp_path):
    with records.whole(tmp_path / "a.txt") as one, records.whole(tmp_path / "a.txt") as other:
        one.write_text("one")
        other.write_text("other")
    assert (tmp_path / "a.txt").read_text() == "one"
    assert len(list(tmp_path.iterdir())) == 1
