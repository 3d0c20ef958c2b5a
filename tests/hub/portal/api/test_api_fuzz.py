"""The API under random input made from its own document: every answer is one that it promises, none is a 500."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from hub.portal.api.operations import OPERATIONS

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
NAMES = [f"{operation.method} {operation.path}" for operation in OPERATIONS]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_random_calls_get_promised_answers(sqlite_api, name: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", sqlite_api.app)
    method, path = name.split(" ")
    token = sqlite_api.service_token() if "internal" in path else "token-kim"

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def call(case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    call()
