"""A worker that is hurt from inside: ``python -m presenter.bench.hurt`` reads on standard input, a line each,
what is to go wrong, and answers with how often the thing before went wrong.

    kill speak before    end this process, as when the power is cut, at a boundary of a stage
    refuse 28 3          the third opening for writing, renaming or fsync in the home fails with errno 28
    jump 86400           the clock is a day ahead
    none                 nothing any more

Steps run in threads of this process, so that all of them are within reach. What C libraries write by
themselves (SQLite, the encoders) is not: a full disk reaches them.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Any

from presenter.jobs.worker import Worker
from presenter.settings import Settings, read

STAGES = {
    "prepare": "presenter.pipeline:decide",
    "speak": "presenter.pieces:Kit.speech",
    "draw": "presenter.jobs.worker:draw_piece",
    "join": "presenter.pipeline:join",
    "sign": "presenter.signing:sign",
    "publish": "presenter.publishing:publish",
}
"""The function that is a stage's work."""


class Refusal:
    """Counts what this process writes below a folder, and refuses one of the calls."""

    def __init__(self, settings: Settings) -> None:
        self._home = str(settings.home)
        self._lock = threading.Lock()
        self._number, self._left, self.count = 0, 0, 0
        opened = builtins.open
        builtins.open = io.open = lambda *given, **named: self._opened(opened, *given, **named)
        for name in ("replace", "rename", "fsync"):
            setattr(os, name, self._guarded(getattr(os, name)))

    def arm(self, number: int, nth: int) -> None:
        """Refuse the nth call from now on with this errno; 0 for none."""
        self._number, self._left, self.count = number, nth, 0

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(target: Any, *more: Any, **named: Any) -> Any:
            self._strike(os.readlink(f"/proc/self/fd/{target}") if isinstance(target, int) else target)
            return call(target, *more, **named)

        return guarded

    def _opened(self, call: Callable[..., Any], file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        stream = call(file, mode, *more, **named)
        try:
            if not isinstance(file, int) and set(mode) & set("wax+"):
                self._strike(file)
        except OSError:
            stream.close()  # the file is there, and empty: nothing could be written
            raise
        return stream

    def _strike(self, path: Any) -> None:
        if not os.fspath(path).startswith(self._home):
            return
        with self._lock:
            self._left -= 1
            hit = self._left == 0
            self.count += hit
        if hit:
            raise OSError(self._number, os.strerror(self._number))


def _ahead(clock: Callable[[], float], seconds: float) -> Callable[[], float]:
    return lambda: clock() + seconds


def _kill_at(stage: str, when: str) -> None:
    """End this process before or after the stage's work."""
    module, _, name = STAGES[stage].partition(":")
    *owners, last = name.split(".")
    owner = attrgetter(*owners)(import_module(module)) if owners else import_module(module)
    work = getattr(owner, last)

    def killing(*given: Any, **named: Any) -> Any:
        if when == "after":
            work(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, killing)


def main() -> None:
    """Work, and be hurt, until standard input ends."""
    settings, real = read({}), time.time
    refusal, worker = Refusal(settings), Worker(settings, here=True)
    worker.start()
    print(0, flush=True)
    for line in sys.stdin:
        told = refusal.count
        kind, *values = line.split()
        refusal.arm(0, 0)
        time.time = real
        if kind == "kill":
            _kill_at(*values)
        elif kind == "refuse":
            refusal.arm(*map(int, values))
        elif kind == "jump":
            time.time = _ahead(real, float(values[0]))
        print(told, flush=True)
    worker.stop()


if __name__ == "__main__":
    main()
