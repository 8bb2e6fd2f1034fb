"""The order of it all, top to bottom.

    lesson --decide--> Recipe --- Segment --speak--> Speech --plan--> Shot
    portrait --frame, study------------------------------------.      |
    slide --draw slide--------------------------------------.  |      |
                                                            v  v      v
                                                piece (H.264, one a shot, in processes)
    all speeches + all pieces --mix, join--> lesson.mp4 --publish--> Video

Each step is asked for through the store, so only what changed is done. Speaking goes ahead in this
process while pieces are drawn in others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from threading import Event

from presenter import (
    captions,
    credentials,
    keys,
    mixing,
    policy,
    provenance,
    publishing,
    records,
    registry,
    seals,
    signing,
    text,
    voices,
)
from presenter.engines import choice, load
from presenter.engines.runners import Here, Processes, Runner, died
from presenter.errors import Cancelled, InputError, SetupError
from presenter.meter import Meter, Report
from presenter.order import Order, Recipe, decide
from presenter.people import People, portraits
from presenter.pieces import PIECES, Kit, Piece, draw_piece, warm_up
from presenter.plan import Planner, chapters, subtitles
from presenter.rates import Rates
from presenter.settings import Settings
from presenter.speeches import engine_name
from presenter.store import Artefact, Store, digest_of_file
from presenter.types import (
    Plan,
    Video,
)
from presenter.video import Subtitles, join

LESSON, CAPTIONS = "1", "1"
"""Versions of the steps of this file: raise one when its output changes for equal inputs."""


def render(
    order: Order,
    settings: Settings,
    out: Path,
    *,
    report: Report = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    runner: Runner | None = None,
) -> Video:
    """Make the video that the order asks for.

    Args:
        out: the MP4 to write; side-cars with captions lie beside it. It appears whole or not at all.
        report: is told about the progress, a few times a second.
        cancelled: is asked a few times a second whether to stop.
        runner: where pieces are drawn; by default one process a core.

    Raises:
        InputError: something in the order cannot be done; nothing was written.
        Cancelled: after ``cancelled()`` was true; finished pieces are kept.
        SetupError, WorkError: see their texts.
    """
    began = time.monotonic()
    _check_name(out)
    recipe = decide(order, settings)
    _check_place(out, recipe)
    store = Store(settings.home / "store")
    people = People(settings.home)
    record, portrait = portraits.give_out(
        people, recipe.portrait, consent=recipe.consent, settings=settings,
        detector=lambda: load("detector", choice.detector(settings).name), face=recipe.face,
    )  # fmt: skip
    real = record.consent is not None or recipe.voice.consent is not None
    people.refuse_below(settings.consent_level, record.consent, recipe.voice.consent)
    policy.check(recipe.script, real_person=real)
    kit = Kit(recipe, settings, store, record, portrait)
    meter = Meter(recipe, report)
    with ThreadPoolExecutor(1) as aside:
        cuts, sound = _draw_all(kit, meter, cancelled, runner, aside)
    meter.say("join", 0.96, 1.0, "joining the pieces")
    drawn = time.monotonic()
    plan = Plan(recipe.width, recipe.height, recipe.fps, tuple(cut.piece.shot for cut in cuts))
    lesson = _join(kit, plan, cuts, sound, cancelled)
    published = publish(lesson, plan, kit, cuts, sound, out)
    with suppress(OSError):  # the video is done; another render may be tidying up too
        store.prune(int(settings.store_gigabytes * 1e9))
    meter.say("done", 1.0, 0.0, "finished")
    fresh = {cut.piece.inputs for cut in cuts if cut.made.fresh}
    if fresh:
        Rates(store.root).learn("finish", plan.count / plan.fps, time.monotonic() - drawn)
    return Video(
        path=str(out),
        digest=published.digest,
        seconds=plan.count / plan.fps,
        frames=plan.count,
        reused=len(cuts) - len(fresh),
        rendered=len(fresh),
        spent=time.monotonic() - began,
        files=published.files,
        credentials=published.credentials,
        warnings=(*recipe.script.warnings, *kit.notes()),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A segment with all that was made of it."""

    piece: Piece
    made: Artefact
    """The piece as a file."""


