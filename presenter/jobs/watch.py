"""Workers as child processes of a server: started with it, started again when they end, gone with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from typing import Any

from presenter.settings import Settings, environment

log = logging.getLogger("presenter.jobs")

LONGEST = 60.0
"""Seconds between two starts of a worker that ends at once again and again, at most."""


class Watch:
    """Keeps workers running.

    Args:
        settings: what the workers work with.
        count: how many; one is enough for a machine with at most one GPU.
    """

    def __init__(self, settings: Settings, count: int = 1) -> None:
        self._settings = settings
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._keep, daemon=True) for _ in range(count)]
        self._processes: set[subprocess.Popen[bytes]] = set()
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' processes."""
        return tuple(process.pid for process in list(self._processes))

    def close(self) -> None:
        """Have them leave; what is unfinished goes on at the next start."""
        self._ended.set()
        for process in list(self._processes):
            process.terminate()
        for thread in self._threads:
            thread.join()

    def _keep(self) -> None:
        pause = 0.5
        while not self._ended.is_set():
            began = time.monotonic()
            code = self._once()
            if self._ended.is_set():
                return
            pause = 0.5 if time.monotonic() - began > LONGEST / 10 else min(2 * pause, LONGEST)
            log.warning("a worker ended (%d); the next one starts in %.0f s", code, pause)
            self._ended.wait(pause)

    def _once(self) -> int:
        # Its standard input ends when this process does, however that happens: then it leaves too.
        command = [sys.executable, "-m", "presenter", "work", "--attached"]
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # is where MCP speaks; logs go to standard error
            env={**os.environ, **environment(self._settings)},
        )
        self._processes.add(process)
        try:
            while True:
                try:
                    return process.wait(0.5)
                except subprocess.TimeoutExpired:
                    if self._ended.is_set():
                        return self._end(process)
        finally:
            self._processes.discard(process)
            if process.stdin:
                process.stdin.close()

    @staticmethod
    def _end(process: subprocess.Popen[Any]) -> int:
        process.terminate()
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
