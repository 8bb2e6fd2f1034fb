"""Which frames of the person's own recordings are heard: the cheapest path through all of them.

Unit selection (Hunt and Black, "Unit selection in a concatenative speech synthesis system using a
large speech database", ICASSP 1996) with frames as units: a frame costs how unlike the wanted one it
is, a join how much is heard of it; frames that follow one another in a recording join for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert.analysis import Floats

CONTEXT = 21
"""Coefficients of the source's cepstra that are compared."""

_NEAREST = 20
"""Candidates of each frame."""
_AHEAD, _LEADERS = 6, 3
"""The best candidates of the frames before lead on for so many frames."""
_POOL = 400
"""Fewest frames among which the candidates of a phoneme are sought; rarer ones look among all."""
_WANTED, _SAID = 1.0, 0.7
"""Weights of the distance from the wanted cepstra, and between the sources' cepstra."""
_PLACE, _NEIGHBOUR, _MELODY = 2.0, 1.5, 6.0
"""Costs: another place in the phoneme, another neighbour, pitch (an octave)."""
_STRANGER, _VOICING, _DOUBT = 3.0, 5.0, 4.0
"""Costs: another phoneme, another voicing, a doubtful alignment."""
_JOIN, _JUMP, _AGAIN, _SKIP = 2.0, 2.0, 1.5, 0.7
"""Costs: distance across a join, a join at all, the same frame again, one frame left out."""
_BLOCK = 250
"""Frames whose joins are weighed at once."""
_CELLS = 2_000_000
"""Pairs of frames that are compared at once: 16 MB an array, however long text and recordings are."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Frames to choose from, or frames that are wanted."""

    vectors: Floats
    """(M, D) what is compared: see ``vectors``."""
    voiced: NDArray[np.bool_]
    """(M,)"""
    labels: NDArray[np.int16]
    """(M, 3) numbers of the phoneme, the one before and the one after; -1 where nobody knows."""
    place: Floats
    """(M,) 0 at the phoneme's start, 1 at its end."""
    doubtful: NDArray[np.bool_]
    """(M,)"""


def vectors(cepstra: Floats, said: Floats, melody: Floats) -> Floats:
    """What is compared of frames, in order of time.

    Args:
        cepstra: (M, ORDER) the person's cepstra, each divided by its deviation.
        said: (M, CONTEXT) the source's cepstra with variance 1.
        melody: (M,) octaves.
    """
    weights = np.where(np.arange(cepstra.shape[1]) < 24, 1.0, 0.5).astype(np.float32) * np.float32(_WANTED)
    around = [
        np.roll(said, -shift, axis=0) * np.float32(_SAID * share)
        for shift, share in ((-5, 0.6), (0, 1.0), (5, 0.6))
    ]
    return np.hstack([cepstra * weights, *around, melody[:, None] * np.float32(_MELODY)])


