"""Runs a function over the data of strangers in a child process with limits.

A file of a few megabytes may unpack to gigabytes, keep a decoder busy for hours, or crash it. In the
child that costs nothing but the child: memory, computing time and the writing of files are limited by
the operating system where it can (Linux, macOS), nothing can be opened there, and a watchdog ends it
on the wall clock everywhere. One child waits for the next call, so only the first one pays for its
start.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

try:
    import resource
except ImportError:  # Windows: the watchdog alone
    resource = None  # type: ignore[assignment]

from presenter import errors
from presenter.errors import InputError, PresenterError, WorkError
from presenter.types import Arrays

SECONDS = 20.0
"""Wall-clock time after which a call is ended (s)."""
MEMORY = 1_500_000_000
"""Bytes of address space that a call may take beyond what the child has when it starts."""
LARGEST = 512_000_000
"""Bytes of a request or an answer."""
CALLS = 100
"""A child is replaced after so many calls: what it may have leaked goes with it."""

_HEADER = struct.Struct("<Q")


def run(
    function: str, data: bytes, *, seconds: float = SECONDS, memory: int = MEMORY, **arguments: Any
) -> Arrays:
    """Call a function of a module in the limited child.

    Args:
        function: ``module:name``; called as ``name(data, **arguments)`` it returns ``Arrays`` of numbers.
        data: at most ``LARGEST`` bytes; a call must not open files, so this is all that it can read.
        seconds: wall-clock limit; its computing time is limited to the same.
        memory: bytes that it may take.
        arguments: values that JSON can hold.

    Returns:
        What the function returned; the arrays cannot be written to.

    Raises:
        InputError: what the function raised, or ``E-MEDIA-HEAVY`` where it passed a limit or crashed.
        WorkError: ``E-SANDBOX`` where the child cannot be started or answers nonsense.
    """
    request = {"function": function, "seconds": seconds, "memory": memory, "arguments": arguments}
    child = _take()
    try:
        answer, body = child.ask(request, data, seconds)
    except BaseException:
        child.end()
        raise
    _give_back(child)
    if "error" in answer:
        raise _error(answer["error"])
    return _unpacked(answer, body)


class _Child:
    """A process that answers calls one after another."""

    def __init__(self) -> None:
        # It needs the packages of this process and nothing else: no keys, no tokens.
        kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "HOME")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "presenter.sandbox"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        except OSError as error:
            raise _broken() from error
        self.calls = 0
        self.parent = os.getpid()

    def alive(self) -> bool:
        """Whether it can take another call of this process."""
        # A forked process has its parent's pipes, but must not talk into them.
        return self.parent == os.getpid() and self.calls < CALLS and self._process.poll() is None

    def ask(self, request: Mapping[str, Any], data: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Send a call and wait for its answer."""
        if len(data) > LARGEST:
            raise _heavy(f"The file has {len(data) / 1e6:,.0f} MB; the limit is {LARGEST / 1e6:,.0f}.")
        self.calls += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        overdue = threading.Event()

        def bark() -> None:
            overdue.set()
            self._process.kill()

        # A first call also waits for the child's start, on a busy machine for seconds.
        watchdog = threading.Timer(seconds + 20.0 if self.calls == 1 else seconds, bark)
        watchdog.daemon = True
        watchdog.start()
        try:
            _send(self._process.stdin, json.dumps(request).encode(), data)
            head, body = _receive(self._process.stdout)
            answer: dict[str, Any] = json.loads(head)
        except (OSError, EOFError, ValueError) as error:
            if overdue.is_set():
                raise _heavy(f"The file kept the decoder busy for more than {seconds:.0f} s.") from error
            if self._process.wait() == 1:  # Python's own status: it does not start, or lacks the function
                raise _broken() from error
            raise _heavy("The file asked for more memory or time than is allowed.") from error
        finally:
            watchdog.cancel()
        return answer, body

    def end(self) -> None:
        """Stop it."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be written goes nowhere
                    pass
        self._process.wait()


_waiting: list[_Child] = []
_lock = threading.Lock()


def _take() -> _Child:
    with _lock:
        while _waiting:
            child = _waiting.pop()
            if child.alive():
                return child
            if child.parent == os.getpid():
                child.end()
    return _Child()


def _give_back(child: _Child) -> None:
    with _lock:
        if not _waiting and child.alive():
            _waiting.append(child)
            return
    child.end()


@atexit.register
def _end_all() -> None:
    while _waiting:
        child = _waiting.pop()
        if child.parent == os.getpid():
            child.end()


def _unreadable() -> WorkError:
    return WorkError("E-SANDBOX", "The file could not be read.", "Try again.")


def _heavy(message: str) -> InputError:
    return InputError("E-MEDIA-HEAVY", message, "Export it again in a usual format.", "file")


def _broken() -> WorkError:
    return WorkError("E-SANDBOX", "The process that reads files of others does not start.", "Try again.")


def _error(values: Mapping[str, str]) -> PresenterError:
    kind = getattr(errors, values["kind"], None)
    if not (isinstance(kind, type) and issubclass(kind, PresenterError)):
        return _unreadable()
    return kind(values["code"], values["message"], values["hint"], values["field"])


# --- messages: two blocks, each with its length before it ---


def _send(stream: IO[bytes], head: bytes, body: bytes) -> None:
    for block in (head, body):
        stream.write(_HEADER.pack(len(block)))
        stream.write(block)
    stream.flush()


def _receive(stream: IO[bytes]) -> tuple[bytes, bytes]:
    return _block(stream), _block(stream)


def _block(stream: IO[bytes]) -> bytes:
    (size,) = _HEADER.unpack(_exactly(stream, _HEADER.size))
    if size > LARGEST:
        raise EOFError
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _packed(arrays: Arrays) -> tuple[dict[str, Any], bytes]:
    rows = {name: (value.dtype.str, value.shape) for name, value in arrays.items()}
    body = b"".join(np.ascontiguousarray(value).tobytes() for value in arrays.values())
    return {"arrays": rows}, body


def _unpacked(answer: Mapping[str, Any], body: bytes) -> Arrays:
    found: dict[str, Any] = {}
    at = 0
    try:
        for name, (kind, shape) in answer["arrays"].items():
            dtype = np.dtype(str(kind))
            if dtype.kind not in "biuf":
                raise ValueError("only numbers come out")
            count = int(np.prod(shape, dtype=np.int64))
            found[name] = np.frombuffer(body, dtype, count, at).reshape(shape)
            at += count * dtype.itemsize
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error
    return found


# --- the child ---


def _serve() -> None:
    """Answer calls from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the answers
    while True:
        try:
            head, body = _receive(calls)
        except EOFError:
            return
        request = json.loads(head)
        _send(answers, *_answered(request, body))


