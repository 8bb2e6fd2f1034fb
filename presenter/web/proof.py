"""The view in which a file is verified: one plain answer, then the reasons."""

from __future__ import annotations

from collections.abc import Iterator

from presenter.errors import InputError
from presenter.studio import Studio
from presenter.verify import Verdict
from presenter.web import portraits, shell
from presenter.web.visits import Asked, Visit
from presenter.web.words import Words

TEXTS = ".vtt,.srt,.html,.md,.pptx"
"""What else presenter makes, for the dialogue in which files are chosen."""
LOOKS = {"made here": "good", "altered": "warn", "elsewhere": "warn", "unknown": "warn"}
"""Answer -> class of its box."""


class Proof:
    """Tells where a file comes from.

    Args:
        studio: looks at it.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def view(self, visit: Visit, _: Asked) -> str:
        """The place to drop a file."""
        words = visit.words
        return (
            f"{shell.heading(words, 'verify')}<section class='panel narrow' data-part>"
            f"<label class='drop large' data-drop><span><strong>{words('verify.bring')}</strong>"
            f"<span class='small'>{words('verify.how')}</span></span><input type='file' id='proof'"
            f" accept='video/*,audio/*,image/*,{TEXTS}' data-file='verify'"
            f" data-largest='{portraits.LARGEST}'>"
            f"</label>"
            f"<div data-message></div><div data-place='verdict'></div></section>"
        )

    def verify(self, visit: Visit, asked: Asked) -> str:
        """What is known of a file."""
        if asked.file is None:
            raise InputError("E-VIDEO-FILE", "The file did not arrive.", "Choose it again.", "video")
        return verdict(visit.words, asked.name, self._studio.verify(asked.file))


def verdict(words: Words, name: str, found: Verdict) -> str:
    """The answer in one sentence, and what it rests on."""
    answer = "verify." + found.answer.replace(" ", "-")
    reasons = "".join(f"<li>{reason}</li>" for reason in _reasons(words, found))
    return (
        f"<div data-place='verdict' class='notice {LOOKS[found.answer]} verdict' role='status'>"
        f"<p><strong>{words(answer, name=name)}</strong></p><p>{words(answer + '-what')}</p>"
        f"<ul class='reasons'>{reasons}</ul></div>"
    )


def _reasons(words: Words, found: Verdict) -> Iterator[str]:
    if found.blocked:
        yield words("verify.blocked")
    if found.credentials is not None:
        yield words(f"verify.credentials-{found.credentials.state}", signer=found.credentials.signer)
    for kind, mark in (("sound", found.sound), ("picture", found.picture)):
        if mark is not None:
            yield words(f"verify.{kind}-{'marked' if mark.present else 'clean'}")
    yield words("verify.labelled" if found.label else "verify.unlabelled")
    if found.seen is not None:
        yield words("verify.label-seen" if found.seen.present else "verify.label-unseen")
