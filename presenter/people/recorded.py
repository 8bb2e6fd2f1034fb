"""The recordings of an enrolment that is under way, on disk: a JSON file and a FLAC file for each line."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from presenter import audio, records
from presenter.errors import SetupError
from presenter.people.folders import Verdict
from presenter.types import Samples


@dataclass(frozen=True, slots=True)
class Take:
    """A recording of a line."""

    line: str
    """Id of the line, or ``free-01`` ... for a free recording."""
    path: Path
    """FLAC, mono, 48 kHz."""
    seconds: float
    """Length of the recording (s)."""
    level: float
    """Loudness (LUFS)."""
    peak: float
    """Highest sample (0..1)."""
    noise: float
    """Distance of the speech from the noise (dB)."""
    verdicts: tuple[Verdict, ...]
    """The worst first; never empty."""
    accepted: bool
    """Whether it will be part of the voice."""
    speech: float = 0.0
    """Length of the speech in it, without silence (s)."""
    text: str = ""
    """What was read, or ``""`` where nobody knows."""
    sha256: str = ""
    """Of the FLAC file."""
    source: str = ""
    """sha256 of the file that was handed in."""
    timbre: tuple[float, ...] = ()
    """What is typical of the person; see ``timbre``."""


@functools.cache
def _codec() -> TypeAdapter[Take]:
    return TypeAdapter(Take)


class Recorded:
    """The takes in a folder. Safe for any number of processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self, order: Sequence[str]) -> dict[str, Take]:
        """The newest recording of each line that has one, by the line's id.

        Args:
            order: ids of lines; those of others come after them.
        """
        place = {line: number for number, line in enumerate(order)}
        found = {}
        for path in self._folder.glob("*.json"):
            if not path.name.startswith("."):
                try:
                    take = _codec().validate_json(path.read_bytes())
                except (OSError, ValidationError):
                    continue  # deleted meanwhile, or half a file after a crash: the line is read again
                found[take.line] = replace(take, path=self._folder / f"{take.line}.flac")
        return dict(sorted(found.items(), key=lambda item: (place.get(item[0], len(place)), item[0])))

    def write(self, line: str, samples: Samples) -> Path:
        """Keep the sound of a take, float32 (N,) at 48 kHz, in place of an earlier one.

        Raises:
            SetupError: ``E-VOICE-WRITE``.
        """
        path = self._folder / f"{line}.flac"
        try:
            with records.whole(path) as draft:
                draft.write_bytes(audio.encoded(np.clip(samples, -1.0, 1.0), "FLAC"))
        except OSError as error:
            raise unkept(error) from error
        return path

    def note(self, take: Take) -> None:
        """Keep what is known about a take. Raises as ``write``."""
        kept = replace(take, path=Path(take.path.name))
        try:
            with records.whole(self._folder / f"{take.line}.json") as draft:
                draft.write_bytes(_codec().dump_json(kept))
        except OSError as error:
            raise unkept(error) from error

    def drop(self, line: str) -> None:
        """Delete a take, if there is one."""
        for suffix in ("json", "flac"):
            (self._folder / f"{line}.{suffix}").unlink(missing_ok=True)


def unkept(error: Exception) -> SetupError:
    """What is said where a recording cannot be kept."""
    reason = getattr(error, "strerror", None) or "the disk refused it"
    return SetupError(
        "E-VOICE-WRITE",
        f"The recording could not be kept ({reason}).",
        "Free some space or set PRESENTER_HOME to another folder.",
    )
