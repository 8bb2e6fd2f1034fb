"""A training from its beginning, or from where it was stopped, to the model."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presenter.engines import checkpoint, choice, load
from presenter.errors import EngineMissing, WorkError
from presenter.interrupts import held
from presenter.settings import Settings
from presenter.store import digest
from presenter.training import consents, footage, work
from presenter.training.work import Plan

if TYPE_CHECKING:
    from presenter.training.lips import Trainer
    from presenter.training.score import Score

EVERY = 60.0
"""Seconds between looks at what was held out; each is followed by a save."""
LOOKING = 0.1
"""Share of the time that looking may take."""
BATCH_CPU, BATCH_GPU = 4, 32
"""Windows of five frames a step."""
LICENCE = "own footage"

Report = Callable[[float, float | None, str], None]
"""Is told a share, 0..1, the seconds that are left where they are known, and what is being done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training, or of the part of it that was run."""

    out: Path
    steps: int
    """Of the whole training."""
    stopped: bool
    """Before its end, by Ctrl-C."""
    first: Score
    """Before the first step."""
    best: Score
    """Of the model that was written."""
    samples: Path


def train(
    plan: Plan,
    settings: Settings,
    *,
    resumed: bool = False,
    person: str | None = None,
    steps: int | None = None,
    seconds: float | None = None,
    every: float = EVERY,
    report: Report = lambda _done, _left, _text: None,
) -> Outcome:
    """Train a network, or go on where it was stopped.

    Args:
        plan: what to do.
        resumed: goes on with a training that was begun; the plan is that of ``resume``.
        person: who gave consent for the clips; None relies on what is on record.
        steps: after which the training ends, counted from its beginning.
        seconds: of this run, after which it ends. Of two limits the first counts.
        every: seconds between looks at what was held out.

    Returns:
        The scores; the model that scored best lies at ``plan.out`` and is one that the engine loads.

    Raises:
        EngineMissing: torch is not installed.
        InputError: ``E-CONSENT-...``, ``E-TRAIN-...`` and what is wrong with the clips.
        SetupError: ``E-MODEL-...`` when the model to begin with cannot be used.
        WorkError: ``E-TRAIN-DIVERGED``, ``E-TRAIN-WRITE``, ``E-MEMORY``.
    """
    _check_packages()
    for clip in plan.clips:
        consents.check(clip, person, settings)
    plan = plan if resumed else work.begin(plan)
    net = _source(plan.source)
    size = net.layout.size if net is not None else plan.size
    reels = [_reel(clip, plan.folder, size, settings, report) for clip in plan.clips]
    footage.check_length(reels)
    course = _Course(plan, _trainer(plan, net), reels, report)
    return course.run(steps, seconds, every)


def _reel(clip: Path, folder: Path, size: int, settings: Settings, report: Report) -> footage.Reel:
    def told(done: float, text: str) -> None:
        report(done, None, f"{clip.name}: {text}")

    kept = folder / f"clip-{digest(clip, size)[:16]}"
    footage.prepare(clip, kept, size, lambda: load("detector", choice.detector(settings).name), told)
    return footage.load(kept)


def _check_packages() -> None:
    for package in ("torch", "safetensors"):
        if importlib.util.find_spec(package) is None:
            raise EngineMissing(
                "E-ENGINE-MISSING",
                f"Training needs the package {package}.",
                'Install it in this folder: pip install -e ".[wav2lip]".',
            )


def _source(model: Path | None) -> Any:
    if model is None:
        return None
    from presenter.engines.wav2lip import files

    return files.load(model)


def _trainer(plan: Plan, net: Any) -> Trainer:
    import torch

    from presenter.engines.wav2lip import layouts
    from presenter.training.lips import Trainer

    if net is not None:
        layout = net.layout
        published = next(each for each in layouts.LAYOUTS if each.size == layout.size)
        divisor = published.width // layout.width
    else:
        published = next(each for each in layouts.LAYOUTS if each.size == plan.size)
        divisor = plan.divisor
        layout = layouts.slim(published, divisor) if divisor > 1 else published
    batch = plan.batch or (BATCH_GPU if torch.cuda.is_available() else BATCH_CPU)
    return Trainer(layout, divisor=divisor, batch=batch, rate=plan.rate, seed=plan.seed, net=net)


class _Course:
    """The steps of one run, and what is looked at and saved between them."""

    def __init__(self, plan: Plan, trainer: Trainer, reels: list[footage.Reel], report: Report) -> None:
        self._plan, self._trainer, self._reels, self._report = plan, trainer, reels, report
        self._first: Score | None = None
        self._best: Score | None = None

    def run(self, steps: int | None, seconds: float | None, every: float) -> Outcome:
        self._go_on()
        trainer, begin = self._trainer, self._trainer.steps
        started = looked = time.monotonic()
        stopped = False
        cost = 0.0
        if self._first is None:
            self._look()
            started = looked = time.monotonic()
        try:
            while not _over(trainer.steps, steps, time.monotonic() - started, seconds):
                with held():  # a step that is cut in half would spoil the weights
                    self._step()
                now = time.monotonic()
                self._tell(begin, steps, now - started, seconds)
                if now - looked >= max(every, cost / LOOKING):
                    self._look()
                    looked = time.monotonic()
                    cost = looked - now
        except KeyboardInterrupt:
            stopped = True
        self._look()
        assert self._first is not None
        assert self._best is not None
        samples = self._plan.folder / work.SAMPLES
        return Outcome(self._plan.out, trainer.steps, stopped, self._first, self._best, samples)

    def _go_on(self) -> None:
        from presenter.training.score import Score

        state = work.restore(self._plan.folder)
        if state is None and self._plan.source is None:
            self._trainer.begin(self._reels)
        if state is not None:
            self._trainer.restore(state)
            self._first, self._best = Score(**state["first"]), Score(**state["best"])

    def _step(self) -> None:
        try:
            self._trainer.step(self._reels)
        except RuntimeError as error:
            if "memory" not in str(error):
                raise
            raise WorkError(
                "E-MEMORY", "The memory is too small for a step of the training.",
                "Begin again with a smaller --batch or a slimmer network (--slim 2).",
            ) from error  # fmt: skip

    def _look(self) -> None:
        """Judge, keep the model where it is the best so far, draw a sample, save."""
        from presenter.training import score

        with held():
            found = score.judge(self._trainer, self._reels)
            self._first = self._first or found
            if self._best is None or found.mouth < self._best.mouth or not self._plan.out.exists():
                self._best = found
                self._write(found)
            picture = self._plan.folder / work.SAMPLES / f"{self._trainer.steps:07d}.png"
            score.sample(self._trainer, self._reels[0], picture)
            scores = {"first": asdict(self._first), "best": asdict(self._best)}
            work.save(self._plan.folder, {**self._trainer.state(), **scores})
        self._report(0.0, None, f"step {self._trainer.steps}: {found.line()}\n")

    def _write(self, found: Score) -> None:
        state = {name: value.detach().cpu() for name, value in self._trainer.net.state_dict().items()}
        licence = LICENCE
        if self._plan.source is not None:
            licence += f", begun with {self._plan.source.name}, whose terms hold"
        notes = {
            "licence": licence, "layout": self._trainer.layout.name, "steps": str(self._trainer.steps),
            "score": found.line(),
        }  # fmt: skip
        checkpoint.write(self._plan.out, state, notes)

    def _tell(self, begin: int, steps: int | None, spent: float, seconds: float | None) -> None:
        taken = self._trainer.steps - begin
        shares = [spent / seconds] if seconds else []
        shares += [taken / (steps - begin)] if steps and steps > begin else []
        done = min(1.0, max(shares, default=0.0))
        left = spent * (1 - done) / done if done > 0 else None
        losses = self._trainer.losses
        text = f"step {self._trainer.steps}, loss {losses.picture:.4f}, sync expert {losses.expert:.3f}"
        self._report(done, left, text)


def _over(taken: int, steps: int | None, spent: float, seconds: float | None) -> bool:
    return (steps is not None and taken >= steps) or (seconds is not None and spent >= seconds)
