"""A small recogniser of English that comes in a Python package with its model: pocketsphinx."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

import numpy as np

from presenter import audio, text
from presenter.types import Wave


def transcribe(wave: Wave, language: str) -> str | None:
    """What pocketsphinx hears, in lower case; None where it is not installed or does not know the language.

    It knows English only and errs in a third of the words of good recordings: it tells one text from
    another, no more.
    """
    if text.base(language) != "en" or importlib.util.find_spec("pocketsphinx") is None:
        return None
    samples = audio.resample(wave, 16_000)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return ""
    decoder = _decoder()
    decoder.start_utt()
    decoder.process_raw((samples * (22_000 / peak)).astype(np.int16).tobytes(), False, True)
    decoder.end_utt()
    found = decoder.hyp()
    return str(found.hypstr) if found else ""


@functools.cache
def _decoder() -> Any:
    import pocketsphinx

    # Levels are normalised over each sentence alone, so that what was heard before has no influence.
    return pocketsphinx.Decoder(samprate=16_000, loglevel="FATAL", cmn="batch")


def word_error(said: str, heard: str) -> float:
    """Words put in, left out and exchanged, as a share of the words of ``said``."""
    wanted, found = _bare(said), _bare(heard)
    costs = list(range(len(found) + 1))
    for row, word in enumerate(wanted, 1):
        before, costs = costs, [row]
        for column, other in enumerate(found, 1):
            exchanged = before[column - 1] + (word != other)
            costs.append(min(before[column] + 1, costs[-1] + 1, exchanged))
    return costs[-1] / max(1, len(wanted))


def _bare(line: str) -> list[str]:
    parts = (line[start:end].lower().replace("’", "'") for start, end in text.words(line))
    return [word for part in parts for word in part.split("-")]
