import json

import pytest

from presenter import cli


def run(capsys, *arguments):
    status = cli.main(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["render", "--help"])
    assert caught.value.code == 0
    assert "presenter render" in capsys.readouterr().out.split("examples:")[1]


def test_a_missing_lesson_is_said_in_one_sentence(capsys):
    status, out, err = run(capsys, "render", "nowhere.md", "-o", "out.mp4")
    assert status == 2
    assert out == ""
    assert err.startswith('E-SCRIPT-FILE: There is no file "nowhere.md". Check its name.')
    assert err.count("\n") == 1


def test_an_error_as_json_carries_code_and_reference(capsys):
    status, out, _ = run(capsys, "render", "nowhere.md", "-o", "out.mp4", "--json")
    assert status == 2
    assert json.loads(out)["code"] == "E-SCRIPT-FILE"
    assert len(json.loads(out)["reference"]) == 8


def test_a_lesson_that_is_no_text_is_refused(capsys, tmp_path):
    (tmp_path / "a.md").write_bytes(b"abc\xff\xfe")
    status, _, err = run(capsys, "check", "a.md")
    assert status == 2
    assert "byte 3" in err


def test_the_engines_table_is_printed_and_is_json_on_request(capsys):
    status, out, _ = run(capsys, "engines")
    assert status == 0
    assert "espeak" in out
    assert "mesh" in out
    status, out, _ = run(capsys, "engines", "--json")
    assert {"speaker", "animator", "detector"} <= {row["kind"] for row in json.loads(out)}


def test_a_wrong_name_for_the_video_is_told_before_any_work(capsys):
    status, _, err = run(capsys, "render", "Hello.", "-o", "out.avi")
    assert status == 2
    assert "E-OUT-TYPE" in err


def test_a_wrong_size_names_the_usual_ones(capsys):
    status, _, err = run(capsys, "render", "Hello.", "-o", "out.mp4", "--size", "huge")
    assert status == 2
    assert "E-SIZE" in err
    assert "1280x720" in err


def test_a_broken_setting_stops_at_the_start(capsys, tmp_path):
    (tmp_path / "presenter.toml").write_text("voise = 1")
    status, _, err = run(capsys, "doctor")
    assert status == 2
    assert 'Did you mean "voice"?' in err
