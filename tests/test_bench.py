import json
import os
from pathlib import Path

import pytest

from presenter import bench, cli, script
from presenter.engines.runners import Here
from presenter.errors import WorkError
from presenter.order import Order
from presenter.pipeline import render
from presenter.registry import recall
from presenter.settings import Settings

needs_proc = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc")


def test_the_lesson_has_twenty_sentences_a_minute_and_none_twice():
    for minutes in (1, 3):
        segments = script.parse(bench.lesson(minutes), language="en").segments
        texts = [segment.text for segment in segments]
        assert len(texts) == len(set(texts)) == 20 * minutes
    assert bench.CHANGED not in bench.lesson(10)


@needs_proc
def test_memory_counts_a_process_and_its_children():
    pss, rss = bench.memory(os.getpid())
    assert 10 < pss <= rss
    assert bench.memory(2**22 + 1) is None


def test_the_stages_of_a_shot_are_measured_one_by_one(tmp_path):
    settings = Settings(home=tmp_path / "home", width=448, height=256)
    out = tmp_path / "out.mp4"
    render(Order(source="Bees hum."), settings, out, runner=Here())
    found = dict(bench.stages(recall(settings.home, out).pieces[0], tmp_path / "stage.mp4"))
    assert list(found) == ["animate", "compose", "encode"]
    assert all(0 < seconds < 1 for seconds in found.values())


@pytest.mark.slow
@needs_proc
def test_a_bench_renders_changes_one_sentence_and_prints_a_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": tmp_path / "home", "WIDTH": 256, "HEIGHT": 256, "WORKERS": 1}.items():
        monkeypatch.setenv(f"PRESENTER_{name}", str(value))
    assert cli.main(["bench", "--minutes", "0.1", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["measures"]}
    assert {"render", "first-piece", "unchanged", "changed", "memory", "import", "cpu-encode"} <= set(rows)
    assert rows["unchanged"]["note"] == "0 pieces drawn"
    assert rows["changed"]["note"].endswith("1 piece drawn")
    assert rows["memory"]["value"] > 50
    assert not (tmp_path / "home").exists()


def test_a_render_that_fails_says_why(tmp_path):
    settings = Settings(home=tmp_path / "home", portrait="nobody", width=256, height=256)
    with pytest.raises(WorkError, match="E-PORTRAIT-NAME"):
        bench.run(settings, minutes=0.1)


@pytest.mark.slow
def test_wav2lip_is_measured_beside_the_published_way():
    pytest.importorskip("torch", reason="needs torch: pip install -e '.[wav2lip]'")
    from presenter.bench import lips

    rows = {
        row.name: row
        for row in lips.run(Settings(), seconds=0.6, size=(256, 256), divisor=4, cores=1).measures
    }
    assert rows["lips-ratio"].value > 1.2
    assert rows["lips-length"].value == 0
    assert rows["lips-length"].note == "as published: 3"
    assert 100 < rows["lips-memory"].value < 2000
