"""The model files of an installation: what there is, fetching, checking all of it, and taking in files.

    listed()    what there is and what is missing
    fetch()     a group of files, from the manifest's sources or a folder
    verify()    everything anew: sha256, damage, code, kind
    look()      what a file is that somebody has, and whether it can be used
    put()       converts it once and puts it into its place

``engines.weights`` knows the files that the manifest lists, ``engines.checkpoint`` reads those of strangers.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from presenter import records
from presenter.checkpoints import licences, recognition
from presenter.checkpoints.licences import Acceptance, Terms, accept, accepted, terms
from presenter.checkpoints.recognition import Found
from presenter.engines import checkpoint, download, weights
from presenter.engines.wav2lip import files as lips
from presenter.errors import EngineMissing, InputError, PresenterError, SetupError
from presenter.settings import Settings

__all__ = [
    "Acceptance", "Entry", "Found", "Terms", "Verdict", "accept", "accepted", "fetch", "groups", "listed",
    "look", "needed", "put", "terms", "terms_of", "verify",
]  # fmt: skip

State = Literal["there", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A model file, or a model of several files."""

    name: str
    file: str
    """Where it lies in the checkpoints folder; a folder ends with a slash."""
    group: str
    """What ``fetch`` calls it; ``""`` where nothing is fetched."""
    bytes: int
    """Size; 0 where nothing is there and the size is not known."""
    sha256: str
    """What it has to be; ``""`` where nobody published it."""
    licence: str
    commercial: bool
    state: State
    detail: str
    """What is there, or what is wrong."""
    remedy: str
    """What to do, or ``""``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a file found."""

    file: str
    code: str
    """Code of the error, or ``""`` where all is right."""
    detail: str
    remedy: str = ""


def groups() -> dict[str, str]:
    """What ``fetch`` can bring -> the model whose terms hold for it, or ``""``."""
    return {row.group: "" if row.commercial else row.folder for row in weights.manifest()}


def needed(group: str) -> str:
    """The model whose terms somebody has to accept before ``fetch``; ``""`` for none."""
    return groups().get(group, "")


def listed(settings: Settings) -> tuple[Entry, ...]:
    """Every file of the manifest, and every model that users place."""
    entries = [_entry(row, settings.checkpoints) for row in weights.manifest()]
    return (*entries, *(_folder(row, settings.checkpoints) for row in weights.folders()))


def _entry(row: weights.Checkpoint, root: Path) -> Entry:
    state, detail, remedy = _state(row, root)
    return Entry(
        row.name, row.place.as_posix(), row.group, row.bytes, row.sha256, row.licence, row.commercial,
        state, detail, remedy,
    )  # fmt: skip


def _state(row: weights.Checkpoint, root: Path) -> tuple[State, str, str]:
    kept = _converted(row, root)
    if kept is not None:
        return "there", f"kept as {kept.name}", ""
    path = root / row.place
    if not path.is_file():
        return "missing", "not there", f"presenter checkpoints fetch {row.group}"
    if path.stat().st_size != row.bytes:
        return "damaged", f"{path.stat().st_size:,} bytes", f"presenter checkpoints fetch {row.group}"
    if weights.digest(path) != row.sha256:
        return "damaged", "its sha256 differs", f"presenter checkpoints fetch {row.group}"
    return "there", "sha256 right", ""


def _converted(row: weights.Checkpoint, root: Path) -> Path | None:
    """The .safetensors file that was made of a published one."""
    kept = (root / row.place).with_suffix(".safetensors")
    if not row.folder or not kept.is_file():
        return None
    try:
        return kept if checkpoint.metadata(kept).get(checkpoint.SOURCE) == row.sha256 else None
    except SetupError:
        return None


def _folder(row: weights.Folder, root: Path) -> Entry:
    files = _files(root / row.folder)
    size = sum(path.stat().st_size for path in files)
    state: State = "there"
    detail, remedy = ", ".join(path.relative_to(root / row.folder).as_posix() for path in files), ""
    try:
        weights.find(row.name)
    except EngineMissing as error:
        state, detail, remedy = "missing", error.message, error.hint
    return Entry(row.name, f"{row.folder}/", "", size, "", row.licence, row.commercial, state, detail, remedy)


