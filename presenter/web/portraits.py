"""The portraits on the page: bringing a photo, seeing what was found in it, giving and ending consent."""

from __future__ import annotations

import io
from pathlib import Path

from presenter.errors import InputError
from presenter.people import statement
from presenter.people.consents import Entry
from presenter.studio import Preflight, Studio
from presenter.web import views
from presenter.web.album import Album, Own
from presenter.web.elements import button, escape, line, submit
from presenter.web.photos import discard, is_animated, still, take
from presenter.web.visits import Asked, Visit
from presenter.web.words import Words

LARGEST = 100 * 2**20
"""Most bytes of a photo or a deck that is handed in."""

PHOTOS = ".jpg,.jpeg,.png,.webp,image/jpeg,image/png,image/webp"


class Portraits:
    """What can be done with portraits.

    Args:
        studio: looks at photos, keeps consents, forgets.
        album: where portraits are kept.
    """

    def __init__(self, studio: Studio, album: Album) -> None:
        self._studio = studio
        self.album = album

    # --- what is asked for ---

    def panel(self, visit: Visit, note: str = "") -> str:
        """All portraits of the browser that asks."""
        rows = "".join(self._row(visit.words, own) for own in self.album.of(visit.owner))
        return _panel(visit.words, rows, self._samples(), note)

    def bring(self, visit: Visit, asked: Asked) -> str:
        """A photo was handed in: it is kept if it can be used, and what was found is shown."""
        return self.panel(visit, self.taken(visit, asked)[1])

    def taken(self, visit: Visit, asked: Asked) -> tuple[Own | None, str]:
        """Keep a photo that can be used; the portrait, and what was found in it."""
        if asked.file is None:
            raise InputError("E-PHOTO-GONE", "The photo did not arrive.", "Choose the file again.", "photo")
        home = self._studio.settings.home
        photo = take(asked.file, home, asked.name)
        try:
            animated = is_animated(photo)
            if animated:
                whole, photo = photo, still(photo, home)
                discard(whole)
            found = self._studio.preflight(photo.path)
            shown = views.verdicts(visit.words, found, asked.name, animated)
            if any(verdict.severity == "refuse" for verdict in found.verdicts):
                discard(photo)  # what cannot be used is not kept either
                return None, shown
            return self.album.add(visit.owner, photo), shown
        except BaseException:
            discard(photo)
            raise

    def agree(self, visit: Visit, asked: Asked) -> str:
        """It is said who gave leave to use the face."""
        own = self.agreed(visit, asked)
        return self.panel(visit, views.notice("good", visit.words.plain("people.usable", name=own.name)))

    def agreed(self, visit: Visit, asked: Asked) -> Own:
        """Record who gave leave to use a portrait's face.

        Raises:
            InputError: ``E-CONSENT-NEEDED``, ``E-CONSENT-REVOKED``, ``E-PORTRAIT-NAME``.
        """
        own = self.album.get(visit.owner, asked.text("portrait"))
        if asked.text("agreed") != "yes":
            raise InputError(
                "E-CONSENT-NEEDED", "It is not ticked that the person agrees.",
                "Read the statement and tick it, or use a sample presenter.", "consent",
            )  # fmt: skip
        given = self._studio.people().attest(
            asked.text("person"), "face", own.digest, language=visit.words.code
        )
        return self.album.change(own, name=asked.text("name"), person=given.person)

    def forget(self, visit: Visit, asked: Asked) -> str:
        """Delete a portrait and all that was made from it."""
        own = self.album.get(visit.owner, asked.text("portrait"))
        self._studio.forget(own.digest)
        self.album.drop(own)
        return self.panel(visit, views.notice("good", visit.words.plain("people.forgotten", name=own.name)))

    def revoke(self, visit: Visit, asked: Asked) -> str:
        """End the consent for a portrait, for good, and delete all that was made from it."""
        own = self.album.get(visit.owner, asked.text("portrait"))
        entry = self._consent(own)
        if entry is not None:
            self._studio.revoke(entry.consent.id)
        self.album.drop(own)
        return self.panel(visit, views.notice("good", visit.words.plain("people.revoked", name=own.name)))

    def picture(self, visit: Visit, asked: Asked) -> bytes:
        """A portrait as a small JPEG."""
        return thumbnail(self.album.path(self.album.get(visit.owner, asked.place["portrait"])))

    def look(self, visit: Visit, asked: Asked) -> str:
        """What was found in a portrait, again."""
        own = self.album.get(visit.owner, asked.place["portrait"])
        found: Preflight = self._studio.preflight(self.album.path(own))
        return self.panel(visit, views.verdicts(visit.words, found, own.name))

    # --- what is shown ---

    def _samples(self) -> str:
        return "".join(
            f"<li><img src='presenters/{name}.jpg' alt='' width='64' height='64'><span>{name.capitalize()}"
            f"</span></li>"
            for name in self._studio.portraits()
        )

    def _row(self, words: Words, own: Own) -> str:
        entry = self._consent(own)
        picture = views.inline(thumbnail(self.album.path(own)))
        state = _held(words, entry) if entry else f"<span class='chip open'>{words('people.open')}</span>"
        fields = {"portrait": own.id}
        more = _agreeing(words, own) if entry is None else ""
        revoke = (
            _asking(words, "people.revoke", own.name, button(words.plain("people.revoke-now"), look="danger",
                    about=own.name, post="portraits/revoke", body=fields)) if entry else ""
        )  # fmt: skip
        forget = button(words.plain("people.forget-now"), look="danger", about=own.name,
                        post="portraits/forget", body=fields)  # fmt: skip
        look = button(words.plain("people.look"), about=own.name, get=f"portraits/{own.id}")
        return (
            f"<li class='portrait'><img src='{picture}' alt='' width='96' "
            f"height='96'><div><h3>{escape(own.name)}"
            f"</h3><p class='small'>{state}</p>{more}<div class='keeping'>{look}"
            f"{_asking(words, 'people.forget', own.name, forget)}{revoke}</div></div></li>"
        )

    def _consent(self, own: Own) -> Entry | None:
        """The consent that holds for a portrait, or None."""
        given = self._studio.people().find(own.digest, "face") if own.person else None
        entries = self._studio.people().entries()
        return next((entry for entry in entries if given and entry.consent.id == given.id), None)


