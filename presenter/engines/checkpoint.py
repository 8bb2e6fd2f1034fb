"""Reading model files of strangers: nothing in them runs, and what is wrong with one is said in plain words.

A file that ``torch.save`` wrote is a pickle, which can ask to run any function when it is read. Its
instructions are therefore read without being carried out (``asked``), and torch loads it with
``weights_only``; there is no other way in. A safetensors file holds numbers only.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickletools
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from presenter import records
from presenter.engines import weights
from presenter.errors import SetupError

MOST_HEADER = 100_000_000
"""Bytes that the description inside a file may have."""
SOURCE = "source"
"""Note in a converted file: sha256 of what it was made from."""
OWN = "own footage"
"""Note ``licence`` in a model that was trained on nothing but its owner's footage."""
_CONTENT = "content"
"""Note in every file that ``write`` made: see ``content``."""
_PICKLES = 5
"""Pickles at the head of a file in torch's old format: mark, version, system, content, names of storages."""
_HARMLESS = ("torch._utils", "torch._tensor", "torch.storage", "torch.serialization")
_HARMLESS_NAMES = frozenset({
    ("collections", "OrderedDict"), ("torch", "Size"), ("torch", "device"), ("torch", "Tensor"),
    ("torch.nn.parameter", "Parameter"), ("_codecs", "encode"), ("__builtin__", "set"), ("builtins", "set"),
})  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """The tensors of a model file, on the CPU: of .safetensors, or of what ``torch.save`` wrote.

    Of a training's file that is its ``state_dict``; a prefix ``module.`` of all names is taken off.

    Raises:
        SetupError: ``E-MODEL-UNSAFE`` for a file that asks to run code, ``E-MODEL-BROKEN`` for one that is
            damaged or no model.
    """
    check_head(path)
    found = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    state = found.get("state_dict", found)
    if not isinstance(state, Mapping):
        raise broken(path, "holds no weights")
    tensors = {str(name): value for name, value in state.items() if hasattr(value, "shape")}
    if not tensors:
        raise broken(path, "holds no weights")
    if all(name.startswith("module.") for name in tensors):
        tensors = {name.removeprefix("module."): value for name, value in tensors.items()}
    return tensors


def metadata(path: Path) -> dict[str, str]:
    """What is noted in the head of a .safetensors file.

    Raises:
        SetupError: ``E-MODEL-BROKEN``.
    """
    try:
        with path.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > min(MOST_HEADER, path.stat().st_size - 8):
                raise broken(path, "is cut off")
            head = json.loads(stream.read(length))
            return {str(key): str(value) for key, value in head.get("__metadata__", {}).items()}
    except (OSError, ValueError, struct.error, AttributeError) as error:
        raise broken(path, "is damaged") from error


def write(path: Path, tensors: Mapping[str, Any], notes: Mapping[str, str]) -> None:
    """Keep tensors as .safetensors; the file appears whole or not at all, with its folder.

    Args:
        notes: what its head says; the digest of the tensors is noted too (see ``check_content``).

    Raises:
        SetupError: ``E-MODEL-WRITE`` when the folder cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    kept = {name: tensor.contiguous() for name, tensor in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with records.whole(path) as draft:
            save_file(kept, draft, {**notes, _CONTENT: content(kept)})
            draft.chmod(0o644)  # the library keeps what it writes to its owner
    except SafetensorError as error:  # its own reading of a full disk
        raise weights.unwritable(OSError(0, "the disk may be full")) from error
    except OSError as error:
        raise weights.unwritable(error) from error


def content(tensors: Mapping[str, Any]) -> str:
    """sha256 over names, types, shapes and numbers of tensors, in the order of their names."""
    import torch

    found = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        found.update(tensor.flatten().view(torch.uint8).numpy().data if tensor.numel() else b"")
    return found.hexdigest()


def check_content(path: Path, tensors: Mapping[str, Any]) -> None:
    """Compare the tensors of a file that ``write`` made with what it kept; other files pass.

    Raises:
        SetupError: ``E-MODEL-BROKEN`` when they were changed or damaged since.
    """
    kept = metadata(path).get(_CONTENT)
    if kept is not None and kept != content(tensors):
        raise broken(path, "is damaged: its weights are not those that were written")


def origin(path: Path) -> str:
    """sha256 that tells a model: of the file, or of what a converted file was made from.

    Raises:
        SetupError: ``E-MODEL-BROKEN`` for a .safetensors file without a head.
    """
    noted = metadata(path).get(SOURCE, "") if path.suffix == ".safetensors" else ""
    return noted or weights.digest(path)


def own(path: Path) -> bool:
    """Whether a model was trained on nothing but its owner's footage, as the training noted in it."""
    if path.suffix != ".safetensors":
        return False
    try:
        return metadata(path).get("licence") == OWN
    except SetupError:
        return False


