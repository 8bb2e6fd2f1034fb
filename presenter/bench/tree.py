"""Processes below a process, from Linux's /proc."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def descendants(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = file.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from descendants(int(child))


def family(pid: int) -> list[tuple[int, str]]:
    """The same with command lines; those that ended meanwhile are left out."""
    found = []
    for member in descendants(pid):
        try:
            found.append((member, Path(f"/proc/{member}/cmdline").read_text().replace("\x00", " ")))
        except OSError:
            continue
    return found


def zombies(pid: int) -> int:
    """How many of them have ended and were not waited for."""
    count = 0
    for member in descendants(pid):
        try:
            count += Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            continue
    return count