def _files(folder: Path) -> list[Path]:
    """Model files in a folder, without drafts and what is hidden."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if not any(part[0] == "." for part in path.relative_to(folder).parts)]


def fetch(
    settings: Settings,
    group: str,
    *,
    origin: str = "",
    progress: Callable[[str], None] | None = None,
    tick: Callable[[download.Transfer], None] = lambda _: None,
) -> list[Path]:
    """Bring a group's files; see ``weights.fetch``. Published networks are converted once, where PyTorch is
    there, and what only their training needs is not kept.

    Returns:
        The files.

    Raises:
        InputError: ``E-MODEL-LICENCE`` where terms have to be accepted first, ``E-MODEL-GROUP``.
        SetupError: see ``weights.fetch``.
    """
    licences.check(settings.home, needed(group))
    rows = [row for row in weights.manifest() if row.group == group]
    kept = [_converted(row, settings.checkpoints) for row in rows]
    if rows and all(kept):
        return [path for path in kept if path]
    paths = weights.fetch(group, origin=origin, progress=progress, tick=tick)
    return [_convert(path, row) for path, row in zip(paths, rows, strict=True)]


def _convert(path: Path, row: weights.Checkpoint) -> Path:
    if row.folder != "wav2lip" or importlib.util.find_spec("torch") is None:
        return path
    kept = lips.ready(path)
    if kept != path and _converted(row, path.parent.parent) == kept:
        path.unlink()
    return kept


def verify(settings: Settings) -> Iterator[Verdict]:
    """Read every model file that is there and say whether it can be used: one verdict a file."""
    weights.forget()
    root = settings.checkpoints
    rows = {row.place.as_posix(): row for row in weights.manifest()}
    places = [path for row in weights.folders() for path in _files(root / row.folder)]
    single = [root / name for name, row in rows.items() if not row.folder and (root / name).is_file()]
    for path in (*single, *places):
        name = path.relative_to(root).as_posix()
        try:
            yield Verdict(name, "", _verified(path, name, rows.get(name)))
        except PresenterError as error:
            yield Verdict(name, error.code, error.message, error.hint)


def _verified(path: Path, name: str, row: weights.Checkpoint | None) -> str:
    """What a file is, when nothing is wrong with it."""
    checkpoint.check_head(path)
    if row is not None:
        checkpoint.check_digest(path, row.sha256)
    if name.startswith("wav2lip/"):
        layout, tensors = recognition.lips(path)
        if path.suffix == ".safetensors":
            checkpoint.check_content(path, tensors)
        return f"{layout.name}, {'sha256 right' if row else 'every weight read'}"
    if row is not None:
        return "sha256 right"
    found = recognition.recognise(path)
    if found.folder != name.partition("/")[0]:
        raise _misplaced(path, found.kind, name.partition("/")[0])
    return found.kind


def _misplaced(path: Path, kind: str, folder: str) -> SetupError:
    return SetupError(
        "E-MODEL-KIND",
        f"The model file {path.name} is {kind}, not a part of {recognition.FOLDERS.get(folder, folder)}.",
        f"Take it out of checkpoints/{folder} and run: presenter checkpoints add {path.name}.",
    )


def look(path: Path) -> Found:
    """What a model file is that somebody has; see ``recognition.recognise``."""
    return recognition.recognise(path)


def terms_of(found: Found) -> str:
    """The model whose terms hold for a file; ``""`` for a network trained on nothing but own footage."""
    return "" if found.own else found.folder


def put(settings: Settings, path: Path, found: Found, name: str = "") -> Path:
    """Take in a model file; the file itself stays as it is, and code in it never runs.

    Args:
        path: where it is.
        found: what ``look`` found in it.
        name: what a network of the user's own is called; for pocket-tts the English name of its language.

    Returns:
        Where it was put.

    Raises:
        InputError: ``E-MODEL-LICENCE`` where terms have to be accepted first, ``E-MODEL-NAME`` for a name
            that is needed, taken or cannot be.
        SetupError: ``E-MODEL-WRITE``.
    """
    licences.check(settings.home, terms_of(found))
    target = _target(settings.checkpoints, found, path, name)
    if target.exists() and target.samefile(path):
        return target
    if found.tensors is not None:
        notes = {checkpoint.SOURCE: found.digest, "layout": found.kind, **_notes(path)}
        checkpoint.write(target, found.tensors, notes)
    else:
        _copy(path, target)
    return target


def _notes(path: Path) -> dict[str, str]:
    """What a training noted in its file."""
    known = checkpoint.metadata(path) if path.suffix == ".safetensors" else {}
    return {key: value for key, value in known.items() if key in ("licence", "layout", "steps", "score")}


def _target(root: Path, found: Found, path: Path, name: str) -> Path:
    if name and not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,63}", name):
        raise InputError(
            "E-MODEL-NAME",
            f'The model cannot be called "{name[:40]}".',
            "Use letters, digits, - and _ only.",
            "name",
        )
    if found.row is not None:
        place = root / found.row.place
        return place.with_suffix(".safetensors") if found.tensors is not None else place
    if found.folder == "pocket" and not name:
        raise InputError(
            "E-MODEL-NAME",
            f"{path.name} is {found.kind}, and each language has a model of its own.",
            "Name the language: --as english.",
            "name",
        )
    if found.file:
        return root / found.folder / (name if found.folder == "pocket" else "") / found.file
    target = root / found.folder / f"{name.removesuffix('.safetensors') or path.stem}.safetensors"
    if target.stem in {Path(row.file).stem for row in weights.manifest()}:
        raise InputError(
            "E-MODEL-NAME",
            f'"{target.stem}" is the name of published weights, and these are others.',
            "Give it a name of its own: --as NAME.",
            "name",
        )
    if target.exists() and not target.samefile(path) and checkpoint.origin(target) != found.digest:
        raise InputError(
            "E-MODEL-NAME",
            f'There is another model called "{target.stem}".',
            "Give it a name of its own: --as NAME.",
            "name",
        )
    return target


def _copy(path: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with records.whole(target) as draft:
            shutil.copyfile(path, draft)
    except OSError as error:
        raise weights.unwritable(error) from error
