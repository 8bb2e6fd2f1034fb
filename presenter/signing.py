"""What is said about the making of a lesson, and the one place where files get their credentials."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from presenter import credentials, keys, seals, slides
from presenter.credentials import Agent, Claim, Credentials, Ingredient, Leave
from presenter.engines import Engine, find
from presenter.engines.fingerprints import commercial
from presenter.errors import WorkError
from presenter.people import People
from presenter.pieces import Kit, Piece
from presenter.settings import Settings
from presenter.speeches import Recital, engine_name
from presenter.store import digest_of_file
from presenter.watermark import identity


def claim(kit: Kit, pieces: Sequence[Piece], sound: str) -> Claim:
    """What is said about a lesson.

    Args:
        pieces: in order.
        sound: digest of the mixed sound.
    """
    recipe = kit.recipe
    people = People(kit.settings.home)
    consents = dict.fromkeys(filter(None, (kit.record.consent, recipe.voice.consent)))
    leaves = [people.leave(consent) for consent in consents]
    pictures = {
        sha256 for slide in recipe.script.slides for _, sha256 in slides.pictures(slide, recipe.folder)
    }
    films = {digest_of_file(path) for path in (recipe.intro, recipe.outro) if path is not None}
    portrait = Ingredient("photo" if kit.record.consent else "sample presenter", kit.record.reference)
    return Claim(
        real=bool(leaves),
        agents=(_agent(kit.speaker, recipe.script.language), _agent(kit.animator)),
        ingredients=(
            portrait,
            *(Ingredient("picture", sha256) for sha256 in sorted(pictures)),
            *(Ingredient("clip", sha256) for sha256 in sorted(films)),
        ),
        leaves=tuple(Leave(*leave) for leave in leaves),
        sound=identity(sound),
        pieces=tuple(dict.fromkeys(identity(piece.inputs) for piece in pieces)),
    )


def spoken(recital: Recital, settings: Settings) -> Claim:
    """What is said about speech without a picture."""
    consent = recital.voice.consent
    leaves = () if consent is None else (Leave(*People(settings.home).leave(consent)),)
    agent = _agent(find("speaker", recital.engine), recital.language)
    return Claim(bool(leaves), (agent,), leaves=leaves, sound=recital.mark)


def sign(source: Path, target: Path, made: Claim, settings: Settings) -> str:
    """Sign a copy of a file by its suffix; see ``credentials.sign``."""
    return credentials.sign(source, target, credentials.KINDS[target.suffix.lower()], made, settings)


def seal(text: str, path: Path, video: str, settings: Settings) -> None:
    """Write a text, with its seal where its kind carries one.

    Args:
        path: of the file; its suffix tells the kind.
        video: sha256 of the video that it was made of.
    """
    made = seals.seal(text, path.suffix, video, settings) if path.suffix in seals.KINDS else text
    path.write_bytes(made.encode())


def confirm(path: Path, settings: Settings) -> Credentials | None:
    """The credentials or the seal of a file that is about to leave; None for a kind that carries neither.

    Raises:
        WorkError: ``E-CREDENTIALS-BROKEN`` where they do not hold: such a file does not leave.
    """
    if path.suffix in seals.KINDS:
        found = seals.inspect(path.read_bytes(), keys.own(settings))
    elif path.suffix in credentials.KINDS:
        with path.open("rb") as stream:
            found = credentials.inspect(stream, credentials.KINDS[path.suffix], keys.anchors(settings))
    else:
        return None
    if found.state != "trusted":
        raise WorkError(
            "E-CREDENTIALS-BROKEN",
            f"The finished file is not what was signed ({', '.join(found.problems) or found.state}).",
            "Clear finished work with presenter forget --all, and render again.",
        )
    return found


def _agent(row: Engine, language: str = "") -> Agent:
    version = engine_name(row, language).removeprefix(f"{row.kind}:{row.name}:")
    return Agent(f"{row.kind} {row.name}", version, row.licence, commercial(row))
