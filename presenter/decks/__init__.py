"""Decks: slides that were made elsewhere become a lesson that can be edited.

A PPTX, a PDF, a folder of pictures or a Markdown deck is read into a ``Deck``: a sheet for each slide, with
what is shown and what is said. ``lesson.write`` makes a lesson folder of it. What strangers made is parsed
in the sandbox; outside of it only plain values, PNG and JPEG are handled.
"""

from presenter.decks.keeping import laid_out
from presenter.decks.lesson import Imported, write
from presenter.decks.reading import RENDERERS, SUFFIXES, is_deck, read
from presenter.decks.sheets import Deck, Sheet

__all__ = ["RENDERERS", "SUFFIXES", "Deck", "Imported", "Sheet", "is_deck", "laid_out", "read", "write"]