def _draw_all(
    kit: Kit, meter: Meter, cancelled: Callable[[], bool], given: Runner | None, aside: Executor
) -> tuple[list[Cut], Artefact]:
    """Speak, plan and draw every segment, in order; the cuts and the sound of them all.

    Speaking goes ahead while workers draw, and the sound is mixed ``aside`` once all is spoken.
    """
    planner = Planner(kit.recipe.fps, kit.recipe.layout, kit.stills.clips())
    pieces: list[Piece] = []
    made: dict[str, Artefact] = {}
    drawing: dict[str, Future[Artefact]] = {}
    ahead = kit.unspoken() > 1
    workers = given.workers if given else kit.workers()
    runner = given or (_processes(kit, workers) if ahead else None)
    missing: dict[str, Piece] = {}
    failed = Event()

    def gather(most: int) -> None:
        """Take in what is drawn until no more than ``most`` pieces are under way."""
        if cancelled():
            raise Cancelled()
        while len(drawing) > most:
            meter.drawn(runner)
            wait(drawing.values(), timeout=0.2, return_when=FIRST_COMPLETED)
            for name in [name for name, future in drawing.items() if future.done()]:
                made[name] = drawing.pop(name).result()
            meter.ready = _front(pieces, made)
            if cancelled():
                raise Cancelled()

    def take(piece: Piece) -> bool:
        """Add a piece, and have it drawn where it is new."""
        pieces.append(piece)
        if piece.inputs in made or piece.inputs in drawing or piece.inputs in missing:
            return False
        found = kit.store.find("piece", PIECES, piece.inputs, "mp4")
        if found is not None:
            made[piece.inputs] = found
        elif runner is not None:
            drawing[piece.inputs] = runner.submit(draw_piece, piece)
        else:
            missing[piece.inputs] = piece
        return found is None

    try:
        if kit.recipe.intro:
            take(kit.film(kit.recipe.intro))
        for segment in kit.recipe.script.segments:
            # Speaking far ahead would take the cores from those who draw the first pieces.
            gather(2 * workers)
            speech = kit.speech(segment)
            shot = planner.add(segment, voices.load_speech(speech.path))
            meter.spoken(shot, take(kit.piece(shot, speech)), runner)
        if kit.recipe.outro:
            take(kit.film(kit.recipe.outro))
        stopped = lambda: failed.is_set() or cancelled()  # noqa: E731
        sound = aside.submit(mixing.mix, pieces, kit.recipe, kit.store, stopped)
        if missing:
            # A single piece is drawn sooner here than by a process that has to start first.
            alone = len(missing) == 1
            runner = Here(cancelled, lambda: meter.drawn(runner)) if alone else _processes(kit, workers)
            drawing.update((name, runner.submit(draw_piece, piece)) for name, piece in missing.items())
        gather(0)
        meter.ready = _front(pieces, made)
    except BrokenProcessPool as error:
        raise died() from error
    except BaseException:
        failed.set()
        if runner is not None:
            runner.stop()
        raise
    finally:
        if given is None and runner is not None:
            runner.close()
    return [Cut(piece, made[piece.inputs]) for piece in pieces], sound.result()


def _front(pieces: Sequence[Piece], made: Mapping[str, Artefact]) -> tuple[str, ...]:
    """Paths of the finished segments before the first one that is missing; clips around them do not count."""
    front = takewhile(lambda piece: piece.inputs in made, (piece for piece in pieces if piece.shot.segment))
    return tuple(str(made[piece.inputs].path) for piece in front)


def _processes(kit: Kit, workers: int) -> Runner:
    runner = Processes(workers)
    runner.warm(warm_up, kit.animator.name)
    return runner


def _join(
    kit: Kit, plan: Plan, cuts: Sequence[Cut], sound: Artefact, cancelled: Callable[[], bool]
) -> Artefact:
    lesson = kit.recipe.script
    own = subtitles(plan) if kit.recipe.captions == "soft" else ()
    tracks = [Subtitles(text.iso_639_2(lesson.language), own)] if own else []
    tracks += [_within(track, plan.count / plan.fps) for track in kit.recipe.tracks]
    comment = provenance.comment(lesson.language, kit.restricted)
    marks = chapters(lesson, plan)

    def make(path: Path) -> None:
        joined = path.with_suffix(".joined.mp4")
        try:
            write(joined)
            signing.sign(joined, path, claim, kit.settings)
        finally:
            joined.unlink(missing_ok=True)

    def write(path: Path) -> None:
        join(
            path,
            [cut.made.path for cut in cuts],
            sound.path,
            fps=plan.fps,
            title=lesson.title,
            comment=comment,
            chapters=marks,
            subtitles=tracks,
            cancelled=cancelled,
        )

    claim = signing.claim(kit, [cut.piece for cut in cuts], sound.digest)
    parts = [sound.digest, *(cut.made.digest for cut in cuts)]
    signed = claim, credentials.VERSION, keys.fingerprint(kit.settings)
    inputs = (parts, lesson.title, lesson.language, marks, tracks, comment, provenance.VERSION, signed)
    return kit.store.once("lesson", LESSON, inputs, "mp4", make, sources=parts)