def _answered(request: Mapping[str, Any], data: bytes) -> tuple[bytes, bytes]:
    module, _, name = str(request["function"]).partition(":")
    _open_files(True)
    function = getattr(importlib.import_module(module), name)
    _limit(float(request["seconds"]), int(request["memory"]))
    _open_files(False)
    try:
        answer, body = _packed(function(data, **request["arguments"]))
    except PresenterError as error:
        answer, body = {"error": {"kind": type(error).__name__, **error.as_dict()}}, b""
    except MemoryError:
        os._exit(4)  # nothing of this process can be relied on any more
    except Exception:  # a bug, or something that must not be done here; the parent says so
        answer, body = {"error": {"kind": "", "code": "", "message": "", "hint": "", "field": ""}}, b""
    return json.dumps(answer).encode(), body


def _limit(seconds: float, memory: int) -> None:
    """Limits for the next call; what the child already used does not count."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _set("RLIMIT_CPU", int(usage.ru_utime + usage.ru_stime + seconds) + 1)
    _set("RLIMIT_FSIZE", 0)
    _set("RLIMIT_CORE", 0)
    taken = _address_space()
    if taken is not None:
        _set("RLIMIT_AS", taken + memory)


def _open_files(allowed: bool) -> None:
    """Allow or forbid to open files: a function's module is imported before, its data is all it reads."""
    if resource is not None:
        _set("RLIMIT_NOFILE", resource.getrlimit(resource.RLIMIT_NOFILE)[1] if allowed else 0)


def _set(name: str, value: int) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    _, hard = resource.getrlimit(kind)
    try:
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    except (OSError, ValueError):  # macOS knows some of them by name only
        pass


def _address_space() -> int | None:
    """Bytes of address space in use, where the system tells."""
    try:
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


if __name__ == "__main__":
    try:
        _serve()
    except BrokenPipeError:
        pass
