"""Marks that stay when a file is coded anew, cut or scaled: an id of 32 bits in the sound and in the picture.

Everybody can read them: the pattern is in this source, as the point of a mark is that it is found. For the
same reason somebody who wants to can remove or copy one; what proves an origin is ``credentials``. An id is
the beginning of a digest: a piece carries its own, as pieces are shared between videos; the sound of a
lesson carries its own. The registry knows the videos that they belong to.
"""

from presenter.watermark import picture, sound

VERSION = f"{sound.VERSION}.{picture.VERSION}"


def identity(digest: str) -> str:
    """The id that stands for a sha256: its first 8 hex digits."""
    return digest[:8]


__all__ = ["VERSION", "identity", "picture", "sound"]
