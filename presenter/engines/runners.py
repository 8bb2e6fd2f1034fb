"""Where steps run: in this process, or side by side in processes of this machine.

A step is a plain function of one argument that can be pickled. It is given two more things by the
runner: ``cancelled()`` to ask now and then, and ``tick(n)`` to report work done.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Protocol

from presenter import interrupts
from presenter.errors import Cancelled, WorkError

Step = Callable[[Any, Callable[[], bool], Callable[[int], None]], Any]

_worker: dict[str, Any] = {}
"""What a worker process was given at its start."""


class Runner(Protocol):
    """Does steps, in any order; results come as futures."""

    @property
    def workers(self) -> int:
        """How many steps it does at a time."""
        ...

    def warm(self, step: Step, item: Any) -> None:
        """Let every worker do this step ahead, so that the first real one does not wait for imports."""
        ...

    def submit(self, step: Step, item: Any) -> Future[Any]:
        """Start ``step(item, cancelled, tick)`` or queue it."""
        ...

    def ticks(self) -> int:
        """Work units that steps have reported since the start."""
        ...

    def stop(self) -> None:
        """Make ``cancelled()`` true for all steps and drop those that have not begun."""
        ...

    def close(self) -> None:
        """Wait for what runs and let go of all resources."""
        ...


class Here:
    """In this process, at once: for a single step, for tests and for debugging.

    Args:
        cancelled: asked by the step now and then whether to stop, beside ``stop``.
        ticked: told after every report of work done.
    """

    workers = 1

    def __init__(
        self, cancelled: Callable[[], bool] = lambda: False, ticked: Callable[[], None] = lambda: None
    ) -> None:
        self._cancelled = cancelled
        self._ticked = ticked
        self._stopped = False
        self._ticks = 0

    def _tick(self, count: int) -> None:
        self._ticks += count
        self._ticked()

    def warm(self, step: Step, item: Any) -> None:
        pass  # this process warms up by working

    def submit(self, step: Step, item: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(step(item, lambda: self._stopped or self._cancelled(), self._tick))
        except Exception as error:
            future.set_exception(error)
        return future

    def ticks(self) -> int:
        return self._ticks

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        pass


class Processes:
    """Side by side in processes that start when the first step comes.

    Args:
        workers: how many processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._context = multiprocessing.get_context("spawn")
        self._stopped = self._context.Event()
        self._ticks = self._context.Value("q", 0)
        self._pool = ProcessPoolExecutor(
            workers,
            mp_context=self._context,
            initializer=_start,
            initargs=(self._stopped, self._ticks),
        )

    def warm(self, step: Step, item: Any) -> None:
        # While none is idle, every submission starts one more process.
        for _ in range(self.workers):
            self.submit(step, item)

    def submit(self, step: Step, item: Any) -> Future[Any]:
        try:
            with interrupts.unheard():  # a submission may start a process
                return self._pool.submit(_run, step, item)
        except BrokenProcessPool as error:
            raise died() from error

    def ticks(self) -> int:
        return int(self._ticks.value)

    def stop(self) -> None:
        # Not a shutdown of the pool: only the first one waits, and that is the business of close.
        self._stopped.set()

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def room_for(processes: int, gigabytes: float) -> int:
    """How many of so many processes there is room for, at least 1.

    Each has a network of its own, on a GPU too: kept in one process it would paint for all of them, but one
    process cannot draw and encode as fast as a GPU paints.

    Args:
        gigabytes: memory that each needs, and of the GPU's memory where there is one.
    """
    if processes == 1 or gigabytes <= 0:
        return processes
    free = [found for found in (_free_memory(), _free_on_gpu()) if found is not None]
    return max(1, min([processes, *(int(each / gigabytes) for each in free)]))


def _free_memory() -> float | None:
    """Gigabytes that can be had without swapping; None where the system does not tell."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        found = [int(lines["MemAvailable"].split()[0]) * 1024]
    except (OSError, KeyError, ValueError):
        return None
    try:  # in a container
        group = Path("/sys/fs/cgroup")
        most, used = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        found.append(most - used + int(stat["inactive_file"]))  # what is only cached gives way
    except (OSError, ValueError, KeyError):
        pass
    return min(found) / 1e9


def _free_on_gpu() -> float | None:
    """Gigabytes that are free on the emptiest GPU; None where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    command = [program, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return max(int(line) for line in said.split()) * 2**20 / 1e9
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def died() -> WorkError:
    """What to say when a worker process has vanished."""
    return WorkError(
        "E-WORKER-DIED",
        "A drawing process ended unexpectedly, often because memory ran out.",
        "Start again (what was finished is kept), or use fewer workers: PRESENTER_WORKERS=1.",
    )


def _start(stopped: Any, ticks: Any) -> None:
    _worker.update(stopped=stopped, ticks=ticks)
    settle()


def settle() -> None:
    """Make this process a worker: its parent decides what Ctrl-C means, it uses one core, and it leaves when
    its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be kept from hearing it
    import cv2

    cv2.setNumThreads(1)  # one process a core already
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """A worker whose parent was killed would wait for work for ever."""
    wait([parent])
    os._exit(1)


def _tick(count: int) -> None:
    with _worker["ticks"].get_lock():
        _worker["ticks"].value += count


def _run(step: Step, item: Any) -> Any:
    if _worker["stopped"].is_set():
        raise Cancelled()
    return step(item, _worker["stopped"].is_set, _tick)
