"""Reading model files of strangers: nothing in them runs, and what is wrong with one is said in plain words.

A file that ``torch.save`` wrote is a pickle, which can ask to run any function when it is read. Its
instructions are therefore read without being carried out (``asked``), and torch loads it with
``weights_only``; there is no other way in. A safetensors file holds numbers only.
"""

from __future__ import annotations

import io
import json
import pickletools
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from presenter.engines import weights
from presenter.errors import SetupError

MOST_HEADER = 100_000_000
"""Bytes that the description inside a file may have."""
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
    _check_head(path)
    found = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    state = found.get("state_dict", found)
    if not isinstance(state, Mapping):
        raise _broken(path, "holds no weights")
    tensors = {str(name): value for name, value in state.items() if hasattr(value, "shape")}
    if not tensors:
        raise _broken(path, "holds no weights")
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
                raise _broken(path, "is cut off")
            head = json.loads(stream.read(length))
            return {str(key): str(value) for key, value in head.get("__metadata__", {}).items()}
    except (OSError, ValueError, struct.error, AttributeError) as error:
        raise _broken(path, "is damaged") from error


def write(path: Path, tensors: Mapping[str, Any], notes: Mapping[str, str]) -> None:
    """Keep tensors as .safetensors; the file appears whole or not at all.

    Raises:
        SetupError: ``E-MODEL-WRITE`` when the folder cannot be written.
    """
    from safetensors.torch import save_file

    draft = path.with_name(f".{path.name}.draft")
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, draft, dict(notes))
        draft.chmod(0o644)  # the library keeps what it writes to its owner
        draft.replace(path)
    except OSError as error:
        raise SetupError(
            "E-MODEL-WRITE",
            f"The folder for model files cannot be written ({error.strerror}).",
            "Free some space or set PRESENTER_CHECKPOINTS to another folder.",
        ) from error
    finally:
        draft.unlink(missing_ok=True)


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
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            for _ in range(_PICKLES):
                yield from _globals(stream)
                if not stream.peek(1)[:1]:
                    return
        return
    with zipfile.ZipFile(path) as archive:
        for row in archive.infolist():
            if row.filename.endswith(".pkl"):
                with archive.open(row) as member:
                    yield from _globals(io.BytesIO(member.read(MOST_HEADER)))


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


def _check_head(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(64).lstrip()
    if not head:
        raise _broken(path, "is empty")
    if head.startswith(b"<"):
        raise _broken(path, "is a web page, not a model")
    if head.startswith(b"version https://git-lfs"):
        raise _broken(path, "is only a note where the model can be had (Git LFS)")


def _read_safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    metadata(path)  # a description of gigabytes is refused here
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise _broken(path, "is damaged") from error


def _read_pickle(path: Path) -> dict[str, Any]:
    import torch

    functions = asked(path)
    if functions:
        raise SetupError(
            "E-MODEL-UNSAFE",
            f"The model file {path.name} asks to run code ({functions[0]}). It was not loaded.",
            "Delete it and get the model from its publisher.",
        )
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception as error:  # damaged archives and pickles fail in every way there is
        raise _broken(path, "is damaged or no model") from error
    if not isinstance(found, Mapping):
        raise _broken(path, "holds no weights")
    return dict(found)


def _broken(path: Path, how: str) -> SetupError:
    return SetupError(
        "E-MODEL-BROKEN",
        f"The model file {path.name} {how}.",
        "Delete it and get it again from its publisher.",
    )
