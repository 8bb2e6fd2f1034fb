"""What presenter can do, as the few methods that all doors share. Doors translate, nothing more."""

from __future__ import annotations

import functools
import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from presenter import (
    doctor,
    exports,
    faces,
    moderation,
    order,
    pipeline,
    policy,
    publishing,
    registry,
    script,
    storyboard,
    takedown,
    themes,
    verify,
    voices,
)
from presenter.doctor import Finding
from presenter.engines import choice, load
from presenter.errors import WorkError
from presenter.estimate import Estimate, estimate
from presenter.exports import speech
from presenter.jobs import Job
from presenter.meter import Report
from presenter.order import Order, Recipe
from presenter.people import Enrolment, Kept, People, challenge, exchange, folders
from presenter.people.challenge import Challenge
from presenter.settings import Settings
from presenter.speeches import Recital
from presenter.store import Store, digest_of_file
from presenter.storyboard import Board
from presenter.types import Box, Picture, Script, Video, Voice
from presenter.verify import Verdict
from presenter.video import Chapter

if TYPE_CHECKING:
    from presenter.decks import Imported
    from presenter.jobs.ledger import Ledger
    from presenter.lessons import Cast, Chat
    from presenter.people.camera import Passed

STOPPING = 5.0
"""Seconds in which a worker has stopped what is not wanted any more; it looks about twice a second."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found in a photo."""

    verdicts: tuple[faces.Verdict, ...]
    outline: Picture | None
    """The photo with the found eyes and mouth drawn in, (H, W, 3) uint8 RGB; None without a face. Several
    faces are numbered from left to right."""
    faces: tuple[Box, ...] = ()
    """Where the faces are, in that order (pixels)."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the end of a consent did."""

    deleted: int
    """Files and folders."""
    videos: tuple[str, ...]
    """sha256 of the videos that were made with it; copies elsewhere are for their owner to delete."""
    residue: tuple[str, ...]
    """Names of files below home that still hold, or name, what was covered; none where all is gone."""


