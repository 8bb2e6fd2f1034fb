"""Teaching a network of the Wav2Lip family to paint one person's mouth, step by step.

As published (Prajwal et al. 2020): five frames that follow one another, their lower halves hidden, beside
frames from another time as reference; the error is the mean difference to the real frames, and by a small
part what the sync expert says. The expert learns alongside, from real frames only, and is listened to once it
knows more than chance. Each step's choices follow from the seed and the step's number alone, so a training
that was stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from presenter.engines.wav2lip.layouts import Layout
from presenter.engines.wav2lip.net import Net
from presenter.errors import WorkError
from presenter.training import sync
from presenter.training.footage import WINDOW, Reel

SYNC_WEIGHT = 0.03
"""Share of the expert in the error, as published."""
TRUSTED = 0.5
"""The expert's own error below which it is listened to; chance is 0.69."""
MOUTH_WEIGHT = 0.5
"""Share of the mouth in the difference to the real frames. As published it counts by its area, a sixth: most
of what is learnt is then to copy what is seen anyway and never pasted."""
PATIENCE = 0.02
"""By how much a step moves the running means that are shown and compared with ``TRUSTED``."""
MOMENTS = (0.5, 0.999)
"""Of Adam, for the painter; as published."""
THREADS = 4
"""More gain little on a CPU and leave nothing to other programs."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Losses:
    """Running means over the last steps."""

    picture: float
    """Difference to the real frames, 0..1; half of it is the mouth's."""
    expert: float
    """The expert's error on real frames; 0.69 is chance."""


