"""From the files in checkpoints/wav2lip to a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from presenter.engines import checkpoint, weights
from presenter.engines.wav2lip import layouts
from presenter.engines.wav2lip.layouts import Layout
from presenter.errors import EngineMissing, SetupError

PUBLISHED = {
    "wav2lip_gan.pth": "ca9ab7b7b812c0e80a6e70a5977c545a1e8a365a6c49d5e533023c034d7ac3d8",
    "wav2lip.pth": "b78b681b68ad9fe6c6fb1debc6ff43ad05834a8af8a62ffc4167b7b34ef63c37",
}
"""sha256 of the checkpoints that the authors of the paper published. A file of such a name is such a file."""
_ENDINGS = (".safetensors", ".pth", ".pt")
_SOURCE = "source"
"""Note in a converted file: sha256 of what it was made from."""
_STAMP = "stamp"
"""Likewise its size and time, which spare every process the reading of half a gigabyte."""
_OTHERS = {
    "binary_pred.0.weight": "the quality judge of Wav2Lip's training (visual_quality_disc)",
    "face_encoder.0.conv_block.0.weight": "the sync expert of Wav2Lip's training (lipsync_expert)",
    "conv1_1.weight": "a face detector (S3FD)",
    "stylegan_decoder.constant_input.weight": "a face restorer (GFPGAN)",
}
"""Weights that tell networks apart that are often beside it."""


def find(folder: Path) -> Path:
    """The model that is used: one of the user's own before the published ones, wav2lip_gan before wav2lip.

    Raises:
        EngineMissing: ``E-MODEL-MISSING`` when there is none.
    """
    rank = [Path(name).stem for name in PUBLISHED]
    files = [path for path in folder.glob("*") if path.suffix in _ENDINGS and not path.name.startswith(".")]
    if not files:
        raise EngineMissing(
            "E-MODEL-MISSING",
            "There is no model in checkpoints/wav2lip.",
            "Put wav2lip_gan.pth (github.com/Rudrabha/Wav2Lip) or a model of your own there.",
            "animator",
        )
    return min(files, key=lambda path: (path.stem in rank and 1 + rank.index(path.stem), path.name))


def load(path: Path) -> Any:
    """A ``Net`` with the weights of a file, on the CPU and ready for inference.

    Raises:
        SetupError: ``E-MODEL-HASH`` for a published name with other content, ``E-MODEL-UNSAFE``,
            ``E-MODEL-BROKEN`` (see ``checkpoint.read``), ``E-MODEL-KIND`` for another network.
    """
    import torch

    from presenter.engines.wav2lip.net import Net

    path = ready(path)
    tensors = checkpoint.read(path)
    layout = kind(tensors, path.name)
    with torch.device("meta"):  # no memory and no time for weights that are replaced at once
        net = Net(layout)
    none = torch.zeros(())
    state = {name: tensors.get(name, none).float() for name in layouts.shapes(layout)}
    net.load_state_dict(state, assign=True)
    net.requires_grad_(False)
    return net.eval()


def ready(path: Path) -> Path:
    """The .safetensors file that holds the model; made once of a pickle, which is checked first.

    Where the folder cannot be written, the pickle itself.

    Raises:
        SetupError: as ``load``.
    """
    if path.suffix == ".safetensors":
        return path
    kept = path.with_suffix(".safetensors")
    notes = checkpoint.metadata(kept) if kept.is_file() else {}
    state = path.stat()
    stamp = f"{state.st_size} {state.st_mtime_ns}"
    if notes.get(_STAMP) == stamp:
        return kept
    digest = weights.digest(path)
    if path.name in PUBLISHED:
        checkpoint.check_digest(path, PUBLISHED[path.name])
    if notes.get(_SOURCE) == digest:
        return kept
    tensors = checkpoint.read(path)
    layout = kind(tensors, path.name)
    wanted = {name: value for name, value in tensors.items() if name in layouts.shapes(layout)}
    try:
        checkpoint.write(kept, wanted, {_SOURCE: digest, _STAMP: stamp, "layout": layout.name})
    except SetupError:
        return path
    return kept


def kind(tensors: Mapping[str, Any], name: str) -> Layout:
    """Which network these weights belong to.

    Raises:
        SetupError: ``E-MODEL-KIND`` for none of the family.
    """
    found = layouts.recognise({key: tuple(value.shape) for key, value in tensors.items()})
    if found is not None:
        return found
    known = ", ".join(str(layout.size) for layout in layouts.LAYOUTS)
    other = next((title for key, title in _OTHERS.items() if key in tensors), None)
    what = f"is {other}" if other else f"is another network ({_outline(tensors)})"
    raise SetupError(
        "E-MODEL-KIND",
        f"The model file {name} {what}, not one of Wav2Lip with pictures of {known} pixels.",
        "Put wav2lip_gan.pth or wav2lip.pth into checkpoints/wav2lip.",
        "animator",
    )


def _outline(tensors: Mapping[str, Any]) -> str:
    stages = {key.split(".")[1] for key in tensors if key.startswith("face_encoder_blocks.")}
    if stages:
        return f"like Wav2Lip, with {len(stages)} stages and {len(tensors)} weights"
    return f"{len(tensors)} weights"
