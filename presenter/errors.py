"""Everything that can go wrong, as one tree.

    PresenterError           code, message, hint, field
    +-- InputError           the asker can mend it          CLI exit 2, HTTP 4xx
    +-- SetupError           the operator can mend it       CLI exit 3, HTTP 503
    |   +-- EngineMissing    an engine or its weights are not there
    +-- WorkError            trying again may help          CLI exit 1, HTTP 500
    |   +-- Busy             too much is waiting already    CLI exit 1, HTTP 429
    +-- Cancelled            somebody asked to stop         CLI exit 1, HTTP 409

Anything else that reaches a door is a bug: it is logged with a reference and shown as
"internal error, reference ...". Texts follow one style: what happened with the actual value
against the limit, then what to do next; no blame, no jargon, no path.
"""

from __future__ import annotations

import logging
import secrets
import traceback

log = logging.getLogger("presenter")


class PresenterError(Exception):
    """Base of all errors that people see.

    Args:
        code: ``E-AREA-NAME``, stable, for machines and for searching.
        message: one sentence: what is wrong, the actual value and the limit.
        hint: one sentence: the next step; may be empty.
        field: the input that it is about (``photo``, ``script`` ...), or ``""``.
    """

    exit = 1
    status = 500

    def __init__(self, code: str, message: str, hint: str = "", field: str = "") -> None:
        super().__init__(code, message, hint, field)
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        self.reference = secrets.token_hex(4)

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str], dict[str, str]]:
        # Errors cross process borders on their way from a worker to a door.
        return type(self), (self.code, self.message, self.hint, self.field), {"reference": self.reference}

    def as_dict(self) -> dict[str, str]:
        """For JSON answers: code, message, hint, field, reference."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "field": self.field,
            "reference": self.reference,
        }


class InputError(PresenterError):
    """The asker can mend it."""

    exit = 2
    status = 422


class SetupError(PresenterError):
    """Whoever runs presenter can mend it."""

    exit = 3
    status = 503


class EngineMissing(SetupError):
    """An engine, its packages or its checkpoints are missing; the hint is the command that mends it."""


class WorkError(PresenterError):
    """It failed on the way; trying again may help."""


class Busy(WorkError):
    """Too much is waiting already; later there may be room."""

    status = 429


class Cancelled(PresenterError):
    """Somebody asked to stop."""

    status = 409

    def __init__(
        self,
        code: str = "E-CANCELLED",
        message: str = "The render was stopped.",
        hint: str = "What was finished is kept; start again to go on from there.",
        field: str = "",
    ) -> None:
        super().__init__(code, message, hint, field)


def known(error: BaseException) -> PresenterError:
    """The error as people may see it.

    One that nobody foresaw is a bug: it is logged with a reference, and only the reference is shown.
    The log holds where it happened but not its text, which may quote the lesson.
    """
    if isinstance(error, PresenterError):
        return error
    shown = PresenterError(
        "E-INTERNAL",
        "Something went wrong inside presenter.",
        "Try again; if it stays, report the reference.",
    )
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("internal error %s: %s\n%s", shown.reference, type(error).__name__, frames)
    log.debug("internal error %s: %s", shown.reference, error)
    return shown
