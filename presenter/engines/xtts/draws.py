"""Random numbers that others do not notice."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import torch


class Draws:
    """Random numbers of a seed, and sums in a fixed order, as long as it is entered; entered again, it goes
    on where it was left. The random numbers of everybody else are not touched."""

    def __init__(self, seed: int) -> None:
        self._seed = seed % 2**63
        self._inner: list[torch.Tensor] = []
        self._outer: list[torch.Tensor] = []
        self._exact = (False, False)

    def __enter__(self) -> None:
        self._outer = _random_states()
        if self._inner:
            _set_random_states(self._inner)
        else:
            torch.manual_seed(self._seed)
        self._exact = (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        )
        torch.use_deterministic_algorithms(True, warn_only=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inner = _random_states()
        _set_random_states(self._outer)
        torch.use_deterministic_algorithms(self._exact[0], warn_only=self._exact[1])


def _random_states() -> list[torch.Tensor]:
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return [torch.get_rng_state(), *gpus]


def _set_random_states(states: Sequence[torch.Tensor]) -> None:
    torch.set_rng_state(states[0])
    if len(states) > 1:
        torch.cuda.set_rng_state_all(states[1:])
