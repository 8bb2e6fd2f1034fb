"""The files of an XTTS model become a model: by the library's own path, from this folder and nothing else.

Nothing is downloaded, no code that a file may carry runs, and no file is changed.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import torch

from presenter.engines.xtts import files, spectrogram
from presenter.errors import SetupError

_log = logging.getLogger(__name__)

_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
"""Name of a function in torch's message about a file that asks for one that it may not have."""


@functools.cache
def coqui() -> Any:
    """coqui-tts's module of XTTS, imported without torchaudio where there is none, and told never to use
    the network."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    # Without it, sums on a GPU may come out a little different each time.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    with spectrogram.stand_in():
        from TTS.tts.models import xtts
    # It warns that the tokens of sound are not those of a text.
    logging.getLogger("transformers").setLevel(logging.ERROR)
    return xtts


def load(folder: Path) -> Any:
    """The library's ``Xtts`` on the CPU in float32, ready to speak.

    Args:
        folder: with config.json, model.pth, vocab.json.

    Raises:
        SetupError: ``E-MODEL-UNSAFE`` for a file that asks to run code, ``E-MODEL-BROKEN`` for one that
            cannot be read, ``E-MODEL-KIND`` for files of another model or of different ones.
        MemoryError: there is too little of it.
    """
    library = coqui()
    config = library.XttsConfig()
    try:
        config.load_json(folder / "config.json")
        model = library.Xtts(config)
    except Exception as error:  # JSON, types and ranges: the library has an error of its own for each
        raise _refused(error, files.broken("config.json")) from error
    # The library's own way of reading weights writes those of the first release anew, without the settings
    # that they hold; a model file is not ours to change.
    model._load_checkpoint = lambda file: read(file)["model"]
    try:
        # The built-in voices are read by ``voices``: the library would bring them to the device on which
        # they were saved.
        model.load_checkpoint(config, checkpoint_dir=folder, speaker_file_path="", eval=True)
    except SetupError:
        raise
    except (RuntimeError, KeyError, TypeError, AttributeError) as error:
        # What is missing or has another shape can be thousands of lines.
        _log.info("the model does not load: %s", str(error)[:400])
        raise _refused(error, files.other("its weights are others")) from error
    except Exception as error:  # tokenizers raises plain exceptions
        raise _refused(error, files.broken("vocab.json")) from error
    return model


def expand(text: str, code: str) -> str:
    """The text with the abbreviations of titles and the like as words, by the library's own tables."""
    coqui()
    from TTS.tts.layers.xtts import tokenizer

    language = code.split("-")[0]
    known = language in tokenizer._abbreviations
    return str(tokenizer.expand_abbreviations_multilingual(text, language)) if known else text


def voices(file: Path) -> dict[str, dict[str, Any]]:
    """The voices that come with the model: name -> ``gpt_cond_latent`` and ``speaker_embedding`` tensors.

    Raises:
        SetupError: as ``load``.
    """
    found = read(file)
    rows = list(found.values()) if isinstance(found, dict) else [None]
    if not all(isinstance(row, dict) and all(map(torch.is_tensor, row.values())) for row in rows):
        raise files.broken(file.name)
    return dict(found)


def read(file: Path) -> Any:
    """What ``torch.save`` wrote, on the CPU: tensors and plain values, and the library's own settings, which
    the first release of the weights holds.

    Raises:
        SetupError: ``E-MODEL-UNSAFE``, ``E-MODEL-BROKEN``.
    """
    try:
        with coqui()._legacy_safe_globals():
            return torch.load(file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file))
    except Exception as error:  # damaged archives and pickles fail in every way there is
        asked = _GLOBAL.search(str(error))
        if asked is None:
            raise _refused(error, files.broken(file.name)) from error
        raise files.unsafe(file.name, asked[1]) from error


def lacks_memory(error: BaseException) -> bool:
    """Whether it failed because a CPU's memory was too small, which torch says in words alone."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error)


def _refused(error: Exception, reason: SetupError) -> Exception:
    return MemoryError() if lacks_memory(error) else reason
