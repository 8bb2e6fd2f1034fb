"""What serving strangers asks for: with ``hosted`` nothing starts before all of it is there."""

from __future__ import annotations

from collections.abc import Iterator

from presenter import audit, keys, moderation, takedown, tokens
from presenter.engines import weights
from presenter.errors import PresenterError, SetupError
from presenter.settings import Settings

LEAST_LEVEL = 2


def lacks(settings: Settings) -> tuple[SetupError, ...]:
    """What is missing; nothing where ``hosted`` is off."""
    return tuple(_lacks(settings)) if settings.hosted else ()


def check(settings: Settings) -> None:
    """Refuse to start where something is missing.

    Raises:
        SetupError: ``E-HOSTED`` with all that is missing.
    """
    missing = lacks(settings)
    if missing:
        raise SetupError(
            "E-HOSTED",
            f"hosted is on and {len(missing)} thing{'s are' if len(missing) > 1 else ' is'} missing: "
            + " ".join(lack.message for lack in missing),
            " ".join(lack.hint for lack in missing),
            "hosted",
        )


def _lacks(settings: Settings) -> Iterator[SetupError]:
    if settings.certificate is None or settings.certificate_key is None:
        yield _lack(
            "No certificate of your own: a self-made one tells nobody who signed.",
            "Set certificate and certificate_key.",
        )
    else:
        try:
            keys.anchors(settings)
            keys.fingerprint(settings)
        except (PresenterError, OSError, ValueError):
            yield _lack("The certificate cannot be read.", "Check certificate and certificate_key (PEM).")
    if settings.consent_level < LEAST_LEVEL:
        yield _lack(
            f"The consent level is {settings.consent_level}: anybody's word would be enough.",
            f"Set consent_level to {LEAST_LEVEL} or more.",
        )
    elif settings.consent_level < 4:
        try:
            weights.find("speaker_encoder")
        except PresenterError:
            yield _lack(
                "The speaker encoder is missing, so no challenge can be judged.",
                "Run presenter checkpoints fetch evaluate.",
            )
        yield from _without_detector(settings)
    if not settings.moderation:
        yield _lack("Nobody looks at photos before they are used.", "Set moderation to module:function.")
    else:
        try:
            moderation.loaded(settings)
        except SetupError as error:
            yield _lack(error.message, error.hint)
    if not settings.public.startswith("https://"):
        yield _lack("It is not said at which https address it is reached.", "Set public.")
    if not any(token.valid for token in tokens.kept(settings.home)):
        yield _lack("There is no token for the API.", "Make one: presenter token create.")
    if not settings.minutes_a_day:
        yield _lack("Nothing limits how much video one owner may order.", "Set minutes_a_day.")
    if not settings.contact:
        yield _lack(
            "It is not said where somebody complains who is shown in a video.",
            "Set contact to an e-mail or web address.",
        )
    broken = audit.check(settings.home).broken
    if broken:
        yield _lack(f"The audit log is broken. {broken}", "Keep a copy, and restore it from a backup.")
    try:
        takedown.blocks(settings.home)
    except SetupError as error:
        yield _lack(error.message, error.hint)


def _without_detector(settings: Settings) -> Iterator[SetupError]:
    """Level 3 is given by films, in which faces have to be found."""
    try:
        if settings.consent_level == 3:
            weights.find("face_landmark")
    except PresenterError:
        yield _lack(
            "The face detector is missing, so no film can be judged.", "Run presenter checkpoints fetch."
        )


def _lack(message: str, hint: str) -> SetupError:
    return SetupError("E-HOSTED", message, hint, "hosted")