def choose(wanted: Units, bank: Units, joins: Floats, last: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The number of the bank's frame for each wanted one, (T,).

    Args:
        joins: (M, J) what must not jump at a join.
        last: (M,) whether a recording ends with the frame.
    """
    candidates = _candidates(wanted, bank)
    costs = _costs(wanted, bank, candidates)
    return _best(candidates, costs, joins, last)


def _candidates(wanted: Units, bank: Units) -> NDArray[np.intp]:
    """(T, K) frames worth a look: the nearest of the same phoneme, and what follows the last ones."""
    count = len(wanted.voiced)
    nearest = np.zeros((count, _NEAREST), np.intp)
    squares = (bank.vectors**2).sum(axis=1)
    for phoneme in np.unique(wanted.labels[:, 0]):
        rows = np.flatnonzero(wanted.labels[:, 0] == phoneme)
        pool = np.flatnonzero(bank.labels[:, 0] == phoneme) if phoneme >= 0 else np.zeros(0, np.intp)
        if len(pool) < _POOL:
            pool = np.arange(len(bank.voiced))
        theirs = np.ascontiguousarray(bank.vectors[pool].T)
        block = max(8, _CELLS // len(pool))
        for first in range(0, len(rows), block):
            part = rows[first : first + block]
            unlike = squares[pool] - 2.0 * wanted.vectors[part] @ theirs
            unlike += (wanted.vectors[part] ** 2).sum(axis=1)[:, None]
            distance = np.sqrt(np.maximum(unlike, 0.0))
            distance += _penalties(wanted, part[:, None], bank, pool[None, :])
            keep = min(_NEAREST, len(pool))
            chosen = np.argpartition(distance, keep - 1, axis=1)[:, :keep]
            order = np.argsort(np.take_along_axis(distance, chosen, 1), axis=1)
            ranked = pool[np.take_along_axis(chosen, order, 1)]
            nearest[part] = ranked[:, np.arange(_NEAREST) % keep]
    led = [nearest]
    for ahead in range(1, _AHEAD + 1):
        follow = np.roll(nearest[:, :_LEADERS], ahead, axis=0) + ahead
        follow[:ahead] = nearest[:ahead, :_LEADERS]
        led.append(np.minimum(follow, len(bank.voiced) - 1))
    return np.hstack(led)


def _penalties(wanted: Units, rows: NDArray[np.intp], bank: Units, frames: NDArray[np.intp]) -> Floats:
    place = wanted.place[rows]
    cost = _STRANGER * (wanted.labels[rows, 0] != bank.labels[frames, 0])
    cost = cost + _VOICING * (wanted.voiced[rows] != bank.voiced[frames])
    cost += _PLACE * np.abs(place - bank.place[frames])
    cost += _NEIGHBOUR * (wanted.labels[rows, 1] != bank.labels[frames, 1]) * (1.0 - place)
    cost += _NEIGHBOUR * (wanted.labels[rows, 2] != bank.labels[frames, 2]) * place
    cost += _DOUBT * bank.doubtful[frames]
    return np.asarray(cost, np.float32)


def _costs(wanted: Units, bank: Units, candidates: NDArray[np.intp]) -> Floats:
    found = np.empty(candidates.shape, np.float32)
    for first in range(0, len(candidates), _BLOCK):
        part = candidates[first : first + _BLOCK]
        rows = np.arange(first, first + len(part))[:, None]
        apart = bank.vectors[part] - wanted.vectors[first : first + len(part), None]
        found[first : first + len(part)] = np.sqrt(np.einsum("tkd,tkd->tk", apart, apart))
        found[first : first + len(part)] += _penalties(wanted, rows, bank, part)
    return found


def _best(
    candidates: NDArray[np.intp], costs: Floats, joins: Floats, last: NDArray[np.bool_]
) -> NDArray[np.intp]:
    total = costs[0]
    back = np.zeros(candidates.shape, np.int32)
    squares = (joins**2).sum(axis=1)
    for first in range(1, len(candidates), _BLOCK):
        here = candidates[first : first + _BLOCK]
        before = candidates[first - 1 : first - 1 + len(here)]
        follow = np.where(last[before], before, before + 1)
        product = np.matmul(joins[here], joins[follow].transpose(0, 2, 1))
        apart = squares[here][:, :, None] + squares[follow][:, None, :] - 2.0 * product
        cost = _JOIN * np.sqrt(np.maximum(apart, 0.0)) + _JUMP
        moved = here[:, :, None] - before[:, None, :]
        cost[moved == 0] = _AGAIN
        cost[moved == 2] = _SKIP
        cost[(moved == 1) & ~last[before][:, None, :]] = 0.0
        for row in range(len(here)):
            ways = cost[row] + total
            back[first + row] = ways.argmin(axis=1)
            total = ways.min(axis=1) + costs[first + row]
    path = np.zeros(len(candidates), np.intp)
    slot = int(total.argmin())
    for row in range(len(candidates) - 1, -1, -1):
        path[row] = candidates[row, slot]
        slot = int(back[row, slot])
    return path
