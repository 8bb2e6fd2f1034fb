"""Which engine does it: the one that was asked for, or the best that is there."""

from __future__ import annotations

from importlib.util import find_spec

from presenter import text
from presenter.engines import Engine, engines, find, fingerprints, load, weights
from presenter.errors import InputError, PresenterError
from presenter.settings import Settings


def ready(row: Engine) -> bool:
    """Whether an engine's packages and checkpoints are there; loads neither."""
    return all(find_spec(package) for package in row.packages) and _models_there(row)


def _models_there(row: Engine) -> bool:
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
        _check_licence(row, commercial)
        return row
    if not cloned:
        return find("speaker", "auto")
    for row in able:
        if (row.commercial or not commercial) and ready(row) and _speaks(row, language):
            return row
    return find("speaker", "convert")


def animator(wanted: str, *, commercial: bool) -> tuple[Engine, str]:
    """The row of the animator, and in words why ``auto`` is that one where it could have been another.

    ``auto`` is the first whose model somebody has put there (which nobody does who does not want it), where
    it is ready and, where ``commercial`` use is wanted, allows it; else the embedded one.

    Args:
        wanted: an animator's name, or ``auto``.

    Raises:
        InputError: ``E-ENGINE-NAME`` for an unknown animator, ``E-ENGINE-LICENCE`` for one that may not be
            used commercially.
    """
    if wanted != "auto":
        row = find("animator", wanted)
        _check_licence(row, commercial)
        return row, ""
    embedded, reason = find("animator", "auto"), ""
    for row in engines("animator"):
        if not row.checkpoints or not _models_there(row):
            continue
        missing = [package for package in row.packages if find_spec(package) is None]
        if commercial and not fingerprints.commercial(row):
            reason = f"{row.name} is for non-commercial use ({row.licence})"
        elif missing:
            reason = f"{row.name} needs the package {missing[0]}"
        else:
            return row, f"The face is drawn by {row.name}, as its model is there; {embedded.name} is quicker."
    return embedded, reason and f"The face is drawn by {embedded.name}: {reason}."


def detector(settings: Settings) -> Engine:
    """The row of the face detector that the settings ask for.

    ``auto`` is one whose model somebody has put there, where it is ready, a GPU is there and its terms allow
    what is wanted; else the embedded one.

    Raises:
        InputError: ``E-ENGINE-NAME``, ``E-ENGINE-LICENCE`` as ``animator``.
    """
    if settings.detector != "auto":
        row = find("detector", settings.detector)
        _check_licence(row, settings.commercial)
        return row
    for row in engines("detector"):
        placed = "torch" in row.packages and (row.commercial or not settings.commercial) and ready(row)
        if placed and _gpu():
            return row
    return find("detector", "auto")


def _gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def _check_licence(row: Engine, commercial: bool) -> None:
    if commercial and not fingerprints.commercial(row):
        raise InputError(
            "E-ENGINE-LICENCE",
            f'The {row.kind} "{row.name}" is for non-commercial use ({row.licence}).',
            "Choose another, or change the setting commercial.",
            row.kind,
        )


def _speaks(row: Engine, language: str) -> bool:
    base = (text.canonical(language) or language).split("-")[0]
    return any(
        base == (text.canonical(code) or code).split("-")[0] for code in load("speaker", row.name).languages()
    )
