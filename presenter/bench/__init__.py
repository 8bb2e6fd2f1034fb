"""How fast and how large presenter is on this machine. Numbers are printed, never tested: machines differ.

Every render is a process of its own with an empty home, measured from outside, so the numbers are what
somebody at a terminal would see, with starting up and loading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from presenter import registry
from presenter.bench.tree import descendants
from presenter.errors import WorkError
from presenter.evaluate import Measure
from presenter.pieces import Piece, animated, drawn
from presenter.settings import Settings
from presenter.types import Frames
from presenter.video import Quality, encode

SENTENCES = (
    "Sunlight takes eight minutes to reach us.",
    "A prism splits it into all the colours.",
    "Red bends the least, and violet the most.",
    "That is why the sky above you is blue.",
    "In the evening the path is longer.",
    "More of the blue is lost on the way.",
    "What remains is a warm summer sunset.",
    "Put a mirror on the table.",
    "Now point a lamp at the middle of it.",
    "The beam leaves as steeply as it came.",
    "Push a pencil into a glass of water.",
    "It seems to break where the water begins.",
    "Waves move more slowly below the surface.",
    "A lens is a very well shaped piece of glass.",
    "It makes all beams meet in one point.",
    "Your own eye does the same with living tissue.",
    "Small muscles pull on it when you look up.",
    "When they are tired, we add another lens.",
    "People have worn glasses for seven centuries.",
    "Tomorrow we will build a simple telescope.",
)
"""Twenty sentences of about three seconds."""
CHANGED = "Tomorrow we will build a much better one."
STAGE_FRAMES = 75
"""Frames over which the stages are measured one by one."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured."""

    machine: str
    measures: tuple[Measure, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """A plain table."""
        yield self.machine
        for measure in self.measures:
            yield measure.line()


def run(
    settings: Settings,
    *,
    minutes: float = 1.0,
    long: bool = False,
    report: Callable[[str], None] = lambda _text: None,
) -> Report:
    """Measure this machine, in a temporary home; takes about three times as long as the lesson lasts.

    Args:
        settings: portrait, voice, engines, size and frames a second are taken from here.
        minutes: length of the lesson.
        long: also render a lesson ten times as long and compare its memory.
        report: is told what is being done.

    Raises:
        WorkError: ``E-BENCH`` when a render failed; its message is in the error.
    """
    began = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    with tempfile.TemporaryDirectory(prefix="presenter-bench-") as name:
        bench = _Bench(settings, Path(name), report)
        measures = (*bench.renders(minutes, long), bench.importing(), *bench.stages())
    size = f"{settings.width}x{settings.height} at {settings.fps}, {minutes:g} min"
    return Report(f"{began}; {size}", measures)


def lesson(minutes: float) -> str:
    """A lesson of about so many minutes, one sentence in each paragraph, no two of them equal."""
    wanted = max(2, round(minutes * len(SENTENCES)))
    paragraphs = []
    for number, sentence in enumerate(islice(cycle(SENTENCES), wanted)):
        part = number // len(SENTENCES)
        paragraphs.append(f"{sentence[:-1]}, part {part + 1}." if part else sentence)
    return "\n\n".join(paragraphs) + "\n"


@dataclass(frozen=True, slots=True)
class _Run:
    """One render seen from outside."""

    seconds: float
    """Wall clock, from starting the process to its end."""
    first: float | None
    """Until the first new piece was in the store."""
    pss: float | None
    """Peak of the process and its children in MB, shared pages counted once; None without /proc."""
    rss: float | None
    """The same, shared pages counted in each process."""
    video: dict[str, Any]


class _Bench:
    def __init__(self, settings: Settings, folder: Path, report: Callable[[str], None]) -> None:
        self._settings, self._folder, self._report = settings, folder, report
        self._out = folder / "out.mp4"

    def renders(self, minutes: float, long: bool) -> Iterator[Measure]:
        """Whole renders: new, unchanged, one sentence changed, a long one."""
        source = lesson(minutes)
        self._report("rendering for the first time")
        new = self._render(source)
        length = float(new.video["seconds"])
        yield Measure(
            "render", "first render, speed", length / new.seconds, "x real", least=1,
            note=f"{length:.1f} s of video in {new.seconds:.1f} s",
        )  # fmt: skip
        yield Measure("first-piece", "first piece after", new.first, "s", most=5)
        self._report("rendering again, nothing changed")
        same = self._render(source)
        yield Measure(
            "unchanged", "rendering again, nothing changed", same.seconds, "s", most=2,
            note=f"{same.video['rendered']} pieces drawn",
        )  # fmt: skip
        self._report("rendering again, one sentence changed")
        last = source.rstrip().rsplit("\n\n", 1)[-1]
        changed = self._render(source.replace(last, CHANGED))
        yield Measure(
            "changed", "rendering again, one sentence changed", 100 * changed.seconds / new.seconds,
            "%", most=15,
            note=f"of the first render; {changed.seconds:.1f} s, {changed.video['rendered']} piece drawn",
        )  # fmt: skip
        yield Measure("memory", "peak memory of all processes", new.pss, "MB", most=1200, note=_resident(new))
        if long:
            self._report("rendering a lesson ten times as long")
            tall = self._render(lesson(10 * minutes))
            more = 100 * (tall.pss / new.pss - 1) if tall.pss and new.pss else None
            yield Measure(
                "memory-long", "peak memory of one ten times as long", more, "% more", most=10,
                note=f"{tall.pss or 0:.0f} MB; {tall.video['seconds']:.0f} s in {tall.seconds:.0f} s",
            )  # fmt: skip

    def _render(self, source: str) -> _Run:
        path = self._folder / "lesson.md"
        path.write_text(source, encoding="utf-8")
        command = [sys.executable, "-m", "presenter", "render", str(path), "-o", str(self._out)]
        environment = {
            **os.environ,
            **_environment(self._settings),
            "PRESENTER_HOME": str(self._folder / "home"),
        }
        store = self._folder / "home" / "store" / "piece"
        before = set(store.glob("*/[0-9a-f]*.mp4"))
        first = pss = rss = None
        began = time.monotonic()
        # Answers go to files: a full pipe would stop the process.
        with open(self._folder / "answer", "w+b") as answer, open(self._folder / "errors", "w+b") as errors:
            process = subprocess.Popen(
                [*command, "--json", "--quiet"],
                env=environment,
                cwd=self._folder,
                stdout=answer,
                stderr=errors,
            )
            while process.poll() is None:
                if first is None and set(store.glob("*/[0-9a-f]*.mp4")) - before:
                    first = time.monotonic() - began
                sample = memory(process.pid)
                if sample is not None:
                    pss, rss = max(pss or 0, sample[0]), max(rss or 0, sample[1])
                time.sleep(0.05)
            seconds = time.monotonic() - began
            answer.seek(0)
            errors.seek(0)
            if process.returncode != 0:
                said = errors.read().decode(errors="replace").strip().splitlines() or ["no message"]
                raise WorkError("E-BENCH", f"A render failed: {said[-1]}", "Run: presenter doctor.")
            return _Run(seconds, first, pss, rss, json.loads(answer.read()))

    def importing(self) -> Measure:
        """How long ``import presenter`` takes, the best of three."""
        code = "import time; t = time.perf_counter(); import presenter; print(time.perf_counter() - t)"
        command = [sys.executable, "-c", code]
        seconds = min(
            float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(3)
        )
        return Measure("import", "import presenter", seconds, "s", most=0.5)

    def stages(self) -> Iterator[Measure]:
        """CPU time a frame of each stage that every frame goes through."""
        home = self._folder / "home"
        pieces = registry.recall(home, self._out).pieces
        piece = max(pieces, key=lambda piece: piece.shot.count)
        self._report("measuring the stages")
        path = self._folder / "stage.mp4"
        for name, seconds in stages(piece, path):
            yield Measure(f"cpu-{name}", f"{name}, CPU time a frame", 1000 * seconds, "ms")


def stages(piece: Piece, path: Path) -> Iterator[tuple[str, float]]:
    """CPU seconds a frame of animating, composing and encoding a shot; ``path`` takes the encoded file."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # as in the workers
    try:
        head = animated(piece)
        held = None
        if head is not None:
            count = min(head.count, STAGE_FRAMES)
            began = time.process_time()
            pictures = [picture.copy() for picture in islice(head, count)]
            yield "animate", (time.process_time() - began) / count
            held = Frames(
                head.width, head.height, head.fps, head.count, lambda: islice(cycle(pictures), head.count)
            )
        count = min(piece.shot.count, STAGE_FRAMES)
        began = time.process_time()
        planes = [frame.copy() for frame in islice(drawn(piece, held), count)]
        yield "compose", (time.process_time() - began) / count
        began = time.process_time()
        encode(path, planes, width=piece.width, height=piece.height, fps=piece.fps, quality=Quality())
        yield "encode", (time.process_time() - began) / count
    finally:
        cv2.setNumThreads(threads)


def memory(pid: int) -> tuple[float, float] | None:
    """PSS and RSS in MB of a process and all below it; None where /proc does not tell."""
    pss = rss = 0.0
    for member in descendants(pid):
        try:
            rows = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # it ended meanwhile
        found = {row.split(":")[0]: float(row.split()[1]) for row in rows[1:]}
        pss += found["Pss"] / 1024
        rss += found["Rss"] / 1024
    return (pss, rss) if pss else None


def _resident(run: _Run) -> str:
    return "" if run.rss is None else f"{run.rss:.0f} MB with shared pages counted in each process"


def _environment(settings: Settings) -> dict[str, str]:
    """The settings that shape a render, as environment variables of another process."""
    names = (
        "checkpoints", "assets", "speaker", "animator", "voice", "portrait", "layout", "theme", "captions",
        "width", "height", "fps", "workers",
    )  # fmt: skip
    return {f"PRESENTER_{name.upper()}": str(getattr(settings, name)) for name in names}