def _held(words: Words, entry: Entry) -> str:
    consent = entry.consent
    until = words("people.until", date=words.date(consent.expires)) if consent.expires else ""
    return (
        f"<span class='chip'>{words('people.held')}</span> {escape(consent.person)} · "
        f"{escape(words.date(consent.given))} · "
        f"{words('people.level', level=consent.level)} {until}"
    )


def _asking(words: Words, name: str, about: str, sure: str) -> str:
    """Something that cannot be undone: it is asked again, without a script."""
    return (
        f"<details><summary>{words(name)}<span class='unseen'> {escape(about)}</span> …</summary>"
        f"<p>{words(f'{name}-what')}</p>{sure}</details>"
    )


def _agreeing(words: Words, own: Own) -> str:
    return agreeing(words, own, "portraits/agree")


def agreeing(words: Words, own: Own, post: str) -> str:
    """The form in which it is said who gave leave to use a face."""
    return (
        f"<form class='fields' data-post='{post}'><input type='hidden' name='portrait' "
        f"value='{escape(own.id)}'>"
        f"<div class='pair'><label>{words('people.name')}{line('name', 60, value=own.name)}</label>"
        f"<label>{words('people.whose')}{line('person', 200, hint='Ada Example')}</label></div>"
        "<label class='tick'><input type='checkbox' name='agreed' value='yes' required>"
        f"<span>{escape(statement(words.code))}</span></label>"
        f"{submit(words.plain('people.agree'), look='primary')}</form>"
    )


def _panel(words: Words, rows: str, samples: str, note: str) -> str:
    mine = f"<ul class='portraits'>{rows}</ul>" if rows else f"<p class='soft'>{words('people.none')}</p>"
    return (
        f"<section class='panel' data-place='portraits' data-part aria-labelledby='portraits-head'>"
        f"<h2 id='portraits-head'>{words('people.portraits')}</h2>"
        f"<label class='drop' data-drop><span><strong>{words('people.bring')}</strong>"
        f"<span class='small'>{words('people.bring-how')}</span></span>"
        f"<input type='file' id='bring' accept='{PHOTOS}' data-file='portraits' data-largest='{LARGEST}'>"
        f"</label>"
        f"<div data-message>{note}</div>{mine}<h3>{words('people.samples')}</h3>"
        f"<p class='small'>{words('people.samples-what')}</p><ul class='samples'>{samples}</ul>"
        f"<p class='small'>{words('people.stored')}</p></section>"
    )


def thumbnail(path: Path, side: int = 192) -> bytes:
    """The middle of a photo as a small square JPEG without metadata."""
    from PIL import Image, ImageOps

    from presenter import faces

    picture = Image.fromarray(faces.open_picture(path, first_frame=True))
    memory = io.BytesIO()
    ImageOps.fit(picture, (side, side), centering=(0.5, 0.35)).save(memory, "JPEG", quality=85)
    return memory.getvalue()
