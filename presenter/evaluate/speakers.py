"""Who speaks: a speaker encoder, and how alike two voices sound to it.

The network is that of Wan et al., "Generalized end-to-end loss for speaker verification" (ICASSP 2018),
with the weights of Resemblyzer (Apache-2.0), which was trained on recordings of some thousands of people.
It is small enough for NumPy; the file is read without running anything that stands in it.
"""

from __future__ import annotations

import functools
import itertools
import math
import pickle
import struct
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from presenter.align import listening
from presenter.audio import resample
from presenter.engines import weights
from presenter.errors import SetupError
from presenter.types import Wave

Floats = NDArray[np.float32]

RATE = 16_000
_WINDOW, _HOP = 400, 160
"""Samples of a frame (25 ms) and between frames (10 ms)."""
_BANDS = 40
_PART = 160
"""Frames of a part that is listened to at once (1.6 s)."""
_STEP = 77
"""Frames between parts: 1.3 parts a second."""
_COVERED = 0.75
"""Share of the last part that has to hold sound."""
_BATCH = 64
"""Parts that go through the network together."""
_LOUD = 10 ** (-30 / 20)
"""Level (root mean square) to which quiet recordings are raised."""
_LAYERS, _SIZE = 3, 256
_NEAR_SPEECH = 9
"""Frames around speech that are kept when pauses are cut out."""


def embeddings(waves: Sequence[Wave]) -> Floats:
    """What the voices of recordings sound like, float32 (N, 256), rows of length 1.

    The scalar product of two is how alike they are: 1 is the same; recordings of one person have about
    0.9, those of two 0.5.

    Raises:
        SetupError: the checkpoint is missing and cannot be fetched.
    """
    parts = [_parts(_mel_power(_speech(wave))) for wave in waves]
    joined = np.concatenate(parts)
    encoded = np.concatenate([_encoded(joined[at : at + _BATCH]) for at in range(0, len(joined), _BATCH)])
    ends = np.cumsum([0, *map(len, parts)])
    means = np.stack([encoded[start:end].mean(axis=0) for start, end in itertools.pairwise(ends)])
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def _parts(power: Floats) -> Floats:
    """Overlapping parts of 1.6 s, float32 (P, 160, 40)."""
    count = max(1, math.ceil((len(power) - _PART) / _STEP) + 1)
    if count > 1 and len(power) - (count - 1) * _STEP < _COVERED * _PART:
        count -= 1
    padded = np.pad(power, ((0, max(0, (count - 1) * _STEP + _PART - len(power))), (0, 0)))
    return np.stack([padded[at * _STEP : at * _STEP + _PART] for at in range(count)])


def _speech(wave: Wave) -> Floats:
    """The recording at 16 kHz, not too quiet, without its long pauses."""
    keep = listening.quiet(listening.bands(wave)) < 0.5
    keep = np.convolve(keep, np.ones(2 * _NEAR_SPEECH + 1))[_NEAR_SPEECH:-_NEAR_SPEECH] > 0.5
    sound = resample(wave, RATE)
    level = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    if 0.0 < level < _LOUD:
        sound = sound * np.float32(_LOUD / level)
    kept = np.repeat(keep, _HOP)[: len(sound)]
    return sound[: len(kept)][kept]


def _mel_power(sound: Floats) -> Floats:
    """Power in 40 mel bands, float32 (T, 40); not in decibels."""
    padded = np.pad(sound.astype(np.float64), _WINDOW // 2)
    window = np.hanning(_WINDOW + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP] * window
    return np.asarray(np.abs(np.fft.rfft(frames)) ** 2 @ _mel().T, np.float32)


@functools.cache
def _mel() -> NDArray[np.float64]:
    """Triangular bands of equal area, (40, 201), on the scale of Slaney's Auditory Toolbox (1998): linear
    up to 1 kHz, logarithmic above."""
    top = 15.0 + 27.0 * math.log(8.0) / math.log(6.4)
    mels = np.linspace(0.0, top, _BANDS + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp(math.log(6.4) / 27.0 * (mels - 15.0)))
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    rising = (hertz - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - hertz) / np.diff(edges)[1:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * area[:, None], np.float64)


# --- the network ---


def _encoded(parts: Floats) -> Floats:
    """float32 (P, T, 40) -> (P, 256) of length 1: three LSTM layers, a linear one, rectified."""
    known = _weights()
    rows = parts
    for layer in range(_LAYERS):
        rows = _lstm(
            rows,
            *(known[f"lstm.{name}_l{layer}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
        )
    found = np.maximum(rows[:, -1] @ known["linear.weight"].T + known["linear.bias"], 0.0)
    return np.asarray(found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9), np.float32)


def _lstm(rows: Floats, inward: Floats, onward: Floats, bias: Floats, other: Floats) -> Floats:
    """One layer over (P, T, I), giving (P, T, 256); gates in the order input, forget, cell, output."""
    inputs = rows @ inward.T + (bias + other)
    hidden = cell = np.zeros((len(rows), _SIZE), np.float32)
    out = np.empty((*rows.shape[:2], _SIZE), np.float32)
    for time in range(rows.shape[1]):
        entry, forget, change, exits = np.split(inputs[:, time] + hidden @ onward.T, 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(entry) * np.tanh(change)
        hidden = _sigmoid(exits) * np.tanh(cell)
        out[:, time] = hidden
    return out


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values), np.float32)


@functools.cache
def _weights() -> dict[str, Floats]:
    path = weights.require("speaker_encoder")
    try:
        known = _read(path)
        shapes = known["lstm.weight_hh_l2"].shape, known["linear.weight"].shape
    except (pickle.UnpicklingError, KeyError, ValueError, struct.error) as error:
        raise SetupError(
            "E-MODEL-BROKEN",
            "The speaker encoder cannot be read.",
            "Download it again: presenter checkpoints fetch evaluate.",
        ) from error
    assert shapes == ((4 * _SIZE, _SIZE), (_SIZE, _SIZE))
    return known


# --- PyTorch's file format before 1.6: pickles, then the storages one after the other ---

_TYPES = {"FloatStorage": np.float32, "DoubleStorage": np.float64, "LongStorage": np.int64}


class _Reader(pickle.Unpickler):
    """Builds tensors as places in storages that come later; anything else than tensors is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, *_: (storage, offset, shape)
        if module == "torch" and name in _TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a file of weights")

    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, _, count, _ = pid
        return str(key), str(kind), int(count)


def _read(path: Path) -> dict[str, Floats]:
    """The tensors of the entry ``model_state``."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, protocol, sizes of integers
            _Reader(file).load()
        found = _Reader(file).load()["model_state"]
        keys = _Reader(file).load()
        places = {storage[0]: storage for storage, _, _ in found.values()}
        storages = {key: _storage(file, places.get(key)) for key in keys}
    return {
        name: storages[key][offset : offset + math.prod(shape)].reshape(shape)
        for name, ((key, _, _), offset, shape) in found.items()
    }


def _storage(file: IO[bytes], place: tuple[str, str, int] | None) -> NDArray[Any]:
    """The next storage of the file; those of no interest are passed over with the type of the others."""
    (count,) = struct.unpack("<q", file.read(8))
    kind = np.dtype(_TYPES[place[1]] if place else np.float32)
    return np.frombuffer(file.read(count * kind.itemsize), kind)
