"""How good a painter is, on the part of the footage that it never saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from presenter.training import sync
from presenter.training.footage import WINDOW, Reel
from presenter.training.lips import Trainer

MOST_WINDOWS = 60
"""Held-out windows of all clips that are looked at: twelve seconds."""
AT_ONCE = 6
REACH = 15
"""Frames to either side by which sound and picture are shifted against each other; as Chung and Zisserman."""
SHOWN = 8
"""Frames on a sample picture."""
_LUMA = (0.114, 0.587, 0.299)
"""Weights of blue, green and red (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True)
class Score:
    """What is measured on held-out frames."""

    mouth: float
    """Mean difference of the mouth to the real one, in levels of 255."""
    idle: float
    """The same of a mouth that does not move: the reference's. To paint is worth it only below this."""
    following: float
    """Correlation, -1..1, of how dark the mouth is, which is how far it is open, with the real one."""
    confidence: float
    """Median less least distance of sound and picture over shifts of up to 15 frames, by the expert."""
    shift: int
    """Frames by which the sound would have to be later for that least distance; 0 is in time."""

    def line(self) -> str:
        """In plain words."""
        return (
            f"held-out mouth {self.mouth:.1f} of 255 (unmoved {self.idle:.1f}), "
            f"follows {self.following:.2f}, sync {self.confidence:.2f} at {self.shift:+d} frames"
        )


def judge(trainer: Trainer, reels: Sequence[Reel]) -> Score:
    """Let the painter paint what was held out."""
    differences: list[float] = []
    idle: list[float] = []
    open_here: list[float] = []
    open_real: list[float] = []
    looked: list[tuple[Reel, NDArray[np.int64], Any]] = []
    for reel, starts, painted, real in _painted(trainer, reels):
        rows, columns = reel.mouth
        here, there = painted[..., rows, columns] * 255, real[..., rows, columns] * 255
        still = trainer.real(reel, np.full(1, _reference(reel)))[..., rows, columns] * 255
        differences.append(float((here - there).abs().mean()))
        idle.append(float((still - there).abs().mean()))
        open_here.extend(_darkness(here))
        open_real.extend(_darkness(there))
        looked.append((reel, starts, sync.lips_of(painted)))
    confidence, shift = _in_time(trainer, looked)
    following = _correlation(open_here, open_real)
    return Score(float(np.mean(differences)), float(np.mean(idle)), following, confidence, shift)


def _painted(trainer: Trainer, reels: Sequence[Reel]) -> Iterator[tuple[Reel, NDArray[np.int64], Any, Any]]:
    """Some held-out windows at a time: reel, first frames, what was painted, what is real."""
    share = max(1, MOST_WINDOWS // len(reels))
    for reel in reels:
        starts = _windows(reel, share)
        for first in range(0, len(starts), AT_ONCE):
            part = starts[first : first + AT_ONCE]
            references = np.full_like(part, _reference(reel))
            yield reel, part, trainer.paint(reel, part, references), trainer.real(reel, part)


def _windows(reel: Reel, most: int) -> NDArray[np.int64]:
    """Held-out windows side by side; where there are too many, evenly spread."""
    starts: NDArray[np.int64] = reel.held_out()[::WINDOW]
    if len(starts) <= most:
        return starts
    return np.asarray(starts[np.linspace(0, len(starts) - 1, most).astype(int)])


def _reference(reel: Reel) -> int:
    """The learnt window that is quietest: where a mouth is at rest."""
    starts = reel.learnt()[::WINDOW]
    loud = [float(reel.heard.part([int(start)]).mean()) for start in starts]
    return int(starts[int(np.argmin(loud))])


def _darkness(mouths: Any) -> list[float]:
    """How dark each mouth (B, 5, 3, rows, columns) is."""
    luma = (mouths * torch.tensor(_LUMA, device=mouths.device)[:, None, None]).sum(dim=2)
    return [float(value) for value in -luma.mean(dim=(-2, -1)).flatten()]


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    if np.std(one) < 1e-6 or np.std(other) < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _in_time(trainer: Trainer, looked: Sequence[tuple[Reel, NDArray[np.int64], Any]]) -> tuple[float, int]:
    """The expert's confidence, and the shift of the sound at which it fits best."""
    shifts = range(-REACH, REACH + 1)
    totals = np.zeros(len(shifts))
    for reel, starts, lips in looked:
        for number, shift in enumerate(shifts):
            moved = np.clip(starts + shift, 0, len(reel.seen) - 1)
            totals[number] += float(sync.distance(trainer.expert, trainer.heard(reel, moved), lips).sum())
    means = totals / sum(len(starts) for _, starts, _ in looked)
    best = int(means.argmin())
    return float(np.median(means) - means[best]), shifts[best]


def sample(trainer: Trainer, reel: Reel, path: Path) -> None:
    """Write a picture: what was shown, what was painted, what is real, of held-out frames side by side."""
    starts = reel.held_out()
    chosen = starts[np.linspace(0, len(starts) - 1, SHOWN).astype(int)]
    painted = trainer.paint(reel, chosen, np.full_like(chosen, _reference(reel)))[:, 0]
    real = trainer.real(reel, chosen)[:, 0]
    shown = real.clone()
    shown[..., trainer.layout.size // 2 :, :] = 0
    rows = [torch.cat(list(each), dim=2) for each in (shown, painted, real)]
    strip = (torch.cat(rows, dim=1).permute(1, 2, 0) * 255).clamp(0, 255).byte().cpu().numpy()
    written, data = cv2.imencode(".png", np.ascontiguousarray(strip))
    if written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
