"""The OpenAPI 3.1 document, made from the table of operations and the models on the wire."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from graders.exchange import wire
from hub.portal.api.operations import OPERATIONS, Operation

REFERENCE = "#/components/schemas/{model}"
_PARAMETER = {"type": "string", "pattern": wire.SAFE_NAME}
_HEADER = {"type": "string", "pattern": r"^[A-Za-z0-9._:-]{8,100}$"}
_STATUS = {
    200: "Here it is.",
    201: "Stored.",
    400: "The body is not JSON.",
    401: "Whose token it is could not be established.",
    403: "Not this person's to do.",
    404: "There is no such thing, or it is somebody else's.",
    409: "Not now: closed, not open yet, or the key was used before.",
    413: "Too large.",
    415: "Not sent as JSON.",
    422: "The content can't be used.",
    429: "Too often; see Retry-After.",
    503: "Database or hub can't be reached; nothing was stored.",
}


class ErrorBody(BaseModel):
    """Every error."""

    error: wire.Fault


@cache
def make_document() -> dict[str, Any]:
    """Return the document of the API."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AX Campus portal",
            "version": "1",
            "description": "What notebook servers and the hub ask the portal. Identity, time and attempt number are "
            "the portal's; a token may list, fetch, submit, collect and stage, never publish or change a grade.",
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "person": {"type": "http", "scheme": "bearer", "description": "A hub token of a user."},
                "hub": {"type": "http", "scheme": "bearer", "description": "The hub's own token."},
            },
        },
    }


def _schemas() -> dict[str, Any]:
    models: set[type[BaseModel]] = {ErrorBody}
    for operation in OPERATIONS:
        models |= {operation.answer} | ({operation.body} if operation.body else set())
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema([(model, "validation") for model in ordered], ref_template=REFERENCE)
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _errors(operation: Operation) -> list[int]:
    """Return the statuses with which an operation may refuse; any person's call may be one too many."""
    is_a_persons = 403 in operation.errors
    return sorted({*operation.errors, 429}) if is_a_persons else sorted(operation.errors)


def _operation(operation: Operation) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "operationId": operation.name,
        "summary": (operation.view.__doc__ or "").splitlines()[0],
        "parameters": _parameters(operation),
        "responses": {
            **{str(status): _response(status, operation.answer) for status in operation.status},
            **{str(status): _response(status, ErrorBody) for status in _errors(operation)},
            "default": _response(500, ErrorBody),
        },
        "security": [{operation.token: []}] if operation.token else [],
    }
    if operation.body is not None:
        entry["requestBody"] = {"required": True, "content": _content(operation.body)}
    return entry


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", operation.path)
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETER} for name in names
    ]
    found += [{"name": name, "in": "header", "required": True, "schema": _HEADER} for name in operation.headers]
    if operation.query is not None:
        name, values = operation.query
        found.append({"name": name, "in": "query", "schema": {"type": "string", "enum": list(values)}})
    return found


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}


def _response(status: int, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": _STATUS.get(status, "Something broke on our side."), "content": _content(model)}
