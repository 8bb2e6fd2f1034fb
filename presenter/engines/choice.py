"""Which speaker says it: the one that was asked for, or the best that is there."""

from __future__ import annotations

from importlib.util import find_spec

from presenter import text
from presenter.engines import Engine, engines, find, load, weights
from presenter.errors import InputError, PresenterError


def ready(row: Engine) -> bool:
    """Whether an engine's packages and checkpoints are there; loads neither."""
    if any(find_spec(package) is None for package in row.packages):
        return False
    try:
        for name in row.checkpoints:
            weights.find(name)
    except PresenterError:
        return False
    return True


def speaker(wanted: str, *, cloned: bool, language: str, commercial: bool) -> Engine:
    """The row of the speaker for a voice.

    A built-in voice is spoken by the first speaker of the table. For a cloned one ``auto`` takes, in the
    table's order, the first that can clone, is ready, speaks the language and, where ``commercial`` use
    is wanted, allows it.

    Args:
        wanted: a speaker's name, or ``auto``.
        cloned: whether the voice was learnt from recordings of a person.
        language: BCP 47 code of the lesson.

    Raises:
        InputError: ``E-ENGINE-NAME`` for an unknown speaker, ``E-VOICE-CLONE`` for one that cannot speak
            in a cloned voice, ``E-ENGINE-LICENCE`` for one that may not be used commercially.
    """
    able = [row for row in engines("speaker") if row.cloning]
    if wanted != "auto":
        row = find("speaker", wanted)
        if cloned and not row.cloning:
            names = ", ".join(row.name for row in able)
            raise InputError(
                "E-VOICE-CLONE",
                f'The speaker "{row.name}" cannot speak in a voice that was learnt from recordings.',
                f"Use auto or one of these: {names}.",
                "speaker",
            )
        if commercial and not row.commercial:
            raise InputError(
                "E-ENGINE-LICENCE",
                f'The speaker "{row.name}" is for non-commercial use ({row.licence}).',
                "Choose another, or change the setting commercial.",
                "speaker",
            )
        return row
    if not cloned:
        return find("speaker", "auto")
    for row in able:
        if (row.commercial or not commercial) and ready(row) and _speaks(row, language):
            return row
    return find("speaker", "convert")


def _speaks(row: Engine, language: str) -> bool:
    base = (text.canonical(language) or language).split("-")[0]
    return any(
        base == (text.canonical(code) or code).split("-")[0] for code in load("speaker", row.name).languages()
    )