def check_digest(path: Path, expected: str) -> None:
    """Compare a file's sha256 with what it has to be.

    Raises:
        SetupError: ``E-MODEL-HASH`` when they differ.
    """
    found = weights.digest(path)
    if found != expected:
        raise SetupError(
            "E-MODEL-HASH",
            f"The model file {path.name} is not the right one: expected sha256 {expected[:8]}…, "
            f"found {found[:8]}….",
            "Delete it and get it again from its publisher, or give a file of your own another name.",
        )


def check_safe(path: Path, owner: str = "") -> None:
    """Refuse a pickle that asks for functions, without reading it.

    Args:
        owner: a package whose plain settings it may hold, e.g. ``TTS``.

    Raises:
        SetupError: ``E-MODEL-UNSAFE``.
    """
    functions = [name for name in asked(path) if not owner or not name.startswith(f"{owner}.")]
    if functions:
        raise SetupError(
            "E-MODEL-UNSAFE",
            f"The model file {path.name} asks to run code ({functions[0]}). It was not loaded.",
            "Delete it and get the model from its publisher.",
        )


def asked(path: Path) -> list[str]:
    """Functions outside torch's own that the pickles in a file name, e.g. ``posix.system``; runs nothing."""
    try:
        return [f"{module}.{name}" for module, name in _named(path) if not _harmless(module, name)]
    except (ValueError, OSError, zipfile.BadZipFile, IndexError, KeyError, TypeError, EOFError):
        return []  # not a pickle that can be followed; loading it says so


def _harmless(module: str, name: str) -> bool:
    storage = module == "torch" and (name.endswith("Storage") or name.islower())
    return storage or module in _HARMLESS or (module, name) in _HARMLESS_NAMES


def _named(path: Path) -> Iterator[tuple[str, str]]:
    for stream in _pickles(path):
        yield from _globals(stream)


def _pickles(path: Path) -> Iterator[Any]:
    """The pickles of a file, as streams; whoever asks for the next has read the last to its end."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            for _ in range(_PICKLES):
                yield stream
                if not stream.peek(1)[:1]:
                    return
        return
    with zipfile.ZipFile(path) as archive:
        for row in archive.infolist():
            if row.filename.endswith(".pkl"):
                with archive.open(row) as member:
                    yield io.BytesIO(member.read(MOST_HEADER))


def _globals(stream: Any) -> Iterator[tuple[str, str]]:
    """Module and name of each function that one pickle names."""
    texts: list[str] = []
    memo: dict[int, str] = {}
    last: str | None = None
    for operation, argument, _ in pickletools.genops(stream):
        name = operation.name
        if name in ("GLOBAL", "INST"):
            module, _, attribute = str(argument).partition(" ")
            yield module, attribute
        elif name == "STACK_GLOBAL":
            yield (texts[-2], texts[-1]) if len(texts) > 1 else ("an unnamed", "function")
        elif name == "MEMOIZE" and last is not None:
            memo[len(memo)] = last
        elif name in ("BINPUT", "LONG_BINPUT", "PUT") and last is not None:
            memo[int(argument or 0)] = last
        last = argument if isinstance(argument, str) and "UNICODE" in name else None
        if name in ("BINGET", "LONG_BINGET", "GET"):
            last = memo.get(int(argument or 0))
        if last is not None:
            texts.append(last)


def texts(path: Path) -> set[str]:
    """Texts in the pickles of a file, among them the names of its tensors; runs nothing."""
    found: set[str] = set()
    try:
        for stream in _pickles(path):
            found.update(
                argument
                for operation, argument, _ in pickletools.genops(stream)
                if isinstance(argument, str) and "UNICODE" in operation.name
            )
    except (ValueError, OSError, zipfile.BadZipFile, IndexError, KeyError, TypeError, EOFError):
        pass  # what was read until there may tell enough
    return found


def check_head(path: Path) -> None:
    """Tell by its first bytes what is often saved in place of a model.

    Raises:
        SetupError: ``E-MODEL-BROKEN`` for an empty file, a web page or a note of Git LFS.
    """
    with path.open("rb") as stream:
        head = stream.read(64).lstrip()
    if not head:
        raise broken(path, "is empty")
    if head.startswith(b"<"):
        raise broken(path, "is a web page, not a model")
    if head.startswith(b"version https://git-lfs"):
        raise broken(path, "is only a note where the model can be had (Git LFS)")


def _read_safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    metadata(path)  # a description of gigabytes is refused here
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise broken(path, "is damaged") from error


def _read_pickle(path: Path) -> dict[str, Any]:
    import torch

    check_safe(path)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception as error:  # damaged archives and pickles fail in every way there is
        raise broken(path, "is damaged or no model") from error
    if not isinstance(found, Mapping):
        raise broken(path, "holds no weights")
    return dict(found)


def broken(path: Path, how: str) -> SetupError:
    """``E-MODEL-BROKEN``: what is wrong with a file, e.g. "is cut off"."""
    return SetupError(
        "E-MODEL-BROKEN",
        f"The model file {path.name} {how}.",
        "Delete it and get it again from its publisher.",
    )
