"""A network of the family as it is published and trained: plain, unfolded, every frame on its own.

This is the reference that ``fast`` is measured against, and what training starts from.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from presenter.engines.wav2lip.layouts import LEAK, Conv, Layout, Stage


class Block(nn.Module):  # type: ignore[misc]
    """Convolution, batch norm, residual, activation."""

    def __init__(self, conv: Conv, activation: str) -> None:
        super().__init__()
        self.conv = conv
        convolution: Any
        if conv.transposed:
            convolution = nn.ConvTranspose2d(
                conv.inputs, conv.outputs, conv.kernel, conv.stride, conv.padding, conv.rest
            )
        else:
            convolution = nn.Conv2d(conv.inputs, conv.outputs, conv.kernel, conv.stride, conv.padding)
        self.conv_block = nn.Sequential(convolution, nn.BatchNorm2d(conv.outputs))
        self.act = _activation(conv.activation or activation)

    def forward(self, x: Any) -> Any:
        y = self.conv_block(x)
        return self.act(y + x if self.conv.residual else y)


def _activation(name: str) -> Any:
    if name == "prelu":
        return nn.PReLU()
    return nn.LeakyReLU(LEAK) if name == "leaky" else nn.ReLU()


class Net(nn.Module):  # type: ignore[misc]
    """A network of the family; its state has the names and shapes of the published checkpoints."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.layout = layout

        def sequence(stage: Stage) -> Any:
            return nn.Sequential(*(Block(conv, layout.activation) for conv in stage))

        self.face_encoder_blocks = nn.ModuleList(map(sequence, layout.encoder))
        self.audio_encoder = sequence(layout.audio)
        if layout.refine:
            self.audio_refine = sequence(layout.refine)
        self.face_decoder_blocks = nn.ModuleList(map(sequence, layout.decoder))
        self.output_block = nn.Sequential(
            Block(layout.head, layout.activation),
            nn.Conv2d(layout.head.outputs, 3, 1),
            nn.Tanh() if layout.signed else nn.Sigmoid(),
        )

    def forward(self, mel: Any, face: Any) -> Any:
        """Paint mouths.

        Args:
            mel: (B, 1, 80, 16) as ``mel.windows`` gives them.
            face: (B, 6, size, size), BGR: the frame with its lower half hidden, then the reference.

        Returns:
            (B, 3, size, size), BGR, 0..1 (-1..1 where the layout is signed).
        """
        features = []
        for stage in self.face_encoder_blocks:
            face = stage(face)
            features.append(face)
        x = self.audio_encoder(mel)
        if self.layout.refine:
            x = self.audio_refine(x)
        for stage in self.face_decoder_blocks:
            x = torch.cat((stage(x), features.pop()), dim=1)
        return self.output_block(x)


def calibrate(net: Net, mel: Any, face: Any) -> None:
    """Give a network with random weights statistics and a contrast like a trained one's.

    Untrained, every output is 0.5 and comparing two of them proves nothing.
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momentum = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all that was seen
    net.train()
    with torch.no_grad():
        net(mel, face)
        net.output_block[1].weight.mul_(4)
    for norm, value in zip(norms, momentum, strict=True):
        norm.momentum = value
    net.eval()
