"""The four files of an XTTS model: what their description says, and what is said where they are wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from presenter.errors import SetupError

LANGUAGES = (
    "ar", "cs", "de", "en", "es", "fr", "hi", "hu", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh",
)  # fmt: skip
"""What coqui-tts can spell for a model (BCP 47)."""
_BETTER = "Get the four files of one release of XTTS-v2 again and put them into checkpoints/xtts."


def languages(config: Path) -> tuple[str, ...]:
    """BCP 47 codes of the languages that the model was made for and that can be spelt for it, sorted.

    Args:
        config: the model's config.json.

    Raises:
        SetupError: ``E-MODEL-BROKEN`` when it cannot be read, ``E-MODEL-KIND`` when it describes another
            kind of model.
    """
    try:
        known = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise broken(config.name) from error
    kind = known.get("model") if isinstance(known, Mapping) else None
    if kind != "xtts" or not isinstance(known.get("languages"), list):
        raise other(f'config.json describes a model of the kind "{kind}"')
    return tuple(code for code in LANGUAGES if {"zh": "zh-cn"}.get(code, code) in known["languages"])


def broken(file: str) -> SetupError:
    """``E-MODEL-BROKEN``: a file cannot be read."""
    return SetupError("E-MODEL-BROKEN", f"The model file {file} is damaged.", _BETTER, "speaker")


def other(reason: str) -> SetupError:
    """``E-MODEL-KIND``: the files are those of another model, or of several."""
    return SetupError(
        "E-MODEL-KIND",
        f"The files in checkpoints/xtts are not those of XTTS-v2: {reason}.",
        _BETTER,
        "speaker",
    )


def unsafe(file: str, asked: str) -> SetupError:
    """``E-MODEL-UNSAFE``: reading a file would call a function that it names."""
    return SetupError(
        "E-MODEL-UNSAFE",
        f"The model file {file} asks to run code ({asked}). It was not loaded.",
        "Delete it and get it again from its publisher.",
        "speaker",
    )
