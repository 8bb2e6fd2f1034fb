"""Which weights an engine uses, in twelve characters for keys and records.

Engines whose files the user places (``engines.Weighted``) make other things of other files. Reading gigabytes
for every lesson would take longer than the lesson, so a digest is kept with the file's time and size.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from presenter import records, settings
from presenter.engines import Engine, Weighted, checkpoint, load, weights
from presenter.errors import PresenterError

LENGTH = 12
"""Characters of a fingerprint."""
_FILE = "digests.json"
_MOST = 100
"""Files whose digests are kept."""


def fingerprint(engine: Engine, language: str = "") -> str:
    """Tells the weights that an engine would use now; equal for equal weights, however they are called.

    Args:
        language: BCP 47; counts for engines that have a model for each language.

    Returns:
        The first ``LENGTH`` characters of a sha256; ``""`` for an engine without files of users, and where
        they are not there.
    """
    if not _placed(engine):
        return ""
    try:
        loaded = load(engine.kind, engine.name)
        files = loaded.weights(language) if isinstance(loaded, Weighted) else ()
        digests = [_digest(path) for path in files]
    except (PresenterError, OSError):
        return ""
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:LENGTH] if digests else ""


def own(engine: Engine) -> bool:
    """Whether all weights that an engine uses were trained on nothing but their owner's footage."""
    if not _placed(engine):
        return False
    try:
        loaded = load(engine.kind, engine.name)
        files = loaded.weights() if isinstance(loaded, Weighted) else ()
    except PresenterError:
        return False
    return bool(files) and all(checkpoint.own(path) for path in files)


def commercial(engine: Engine) -> bool:
    """Whether what an engine makes may be used commercially, as far as its weights are concerned."""
    return engine.commercial or own(engine)


def _placed(engine: Engine) -> bool:
    return any(weights.folder_of(name) is not None for name in engine.checkpoints)


def _digest(path: Path) -> str:
    """What ``checkpoint.origin`` says of a file, kept as long as the file does not change."""
    ledger = settings.current().home / _FILE
    (key, changed, size), *_ = weights.state_of([path])
    known = _read(ledger)
    row = known.get(key)
    if isinstance(row, list) and row[:2] == [changed, size]:
        return str(row[2])
    found = checkpoint.origin(path)
    known.pop(key, None)
    rows = [*known.items(), (key, [changed, size, found])]
    _write(ledger, dict(rows[-_MOST:]))
    return found


def _read(ledger: Path) -> dict[str, Any]:
    try:
        known = json.loads(ledger.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(ledger: Path, known: dict[str, Any]) -> None:
    with suppress(OSError):  # it only saves time
        ledger.parent.mkdir(parents=True, exist_ok=True)
        with records.whole(ledger) as draft:
            draft.write_text(json.dumps(known), encoding="utf-8")