class Studio:
    """presenter with its settings.

    Args:
        settings: where things are kept and what the defaults are.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._jobs: Ledger | None = None

    @property
    def ledger(self) -> Ledger:
        """The record of all jobs; opened when it is first asked for: most commands have no use for it."""
        from presenter.jobs.ledger import Ledger

        if self._jobs is None:
            self._jobs = Ledger(self.settings)
        return self._jobs

    def submit(self, order: Order, *, owner: str, key: str | None = None, priority: int = 10) -> Job:
        """Take an order whose video is made by a worker; the job is safe on the disk when this returns.

        Args:
            owner: whose job it is; opaque, at most 128 characters.
            key: names this submission: with the same key and order the same job is given back.
            priority: 0 (first) to 99 among the jobs that wait.

        Raises:
            InputError: what ``check`` raises; ``E-JOB-KEY`` when the key was used for another order.
            Busy: too many wait already, or the disk is nearly full.
        """
        from presenter.jobs import orders

        recipe = self._checked(order)
        return orders.submit(
            order, recipe, self.settings, self.ledger, owner=owner, key=key, priority=priority
        )

    def chat(self, owner: str, cast: Cast | None = None) -> Chat:
        """An owner's lessons and the conversations about them; see ``lessons.Chat``. Without a ``cast`` every
        voice of the installation can be asked for."""
        from presenter import lessons

        known = cast or lessons.Cast.here(self.settings, self.voices())
        return lessons.chat(self.settings, owner, known)

    def job(self, name: str, owner: str | None) -> Job:
        """How a job is. ``owner`` None is for the operator, here and below: whose it is does not matter.

        Raises:
            InputError: ``E-JOB-UNKNOWN`` when there is none, or it is somebody else's.
        """
        return self.ledger.find(name, owner)

    def jobs(self, owner: str | None) -> tuple[Job, ...]:
        """Jobs of an owner, the newest first, at most 200."""
        return self.ledger.of(owner)

    def cancel(self, name: str, owner: str | None) -> Job:
        """Stop a job, or take it out of the queue; one that has ended stays as it is. Raises as ``job``."""
        self.ledger.find(name, owner)
        self.ledger.cancel(name)
        return self.ledger.find(name, owner)

    def retry(self, name: str, owner: str | None) -> Job:
        """Make a job once more that failed or was cancelled; finished pieces are kept. Raises as ``job``."""
        self.ledger.find(name, owner)
        self.ledger.retry(name)
        return self.ledger.find(name, owner)

    def delete(self, name: str, owner: str | None) -> None:
        """Delete a job that has ended, with its video. Raises as ``job``, and ``E-JOB-BUSY``."""
        if not self.ledger.find(name, owner).finished:
            raise WorkError("E-JOB-BUSY", "This video is being made.", "Stop it first.")
        self.ledger.delete(name)
        shutil.rmtree(self.settings.home / "videos" / name, ignore_errors=True)

    def clip(self, name: str, number: int) -> Path:
        """A finished sentence of a job that goes on, as a small MP4; see ``jobs.clips``."""
        from presenter.jobs import clips

        return clips.clip(self.settings, self.ledger, name, number)

    def render(
        self,
        order: Order,
        out: Path,
        *,
        report: Report = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Video:
        """Make a video; see ``pipeline.render``."""
        return pipeline.render(order, self.settings, out, report=report, cancelled=cancelled)

    def estimate(self, order: Order) -> Estimate:
        """What a render would give and cost, told at once; see ``estimate.estimate``."""
        return estimate(order, self.settings)

    def board(self, wanted: Order) -> Board:
        """A lesson at a glance: its slides, what is said over them, what is made already."""
        return storyboard.board(wanted, self.settings)

    def slide(self, wanted: Order, slide: str, layout: str, width: int = 480) -> Picture:
        """A slide as it stands in a layout; see ``storyboard.picture``."""
        return storyboard.picture(order.decide(wanted, self.settings), slide, layout, width)

    def head(self, wanted: Order, layout: str, width: int = 480) -> Picture:
        """The presenter at rest in a layout; see ``storyboard.portrait``."""
        return storyboard.portrait(order.decide(wanted, self.settings), self.settings, layout, width)

    def chapters(self, video: Path) -> tuple[Chapter, ...]:
        """The chapters of a video of this installation."""
        return registry.recall(self.settings.home, video).chapters

    def export(self, video: Path, wanted: Sequence[str], folder: Path | None = None) -> tuple[Path, ...]:
        """Make transcript, sound, poster and the like of a finished video; see ``exports.export``."""
        return exports.export(video, wanted, self.settings, folder)

    def verify(self, path: Path) -> Verdict:
        """Whether a file was made here, and changed since; see ``verify.verify``."""
        return verify.verify(path, self.settings)

    def takedown(self, name: str, *, reason: str = "", undo: bool = False) -> tuple[str, ...]:
        """Hide videos at once and let them not be published again, or end that.

        Args:
            name: sha256 of a file, or the id in a watermark; see ``takedown.resolve``.

        Returns:
            The sha256 of the videos.
        """
        home = self.settings.home
        videos = takedown.resolve(home, name)
        for video in videos:
            takedown.release(home, video) if undo else takedown.block(home, video, reason)
        return videos

    def check(self, wanted: Order) -> Script:
        """Read a lesson, settle its choices and look at its pictures without rendering anything; raises
        what a render would, but asks for no consent."""
        return self._checked(wanted).script

    def _checked(self, wanted: Order) -> Recipe:
        recipe = order.decide(wanted, self.settings)
        real = isinstance(recipe.portrait, Path) or recipe.voice.consent is not None
        if isinstance(recipe.portrait, Path):
            opened = faces.open_portrait(
                recipe.portrait,
                detector=load("detector", choice.detector(self.settings).name),
                face=recipe.face,
            )
            moderation.check(opened.images[0], self.settings)
        else:
            faces.sample_files(recipe.portrait, self.settings.assets)
        policy.check(recipe.script, real_person=real)
        return recipe

    def import_deck(
        self,
        source: Path,
        folder: Path,
        *,
        script: str | None = None,
        renderer: str = "auto",
        language: str | None = None,
        report: Callable[[float, str], None] = lambda _done, _what: None,
    ) -> Imported:
        """Make a lesson folder of a deck, or bring that of an earlier edition up to date.

        Args:
            source: a PPTX, a PDF, a folder of pictures, or a Marp deck.
            folder: new, empty, or of an earlier import, whose edits stay.
            script: what is said, a part for each slide between lines of ``---``; None takes the deck's notes.
            renderer: who draws a PPTX: one of ``decks.RENDERERS``.
            language: BCP 47 tag of what is said; None detects it.
            report: is told how far it is (0..1) and what is done.

        Raises:
            InputError, SetupError: what ``decks.read`` and ``decks.write`` raise.
        """
        from presenter import decks  # most commands have no use for them

        found = decks.read(source, script=script, renderer=renderer, report=report)
        return decks.write(found, folder, language)

    def deck(self, source: Path, **options: Any) -> AbstractContextManager[Imported]:
        """The lesson folder of a deck as it is, until the block ends; see ``decks.laid_out``."""
        from presenter import decks

        return decks.laid_out(source, Store(self.settings.home / "store"), **options)

    def say(
        self,
        text: str,
        *,
        voice: str | None = None,
        language: str | None = None,
        speaker: str | None = None,
        speed: float = 1.0,
        seed: int = 0,
        report: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Recital:
        """Say a text (of the lesson dialect) without a picture; a long one says the label before it.

        Args:
            voice, language, speaker: None means what the text's front matter says, else the settings.
            speed: factor on the pace that the text asks for, 0.5 to 2.
            seed: of engines that choose at random.
            report: is told how many of how many sentences are done.

        Raises:
            InputError: ``E-SPEED``, and what ``order.decide`` raises.
        """
        wanted = Order(source=text, voice=voice, language=language, speaker=speaker)
        recital = speech.speak(wanted, self.settings, speed=speed, seed=seed, report=report)
        return publishing.speech(recital, self.settings)

    def sound(self, recital: Recital, kind: Literal["WAV", "FLAC"] = "WAV") -> bytes:
        """The content of a sound file of what ``say`` gave, signed; see ``publishing.sound``."""
        return publishing.sound(recital, kind, self.settings)

    def parse(self, source: str, language: str | None = None) -> Script:
        """Read a lesson's text; its warnings are in the result."""
        return script.parse(source, language=language, limit=self.settings.max_script_characters)

    def preflight(self, photo: Path, face: int | None = None) -> Preflight:
        """Look at a photo before anything is rendered.

        Args:
            face: which of several faces is meant, counted from the left, from 1.

        Raises:
            InputError: when the file is no picture that can be used; ``E-FACE-NUMBER``.
        """
        picture = faces.open_picture(photo)
        moderation.check(picture, self.settings)
        found = load("detector", choice.detector(self.settings).name).detect(picture)
        people = faces.lined_up(found)
        wanted = [faces.choose(found, face)] if face is not None and found else found
        drawn = faces.outline(picture, *people) if people else None
        return Preflight(tuple(faces.examine(picture, wanted)), drawn, tuple(one.box for one in people))

    def portraits(self) -> tuple[str, ...]:
        """Names of the sample presenters."""
        return faces.samples(self.settings.assets)

    def themes(self) -> tuple[str, ...]:
        """Names of the themes that every lesson can have."""
        return tuple(themes.names([self.settings.home / "themes", self.settings.assets / "themes"]))

    def voices(self) -> tuple[Voice, ...]:
        """The voices that can be asked for by name: built-in ones, then those that were enrolled here."""
        return (*voices.builtin(), *self.people().voices())

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes that the speaker can speak."""
        codes: tuple[str, ...] = load("speaker", self.settings.speaker).languages()
        return codes

    def forget(self, *references: str) -> int:
        """Delete all that was derived from photos, voices or recordings with these sha256, here and on the
        page: pieces, records, videos that the page keeps, uploads, enrolled voices. Without any, all
        finished work of everybody; voices stay.

        Videos that were written elsewhere, and the notes of consent, stay. Returns how many files and
        folders were deleted.

        Raises:
            SetupError: ``E-FORGET`` where recordings could not be deleted.
        """
        home = self.settings.home
        if not references:
            kept = self._forget_ended()
            videos = [path for path in (home / "videos").glob("*") if path.name not in kept]
            folders = [*(home / name for name in ("store", "records", "uploads")), *videos]
            count = sum(1 for folder in folders for path in folder.rglob("*") if path.is_file())
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            return count
        count = self._forget_made(*references) + exchange.delete(exchange.holding(home, *references))
        return count + self._forget_made(*references)  # what was made before the recordings were gone

    def _forget_made(self, *references: str) -> int:
        """Delete what was made from photos or voices, but not these themselves; as ``forget``."""
        home = self.settings.home
        self._forget_jobs(*references)
        videos = registry.forget(home, *references)
        count = Store(home / "store").forget(*references) + len(videos)
        for about in (home / "videos").glob("*/about.json"):
            made = any(digest_of_file(path) in videos for path in about.parent.glob("*.mp4"))
            if made or _photo_of(about) in references:
                shutil.rmtree(about.parent, ignore_errors=True)
                count += 1
        for upload in (*(home / "uploads").glob("*"), *(home / "portraits").glob("*")):
            if upload.name.split("-")[0] in references:
                upload.unlink(missing_ok=True)
                count += 1
        return count

    def _forget_ended(self) -> tuple[str, ...]:
        """Forget all jobs that have ended; the ids of those that have not."""
        from presenter.jobs import tables

        return self.ledger.forget_ended() if tables.exists(self.settings) else ()

    def _forget_jobs(self, *references: str) -> None:
        """Stop and forget all jobs that use these photos or voices."""
        from presenter.jobs import tables

        if not tables.exists(self.settings):
            return
        names = self.ledger.made_from(*references)
        for name in names:
            self.ledger.cancel(name)
        until = time.monotonic() + STOPPING
        while names and time.monotonic() < until:  # what they were still making has to be found as well
            if all(job.finished for job in self.ledger.some(names)):
                break
            time.sleep(0.1)
        self.ledger.delete(*names)
        for name in names:
            shutil.rmtree(self.settings.home / "videos" / name, ignore_errors=True)

    def revoke(self, consent: str) -> Revocation:
        """End a consent, block the videos that were made with it, and delete all that was derived from what
        it covered; see ``forget``. What is under way is refused when it wants to leave.

        Doing so again goes on where something could not be deleted, and finds what was restored since.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN``.
            SetupError: ``E-FORGET``, ``E-CONSENT-WRITE``.
        """
        home = self.settings.home
        ended = self.people().revoke(consent)
        references = exchange.left(home, ended)
        videos = registry.made_from(home, *references)
        for video in videos:
            takedown.block(home, video, "consent ended")
        deleted = self.forget(*references) if references else 0  # without any it would forget everything
        residue = tuple(exchange.residue(home, ended))
        if not residue:
            self.people().cleared(references)
        return Revocation(deleted, videos, residue)

    def challenge(
        self, consent: str, *, language: str, session: str = "", before_camera: bool = False
    ) -> Challenge:
        """A text to be read aloud for a consent, before a camera or not; see ``challenge.ask``."""
        home = self.settings.home
        return challenge.ask(home, consent, language=language, session=session, camera=before_camera)

    def answer(self, key: str, recording: Path | bytes, *, session: str = "") -> Passed:
        """Judge the recording or the film of a challenge; see ``camera.answer``."""
        from presenter.evaluate.speakers import embeddings
        from presenter.people import camera

        detector = functools.partial(load, "detector", choice.detector(self.settings).name)
        return camera.answer(self.settings, key, recording, embeddings, detector, session=session)

    def enrol(self, name: str, *, person: str, language: str) -> Enrolment:
        """Begin to enrol a voice; see ``Enrolment.start``."""
        return Enrolment.start(self.settings.home, name, person=person, language=language)

    def enrolment(self, key: str) -> Enrolment:
        """An enrolment that was begun before; see ``Enrolment.resume``."""
        return Enrolment.resume(self.settings.home, key)

    def enrolments(self) -> tuple[Enrolment, ...]:
        """Enrolments that are not finished, the newest first."""
        return Enrolment.under_way(self.settings.home)

    def voice_record(self, name: str) -> Kept:
        """What is known about an enrolled voice: its lines and how good they are.

        Raises:
            InputError: ``E-VOICE-NAME`` when there is none of that name.
        """
        return folders.find(self.settings.home, name)

    def import_voice(self, source: Path, *, consent: str, name: str = "") -> Voice:
        """Take in the folder or archive of a voice; see ``exchange.take_in``."""
        return exchange.take_in(self.settings.home, source, consent=consent, name=name)

    def export_voice(self, name: str, target: Path) -> Path:
        """Copy a voice out, as a folder or a ``.zip``; see ``exchange.copy_out``."""
        return exchange.copy_out(self.settings.home, name, target)

    def forget_voice(self, name: str) -> int:
        """Delete a voice or an enrolment, and all that was made with it; see ``forget``. Other voices stay,
        also those that were made of the same recordings.

        Raises:
            InputError: ``E-VOICE-NAME`` when there is none of that name.
            SetupError: ``E-FORGET`` where recordings could not be deleted.
        """
        paths, references = exchange.named(self.settings.home, name)
        count = (self._forget_made(*references) if references else 0) + exchange.delete(paths)
        return count + (self._forget_made(*references) if references else 0)

    def people(self) -> People:
        """Consents on record."""
        return People(self.settings.home)

    def doctor(self) -> tuple[Finding, ...]:
        """Whether everything that is needed is there."""
        return doctor.examine(self.settings)


def _photo_of(about: Path) -> str | None:
    """The sha256 of the photo that a video of the page shows."""
    try:
        photo = json.loads(about.read_text(encoding="utf-8"))["photo"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(photo)
