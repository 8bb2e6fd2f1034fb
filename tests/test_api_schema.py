"""The API keeps what its own OpenAPI document promises, for requests that schemathesis thinks of."""

import os

import fakes
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from presenter import api, tokens
from presenter.settings import Settings
from presenter.studio import Studio

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
"""For each address; more are tried with a larger number in the environment."""

MEANING = positive_data_acceptance
"""What a schema cannot say, such as whether a language can be spoken, is refused all the same."""


def document(home):
    wanted = Settings(
        home=home, requests_a_minute=10**6, waiting=10**6, waiting_each=10**6, reserve_gigabytes=0
    )
    return schemathesis.openapi.from_asgi("/openapi.json", api.build(Studio(wanted)))


@pytest.mark.parametrize("address", sorted(api.build(Studio(Settings())).openapi()["paths"]))
def test_every_address_keeps_its_promises(address, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    shown = tokens.create(tmp_path, "ada", "admin")
    for operation in document(tmp_path)[address].values():

        @seed(1)
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def keeps(case):
            answer = case.call(headers={"Authorization": f"Bearer {shown}"})
            case.validate_response(answer, excluded_checks=[MEANING])

        keeps()
