"""Settings of an installation: the only reader of the environment and of presenter.toml.

Later sources win: defaults, ``presenter.toml`` in the working folder, ``PRESENTER_*`` variables,
arguments of the door that was used. The defaults work with nothing downloaded.
"""

from __future__ import annotations

import difflib
import functools
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from presenter.errors import InputError
from presenter.types import RATES_OF_FRAMES

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where assets/ and checkpoints/ live."""


class Settings(BaseModel):
    """Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("presenter", appauthor=False)))
    """Folder of everything presenter keeps: store, people, uploads."""
    checkpoints: Path = ROOT / "checkpoints"
    assets: Path = ROOT / "assets"
    speaker: str = "auto"
    animator: str = "auto"
    detector: str = "auto"
    """Who finds faces: ``auto`` is s3fd where its model and a GPU are there, else the embedded one."""
    commercial: bool = False
    """Whether results are used commercially: engines that do not allow it are then not used."""
    voice: str = "auto"
    portrait: str = "ada"
    layout: str = "auto"
    """``auto`` is full for a lesson without slides and pip-right for one with slides."""
    theme: str = "clean"
    captions: Literal["burned", "soft", "none"] = "soft"
    width: int = Field(1280, ge=256, le=3840)
    height: int = Field(720, ge=256, le=2160)
    fps: int = 25
    workers: int = Field(0, ge=0, le=64)
    """Processes that draw; 0 means one per core, at most 8 and (for wav2lip) as memory has room for."""
    store_gigabytes: float = Field(10.0, gt=0)
    """The store drops what was used longest ago beyond this."""
    max_script_characters: int = Field(20_000, ge=1)
    max_photo_megapixels: float = Field(24.0, gt=0)
    moderation: str = ""
    """``module:function`` of the operator; given a picture it returns None or a reason."""
    database: str = ""
    """Where jobs are kept: a ``postgresql://`` address, by which several machines work together on a shared
    home; by default a file in ``home``."""
    lessons: int = Field(2, ge=1, le=64)
    """Lessons that a worker makes at a time, each of somebody else."""
    waiting: int = Field(200, ge=1)
    """Videos that may wait; more are turned away until there is room."""
    waiting_each: int = Field(20, ge=1)
    """Videos of one owner that may wait."""
    lessons_each: int = Field(200, ge=1)
    """Lessons that one owner may keep."""
    keep_days: float = Field(30.0, gt=0)
    """Ended jobs and their videos are deleted after so many days."""
    reserve_gigabytes: float = Field(1.0, ge=0)
    """No video is taken on while less is free on the disk."""
    lease: float = Field(15.0, ge=1)
    """Seconds of silence after which a worker's jobs go to another one."""
    patience: float = Field(600.0, ge=1)
    """Seconds without a frame after which a process that draws is ended."""
    requests_a_minute: int = Field(600, ge=1)
    """Requests to the HTTP API, and to MCP, by one token, or without one by one address."""
    minutes_a_day: float = Field(0.0, ge=0)
    """Minutes of video that one owner may order within 24 hours, as their text is long; 0 sets no limit."""
    uploads_a_day: int = Field(500, ge=1)
    """Files that one owner may bring by the HTTP API within 24 hours."""
    upload_gigabytes_a_day: float = Field(10.0, gt=0)
    """Size of these files together."""
    messages_a_day: int = Field(2000, ge=1)
    """Messages to the chat that one owner may write within 24 hours."""
    contact: str = ""
    """Where somebody writes to who is shown in a video, or otherwise concerned: an e-mail or web address."""
    public: str = ""
    """Address at which others reach the server, e.g. ``https://presenter.example.org``."""
    hosts: str = ""
    """More names by which it may be called, in words: ``lessons.school.lan presenter.local``."""
    frames: str = ""
    """Sites that may show the page inside of theirs, in words: ``https://learn.example.org``."""
    webhook: str = ""
    """Address that is told of every ended job; the operator's, never one that a request names."""
    webhook_secret: SecretStr = SecretStr("")
    """Key of the signature of what it is told."""
    chat_url: str = ""
    """Address of a language model's server that speaks the OpenAI protocol, such as
    ``http://127.0.0.1:11434/v1``; without one the chat is a command grammar."""
    chat_model: str = ""
    """The model's name there."""
    chat_key: SecretStr = SecretStr("")
    """The key for it; never shown or logged."""
    chat_seconds: float = Field(60.0, gt=0)
    """Longest silence of the model; a whole answer may take ten times as long."""
    host: str = "127.0.0.1"
    port: int = Field(7860, ge=1, le=65535)
    hosted: bool = False
    """Whether strangers are served: nothing starts then before all is there that this asks for."""
    consent_level: int = Field(1, ge=1, le=4)
    """How sure a consent has to be: 1 attested, 2 spoken challenge, 3 the same before a camera, 4 verified by
    the operator."""
    certificate: Path | None = None
    """PEM file of the operator's certificate chain (signer first), instead of the installation's own."""
    certificate_key: Path | None = None
    """PEM file of its key (P-256, PKCS 8)."""
    timestamps: str = ""
    """Address of a time-stamping service (RFC 3161) that each signature asks; ``""`` asks nobody."""
    label: Literal["on"] = "on"
    """The label that says the video is AI-generated cannot be switched off."""

    @field_validator("fps")
    @classmethod
    def _fps(cls, value: int) -> int:
        if value not in RATES_OF_FRAMES:
            raise ValueError(f"must be one of {', '.join(map(str, RATES_OF_FRAMES))}")
        return value

    @field_validator("home", "checkpoints", "assets")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        if not str(value).isprintable():  # records name files in it, and are kept as UTF-8
            raise ValueError("holds characters that cannot be shown")
        return value.expanduser()

    @field_validator("width", "height")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even")
        return value


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    prefix = "PRESENTER_"
    return {key[len(prefix) :].lower(): value for key, value in environ.items() if key.startswith(prefix)}


