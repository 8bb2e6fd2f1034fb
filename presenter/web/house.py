"""The view of the settings: what holds on this installation, and whether all that is needed is there."""

from __future__ import annotations

from presenter.doctor import Finding
from presenter.studio import Studio
from presenter.web import shell
from presenter.web.elements import escape
from presenter.web.visits import Asked, Visit
from presenter.web.words import Words

SHOWN = (
    "speaker", "animator", "voice", "portrait", "layout", "theme", "captions", "width", "height", "fps",
    "workers", "commercial", "store_gigabytes", "max_script_characters", "max_photo_megapixels", "label",
)  # fmt: skip
"""Settings that visitors may see: nothing that tells of the machine, of addresses or of secrets."""

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


class House:
    """The settings, to be read only.

    Args:
        studio: has them, and has a doctor.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def view(self, visit: Visit, _: Asked) -> str:
        """The settings; the doctor takes a moment and comes later."""
        words, values = visit.words, self._studio.settings.model_dump()
        rows = "".join(
            f"<tr><th scope='row'><code>{name}</code></th><td>{escape(_value(words, values[name]))}</td></tr>"
            for name in SHOWN
        )
        return (
            f"{shell.heading(words, 'house')}<div class='lanes'><section class='panel'>"
            f"<h2>{words('house.settings')}</h2><p class='small'>{words('house.how')}</p>"
            f"<table class='settings'><tbody>{rows}</tbody></table></section>"
            f"<section class='panel' data-place='doctor' data-poll='doctor' data-every='50'>"
            f"<h2>{words('house.doctor')}</h2><p class='small' role='status'>{words('house.looking')}"
            f"</p></section></div>"
        )

    def doctor(self, visit: Visit, _: Asked) -> str:
        """What the doctor found."""
        words, found = visit.words, self._studio.doctor()
        items = "".join(_finding(words, finding) for finding in found)
        bad = sum(finding.state == "fail" for finding in found)
        sum_up = words("house.bad", bad) if bad else words("house.well")
        return (
            f"<section class='panel' data-place='doctor' data-say='{sum_up}'><h2>{words('house.doctor')}</h2>"
            f"<p><strong>{sum_up}</strong></p><ul class='findings'>{items}</ul></section>"
        )


def _value(words: Words, value: object) -> str:
    if isinstance(value, bool):
        return words.plain("house.yes" if value else "house.no")
    return words.number(value, None) if isinstance(value, float) else str(value)


def _finding(words: Words, finding: Finding) -> str:
    remedy = f"<p class='small'>{escape(words.said(finding.remedy))}</p>" if finding.remedy else ""
    kind, _, rest = finding.name.partition(" ")
    name = f"{words.plain(f'house.name-{kind}')} {rest}" if words.has(f"house.name-{kind}") else finding.name
    return (
        f"<li class='{finding.state}'><span class='sign' aria-hidden='true'>{SIGNS[finding.state]}</span>"
        f"<div><p><strong>{escape(name)}</strong> <span "
        f"class='small'>{words(f'house.{finding.state}')}"
        f"</span></p><p class='small'>{escape(words.said(finding.detail))}</p>{remedy}</div></li>"
    )
