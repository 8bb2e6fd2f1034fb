"""From a file to a portrait: opening, checking, framing and keeping pictures of faces.

``pictures`` reads photos that strangers send, ``checks`` says in plain words what is wrong with one,
``portraits`` makes a Portrait of a photo, a clip or a sample presenter, ``framing`` fits it into the
video. Only this module's names are used from outside.
"""

from presenter.faces.checks import (
    Detector,
    Verdict,
    choose,
    examine,
    eye_opening,
    lined_up,
    outline,
    preflight,
)
from presenter.faces.cutting import cut_out
from presenter.faces.framing import frame
from presenter.faces.pictures import open_picture
from presenter.faces.portraits import (
    follow,
    is_clip,
    load_portrait,
    open_portrait,
    portrait_from_files,
    sample,
    sample_files,
    samples,
    save,
    to_json,
)

__all__ = [
    "Detector",
    "Verdict",
    "choose",
    "cut_out",
    "examine",
    "eye_opening",
    "follow",
    "frame",
    "is_clip",
    "lined_up",
    "load_portrait",
    "open_picture",
    "open_portrait",
    "outline",
    "portrait_from_files",
    "preflight",
    "sample",
    "sample_files",
    "samples",
    "save",
    "to_json",
]
