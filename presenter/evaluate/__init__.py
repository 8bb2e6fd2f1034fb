"""The score card of a video that was made here: what was meant against what the file shows.

A shot can be drawn again from its record, so the intended pictures, mouth and sound are known exactly.
The file is decoded, landmarks are found again in its frames, and both are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from presenter import audio, mixing, registry
from presenter import video as files
from presenter.engines import choice, engines, load
from presenter.errors import InputError
from presenter.evaluate import sound
from presenter.evaluate.card import Measure, ScoreCard, finite
from presenter.evaluate.sheet import contact_sheet
from presenter.evaluate.watch import watch
from presenter.pieces import Piece
from presenter.settings import Settings
from presenter.speeches import engine_name
from presenter.types import RATE

__all__ = ["Measure", "ScoreCard", "contact_sheet", "evaluate"]

WATCHED = 1500
"""Frames whose picture is measured, unless another limit is given: a minute at 25 a second."""

Report = Callable[[float, str], None]
"""Is told how much is done (0..1) and what is being done."""


def evaluate(
    video: Path,
    settings: Settings,
    *,
    seconds_limit: float | None = None,
    report: Report = lambda _done, _text: None,
) -> ScoreCard:
    """Measure a video against what it was meant to be.

    Args:
        video: a file that this installation rendered, unchanged.
        seconds_limit: how much of the picture is measured, in whole shots spread over the video; by
            default ``WATCHED`` frames. Times and sound are always measured whole.
        report: is told about the progress.

    Raises:
        InputError: ``E-VIDEO-FILE``, ``E-VIDEO-UNKNOWN`` (see ``registry.recall``), ``E-VIDEO-OLD`` when
            another version of an engine made it, ``E-VIDEO-STORE`` when its parts were deleted since.
        SetupError: the face detector's checkpoints are missing.
    """
    record = registry.recall(settings.home, video)
    pieces = record.pieces
    _check_engines(record.engines)
    _check_parts(pieces)
    fps = pieces[0].fps
    limit = WATCHED if seconds_limit is None else max(1, round(seconds_limit * fps))
    chosen = choose([piece.shot.count for piece in pieces], limit)
    detector = load("detector", choice.detector(settings).name)
    seen = watch(video, pieces, chosen, detector, lambda done, text: report(0.9 * done, text))
    report(0.9, "listening")
    count = sum(piece.shot.count for piece in pieces)
    return ScoreCard(
        digest=record.digest,
        seconds=count / fps,
        frames=count,
        watched=seen.frames,
        measures=(*seen.measures(), *_times(video, count, fps), *_sound(video, pieces)),
    )


def choose(counts: Sequence[int], limit: int) -> list[int]:
    """Which shots to look at: all while they fit, else pairs of neighbours spread over the video.

    Args:
        counts: frames of each shot.
        limit: frames in all; the first pair is taken whatever it costs.
    """
    if sum(counts) <= limit:
        return list(range(len(counts)))
    pairs = max(1, int(limit / (2 * np.mean(counts))))
    wanted = np.linspace(0, max(0, len(counts) - 2), pairs).round().astype(int)
    chosen: list[int] = []
    frames = 0
    for index in sorted({shot for first in wanted for shot in (first, first + 1) if shot < len(counts)}):
        if len(chosen) >= 2 and frames + counts[index] > limit:
            break
        chosen.append(int(index))
        frames += counts[index]
    return chosen


def _check_engines(made_by: Sequence[str]) -> None:
    """Refuse a video whose frames would be drawn in another way now; its sound is kept."""
    drawn = [":".join(name.split(":")[:3]) if name.startswith("speaker:") else name for name in made_by]
    here = {f"{engine.kind}:{engine.name}:{engine.version}" for engine in engines("speaker")}
    here |= {engine_name(engine) for engine in engines("animator")}
    if missing := [name for name in drawn if name not in here]:
        raise InputError(
            "E-VIDEO-OLD",
            f"The video was made by {missing[0]}, which is another version than the one here.",
            "Render the lesson again, then evaluate the new file.",
            "video",
        )


def _check_parts(pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        for path in piece.parts():
            if not Path(path).is_file():
                raise InputError(
                    "E-VIDEO-STORE",
                    "Parts that this video was made of are no longer kept.",
                    "Render the lesson again, then evaluate the new file.",
                    "video",
                )


# --- times and sound --------------------------------------------------------------------------


def _times(video: Path, count: int, fps: int) -> Iterator[Measure]:
    shown, samples = files.times(video)
    yield Measure("missing", "frames in the file less frames of the plan", len(shown) - count, "frames", 0, 0)
    yield Measure(
        "off-time", "frames not one tick after the one before",
        sum(time != Fraction(index, fps) for index, time in enumerate(shown)), "frames", most=0,
    )  # fmt: skip
    yield Measure(
        "drift", "sound less picture, over the whole length", samples - count * RATE // fps, "samples", 0, 0
    )


def _sound(video: Path, pieces: Sequence[Piece]) -> Iterator[Measure]:
    count = sum(piece.shot.count for piece in pieces) * RATE // pieces[0].fps
    starts = sound.starts_of(count)
    heard, _ = sound.stretches(files.sound(video), starts)
    meant, _ = sound.stretches(mixing.mixed(pieces), starts)
    offsets = [sound.offset(one, other) for one, other in zip(heard, meant, strict=True)]
    found = [late for late in offsets if late is not None]
    yield Measure(
        "sound-offset", "sound against the speeches, largest offset", max(found, key=abs) if found else None,
        "samples", -RATE // 1000, RATE // 1000,
        ", ".join("quiet" if late is None else f"{late:+d}" for late in offsets) + " from beginning to end",
    )  # fmt: skip
    yield Measure(
        "loudness", "integrated loudness", finite(audio.loudness(files.sound(video))), "LUFS", -17, -15
    )
    yield Measure("true-peak", "true peak", finite(sound.true_peak(files.sound(video))), "dBTP", most=-1)
