"""A small convolutional network that maps frames to frames, with its own gradients.

One dense layer, three residual layers of dilated convolutions over five frames, one dense layer.
Trained by AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019) on the
absolute error of the frames and of their slopes, with dropout (Srivastava et al., JMLR 15, 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert.analysis import Floats

HIDDEN = 128
TAPS = 5
DILATIONS = (1, 2, 4)
Parameters = dict[str, Floats]

_BATCH = 8
_CROP = 200
"""Frames of one example: 1 s."""
_DROPOUT = 0.25
_FORGET = 0.1
"""Share of the examples that do not see the phonemes, so that those of another language can be said."""
_SPEED = 2e-3
_DECAY = 1e-2
_SLOPES = 2.0
"""Weight of the error of the slopes."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Frames to learn from."""

    given: Floats
    """(T, inputs)"""
    wanted: Floats
    """(T, outputs)"""
    weight: Floats
    """(T,) how much each frame counts."""


def run(parameters: Mapping[str, Floats], given: Floats) -> Floats:
    """(T, inputs) -> (T, outputs)."""
    hidden = given @ parameters["in"] + parameters["in_bias"]
    for number, dilation in enumerate(DILATIONS):
        stacked = _stack(hidden[None], dilation)
        out = stacked @ parameters[f"mid{number}"] + parameters[f"mid{number}_bias"]
        hidden = hidden + np.maximum(out[0], 0.0)
    return np.asarray(hidden @ parameters["out"] + parameters["out_bias"], np.float32)


