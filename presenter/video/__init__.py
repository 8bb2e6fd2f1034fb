"""Video files, through PyAV alone: no ffmpeg program is needed.

A piece is video-only H.264 with closed GOPs and integer frame times. Pieces made with equal settings
share their codec header, so joining copies packets and encodes nothing. Sound is encoded once, over
the whole lesson: AAC pieces put end to end would drift by their priming and padding.
"""

from presenter.video.reading import (
    CODECS,
    LARGEST_FRAME,
    Planes,
    Probe,
    comment_of,
    decode,
    frames,
    glances,
    pictures,
    planes,
    probe,
    sound,
    steady,
    times,
)
from presenter.video.writing import (
    AAC_BITS,
    AAC_FRAME,
    AHEAD,
    GOP_SECONDS,
    REORDER,
    Chapter,
    Quality,
    Subtitles,
    encode,
    encode_sound,
    join,
    part,
)

__all__ = [
    "AAC_BITS",
    "AAC_FRAME",
    "AHEAD",
    "CODECS",
    "GOP_SECONDS",
    "LARGEST_FRAME",
    "REORDER",
    "Chapter",
    "Planes",
    "Probe",
    "Quality",
    "Subtitles",
    "comment_of",
    "decode",
    "encode",
    "encode_sound",
    "frames",
    "glances",
    "join",
    "part",
    "pictures",
    "planes",
    "probe",
    "sound",
    "steady",
    "times",
]
