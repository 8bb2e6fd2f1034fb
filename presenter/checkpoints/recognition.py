"""What a file of a stranger is: by its sha256, else by the names and shapes in it. Nothing in it runs."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presenter.engines import checkpoint, s3fd, weights
from presenter.engines.wav2lip import files, layouts
from presenter.errors import EngineMissing, InputError

FOLDERS = {
    "xtts": "XTTS-v2", "pocket": "pocket-tts", "wav2lip": "Wav2Lip", "face_alignment": "face-alignment",
}  # fmt: skip
"""Models whose files go into a folder of the checkpoints folder."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is."""

    kind: str
    """For people, e.g. ``Wav2Lip-96``."""
    folder: str
    """Name of the folder that it belongs into, or ``""``."""
    file: str
    """Its name there; ``""`` for a network of the user's own, which is named by the user."""
    digest: str
    """sha256."""
    row: weights.Checkpoint | None = None
    """The manifest's row for this very file."""
    tensors: Mapping[str, Any] | None = None
    """What is kept of it, where it is converted."""
    own: bool = False
    """Trained on nothing but its owner's footage, as the training noted: no terms of others hold."""


def recognise(path: Path) -> Found:
    """Tell what a file is, and that it can be used.

    Raises:
        InputError: ``E-MODEL-FILE`` when there is no such file.
        SetupError: ``E-MODEL-BROKEN`` for a web page, a damaged file or no model, ``E-MODEL-UNSAFE`` for one
            that asks to run code, ``E-MODEL-HASH`` for another file under a published one's name,
            ``E-MODEL-KIND`` for a model that is not used here.
        EngineMissing: ``E-ENGINE-MISSING`` when PyTorch is needed to read it.
    """
    if not path.is_file():
        raise InputError("E-MODEL-FILE", f'There is no file "{path.name}".', "Check its name.", "file")
    checkpoint.check_head(path)
    digest = weights.digest(path)
    for row in weights.manifest():
        if digest == row.sha256:
            return Found(
                f"{row.file}, as published", row.folder, row.file, digest, row, _published(path, row)
            )
    file = s3fd.published(digest)
    if file:
        checkpoint.check_safe(path)
        return Found(f"{file}, as published", "face_alignment", file, digest)
    return _voice_file(path, digest) or _lips(path, digest)


def _published(path: Path, row: weights.Checkpoint) -> Mapping[str, Any] | None:
    """The weights of a published network, where PyTorch is there to read them."""
    if row.folder != "wav2lip" or importlib.util.find_spec("torch") is None:
        return None
    return lips(path)[1]


def lips(path: Path) -> tuple[layouts.Layout, dict[str, Any]]:
    """The layout and the weights of a network of the Wav2Lip family, without what its training left there.

    Raises:
        SetupError: as ``recognise``.
    """
    tensors = checkpoint.read(path)
    layout = files.kind(tensors, path.name)
    return layout, {name: value for name, value in tensors.items() if name in layouts.shapes(layout)}


def _lips(path: Path, digest: str) -> Found:
    if path.name in files.PUBLISHED:
        checkpoint.check_digest(path, files.PUBLISHED[path.name])
    if importlib.util.find_spec("torch") is None:
        raise EngineMissing(
            "E-ENGINE-MISSING",
            f"To read {path.name} PyTorch is needed.",
            'Install it in this folder: pip install -e ".[wav2lip]".',
            "file",
        )
    layout, tensors = lips(path)
    if path.suffix == ".safetensors":
        checkpoint.check_content(path, tensors)
        digest = checkpoint.origin(path)
    return Found(layout.name, "wav2lip", "", digest, tensors=tensors, own=checkpoint.own(path))


def _voice_file(path: Path, digest: str) -> Found | None:
    """One of the files of a speech engine's model."""
    described = _described(path)
    if described.get("model") == "xtts":
        return Found("the description of an XTTS model", "xtts", "config.json", digest)
    if isinstance(described.get("model"), dict) and "vocab" in described["model"]:
        pocket = path.name == "tokenizer.json"
        kind = "the vocabulary of a speech model"
        return Found(
            kind, "pocket" if pocket else "xtts", "tokenizer.json" if pocket else "vocab.json", digest
        )
    if path.suffix == ".safetensors":
        if any(name.startswith("flow_lm.") for name in _names(path)):
            return Found("a model of pocket-tts", "pocket", "model.safetensors", digest)
        return None
    if not zipfile.is_zipfile(path):
        return None
    names = checkpoint.texts(path)
    if any(name.startswith("hifigan_decoder.") for name in names) and any(
        name.startswith("gpt.") for name in names
    ):
        check_voice_pickle(path)
        return Found("the weights of XTTS", "xtts", "model.pth", digest)
    if "gpt_cond_latent" in names:
        check_voice_pickle(path)
        return Found("the built-in voices of XTTS", "xtts", "speakers_xtts.pth", digest)
    return None


def check_voice_pickle(path: Path) -> None:
    """Refuse a file of XTTS that asks for more than its own library's settings, or is damaged.

    Raises:
        SetupError: ``E-MODEL-UNSAFE``, ``E-MODEL-BROKEN``.
    """
    checkpoint.check_safe(path, owner="TTS")
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (OSError, zipfile.BadZipFile) as error:
        raise checkpoint.broken(path, "is damaged") from error
    if broken:
        raise checkpoint.broken(path, "is damaged")


def _described(path: Path) -> dict[str, Any]:
    if path.suffix != ".json":
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _names(path: Path) -> list[str]:
    """Names of the tensors in a .safetensors file, whose head and size are checked by its library.

    Raises:
        SetupError: ``E-MODEL-BROKEN``.
    """
    checkpoint.metadata(path)
    if importlib.util.find_spec("safetensors") is None:
        return []
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as found:
            return list(found.keys())
    except (SafetensorError, OSError, ValueError) as error:
        raise checkpoint.broken(path, "is damaged") from error
