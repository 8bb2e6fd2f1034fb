import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from presenter.engines.runners import Here, Processes
from presenter.errors import Cancelled, InputError


def double(item, cancelled, tick):
    tick(item)
    return item * 2


def refuse(item, cancelled, tick):
    raise InputError("E-TEST", f"{item} is wrong.")


def wait_for_stop(item, cancelled, tick):
    tick(1)
    while not cancelled():
        time.sleep(0.01)
    raise Cancelled()


def die(item, cancelled, tick):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(params=[Here, lambda: Processes(2)], ids=["here", "processes"])
def runner(request):
    made = request.param()
    yield made
    made.close()


def test_results_and_ticks_come_back(runner):
    futures = [runner.submit(double, item) for item in (1, 2, 3)]
    assert [future.result(30) for future in futures] == [2, 4, 6]
    assert runner.ticks() == 6


def test_an_error_of_a_step_keeps_its_kind_and_text(runner):
    with pytest.raises(InputError, match="E-TEST: 7 is wrong"):
        runner.submit(refuse, 7).result(30)


def test_stopping_reaches_a_step_that_runs_within_a_second():
    runner = Processes(1)
    future = runner.submit(wait_for_stop, None)
    while runner.ticks() == 0:
        time.sleep(0.01)
    began = time.monotonic()
    runner.stop()
    with pytest.raises(Cancelled):
        future.result(30)
    assert time.monotonic() - began < 1
    runner.close()


def test_a_worker_that_dies_is_noticed():
    runner = Processes(1)
    with pytest.raises(BrokenProcessPool):
        runner.submit(die, None).result(30)
    runner.close()


PARENT = """
import sys, time
sys.path.insert(0, {here!r})
from presenter.engines.runners import Processes
from test_runners import wait_for_stop
if __name__ == "__main__":
    runner = Processes(1)
    runner.submit(wait_for_stop, None)
    while runner.ticks() == 0:
        time.sleep(0.01)
    print(*runner._pool._processes, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks into /proc")
def test_workers_leave_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(here=os.path.dirname(__file__)))
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    child = Path(f"/proc/{int(parent.stdout.readline())}/stat")
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def alive(stat):
    try:
        return stat.read_text().split()[2] != "Z"
    except OSError:
        return False
