"""The published networks of the Wav2Lip family as tables: which convolutions, in which order, of which shape.

Prajwal, Mukhopadhyay, Namboodiri, Jawahar, "A Lip Sync Expert Is All You Need for Speech to Lip Generation In
The Wild", ACM Multimedia 2020. All members of the family share one plan: a face encoder (six channels: the
frame with its mouth hidden, and a reference), an audio encoder (80 mel bands x 16 columns to one vector) and
a decoder that joins each of its stages with the encoder's output of the same size. They differ in picture
size, number of stages and activation. A checkpoint is recognised by the names and shapes of its weights.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Shape = tuple[int, ...]

BANDS = 80
"""Mel bands that the audio encoder takes."""
COLUMNS = 16
"""Columns of the spectrogram that it takes: 0.2 s."""


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution, batch norm and activation."""

    inputs: int
    outputs: int
    kernel: int = 3
    stride: tuple[int, int] = (1, 1)
    """Down and across."""
    padding: int = 1
    residual: bool = False
    """Its input is added before the activation."""
    transposed: bool = False
    rest: int = 0
    """Output padding of a transposed one."""
    activation: str = ""
    """Where it differs from the network's."""


Stage = tuple[Conv, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A network of the family."""

    size: int
    """Height and width of its pictures (pixels)."""
    encoder: tuple[Stage, ...]
    audio: Stage
    decoder: tuple[Stage, ...]
    head: Conv
    """Followed by a 1x1 convolution to three channels."""
    activation: Literal["relu", "prelu", "leaky"] = "relu"
    refine: Stage = ()
    """Follows the audio encoder."""
    signed: bool = False
    """Pictures are -1..1 and the last activation is tanh, instead of 0..1 and the logistic function."""
    margin: int = 0
    """So many pixels beside and below the hidden half are not hidden."""

    @property
    def name(self) -> str:
        return f"Wav2Lip-{self.size}"

    @property
    def width(self) -> int:
        """Channels of the first convolution; smaller than published where the network was slimmed."""
        return self.encoder[0][0].outputs


def _down(inputs: int, outputs: int, kernel: int, stride: int, again: int) -> Stage:
    """A stage of an encoder: it keeps or halves the size, then ``again`` residual convolutions."""
    first = Conv(inputs, outputs, kernel, (stride, stride), kernel // 2)
    return (first, *(Conv(outputs, outputs, residual=True) for _ in range(again)))


def _squeeze(channels: int, kernel: int) -> Stage:
    """The last stage of an encoder: ``kernel`` pixels become one."""
    return Conv(channels, channels, kernel, padding=0), Conv(channels, channels, 1, padding=0)


def _up(inputs: int, outputs: int, again: int, *, kernel: int = 3, stride: int = 2, rest: int = 1) -> Stage:
    """A stage of the decoder; a stride of 1 makes ``kernel`` pixels of one."""
    padding = 1 if stride == 2 else 0
    rest = rest if stride == 2 else 0
    first = Conv(inputs, outputs, kernel, (stride, stride), padding, transposed=True, rest=rest)
    return (first, *(Conv(outputs, outputs, residual=True) for _ in range(again)))


def _audio(inputs: int, outputs: int, stride: tuple[int, int], again: int) -> Stage:
    first = Conv(inputs, outputs, stride=stride)
    return (first, *(Conv(outputs, outputs, residual=True) for _ in range(again)))


_EARS: Stage = (
    *_audio(1, 32, (1, 1), 2),
    *_audio(32, 64, (3, 1), 2),
    *_audio(64, 128, (3, 3), 2),
    *_audio(128, 256, (3, 2), 1),
    Conv(256, 512, padding=0),
    Conv(512, 512, 1, padding=0),
)

WAV2LIP_96 = Layout(
    size=96,
    encoder=(
        _down(6, 16, 7, 1, 0),
        _down(16, 32, 3, 2, 2),  # 48
        _down(32, 64, 3, 2, 3),  # 24
        _down(64, 128, 3, 2, 2),  # 12
        _down(128, 256, 3, 2, 2),  # 6
        _down(256, 512, 3, 2, 1),  # 3
        _squeeze(512, 3),  # 1
    ),
    audio=_EARS,
    decoder=(
        (Conv(512, 512, 1, padding=0),),
        _up(1024, 512, 1, stride=1),  # 3
        _up(1024, 512, 2),  # 6
        _up(768, 384, 2),  # 12
        _up(512, 256, 2),  # 24
        _up(320, 128, 2),  # 48
        _up(160, 64, 2),  # 96
    ),
    head=Conv(80, 32),
)
"""The network of the paper: wav2lip.pth and wav2lip_gan.pth (github.com/Rudrabha/Wav2Lip)."""

WAV2LIP_256 = Layout(
    size=256,
    encoder=(
        *WAV2LIP_96.encoder[:6],  # 8
        _down(512, 512, 3, 2, 1),  # 4
        _squeeze(512, 4),
    ),
    audio=_EARS,
    decoder=(
        WAV2LIP_96.decoder[0],
        _up(1024, 512, 1, kernel=4, stride=1),  # 4
        _up(1024, 512, 1),  # 8
        *WAV2LIP_96.decoder[2:],  # 16 to 256
    ),
    head=WAV2LIP_96.head,
)
"""github.com/lipku/LiveTalking."""

WAV2LIP_288 = Layout(
    size=288,
    encoder=(
        _down(6, 16, 7, 1, 0),
        _down(16, 32, 5, 2, 1),  # 144
        _down(32, 32, 3, 2, 2),  # 72
        *WAV2LIP_96.encoder[2:6],  # 36, 18, 9, 5
        _squeeze(512, 3),  # 3
        _squeeze(512, 3),  # 1
    ),
    audio=_EARS,
    decoder=(
        WAV2LIP_96.decoder[0],
        _up(1024, 512, 1, stride=1),  # 3
        _up(1024, 512, 2, rest=0),  # 5
        _up(1024, 512, 2, rest=0),  # 9
        *WAV2LIP_96.decoder[3:],  # 18 to 144
        _up(96, 64, 2),  # 288
    ),
    head=Conv(80, 32),
    activation="prelu",
)
"""github.com/primepake/wav2lip_288x288."""

WAV2LIP_384 = Layout(
    size=384,
    encoder=(
        _down(6, 8, 7, 1, 0),
        _down(8, 16, 3, 2, 2),  # 192
        _down(16, 32, 3, 2, 2),  # 96
        _down(32, 64, 3, 2, 3),  # 48
        _down(64, 128, 3, 2, 2),  # 24
        _down(128, 256, 3, 2, 2),  # 12
        _down(256, 512, 3, 2, 2),  # 6
        _down(512, 1024, 3, 2, 2),  # 3
        _squeeze(1024, 3),
    ),
    audio=(
        *_EARS[:9],
        *_audio(128, 256, (3, 2), 2),
        *_audio(256, 512, (1, 1), 2),
        Conv(512, 1024, padding=0, activation="relu"),
        Conv(1024, 1024, 1, padding=0, activation="relu"),
    ),
    refine=(Conv(1024, 1024, 1, padding=0), Conv(1024, 1024, 1, padding=0)),
    decoder=(
        (Conv(1024, 1024, 1, padding=0),),
        _up(2048, 1024, 1, stride=1),  # 3
        _up(2048, 1024, 2),  # 6
        _up(1536, 768, 2),
        _up(1024, 512, 2),
        _up(640, 256, 2),
        _up(320, 128, 2),
        _up(160, 64, 2),
        _up(80, 32, 2),  # 384
    ),
    head=Conv(40, 16),
    activation="leaky",
    signed=True,
    margin=8,
)
"""github.com/nghiakvnvsd/wav2lip384."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the network's picture: half-open, pixels."""

    top: int
    bottom: int
    left: int
    right: int


LAYOUTS = (WAV2LIP_96, WAV2LIP_256, WAV2LIP_288, WAV2LIP_384)
LEAK = 0.2
"""Slope of ``leaky`` below zero."""


def slim(layout: Layout, divisor: int) -> Layout:
    """The same network with ``divisor`` times fewer channels: for tests and for small machines."""

    def thin(conv: Conv) -> Conv:
        inputs = conv.inputs if conv.inputs in (1, 6) else conv.inputs // divisor
        return replace(conv, inputs=inputs, outputs=conv.outputs // divisor)

    def stages(whole: tuple[Stage, ...]) -> tuple[Stage, ...]:
        return tuple(tuple(map(thin, stage)) for stage in whole)

    audio, refine = stages((layout.audio, layout.refine))
    return replace(
        layout, encoder=stages(layout.encoder), audio=audio, refine=refine, decoder=stages(layout.decoder),
        head=thin(layout.head),
    )  # fmt: skip


@functools.cache
def shapes(layout: Layout) -> Mapping[str, Shape]:
    """Names and shapes of the network's weights, in the order of the published checkpoints."""
    found: dict[str, Shape] = {}
    for name, conv in convolutions(layout):
        weight = (conv.inputs, conv.outputs) if conv.transposed else (conv.outputs, conv.inputs)
        found[f"{name}.conv_block.0.weight"] = (*weight, conv.kernel, conv.kernel)
        found[f"{name}.conv_block.0.bias"] = (conv.outputs,)
        for each in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.conv_block.1.{each}"] = (conv.outputs,)
        found[f"{name}.conv_block.1.num_batches_tracked"] = ()
        if layout.activation == "prelu":
            found[f"{name}.act.weight"] = (1,)
    found["output_block.1.weight"] = (3, layout.head.outputs, 1, 1)
    found["output_block.1.bias"] = (3,)
    return found


def convolutions(layout: Layout) -> Iterator[tuple[str, Conv]]:
    """All but the last convolution, with their names in a checkpoint."""
    for number, stage in enumerate(layout.encoder):
        yield from ((f"face_encoder_blocks.{number}.{at}", conv) for at, conv in enumerate(stage))
    yield from ((f"audio_encoder.{at}", conv) for at, conv in enumerate(layout.audio))
    yield from ((f"audio_refine.{at}", conv) for at, conv in enumerate(layout.refine))
    for number, stage in enumerate(layout.decoder):
        yield from ((f"face_decoder_blocks.{number}.{at}", conv) for at, conv in enumerate(stage))
    yield "output_block.0", layout.head


def recognise(found: Mapping[str, Shape]) -> Layout | None:
    """The network that weights of these names and shapes belong to, slimmed ones too; None for no such."""
    first = found.get("face_encoder_blocks.0.0.conv_block.0.bias", ())
    if len(first) != 1:
        return None
    for published in LAYOUTS:
        divisor, left = divmod(published.width, max(first[0], 1))
        if left:
            continue
        layout = slim(published, divisor) if divisor > 1 else published
        if _relevant(shapes(layout)) == _relevant(found):
            return layout
    return None


def _relevant(found: Mapping[str, Shape]) -> dict[str, Shape]:
    """Counters of training steps say nothing about a network; some exports leave them out."""
    return {name: tuple(shape) for name, shape in found.items() if not name.endswith("num_batches_tracked")}