def _told(value: object) -> bool:
    return value is not None and not isinstance(value, SecretStr)  # a worker has no use for the chat's key


def environment(settings: Settings) -> dict[str, str]:
    """The settings that differ from the defaults, as variables for a process that is to have the same."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set if name != "label"}
    return {f"PRESENTER_{name.upper()}": str(value) for name, value in given.items() if _told(value)}


def _line_of(key: str, text: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if line.split("=")[0].strip(" \t[]") == key:
            return f"line {number}: "
    return ""


def _check_keys(values: Mapping[str, Any], source: str, text: str = "") -> None:
    known = list(Settings.model_fields)
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(known)}."
            raise InputError(
                "E-CONFIG-KEY", f'{source}: {_line_of(key, text)}unknown setting "{key}".', hint, key
            )


def read(
    arguments: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Collect the settings.

    Args:
        arguments: values given by the door; ``None`` values do not count.
        environ: the environment, by default the process's.
        folder: where presenter.toml is looked for, by default the working folder.

    Raises:
        InputError: ``E-CONFIG-KEY`` for an unknown key, ``E-CONFIG-VALUE`` for a wrong value,
            ``E-CONFIG-POLICY`` for switching the label off, ``E-CONFIG-FILE`` for broken TOML.
    """
    merged: dict[str, Any] = {}
    file = (folder or Path.cwd()) / "presenter.toml"
    if file.is_file():
        try:
            text = file.read_text(encoding="utf-8")
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(
                "E-CONFIG-FILE", f"presenter.toml cannot be read: {error}.", "Mend that line."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise InputError(
                "E-CONFIG-FILE", f"presenter.toml cannot be read: {reason}.", "Mend it or remove it."
            ) from error
        _check_keys(values, "presenter.toml", text)
        merged.update(values)
    values = _environment(os.environ if environ is None else environ)
    _check_keys(values, "environment")
    merged.update(values)
    merged.update({key: value for key, value in (arguments or {}).items() if value is not None})
    if str(merged.get("label", "on")).lower() not in ("on", "true", "1"):
        raise InputError(
            "E-CONFIG-POLICY", "The label cannot be switched off.", 'Remove the setting "label".', "label"
        )
    merged.pop("label", None)
    try:
        return Settings(**merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        reason = first["msg"].removeprefix("Value error, ")
        raise InputError(
            "E-CONFIG-VALUE", f'The setting "{key}" is {first["input"]!r}: {reason}.', "Change it.", key
        ) from error


@functools.lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process without arguments."""
    return read()