def _within(track: Subtitles, seconds: float) -> Subtitles:
    cues = (replace(cue, end=min(cue.end, seconds)) for cue in track.cues if cue.start < seconds)
    return replace(track, cues=tuple(cues))


@dataclass(frozen=True, slots=True)
class Published:
    """A video that left the store."""

    digest: str
    """sha256 of the file."""
    credentials: str
    """Name of the signed manifest in it."""
    files: tuple[str, ...]
    """Paths of its side-cars."""


def publish(
    lesson: Artefact, plan: Plan, kit: Kit, cuts: Sequence[Cut], sound: Artefact, out: Path
) -> Published:
    """Put the finished video and its captions where they were asked for, and keep a record of what it was
    drawn from.

    Raises:
        InputError, WorkError, SetupError: as ``publishing.publish``.
    """
    record = _record(lesson, plan, kit, cuts, sound)
    try:
        signed = publishing.publish("video", lesson.path, out, record, kit.settings)
    except InputError:
        if kit.recipe.voice.reference:
            # Clips that were begun before the voice was forgotten were finished after it.
            made = {name for cut in cuts for name in (cut.piece.spoken, cut.made.digest)}
            kit.store.forget(kit.recipe.voice.reference, lesson.digest, *made)
        raise
    spans = subtitles(plan) if kit.recipe.captions != "none" else ()
    files = []
    language = kit.recipe.script.language
    sealed = record.digest, seals.VERSION, keys.fingerprint(kit.settings)
    for suffix, written in (
        ("srt", captions.srt(spans, provenance.label_corner(language))),
        ("vtt", captions.vtt(spans, provenance.label_full(language))),
    ):
        file = out.with_suffix(f".{suffix}")
        if spans:
            make = partial(signing.seal, written, video=record.digest, settings=kit.settings)
            inputs = written, sealed
            shown = kit.store.once("captions", CAPTIONS, inputs, suffix, make, sources=[lesson.digest])
            publishing.publish("captions", shown.path, file, record, kit.settings)
            files.append(str(file))
        else:
            file.unlink(missing_ok=True)  # captions of an earlier video of this name would be shown with it
    return Published(record.digest, signed, tuple(files))


def _record(lesson: Artefact, plan: Plan, kit: Kit, cuts: Sequence[Cut], sound: Artefact) -> registry.Record:
    recipe = kit.recipe
    pieces = tuple(cut.piece for cut in cuts)
    texts = {segment.id: segment.text for segment in recipe.script.segments}
    return registry.Record(
        digest=digest_of_file(lesson.path),
        title=recipe.script.title,
        created=records.now(),
        portrait=kit.record.reference,
        consent=kit.record.consent,
        engines=(engine_name(kit.speaker, recipe.script.language), engine_name(kit.animator)),
        pieces=pieces,
        voice=recipe.voice.reference,
        restricted=kit.restricted,
        sound=sound.digest,
        spoken=recipe.voice,
        claim=signing.claim(kit, pieces, sound.digest),
        speaker=_who(recipe),
        texts=tuple(texts.get(piece.shot.segment, "") for piece in pieces),
        chapters=chapters(recipe.script, plan),
    )


def _who(recipe: Recipe) -> str:
    """Who speaks: as the lesson says, else the sample presenter or the voice by name."""
    if isinstance(recipe.portrait, str):
        return recipe.script.setting("name") or recipe.portrait.title()
    return recipe.script.setting("name") or (recipe.voice.name if recipe.voice.reference else "")


def _check_name(out: Path) -> None:
    if out.suffix.lower() != ".mp4":
        raise InputError(
            "E-OUT-TYPE",
            f'The video would be called "{out.name}".',
            "Give it a name that ends in .mp4.",
            "out",
        )


def _check_place(out: Path, recipe: Recipe) -> None:
    """A place that cannot be written is told at the start, not after the work; nothing is made there yet."""
    folder = out.absolute().parent
    try:
        if out.is_dir():
            raise InputError(
                "E-OUT-TYPE", f'"{out.name}" is a folder.', "Name a file that ends in .mp4.", "out"
            )
        if isinstance(recipe.portrait, Path) and out.exists() and out.samefile(recipe.portrait):
            raise InputError(
                "E-OUT-SAME",
                f'"{out.name}" is the presenter\'s own clip; the video would replace it.',
                "Choose another name for the video.",
                "out",
            )
        while not folder.exists():
            folder = folder.parent
        probe = records.draft_of(folder / out.name)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(
            "E-OUT-WRITE",
            f'"{out.name[:60]}" cannot be written there ({error.strerror}).',
            "Choose another folder or name.",
            "out",
        ) from error