class Trainer:
    """A painter and its expert, with all that a step changes.

    Args:
        layout: of the painter.
        divisor: by which the expert is slimmer than published.
        batch: windows of five frames that a step looks at.
        rate: by which a step changes the weights; 1e-4 as published.
        seed: of the first weights and of each step's choices.
        net: a painter to begin with.
        device: e.g. ``cuda``; by default a GPU where there is one.
    """

    def __init__(
        self, layout: Layout, *, divisor: int, batch: int, rate: float, seed: int, net: Net | None = None,
        device: str = "",
    ) -> None:  # fmt: skip
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        if self.device.type == "cpu":
            torch.set_num_threads(min(torch.get_num_threads(), THREADS))
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            painter = (net or Net(layout)).requires_grad_(True)
            self.net = painter.to(self.device, memory_format=torch.channels_last)
            self.expert = sync.Sync(divisor).to(self.device, memory_format=torch.channels_last)
        self.layout, self._batch, self._seed = layout, batch, seed
        self._optimiser = torch.optim.Adam(self.net.parameters(), rate, MOMENTS, fused=True)
        self._expert_optimiser = torch.optim.Adam(self.expert.parameters(), rate, fused=True)
        self._half = self.device.type == "cuda"
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=self._half)
        self.steps = 0
        self._picture = self._expert_error = float("nan")

    @property
    def losses(self) -> Losses:
        return Losses(self._picture, self._expert_error)

    def begin(self, reels: Sequence[Reel]) -> None:
        """Let a painter that has learnt nothing begin with the clips' mean colour instead of grey."""
        parts = [reel.faces[reel.learnt()[:: 10 * WINDOW]].reshape(-1, 3) for reel in reels]
        mean = torch.from_numpy(np.concatenate(parts).mean(axis=0)[::-1].copy()).float() / 255
        mean = mean.clamp(0.02, 0.98)
        with torch.no_grad():
            last = torch.atanh(mean * 2 - 1) if self.layout.signed else torch.logit(mean)
            self.net.output_block[1].bias.copy_(last)

    def step(self, reels: Sequence[Reel]) -> None:
        """Learn from some windows.

        Raises:
            WorkError: ``E-TRAIN-DIVERGED`` when the error is no number any more.
        """
        random = np.random.default_rng((self._seed, self.steps))
        chosen = choose(reels, self._batch, random)
        real = self._frames(reels, chosen, 1)
        heard, other = self._heard(reels, chosen, 1), self._heard(reels, chosen, 3)
        expert = self._teach_expert(real, heard, other)
        if self._expert_error < TRUSTED:
            picture = self._teach_painter(reels, chosen, WINDOW, heard)
        else:
            # Single frames differ more than neighbours do, and the norms of a batch take away what all have
            # in common: of five that follow one another, nearly all that is heard.
            picture = self._teach_painter(reels, choose(reels, self._batch * WINDOW, random), 1, None)
        if not np.isfinite(picture + expert):
            raise WorkError(
                "E-TRAIN-DIVERGED",
                f"The training went astray at step {self.steps}: its error is no number.",
                "Go on from the last save (--resume), or begin again with another --seed.",
            )
        if not self.steps:
            self._picture, self._expert_error = picture, expert
        self._picture += PATIENCE * (picture - self._picture)
        self._expert_error += PATIENCE * (expert - self._expert_error)
        self.steps += 1

    def _teach_expert(self, real: Any, heard: Any, other: Any) -> float:
        self.expert.train().requires_grad_(True)
        lips = sync.lips_of(real)
        with torch.autocast(self.device.type, torch.float16, enabled=self._half):
            fits = self.expert(torch.cat([heard, other]), torch.cat([lips, lips]))
        belong = torch.cat([torch.ones(len(heard)), torch.zeros(len(other))]).to(self.device)
        error = sync.loss(fits.float(), belong)
        self._improve(error, self._expert_optimiser)
        return float(error.detach())

    def _teach_painter(
        self, reels: Sequence[Reel], chosen: NDArray[np.int64], length: int, heard: Any
    ) -> float:
        """Let the painter paint ``length`` frames from each row of ``choose``; the expert judges where there
        is something ``heard``."""
        self.net.train()
        self.expert.eval().requires_grad_(False)
        real = self._frames(reels, chosen, 1, length)
        shown = self._shown(real, self._frames(reels, chosen, 2, length))
        each = self._heard_each(reels, chosen, length)
        with torch.autocast(self.device.type, torch.float16, enabled=self._half):
            painted = self._unsigned(self.net(each, shown)).unflatten(0, (-1, length))
        difference = self._difference(reels, chosen, painted.float(), real)
        error = difference
        if heard is not None:
            with torch.autocast(self.device.type, torch.float16, enabled=self._half):
                fits = self.expert(heard, sync.lips_of(painted))
            belong = torch.ones(len(heard), device=self.device)
            error = (1 - SYNC_WEIGHT) * difference + SYNC_WEIGHT * sync.loss(fits.float(), belong)
        self._improve(error, self._optimiser)
        return float(difference.detach())

    def _difference(self, reels: Sequence[Reel], chosen: NDArray[np.int64], painted: Any, real: Any) -> Any:
        differences = (painted - real).abs()
        mouths = [
            each[..., reels[reel].mouth[0], reels[reel].mouth[1]].mean()
            for each, reel in zip(differences, chosen[:, 0], strict=True)
        ]
        return (1 - MOUTH_WEIGHT) * differences.mean() + MOUTH_WEIGHT * torch.stack(mouths).mean()

    def _improve(self, error: Any, optimiser: Any) -> None:
        optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(error).backward()
        self._scaler.step(optimiser)
        self._scaler.update()

    # --- what the networks are given ---

    def paint(self, reel: Reel, starts: NDArray[np.int64], references: NDArray[np.int64]) -> Any:
        """What the painter makes of some windows: (B, 5, 3, size, size), BGR, 0..1; nothing is learnt."""
        chosen = np.stack([np.zeros_like(starts), starts, references, starts], axis=1)
        self.net.eval()
        with torch.no_grad():
            shown = self._shown(self._frames([reel], chosen, 1), self._frames([reel], chosen, 2))
            painted = self._unsigned(self.net(self._heard_each([reel], chosen), shown))
        return painted.unflatten(0, (-1, WINDOW))

    def real(self, reel: Reel, starts: NDArray[np.int64]) -> Any:
        """The windows as they are, like ``paint``."""
        return self._frames([reel], np.stack([np.zeros_like(starts), starts], axis=1), 1)

    def heard(self, reel: Reel, starts: NDArray[np.int64]) -> Any:
        """What is heard with the windows: (B, 1, 80, 16)."""
        return self._tensor(reel.heard.part([int(start) for start in starts]))

    def _frames(
        self, reels: Sequence[Reel], chosen: NDArray[np.int64], column: int, length: int = WINDOW
    ) -> Any:
        """(B, length, 3, size, size), BGR, 0..1, from the frames in a column of ``choose`` on."""
        windows = np.stack([reels[row[0]].faces[row[column] : row[column] + length] for row in chosen])
        return self._tensor(windows).flip(-1).permute(0, 1, 4, 2, 3).float() / 255

    def _heard(self, reels: Sequence[Reel], chosen: NDArray[np.int64], column: int) -> Any:
        return self._tensor(np.concatenate([reels[row[0]].heard.part([row[column]]) for row in chosen]))

    def _heard_each(self, reels: Sequence[Reel], chosen: NDArray[np.int64], length: int = WINDOW) -> Any:
        """(B * length, 1, 80, 16): each frame's own sound, as it is heard when videos are made."""
        rows = [reels[row[0]].heard.part(range(row[1], row[1] + length)) for row in chosen]
        return self._tensor(np.concatenate(rows))

    def _shown(self, real: Any, reference: Any) -> Any:
        """(B * 5, 6, size, size): the frame with its lower half hidden, then the reference."""
        size, margin = self.layout.size, self.layout.margin
        hidden = real.clone()
        hidden[..., size // 2 : size - margin, margin : size - margin] = 0
        shown = torch.cat([hidden, reference], dim=2).flatten(0, 1)
        shown = shown * 2 - 1 if self.layout.signed else shown
        return shown.contiguous(memory_format=torch.channels_last)

    def _unsigned(self, painted: Any) -> Any:
        return (painted + 1) / 2 if self.layout.signed else painted

    def _tensor(self, array: NDArray[Any]) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device, non_blocking=True)

    # --- stopping and going on ---

    def state(self) -> dict[str, Any]:
        """All that a step changes."""
        return {
            "steps": self.steps, "picture": self._picture, "expert_error": self._expert_error,
            "net": self.net.state_dict(), "expert": self.expert.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "expert_optimiser": self._expert_optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` gave."""
        self.steps, self._picture = int(state["steps"]), float(state["picture"])
        self._expert_error = float(state["expert_error"])
        self.net.load_state_dict(state["net"])
        self.expert.load_state_dict(state["expert"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._expert_optimiser.load_state_dict(state["expert_optimiser"])
        if self._half:
            self._scaler.load_state_dict(state["scaler"])


def choose(reels: Sequence[Reel], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """(count, 4): reel, first frame of a window, of its reference, and of a window with another sound."""
    starts = [reel.learnt() for reel in reels]
    lengths = np.array([len(each) for each in starts], float)
    rows = []
    for reel in random.choice(len(reels), count, p=lengths / lengths.sum()):
        begin = int(random.choice(starts[reel]))
        others = starts[reel][np.abs(starts[reel] - begin) >= WINDOW]
        if not len(others):
            others = starts[reel]
        rows.append((int(reel), begin, int(random.choice(others)), int(random.choice(others))))
    return np.array(rows, np.int64)
