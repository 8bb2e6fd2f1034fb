"""Being told to stop: Ctrl-C and the signals that ask a process to end.

Ctrl-C reaches every process of the terminal's group and is raised in the main thread wherever it may
be; both need care where there are workers and C libraries that call back.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


def _signals(*names: str) -> list[int]:
    """Those of the names that this system has; none outside of the main thread, which handles them."""
    here = threading.current_thread() is threading.main_thread()
    return [getattr(signal, name) for name in names if here and hasattr(signal, name)]


@contextmanager
def stoppable() -> Iterator[None]:
    """What asks a process to end, such as closing the terminal, ends it as tidily as Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    default = [each for each in _signals("SIGTERM", "SIGHUP") if signal.getsignal(each) is signal.SIG_DFL]
    for each in default:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each in default:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def held() -> Iterator[None]:
    """Signals wait: Python drops exceptions, also that of Ctrl-C, that are raised inside a C callback."""
    came: list[int] = []
    found = {each: signal.getsignal(each) for each in _signals("SIGINT", "SIGTERM", "SIGHUP")}
    handlers = {each: handler for each, handler in found.items() if callable(handler)}
    for each in handlers:
        signal.signal(each, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)


@contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started meanwhile never hear Ctrl-C: their parent decides what it means."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
