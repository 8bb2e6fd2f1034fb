"""The folder of a training: what was asked for, what was prepared, how far it is, samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from presenter import records
from presenter.errors import InputError, WorkError

PLAN, STATE, SAMPLES = "plan.json", "state.pth", "samples"
SIZES = (96, 256, 288, 384)
"""Of the pictures of the networks that can be trained (pixels)."""
SLIMMEST = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is to do."""

    clips: tuple[Path, ...]
    out: Path
    """The model that it makes: .safetensors."""
    size: int = 96
    divisor: int = 1
    """The network has so many times fewer channels than published."""
    source: Path | None = None
    """A model to begin with; it decides size and divisor."""
    seed: int = 0
    batch: int = 0
    """Windows of five frames a step; 0 is what suits the device."""
    rate: float = 1e-4
    """By which a step changes the weights."""

    @property
    def folder(self) -> Path:
        """Where the training's own files are: beside the model."""
        return self.out.with_suffix(".training")


def begin(plan: Plan) -> Plan:
    """Make the folder of a new training.

    Raises:
        InputError: ``E-TRAIN-OUT``, ``E-TRAIN-LAYOUT``, ``E-TRAIN-BEGUN``.
        WorkError: ``E-TRAIN-WRITE``.
    """
    if plan.out.suffix != ".safetensors":
        raise InputError(
            "E-TRAIN-OUT", f'The model is to be called "{plan.out.name}".',
            "Let its name end in .safetensors.", "out",
        )  # fmt: skip
    if plan.size not in SIZES or not 1 <= plan.divisor <= SLIMMEST or plan.divisor & (plan.divisor - 1):
        sizes = ", ".join(map(str, SIZES))
        raise InputError(
            "E-TRAIN-LAYOUT",
            f"There is no network of {plan.size} pixels that is slimmed {plan.divisor} times.",
            f"Choose {sizes} pixels, and 1, 2, 4 or 8 times.",
            "layout",
        )
    if (plan.folder / STATE).exists():
        raise InputError(
            "E-TRAIN-BEGUN",
            f'"{plan.folder.name}" holds a training that was begun.',
            f"Go on with --resume {plan.folder.name}, or choose another name for the model.",
            "out",
        )
    whole = replace(plan, clips=tuple(clip.absolute() for clip in plan.clips), out=plan.out.absolute())
    values = {key: _plain(value) for key, value in asdict(whole).items()}

    def write(draft: Path) -> None:
        draft.write_text(json.dumps(values, indent=1), encoding="utf-8")

    try:
        whole.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(error) from error
    _atomically(whole.folder / PLAN, write)
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.absolute())
    return [str(each) for each in value] if isinstance(value, tuple) else value


def resume(folder: Path) -> Plan:
    """The plan of a training that was begun.

    Raises:
        InputError: ``E-TRAIN-FOLDER`` when the folder is not one of a training.
    """
    try:
        values = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        values["clips"] = tuple(Path(clip) for clip in values["clips"])
        values["out"] = folder.absolute().with_suffix(Path(values["out"]).suffix)
        values["source"] = Path(values["source"]) if values["source"] else None
        return Plan(**values)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "E-TRAIN-FOLDER",
            f'"{folder.name}" is not the folder of a training.',
            "Name the folder that ends in .training.",
            "resume",
        ) from error


def save(folder: Path, state: dict[str, Any]) -> None:
    """Keep how far a training is; whoever kills it meanwhile finds the state before.

    Raises:
        WorkError: ``E-TRAIN-WRITE``.
    """
    import torch

    _atomically(folder / STATE, lambda draft: torch.save(state, draft))


def restore(folder: Path) -> dict[str, Any] | None:
    """How far the training is, or None where nothing was saved yet.

    Raises:
        WorkError: ``E-TRAIN-BROKEN`` when it is damaged, or is not what a training saves.
    """
    import torch

    path = folder / STATE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged archives and pickles fail in every way there is
        raise WorkError(
            "E-TRAIN-BROKEN", "What was saved of the training is damaged.", "Begin again."
        ) from error
    return state


def _atomically(path: Path, write: Callable[[Path], object]) -> None:
    try:
        with records.whole(path, durable=True) as draft:
            write(draft)
    except (OSError, RuntimeError) as error:  # torch says the latter where a disk is full
        raise _unwritable(error) from error


def _unwritable(error: Exception) -> WorkError:
    reason = getattr(error, "strerror", None) or "no space"
    return WorkError(
        "E-TRAIN-WRITE",
        f"The training cannot be saved ({reason}).",
        "Free some space and go on with --resume.",
    )
