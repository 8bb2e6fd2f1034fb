"""The operator's own judgement of pictures: a hook that is asked before a photo is used."""

from __future__ import annotations

import hashlib
import importlib
import logging
from collections.abc import Callable

from presenter.errors import InputError, SetupError
from presenter.settings import Settings
from presenter.types import Picture

_LOG = logging.getLogger(__name__)


def check(image: Picture, settings: Settings) -> None:
    """Ask the operator's hook, where one is set, whether a picture may be used.

    Args:
        image: uint8 (H, W, 3) RGB.
        settings: ``moderation`` names the hook as ``module:function``; it gets the picture and
            returns None, or the reason to refuse it (kept in the log, not shown).

    Raises:
        InputError: ``E-POLICY-PHOTO`` with a reference when it refuses.
        SetupError: ``E-CONFIG-MODERATION`` when the hook cannot be loaded or does not work: a picture
            that could not be checked is not used.
    """
    if not settings.moderation:
        return
    hook = _hook(settings.moderation)
    try:
        reason = hook(image)
    except Exception as error:  # whatever goes wrong in the operator's code, the picture is not used
        raise _broken(f"it failed with {type(error).__name__}") from error
    if reason is None:
        return
    if not isinstance(reason, str):
        raise _broken(f"it returned {type(reason).__name__} instead of a reason or nothing")
    reference = hashlib.sha256(image.tobytes()).hexdigest()[:8]
    _LOG.warning("picture %s refused: %s", reference, reason)
    refusal = InputError(
        "E-POLICY-PHOTO",
        "This picture cannot be used here.",
        f"Choose another one. If this is a mistake, report reference {reference}.",
        "photo",
    )
    refusal.reference = reference
    raise refusal


def loaded(settings: Settings) -> None:
    """Raise ``E-CONFIG-MODERATION`` where a hook is set that cannot be loaded."""
    if settings.moderation:
        _hook(settings.moderation)


def _hook(target: str) -> Callable[[Picture], object]:
    module, _, name = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:  # importing runs the operator's code
        raise _broken(f'"{target}" cannot be loaded ({type(error).__name__})') from error
    if not callable(found):
        raise _broken(f'"{target}" is not a function')
    hook: Callable[[Picture], object] = found
    return hook


def _broken(why: str) -> SetupError:
    return SetupError(
        "E-CONFIG-MODERATION",
        f"The check of pictures does not work: {why}.",
        'Mend the setting "moderation": module:function.',
        "moderation",
    )