def train(lines: Sequence[Line], labels: slice, steps: int, seed: int = 0) -> Parameters:
    """Parameters that map ``given`` to ``wanted``.

    Args:
        labels: columns of ``given`` that name phonemes; hidden now and then.
        steps: batches of ``_BATCH`` crops of ``_CROP`` frames.
    """
    chance = np.random.default_rng(seed)
    parameters = _initial(lines[0].given.shape[1], lines[0].wanted.shape[1], chance)
    first = {name: np.zeros_like(value) for name, value in parameters.items()}
    second = {name: np.zeros_like(value) for name, value in parameters.items()}
    averaged = {name: np.zeros_like(value) for name, value in parameters.items()}
    share = np.array([len(line.given) for line in lines], np.float64)
    for step in range(1, steps + 1):
        batch = _crops([lines[i] for i in chance.choice(len(lines), _BATCH, p=share / share.sum())], chance)
        gradients = _gradients(parameters, *batch, labels, chance)
        speed = _SPEED * min(1.0, step / 20) * (1.0 - 0.95 * step / steps)
        for name, gradient in gradients.items():
            first[name] += 0.1 * (gradient - first[name])
            second[name] += 0.001 * (gradient**2 - second[name])
            moved = first[name] / (1 - 0.9**step) / (np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8)
            parameters[name] -= speed * (moved + _DECAY * parameters[name])
        # The mean over the last fifth is steadier than the last step.
        if step > steps * 4 // 5:
            for name, value in parameters.items():
                averaged[name] += value / (steps - steps * 4 // 5)
    return averaged


def _initial(inputs: int, outputs: int, chance: np.random.Generator) -> Parameters:
    def drawn(rows: int, columns: int) -> Floats:
        return np.asarray(chance.standard_normal((rows, columns)) / np.sqrt(rows), np.float32)

    parameters = {"in": drawn(inputs, HIDDEN), "in_bias": np.zeros(HIDDEN, np.float32)}
    for number in range(len(DILATIONS)):
        parameters[f"mid{number}"] = drawn(TAPS * HIDDEN, HIDDEN)
        parameters[f"mid{number}_bias"] = np.zeros(HIDDEN, np.float32)
    parameters["out"] = np.zeros((HIDDEN, outputs), np.float32)
    parameters["out_bias"] = np.zeros(outputs, np.float32)
    return parameters


def _crops(lines: Sequence[Line], chance: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    given = np.zeros((len(lines), _CROP, lines[0].given.shape[1]), np.float32)
    wanted = np.zeros((len(lines), _CROP, lines[0].wanted.shape[1]), np.float32)
    weight = np.zeros((len(lines), _CROP), np.float32)
    for row, line in enumerate(lines):
        start = int(chance.integers(0, max(1, len(line.given) - _CROP)))
        part = slice(start, start + _CROP)
        count = len(line.given[part])
        given[row, :count], wanted[row, :count] = line.given[part], line.wanted[part]
        weight[row, :count] = line.weight[part]
    return given, wanted, weight


def _stack(hidden: Floats, dilation: int) -> Floats:
    """(B, T, C) -> (B, T, TAPS * C): each frame beside its neighbours, zeros past the ends."""
    reach = dilation * (TAPS // 2)
    padded = np.pad(hidden, ((0, 0), (reach, reach), (0, 0)))
    count = hidden.shape[1]
    return np.concatenate([padded[:, tap * dilation : tap * dilation + count] for tap in range(TAPS)], axis=2)


def _unstack(gradient: NDArray[Any], dilation: int) -> NDArray[Any]:
    reach = dilation * (TAPS // 2)
    count, size = gradient.shape[1], gradient.shape[2] // TAPS
    padded = np.zeros((len(gradient), count + 2 * reach, size), np.float32)
    for tap in range(TAPS):
        padded[:, tap * dilation : tap * dilation + count] += gradient[:, :, tap * size : (tap + 1) * size]
    return padded[:, reach : reach + count]


def _mask(shape: tuple[int, ...], chance: np.random.Generator) -> Floats:
    kept: NDArray[np.bool_] = chance.random(shape, np.float32) >= _DROPOUT
    return kept.astype(np.float32) / np.float32(1.0 - _DROPOUT)


def _gradients(
    parameters: Parameters,
    given: Floats,
    wanted: Floats,
    weight: Floats,
    labels: slice,
    chance: np.random.Generator,
) -> Parameters:
    """Of the loss, by going through the layers backwards."""
    given = given * _mask(given.shape, chance)
    given[chance.random(len(given)) < _FORGET, :, labels] = 0.0
    inputs = given.reshape(-1, given.shape[2])
    batch, count = weight.shape
    hidden = (inputs @ parameters["in"] + parameters["in_bias"]).reshape(batch, count, HIDDEN)
    kept: list[tuple[Floats, Floats]] = []
    for number, dilation in enumerate(DILATIONS):
        stacked = _stack(hidden, dilation).reshape(batch * count, -1)
        out = stacked @ parameters[f"mid{number}"] + parameters[f"mid{number}_bias"]
        open_ = (out > 0) * _mask(out.shape, chance)
        kept.append((stacked, open_))
        hidden = hidden + (out * open_).reshape(hidden.shape)
    flat = hidden.reshape(-1, HIDDEN)
    output = (flat @ parameters["out"] + parameters["out_bias"]).reshape(wanted.shape)
    back: NDArray[Any] = _loss_gradient(output - wanted, weight).reshape(len(flat), -1)
    found = {"out": flat.T @ back, "out_bias": back.sum(axis=0)}
    back = back @ parameters["out"].T
    for number in reversed(range(len(DILATIONS))):
        stacked, open_ = kept[number]
        inner = back * open_
        found[f"mid{number}"] = stacked.T @ inner
        found[f"mid{number}_bias"] = inner.sum(axis=0)
        spread = (inner @ parameters[f"mid{number}"].T).reshape(batch, count, -1)
        back = back + _unstack(spread, DILATIONS[number]).reshape(back.shape)
    found["in"] = inputs.T @ back
    found["in_bias"] = back.sum(axis=0)
    return found


def _loss_gradient(error: NDArray[Any], weight: Floats) -> Floats:
    """Of the mean absolute error plus ``_SLOPES`` times that of the slopes, (B, T, outputs)."""
    gradient = np.sign(error) * weight[:, :, None] / error.size
    slope = np.sign(np.diff(error, axis=1)) * weight[:, 1:, None] * (_SLOPES / error.size)
    gradient[:, 1:] += slope
    gradient[:, :-1] -= slope
    return np.asarray(gradient, np.float32)
