"""Slots: warm child processes that do one step after the other.

Engines are loaded once in each. A slot is what may be lost: a process that crashes, hangs, is out of memory
or does not stop when it should is ended and replaced, and the worker itself goes on.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Protocol

from presenter import interrupts
from presenter.engines.runners import Step, died, settle
from presenter.errors import Cancelled, InputError, WorkError, known

GRACE = 1.0
"""Seconds that a step has to stop by itself; then its process is ended."""
STEPS = 500
"""After so many steps a process is replaced, in case its libraries leak."""


class Place(Protocol):
    """Where one step at a time is done."""

    def run(self, step: Step, item: Any, cancelled: Callable[[], bool]) -> Any:
        """Do ``step(item, cancelled, tick)`` and give what it returns.

        Raises:
            Cancelled: ``cancelled()`` was true.
            WorkError: ``E-WORKER-DIED`` or ``E-WORKER-HUNG``.
            PresenterError: what the step raised.
        """
        ...

    def close(self) -> None:
        """Let go of the process."""
        ...


class Here:
    """In this process and thread: for tests and for debugging."""

    def run(self, step: Step, item: Any, cancelled: Callable[[], bool]) -> Any:
        return step(item, cancelled, lambda _count: None)

    def close(self) -> None:
        pass


class Slot:
    """In a process of its own, which is started when the first step comes.

    Args:
        patience: seconds without a tick after which the process counts as hung.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._steps = 0

    def _start(self) -> None:
        self._link, far = self._context.Pipe()
        self._stop = self._context.Event()
        self._ticks = self._context.Value("q", 0)
        self._steps = 0
        self._process = self._context.Process(target=_work, args=(far, self._stop, self._ticks))
        with interrupts.unheard():
            self._process.start()
        far.close()

    def run(self, step: Step, item: Any, cancelled: Callable[[], bool]) -> Any:
        if self._process is None or not self._process.is_alive():
            self.close()
            self._start()
        self._stop.clear()
        self._steps += 1
        try:
            self._link.send((step, item))
            answer = self._wait(cancelled)
        except (EOFError, OSError) as error:
            self.close()
            raise died() from error
        except BaseException:
            self.close()
            raise
        if isinstance(answer, BaseException):
            if not isinstance(answer, (Cancelled, InputError)) or self._steps >= STEPS:
                self.close()  # whatever state it is in now: a GPU's context may be lost for good
            raise answer
        if self._steps >= STEPS:
            self.close()
        return answer

    def _wait(self, cancelled: Callable[[], bool]) -> Any:
        seen, moved = self._ticks.value, time.monotonic()
        stopping: float | None = None
        while not self._link.poll(0.25):
            now = time.monotonic()
            if self._ticks.value != seen:
                seen, moved = self._ticks.value, now
            if stopping is not None and now - stopping > GRACE:
                raise Cancelled()
            if stopping is None and cancelled():
                stopping = now
                self._stop.set()
            if now - moved > self._patience:
                raise WorkError(
                    "E-WORKER-HUNG",
                    f"A drawing process did nothing for {self._patience:g} s and was ended.",
                    "Try again; if it stays, use another engine.",
                )
        return self._link.recv()

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join()
            process.close()
            self._link.close()


class Slots:
    """Several places, one of which is lent for each step.

    Args:
        make: makes a place.
        count: how many.
        tries: so often a step is done whose process dies or hangs; the last error passes through.
    """

    def __init__(self, make: Callable[[], Place], count: int, tries: int = 3) -> None:
        self.count = count
        self._tries = tries
        self._free: queue.LifoQueue[Place] = queue.LifoQueue()  # the warm ones first
        self._all = [make() for _ in range(count)]
        for place in reversed(self._all):
            self._free.put(place)

    def run(self, step: Step, item: Any, cancelled: Callable[[], bool]) -> Any:
        """As ``Place.run``, once there is room."""
        place = self._free.get()
        try:
            for left in reversed(range(self._tries)):
                if cancelled():
                    raise Cancelled()
                try:
                    return place.run(step, item, cancelled)
                except WorkError as error:
                    if not left or error.code not in ("E-WORKER-DIED", "E-WORKER-HUNG"):
                        raise
        finally:
            self._free.put(place)

    def close(self) -> None:
        """End all processes."""
        for place in self._all:
            place.close()


def _work(link: Connection, stop: Any, ticks: Any) -> None:
    """What the child does: steps, until nobody sends any more."""
    settle()
    os.nice(5)  # whoever answers people goes first
    lock = threading.Lock()

    def tick(count: int) -> None:
        with lock:
            ticks.value += count

    while True:
        try:
            step, item = link.recv()
        except (EOFError, OSError):
            return
        try:
            answer = step(item, stop.is_set, tick)
        except Exception as error:
            answer = known(error)
        link.send(answer)
