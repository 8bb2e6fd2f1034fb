import pickle

import pytest

from presenter import errors
from presenter.errors import Cancelled, EngineMissing, InputError, PresenterError, SetupError, WorkError


def test_an_error_survives_the_way_from_a_worker():
    sent = EngineMissing("E-X", "It is missing.", "Install it.", "speaker")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is EngineMissing
    assert str(received) == "E-X: It is missing. Install it."
    assert received.field == "speaker"


@pytest.mark.parametrize(
    ("kind", "exit_status", "http"),
    [(InputError, 2, 422), (SetupError, 3, 503), (EngineMissing, 3, 503), (WorkError, 1, 500)],
)
def test_each_branch_maps_to_one_exit_and_one_status(kind, exit_status, http):
    error = kind("E-X", "m")
    assert (error.exit, error.status) == (exit_status, http)


def test_an_answer_in_json_has_all_that_a_client_needs():
    answer = InputError("E-X", "It is 3; the limit is 2.", "Take one away.", "photo").as_dict()
    assert answer.pop("reference")
    assert answer == {
        "code": "E-X",
        "message": "It is 3; the limit is 2.",
        "hint": "Take one away.",
        "field": "photo",
    }


def test_every_class_stands_in_the_drawn_tree():
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, PresenterError)]
    assert {c.__name__ for c in classes} == {
        "PresenterError",
        "InputError",
        "SetupError",
        "EngineMissing",
        "WorkError",
        "Busy",
        "Cancelled",
    }
    assert all(c.__name__ in errors.__doc__ for c in classes)
    assert str(Cancelled()).startswith("E-CANCELLED")
