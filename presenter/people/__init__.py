"""Whose face and voice may be used: consents, portraits and voices, and how a voice is enrolled."""

from presenter.people.consents import Entry, People, Scope
from presenter.people.enrolment import LEAST, LONGEST, Enrolment, checked_name
from presenter.people.folders import Kept, Report, Spoken, Verdict, normal
from presenter.people.lines import Line, lines, written
from presenter.people.portraits import reference_of, reference_of_portrait
from presenter.people.recorded import Take
from presenter.people.statements import statement

__all__ = [
    "LEAST",
    "LONGEST",
    "Enrolment",
    "Entry",
    "Kept",
    "Line",
    "People",
    "Report",
    "Scope",
    "Spoken",
    "Take",
    "Verdict",
    "checked_name",
    "lines",
    "normal",
    "reference_of",
    "reference_of_portrait",
    "statement",
    "written",
]
