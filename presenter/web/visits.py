"""Who asks for something on the page, what comes with it, and what goes back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from presenter.web.words import Words


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that asks for something."""

    key: str
    """The browser's own key; it is kept nowhere."""
    words: Words
    """The language in which it is answered."""

    @property
    def owner(self) -> str:
        """What its lessons, jobs and portraits are noted under: tells nobody the key."""
        return "browser-" + hashlib.sha256(self.key.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request brings; what is missing is empty."""

    place: Mapping[str, str] = field(default_factory=dict)
    """Parts of the address."""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    """The body as a file; it goes away with the request unless it was moved."""
    name: str = ""
    """What the person's file is called, for showing only."""

    def text(self, name: str) -> str:
        """A field of the form."""
        return self.form.get(name, "")


@dataclass(frozen=True, slots=True)
class Shown:
    """What goes back: screens, each with its place."""

    html: str
    onward: str = ""
    """A view that the browser goes to, such as ``lesson/ID``."""
