import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from presenter.errors import WorkError
from presenter.store import Store, digest
from presenter.types import Span


def writer(text):
    return lambda path: path.write_text(text) and None


def test_equal_inputs_are_made_once(tmp_path):
    store = Store(tmp_path)
    first = store.once("note", "1", {"a": 1, "b": [2, 3]}, "txt", writer("one"))
    second = store.once("note", "1", {"b": [2, 3], "a": 1}, "txt", writer("two"))
    assert first.fresh
    assert not second.fresh
    assert second.path.read_text() == "one"


def test_another_version_or_input_is_another_artefact(tmp_path):
    store = Store(tmp_path)
    names = {store.once("n", v, i, "txt", writer("x")).digest for v in "12" for i in (1, 1.5, "1", None)}
    assert len(names) == 8


def test_a_digest_tells_arrays_by_shape_type_and_value():
    a = np.arange(6, dtype=np.float32)
    others = [a.reshape(2, 3), a.astype(np.float64), a + 1, a[::-1]]
    assert len({digest(x) for x in [a, *others]}) == 5
    assert digest(a) == digest(a.copy())


def test_a_digest_tells_values_apart_that_would_join_to_the_same_text():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(Span("a", 0.0, 1.0)) != digest(Span("a", 0.0, 1.5))


def test_a_step_that_fails_leaves_nothing_behind(tmp_path):
    store = Store(tmp_path)

    def half(path):
        path.write_text("half")
        raise WorkError("E-TEST", "no")

    with pytest.raises(WorkError, match="E-TEST"):
        store.once("note", "1", 1, "txt", half)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    assert store.once("note", "1", 1, "txt", writer("whole")).path.read_text() == "whole"


def _slow(root):
    def make(path):
        path.write_text("half")
        time.sleep(60)

    Store(Path(root)).once("note", "1", 1, "txt", make)


def test_a_process_killed_in_the_middle_leaves_no_artefact(tmp_path):
    child = multiprocessing.get_context("spawn").Process(target=_slow, args=(str(tmp_path),))
    child.start()
    deadline = time.monotonic() + 20
    while not list(tmp_path.rglob(".*.txt")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    store = Store(tmp_path)
    made = store.once("note", "1", 1, "txt", writer("whole"))
    assert made.fresh
    assert made.path.read_text() == "whole"
    store.prune(1 << 30, now=time.time() + 7200)
    assert not list(tmp_path.rglob(".*"))


def test_forgetting_a_reference_deletes_all_that_was_derived_from_it(tmp_path):
    store = Store(tmp_path)
    photo, other = "p" * 64, "q" * 64
    face = store.once("face", "1", 1, "txt", writer("f"), sources=[photo])
    clip = store.once("clip", "1", 2, "txt", writer("c"), sources=[face.digest])
    kept = store.once("clip", "1", 3, "txt", writer("k"), sources=[other])
    assert store.forget(photo) == 2
    assert not face.path.exists()
    assert not clip.path.exists()
    assert kept.path.exists()
    assert store.forget(photo) == 0


def test_forgetting_a_reference_finds_what_a_killed_process_left_half_done(tmp_path):
    def killed(path):
        path.write_text("half")
        # What a process that is killed here leaves lies under other names than the draft's own.
        for file in path.parent.glob(f"{path.stem}*"):
            file.with_name(file.name.replace(path.stem, ".left")).write_bytes(file.read_bytes())
        raise WorkError("E-TEST", "no")

    store = Store(tmp_path)
    with pytest.raises(WorkError):
        store.once("speech", "1", 1, "txt", killed, sources=["p" * 64])
    assert len(list(tmp_path.rglob(".left*"))) == 2
    store.forget("q" * 64)
    assert len(list(tmp_path.rglob(".left*"))) == 2
    store.forget("p" * 64)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_forgotten_while_it_is_made_is_not_kept(tmp_path):
    store = Store(tmp_path)

    def forgotten(path):
        path.write_text("done")
        store.forget("p" * 64)

    with pytest.raises(WorkError, match="E-STORE-FORGOTTEN"):
        store.once("speech", "1", 1, "txt", forgotten, sources=["p" * 64])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_pruning_drops_what_was_used_longest_ago(tmp_path):
    store = Store(tmp_path)
    old, new = (store.once("n", "1", i, "bin", lambda p: p.write_bytes(b"x" * 1000) and None) for i in (1, 2))
    os.utime(old.path, (1, 1))
    assert store.prune(1500) == 1000
    assert not old.path.exists()
    assert new.path.exists()
    assert store.size() < 1500
