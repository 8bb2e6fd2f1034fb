"""The same network, much cheaper: for one face and many sounds.

Four things are exact (to rounding): batch norm is folded into the convolutions; the face encoder runs once a
picture instead of once a frame; so does the half of each joining convolution that only sees the encoder
(conv(cat(x, f)) = conv(x) + conv(f), and f is constant); and only the part that is pasted is decoded. Of the
7.9 GFLOP a frame of the published network 4.4 remain for the lower half, and fewer for a part of it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from presenter.engines.wav2lip.layouts import LEAK, Conv, Layout, Window
from presenter.engines.wav2lip.net import Block, Net

Range = tuple[int, int]
"""First and one past the last, along one axis."""


def lower_half(layout: Layout) -> Window:
    """What the network repaints."""
    return Window(layout.size // 2, layout.size, 0, layout.size)


def whole(layout: Layout) -> Window:
    """The picture as the network gives it."""
    return Window(0, layout.size, 0, layout.size)


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What the decoder needs of one picture: the encoder's part of each joining convolution."""

    window: Window
    parts: tuple[Any, ...]
    """A tensor (1, channels, rows, columns) for each stage of the decoder but the first, and for the head."""

    @property
    def bytes(self) -> int:
        return sum(part.numel() * part.element_size() for part in self.parts)


# --- which part of each layer is needed -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cut:
    """What a convolution gives for a part of its picture, and what is kept of it."""

    padding: tuple[int, int]
    rows: slice
    columns: slice

    def of(self, y: Any) -> Any:
        return y[:, :, self.rows, self.columns]


@dataclass(frozen=True, slots=True)
class _Step:
    """A stage of the decoder, or the head."""

    joined: tuple[Range, Range]
    """Rows and columns of the joining convolution's output that are needed."""
    join: Cut
    layers: tuple[Cut, ...]


@functools.cache
def _plan(layout: Layout, window: Window) -> tuple[_Step, ...]:
    """From the part that is wanted back to the parts of all layers that it depends on."""
    rows, columns = (window.top, window.bottom), (window.left, window.right)
    stages = (*layout.decoder[1:], (layout.head,))
    sizes = _sizes(layout)
    steps = []
    for stage, before, size in reversed(list(zip(stages, sizes[:-1], sizes[1:], strict=True))):
        layers: list[Cut] = []
        for _ in stage[1:]:
            wide = _wider(rows, size), _wider(columns, size)
            layers.append(_same(wide, (rows, columns)))
            rows, columns = wide
        joined = rows, columns
        rows, columns = (_source(stage[0], needed, before) for needed in joined)
        steps.append(_Step(joined, _join(stage[0], (rows, columns), joined), tuple(reversed(layers))))
    return tuple(reversed(steps))


def _sizes(layout: Layout) -> list[int]:
    """Height and width of the pictures that the stages take, and of what the last one and the head give."""
    sizes = [1]
    for first, *_ in layout.decoder[1:]:
        sizes.append((sizes[-1] - 1) * first.stride[0] - 2 * first.padding + first.kernel + first.rest)
    return [*sizes, layout.size]


def _wider(needed: Range, size: int) -> Range:
    """What a 3x3 convolution has to see."""
    return max(0, needed[0] - 1), min(size, needed[1] + 1)


def _source(conv: Conv, needed: Range, size: int) -> Range:
    """What a joining convolution has to see of an input of this size.

    A transposed one of stride 2 and padding 1 makes output 2i of input i, and 2i + 1 of inputs i and i + 1.
    """
    if not conv.transposed:
        return _wider(needed, size)
    if conv.stride[0] == 1:
        return 0, size
    return needed[0] // 2, min(size, needed[1] // 2 + 1)


def _same(given: tuple[Range, Range], needed: tuple[Range, Range]) -> Cut:
    """A 3x3 convolution. Where both sides are cut it needs no padding, else what saw a false border goes."""
    padding, slices = [], []
    for have, want in zip(given, needed, strict=True):
        inner = have == (want[0] - 1, want[1] + 1)
        padding.append(0 if inner else 1)
        slices.append(slice(None) if inner else slice(want[0] - have[0], want[1] - have[0]))
    return Cut((padding[0], padding[1]), *slices)


def _join(conv: Conv, given: tuple[Range, Range], needed: tuple[Range, Range]) -> Cut:
    if not conv.transposed:
        return _same(given, needed)
    scale = conv.stride[0]
    slices = [slice(want[0] - scale * have[0], want[1] - scale * have[0])
              for have, want in zip(given, needed, strict=True)]  # fmt: skip
    return Cut((conv.padding, conv.padding), *slices)


# --- layers -----------------------------------------------------------------------------------


class _Folded:
    """A convolution with its batch norm in its weights."""

    def __init__(self, block: Block, device: Any, dtype: Any) -> None:
        convolution, norm = block.conv_block
        scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
        along = (1, -1, 1, 1) if block.conv.transposed else (-1, 1, 1, 1)
        weight = convolution.weight.detach() * scale.float().view(along)
        bias = (convolution.bias.detach().double() - norm.running_mean.double()) * scale + norm.bias.double()
        self.conv: Conv = block.conv
        self.weight = _placed(weight.to(device, dtype))
        self.bias = bias.detach().to(device, dtype)
        self._slope = _slope(block)

    def __call__(self, x: Any) -> Any:
        y = functional.conv2d(x, self.weight, self.bias, self.conv.stride, self.conv.padding)
        return self.activate(y.add_(x) if self.conv.residual else y)

    def cut(self, x: Any, cut: Cut) -> Any:
        """A residual one on a part of a picture."""
        y = cut.of(functional.conv2d(x, self.weight, self.bias, 1, cut.padding))
        # Where nothing was padded, the input is one wider than the output on each side.
        rows, columns = (slice(1, -1) if pad == 0 else part
                         for pad, part in zip(cut.padding, (cut.rows, cut.columns), strict=True))  # fmt: skip
        return self.activate(y.add_(x[:, :, rows, columns]))

    def activate(self, y: Any) -> Any:
        return functional.leaky_relu_(y, self._slope) if self._slope else functional.relu_(y)


