"""The page: write a lesson, choose a presenter, watch and download the video."""

from presenter.web.server import create, serve

__all__ = ["create", "serve"]
