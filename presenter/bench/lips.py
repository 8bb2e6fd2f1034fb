"""How fast Wav2Lip is here, beside the published way of running it, on this machine and in the same run.

Weights are random, in the layout of the published checkpoints: speed does not depend on them. What they paint
is noise, which costs the encoder more than a mouth would, in both ways alike. Each way is a process of its
own; CPU seconds of one thread are counted, because other programs disturb them least.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from presenter import faces, planes, video
from presenter.bench import SENTENCES, Report
from presenter.engines import load
from presenter.errors import EngineMissing, WorkError
from presenter.evaluate import Measure
from presenter.settings import Settings
from presenter.types import RATE, Frames, Portrait, Span, Speech, Style, Timing

BATCH = 128
"""Frames at once as published."""
FPS = 25
MOST = 8
"""Cores that are used at most, as in a render."""


def run(
    settings: Settings,
    *,
    seconds: float = 10.0,
    size: tuple[int, int] = (512, 512),
    divisor: int = 1,
    cores: int = MOST,
    report: Callable[[str], None] = lambda _text: None,
) -> Report:
    """Measure the network alone and the whole way from a photo and a sound to a video.

    Args:
        settings: portrait and voice are taken from here.
        seconds: length of the sound.
        size: width and height of the video (pixels).
        divisor: measures a network of so many times fewer channels, for a quick look.
        cores: how many are used at most where all of them are; 1 leaves that out.

    Raises:
        EngineMissing: torch is not installed.
        WorkError: ``E-BENCH`` when a part failed; its message is in the error.
    """
    began = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    with tempfile.TemporaryDirectory(prefix="presenter-bench-") as name:
        folder = Path(name)
        report("making a network in the published layout, and something to say")
        _prepare(folder, settings, seconds, size, divisor)
        measures = (*_network(folder, report), *_whole(folder, cores, report))
    return Report(f"{began}; {size[0]}x{size[1]} at {FPS}, {seconds:g} s, random weights", measures)


def _network(folder: Path, report: Callable[[str], None]) -> Iterator[Measure]:
    report("measuring the network alone")
    found = _process("network", folder)
    plain, fast = found["plain"], found["fast"]
    yield Measure(
        "lips-plain", "network as published, CPU time a frame", 1000 * plain, "ms", note="batch 128"
    )
    yield Measure("lips-fast", "network here, CPU time a frame", 1000 * fast, "ms", note=found["window"])
    yield Measure("lips-ratio", "network, published over here", plain / fast, "x", least=3)
    if "gpu" in found:
        yield Measure(
            "lips-gpu", "network on the GPU", found["gpu"], "frames/s", least=15_000, note=found["name"]
        )


def _whole(folder: Path, cores: int, report: Callable[[str], None]) -> Iterator[Measure]:
    report("making a video as published")
    plain = _process("published", folder)
    report("making the same here")
    fast = _process("here", folder)
    for name, way, found in (("plain", "as published", plain), ("fast", "here", fast)):
        note = f"{found['frames']} frames, {found['wall']:.1f} s, {found['memory']:.0f} MB"
        yield Measure(f"lips-command-{name}", f"whole command {way}, CPU time", found["cpu"], "s", note=note)
    yield Measure(
        "lips-command", "whole command, published over here", plain["cpu"] / fast["cpu"], "x", least=2.7
    )
    yield Measure("lips-rate", "frames a second on one core", fast["frames"] / fast["cpu"], "frames/s")
    yield Measure("lips-memory", "peak memory", fast["memory"], "MB", most=900)
    yield from _all_cores(folder, min(cores, os.cpu_count() or 1), report)
    missing = fast["wanted"] - fast["frames"]
    yield Measure(
        "lips-length", "frames that the video is shorter than its sound", missing, "", most=0,
        note=f"as published: {plain['wanted'] - plain['frames']}",
    )  # fmt: skip


def _all_cores(folder: Path, cores: int, report: Callable[[str], None]) -> Iterator[Measure]:
    """With as many threads as cores as published, with as many pieces at once here."""
    if cores == 1:
        return
    report(f"the same on {cores} cores: as published")
    plain = _process("published", folder, threads=cores)
    report(f"the same on {cores} cores: {cores} pieces at once here")
    began = time.monotonic()
    with ThreadPoolExecutor(cores) as pool:
        found = list(pool.map(lambda _: _process("here", folder), range(cores)))
    rate = sum(each["frames"] for each in found) / (time.monotonic() - began)
    note = f"elapsed time, with starting up, load {os.getloadavg()[0]:.1f}"
    yield Measure("lips-rate-all", f"frames a second on {cores} cores", rate, "frames/s", least=25, note=note)
    ratio = rate / (plain["frames"] / plain["wall"])
    yield Measure("lips-command-all", f"on {cores} cores, here over published", ratio, "x", least=3.5)


def _process(way: str, folder: Path, threads: int = 1) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "PRESENTER_CHECKPOINTS": str(folder)}
    command = [sys.executable, "-m", "presenter.bench.lips", way, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise WorkError("E-BENCH", f"Measuring failed: {said[-1]}", "Run: presenter doctor.")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _prepare(folder: Path, settings: Settings, seconds: float, size: tuple[int, int], divisor: int) -> None:
    """The network, the portrait and the speech, as files for the processes."""
    try:
        import torch

        from presenter.engines.wav2lip.layouts import WAV2LIP_96, slim
        from presenter.engines.wav2lip.net import Net, calibrate
    except ImportError as error:
        raise EngineMissing(
            "E-ENGINE-MISSING",
            f'The animator "wav2lip" needs the package {error.name}.',
            'Install it in this folder: pip install -e ".[wav2lip]".',
            "animator",
        ) from error
    torch.manual_seed(0)
    net = Net(slim(WAV2LIP_96, divisor) if divisor > 1 else WAV2LIP_96)
    calibrate(net, torch.randn(16, 1, 80, 16) * 1.5 - 1, torch.rand(16, 6, 96, 96))
    (folder / "wav2lip").mkdir()
    torch.save({"state_dict": net.state_dict()}, folder / "wav2lip" / "random.pth")
    faces.save(faces.frame(faces.sample(settings.portrait, settings.assets), *size), folder / "portrait.npz")
    np.save(folder / "speech.npy", _speech(seconds))


def _speech(seconds: float) -> Any:
    """Sentences one after another, so many seconds of them."""
    from presenter import audio

    speaker = load("speaker", "espeak")
    parts: list[Any] = []
    while sum(map(len, parts)) < seconds * RATE:
        text = SENTENCES[len(parts) % len(SENTENCES)]
        wave, _ = speaker.speak(text, "en-GB", speaker.study([]), style=Style(), seed=0)
        parts.append(audio.resample(wave))
    return np.concatenate(parts)[: round(seconds * RATE)]


# --- in a process of its own ------------------------------------------------------------------


def _main(way: str, folder: Path) -> None:
    import cv2
    import torch

    threads = int(os.environ["OMP_NUM_THREADS"])
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    if way == "network":
        print(json.dumps(_measure_network(folder)))
        return
    samples = np.load(folder / "speech.npy")
    speech = Speech("", samples, Timing((), (Span("", 0.0, len(samples) / RATE),)))
    portrait = faces.load_portrait(folder / "portrait.npz")
    began = time.monotonic()
    make = _published if way == "published" else _here
    frames = make(folder, speech, portrait)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({
        "cpu": time.process_time(), "wall": time.monotonic() - began, "frames": frames, "memory": memory,
        "wanted": -(-len(samples) * FPS // RATE),
    }))  # fmt: skip


def _here(folder: Path, speech: Speech, portrait: Portrait) -> int:
    """A photo and a sound to a video: this engine, one encode."""
    from presenter.engines.wav2lip import Wav2Lip

    engine = Wav2Lip(device="cpu")
    frames = engine.animate(speech, portrait, engine.study(portrait), fps=FPS, seed=0)
    return _encoded(folder / f"here-{os.getpid()}.mp4", frames, speech, video.Quality())


def _published(folder: Path, speech: Speech, portrait: Portrait) -> int:
    """The same as published: the whole network in large batches, a square pasted, two encodes."""
    import cv2
    import torch

    from presenter.engines.wav2lip import files, mel, original

    net = files.load(files.find(folder / "wav2lip"))
    heard = mel.windows(speech.samples, -(-len(speech.samples) * FPS // RATE), FPS)
    # The script ends with the last whole window, so its video is shorter than the sound.
    last = len(mel.spectrogram(np.zeros(len(speech.samples) * 16_000 // RATE, np.float32))[0]) - 16
    count = int(np.searchsorted(heard.first, last, side="right")) + 1
    top, bottom, left, right = original.boxes(portrait)[0]
    image = np.ascontiguousarray(portrait.images[0][..., ::-1])
    draft = str(folder / "draft.avi")
    writer = cv2.VideoWriter(draft, cv2.VideoWriter.fourcc(*"DIVX"), FPS, (portrait.width, portrait.height))
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        whole = [image.copy() for _ in numbers]
        face = np.asarray([cv2.resize(each[top:bottom, left:right], (96, 96)) for each in whole])
        hidden = face.copy()
        hidden[:, 48:] = 0
        shown = torch.FloatTensor(np.transpose(np.concatenate((hidden, face), axis=3) / 255.0, (0, 3, 1, 2)))
        with torch.no_grad():
            painted = net(torch.from_numpy(heard.part(numbers)), shown).numpy().transpose(0, 2, 3, 1) * 255
        for picture, mouth in zip(whole, painted, strict=True):
            picture[top:bottom, left:right] = cv2.resize(mouth.astype(np.uint8), (right - left, bottom - top))
            writer.write(picture)
    writer.release()

    def drafted() -> Iterator[Any]:
        capture = cv2.VideoCapture(draft)
        while (frame := capture.read())[0]:
            yield frame[1][..., ::-1]

    frames = Frames(portrait.width, portrait.height, FPS, count, drafted)
    return _encoded(folder / "published.mp4", frames, speech, video.Quality(crf=23, preset="medium"))


def _encoded(path: Path, frames: Frames, speech: Speech, quality: video.Quality) -> int:
    piece, sound = path.with_suffix(".piece.mp4"), path.with_suffix(".sound.mp4")
    drawn = (planes.canvas(np.ascontiguousarray(picture)) for picture in frames)
    count = video.encode(piece, drawn, width=frames.width, height=frames.height, fps=FPS, quality=quality)
    video.encode_sound(sound, [speech.samples])
    video.join(path, [piece], sound, fps=FPS)
    return count


def _measure_network(folder: Path) -> dict[str, Any]:
    import torch

    from presenter.engines.wav2lip import crop, files, mask, paste
    from presenter.engines.wav2lip.fast import Fast
    from presenter.engines.wav2lip.painter import BATCH_CPU

    net = files.load(files.find(folder / "wav2lip"))
    face = faces.load_portrait(folder / "portrait.npz").faces[0]
    window = paste.window_of(mask.study(face, crop.place(face.landmarks))[0], net.layout.size)
    fast = Fast(net)
    shown = torch.rand(1, 6, 96, 96)
    maps = fast.look(shown, window)
    heard = torch.randn(BATCH, 1, 80, 16)
    batch = shown.expand(BATCH, -1, -1, -1).contiguous()
    plain, cheap = [], []
    for _ in range(2):
        with torch.no_grad():
            plain.append(_seconds(lambda: net(heard, batch)) / BATCH)
        cheap.append(_seconds(lambda: [fast.paint(part, maps) for part in heard.split(BATCH_CPU)]) / BATCH)
    part = f"rows {window.top} to {window.bottom}, columns {window.left} to {window.right} of 96"
    found: dict[str, Any] = {"plain": min(plain), "fast": min(cheap), "window": f"{part}; batch {BATCH_CPU}"}
    if torch.cuda.is_available():
        found |= {"gpu": _gpu_rate(net, shown, window), "name": torch.cuda.get_device_name()}
    return found


def _gpu_rate(net: Any, shown: Any, window: Any) -> float:
    """Frames a second at batches of 64."""
    import torch

    from presenter.engines.wav2lip.fast import Fast

    fast = Fast(net, "cuda", half=True)
    maps = fast.look(shown, window)
    heard = torch.randn(64, 1, 80, 16, device="cuda")
    for _ in range(20):
        fast.paint(heard, maps)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(100):
        fast.paint(heard, maps)
    torch.cuda.synchronize()
    return 100 * 64 / (time.perf_counter() - began)


def _seconds(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
