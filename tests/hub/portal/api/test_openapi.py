"""The document of the API is valid and is about this API."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from hub.portal.api.openapi import make_document
from hub.portal.api.operations import OPERATIONS


def test_the_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(make_document()).validate()


def test_the_document_is_served(sqlite_api) -> None:
    assert sqlite_api.get("/openapi.json", user=None).json["paths"].keys() == make_document()["paths"].keys()


def test_every_route_is_in_the_table_and_every_row_has_a_route(sqlite_api) -> None:
    rules = [rule for rule in sqlite_api.app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    routed = {
        (method, rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if "nowhere" not in rule.endpoint and rule.endpoint != "api.openapi"
    }
    assert routed == {(operation.method, operation.path) for operation in OPERATIONS}
