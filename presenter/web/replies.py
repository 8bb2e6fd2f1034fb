"""Messages that are being answered. A language model takes its time: its words are shown as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field

from presenter.errors import InputError

PATIENCE = 0.2
"""Seconds that a request waits for an answer before it shows that one is being written."""
AT_ONCE = 8
"""So many messages can be with a model at a time; more wait."""

Answer = Callable[[Callable[[str], None]], bool]
"""Is given where words go as they come; whether the lesson's text was changed."""


@dataclass(slots=True)
class _Running:
    done: Future[bool]
    words: list[str] = field(default_factory=list)


class Replies:
    """What is being answered, by lesson.

    Args:
        slow: whether answers may take long, as there is a language model.
    """

    def __init__(self, *, slow: bool) -> None:
        self._patience = PATIENCE if slow else None
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reply")
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()

    def ask(self, lesson: str, answer: Answer) -> bool | None:
        """Have a message answered.

        Returns:
            Whether the lesson's text was changed; None while it is being answered: ``take`` has it later.

        Raises:
            InputError: ``E-CHAT-WAIT`` while the message before is being answered; what ``answer`` raises.
        """
        words: list[str] = []
        with self._lock:
            if lesson in self._running and not self._running[lesson].done.done():
                raise InputError(
                    "E-CHAT-WAIT", "Your last message is still being answered.",
                    "Send this one when the answer is there.", "message",
                )  # fmt: skip
            running = self._running[lesson] = _Running(self._pool.submit(answer, words.append), words)
        try:
            changed = running.done.result(self._patience)
        except Late:
            return None
        except BaseException:
            self._forget(lesson)
            raise
        self._forget(lesson)
        return changed

    def words(self, lesson: str) -> str | None:
        """What the model has written so far; None where nothing is being answered."""
        running = self._running.get(lesson)
        return "".join(running.words) if running is not None and not running.done.done() else None

    def take(self, lesson: str) -> bool:
        """Whether what was being answered changed the lesson's text; raises what answering it raised."""
        running = self._running.get(lesson)
        self._forget(lesson)
        return running is not None and running.done.result()

    def _forget(self, lesson: str) -> None:
        with self._lock:
            self._running.pop(lesson, None)
