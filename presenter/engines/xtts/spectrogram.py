"""What coqui-tts takes from torchaudio to run XTTS, where torchaudio itself cannot be imported.

There is no torchaudio for every torch, and one that is built for CUDA does not load on a machine without
it. XTTS needs two things of it: mel spectrograms, and a resampler, which is only ever asked for the rate
that the sound has already.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np
import torch
from librosa.filters import mel


class MelSpectrogram(torch.nn.Module):
    """As ``torchaudio.transforms.MelSpectrogram``: the arguments, the values, and the names of the buffers
    ``spectrogram.window`` and ``mel_scale.fb``, because the weights of XTTS hold both."""

    def __init__(
        self,
        sample_rate: int = 16_000,
        n_fft: int = 400,
        win_length: int | None = None,
        hop_length: int | None = None,
        f_min: float = 0.0,
        f_max: float | None = None,
        n_mels: int = 128,
        window_fn: Callable[[int], torch.Tensor] = torch.hann_window,
        power: float = 2.0,
        normalized: bool = False,
        norm: str | None = None,
    ) -> None:
        super().__init__()
        if normalized:
            raise NotImplementedError("XTTS normalises no spectrogram")
        self.n_fft, self.power = n_fft, power
        self.win_length = win_length or n_fft
        self.hop_length = hop_length or self.win_length // 2
        self.spectrogram = torch.nn.Module()
        self.spectrogram.register_buffer("window", window_fn(self.win_length))
        bank = mel(
            sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=f_min, fmax=f_max or sample_rate / 2,
            htk=True, norm=norm,
        )  # fmt: skip
        self.mel_scale = torch.nn.Module()
        self.mel_scale.register_buffer("fb", torch.from_numpy(np.ascontiguousarray(bank.T)).float())

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Sound (..., N) -> mel power (..., n_mels, 1 + N // hop_length)."""
        bins = torch.stft(
            waveform.reshape(-1, waveform.shape[-1]), self.n_fft, self.hop_length, self.win_length,
            self.spectrogram.window, center=True, pad_mode="reflect", return_complex=True,
        )  # fmt: skip
        mels = (bins.abs() ** self.power).transpose(1, 2) @ self.mel_scale.fb
        return mels.transpose(1, 2).reshape(*waveform.shape[:-1], mels.shape[2], mels.shape[1])


def resample(waveform: torch.Tensor, orig_freq: int, new_freq: int) -> torch.Tensor:
    """The sound itself: whoever calls XTTS gives each part of it the rate that it works at."""
    if orig_freq != new_freq:
        raise NotImplementedError(f"resampling from {orig_freq} to {new_freq} Hz without torchaudio")
    return waveform


@contextmanager
def stand_in() -> Iterator[None]:
    """Meanwhile coqui-tts can be imported: it finds torchaudio, or these two in its place.

    It also asks whether torchcodec is there, which it would read sound files with; it is given none. What
    is put up here is gone afterwards, so that no other library takes it for the real thing.
    """
    placed = {} if _has_torchaudio() else _modules()
    if importlib.util.find_spec("torchcodec") is None:
        placed["torchcodec"] = _module("torchcodec")
    sys.modules.update(placed)
    try:
        yield
    finally:
        for name in placed:
            sys.modules.pop(name, None)


def _has_torchaudio() -> bool:
    try:
        import torchaudio  # noqa: F401
    except Exception:  # not there, or built for another torch or machine, which shows in many ways
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        return False
    return True


def _modules() -> dict[str, ModuleType]:
    functional = _module("torchaudio.functional", resample=resample)
    transforms = _module("torchaudio.transforms", MelSpectrogram=MelSpectrogram)
    root = _module("torchaudio", functional=functional, transforms=transforms)
    return {module.__name__: module for module in (root, functional, transforms)}


def _module(name: str, **content: Any) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    module.__dict__.update(content)
    return module