class _Joining:
    """The first convolution of a decoder's stage: half for the sound, which changes, half for the face."""

    def __init__(self, folded: _Folded, own: int) -> None:
        self.conv, self.activate, self._bias = folded.conv, folded.activate, folded.bias
        axis = 0 if folded.conv.transposed else 1
        self._moving, self._still = map(_placed, folded.weight.tensor_split([own], dim=axis))

    def still(self, features: Any, part: tuple[Range, Range]) -> Any:
        """What the face contributes to a part of the output."""
        y = self._apply(features, self._still, self._bias, (self.conv.padding, self.conv.padding))
        (top, bottom), (left, right) = part
        return _placed(y[:, :, top:bottom, left:right].clone())

    def cut(self, x: Any, still: Any, cut: Cut) -> Any:
        """Both together."""
        y = cut.of(self._apply(x, self._moving, None, cut.padding))
        return self.activate(y.add_(still))

    def _apply(self, x: Any, weight: Any, bias: Any, padding: tuple[int, int]) -> Any:
        if self.conv.transposed:
            return functional.conv_transpose2d(x, weight, bias, self.conv.stride, padding, self.conv.rest)
        return functional.conv2d(x, weight, bias, self.conv.stride, padding)


def _placed(weight: Any) -> Any:
    # Channels last: on processors and tensor cores alike the convolutions are about a third faster so.
    return weight.contiguous(memory_format=torch.channels_last)


def _slope(block: Block) -> float:
    act = block.act
    if isinstance(act, torch.nn.PReLU):
        return float(act.weight.item())
    return LEAK if isinstance(act, torch.nn.LeakyReLU) else 0.0


class Fast:
    """A folded network on a device.

    Args:
        net: with its weights, in the mode for inference.
        device: where it runs.
        half: compute in 16 bits but for the last layer and its activation; for GPUs only.
    """

    def __init__(self, net: Net, device: Any = "cpu", *, half: bool = False) -> None:
        self.layout = net.layout
        self.device = torch.device(device)
        self._dtype = torch.float16 if half else torch.float32

        def fold(blocks: Any) -> list[_Folded]:
            return [_Folded(block, self.device, self._dtype) for block in blocks]

        self._encoder = [fold(stage) for stage in net.face_encoder_blocks]
        self._audio = fold(net.audio_encoder) + (fold(net.audio_refine) if self.layout.refine else [])
        decoder = [fold(stage) for stage in net.face_decoder_blocks]
        self._audio += decoder[0]
        self._stages = [stage[1:] for stage in decoder[1:]]
        widths = [stage[-1].outputs for stage in self.layout.decoder]
        firsts = [*(stage[0] for stage in decoder[1:]), *fold(net.output_block[:1])]
        self._joining = [_Joining(each, width) for each, width in zip(firsts, widths, strict=True)]
        last = net.output_block[1]
        # Copied: a view would keep the whole file of weights in memory.
        self._last = [
            each.detach().to(self.device, torch.float32, copy=True) for each in (last.weight, last.bias)
        ]

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def look(self, face: Any, window: Window) -> Maps:
        """See one picture: what is the same for all sounds.

        Args:
            face: (1, 6, size, size) float32, as ``Net.forward`` takes it.
            window: the part that will be painted.
        """
        x = _placed(face.to(self.device, self._dtype))
        seen = []
        for stage in self._encoder:
            for layer in stage:
                x = layer(x)
            seen.append(x)
        steps = _plan(self.layout, window)
        parts = zip(self._joining, reversed(seen), steps, strict=True)
        return Maps(window, tuple(joining.still(each, step.joined) for joining, each, step in parts))

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def paint(self, mel: Any, maps: Maps | Sequence[Maps]) -> Any:
        """Paint mouths.

        Args:
            mel: (B, 1, 80, 16) float32.
            maps: of the picture; or B of them, of one window, one for each sound.

        Returns:
            (B, 3, rows, columns) of the window, float32 on the device, BGR, 0..1.
        """
        window = maps.window if isinstance(maps, Maps) else maps[0].window
        parts = maps.parts if isinstance(maps, Maps) else _stacked(maps)
        steps = _plan(self.layout, window)
        x = _placed(mel.to(self.device, self._dtype))
        for layer in self._audio:
            x = layer(x)
        for number, stage in enumerate(self._stages):
            x = self._joining[number].cut(x, parts[number], steps[number].join)
            for layer, cut in zip(stage, steps[number].layers, strict=True):
                x = layer.cut(x, cut)
        y = self._joining[-1].cut(x, parts[-1], steps[-1].join)
        y = functional.conv2d(y.float(), *self._last)
        return torch.tanh_(y).add_(1).div_(2) if self.layout.signed else torch.sigmoid_(y)


def _stacked(maps: Sequence[Maps]) -> tuple[Any, ...]:
    return tuple(torch.cat(parts) for parts in zip(*(each.parts for each in maps), strict=True))
