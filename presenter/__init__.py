"""presenter: a script, a photo and a voice in; a talking-head lesson out."""

__version__ = "0.1.0"
