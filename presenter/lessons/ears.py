"""What somebody says into a microphone becomes a message."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from presenter import hearing, intake, text
from presenter.errors import EngineMissing, InputError

SECONDS = 60.0
"""Longest recording of a message."""


def can_hear(language: str) -> bool:
    """Whether recordings in a language are understood here: English, where the recogniser is installed."""
    return text.base(language) == "en" and importlib.util.find_spec("pocketsphinx") is not None


def hear(recording: Path | bytes, language: str = "en") -> str:
    """The words of a recording, in lower case and without punctuation.

    The recogniser is small and errs in many words: what it heard is shown before it is sent.

    Raises:
        EngineMissing: ``E-CHAT-HEAR`` where no recogniser for the language is installed.
        InputError: ``E-CHAT-SILENT`` where nothing was heard; as ``intake.read``.
    """
    if not can_hear(language):
        raise EngineMissing(
            "E-CHAT-HEAR",
            f"No recogniser for {text.name(language)} is installed; messages can be typed.",
            'For English, install one: pip install "presenter[evaluate]".',
        )
    words = hearing.transcribe(intake.read(recording, seconds_limit=SECONDS), language)
    if not words:
        raise InputError("E-CHAT-SILENT", "Nothing was heard.", "Speak nearer to the microphone.", "message")
    return words
