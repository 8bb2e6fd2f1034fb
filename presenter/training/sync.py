"""A network that hears and sees whether lips fit the sound: the expert that the painter is trained against.

After J. S. Chung, A. Zisserman, "Out of time: automated lip sync in the wild" (ACCV workshops 2016), in the
shape that Prajwal et al. 2020 published for Wav2Lip: the lower halves of five frames and a fifth of a second
of sound each become a vector of non-negative numbers, and the cosine between the two is the chance that they
belong together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from presenter.engines.wav2lip.layouts import Conv, Stage
from presenter.engines.wav2lip.net import Block
from presenter.training.footage import WINDOW

SEEN = (48, 96)
"""Height and width of a lower half as it is seen."""


def _stage(inputs: int, outputs: int, stride: tuple[int, int], again: int) -> Stage:
    first = Conv(inputs, outputs, stride=stride)
    return (first, *(Conv(outputs, outputs, residual=True) for _ in range(again)))


FACE: Stage = (
    Conv(3 * WINDOW, 32, 7, padding=3),
    Conv(32, 64, 5, (1, 2)),
    *(Conv(64, 64, residual=True) for _ in range(2)),
    *_stage(64, 128, (2, 2), 3),
    *_stage(128, 256, (2, 2), 2),
    *_stage(256, 512, (2, 2), 2),
    Conv(512, 512, stride=(2, 2)),
    Conv(512, 512, padding=0),
    Conv(512, 512, 1, padding=0),
)
SOUND: Stage = (
    *_stage(1, 32, (1, 1), 2),
    *_stage(32, 64, (3, 1), 2),
    *_stage(64, 128, (3, 3), 2),
    *_stage(128, 256, (3, 2), 2),
    Conv(256, 512, padding=0),
    Conv(512, 512, 1, padding=0),
)


class Sync(nn.Module):  # type: ignore[misc]
    """The expert.

    Args:
        divisor: has so many times fewer channels than the published one.
    """

    def __init__(self, divisor: int = 1) -> None:
        super().__init__()
        self.face_encoder = _sequence(FACE, divisor)
        self.audio_encoder = _sequence(SOUND, divisor)

    def forward(self, mel: Any, lips: Any) -> Any:
        """How well each pair fits: (B,), 0..1.

        Args:
            mel: (B, 1, 80, 16), from the first frame on.
            lips: (B, 15, 48, 96), see ``lips_of``.
        """
        return functional.cosine_similarity(self.hear(mel), self.see(lips))

    def hear(self, mel: Any) -> Any:
        """(B, C)."""
        return self.audio_encoder(mel).flatten(1).float()

    def see(self, lips: Any) -> Any:
        """(B, C)."""
        return self.face_encoder(lips).flatten(1).float()


def _sequence(stage: Stage, divisor: int) -> Any:
    def thin(conv: Conv) -> Conv:
        inputs = conv.inputs if conv.inputs in (1, 3 * WINDOW) else conv.inputs // divisor
        return replace(conv, inputs=inputs, outputs=conv.outputs // divisor)

    return nn.Sequential(*(Block(thin(conv), "relu") for conv in stage))


def lips_of(frames: Any) -> Any:
    """The lower halves of five frames each, one above the other: (B, 5, 3, size, size) to (B, 15, 48, 96)."""
    lower = frames[..., frames.shape[-2] // 2 :, :].flatten(1, 2)
    if lower.shape[-2:] == SEEN:
        return lower
    return functional.interpolate(lower, SEEN, mode="bilinear", antialias=True)


def loss(fits: Any, belong: Any) -> Any:
    """Binary cross-entropy of what ``Sync`` says, (B,), against the truth, (B,) of 0 and 1."""
    return functional.binary_cross_entropy(fits.clamp(1e-4, 1 - 1e-4), belong)


def distance(net: Sync, mel: Any, lips: Any) -> Any:
    """1 - cosine of each pair, (B,), without learning anything."""
    net.eval()
    with torch.no_grad():
        return 1 - net(mel, lips)
