"""Writes what the chart takes from our models: ``python -m helm.values_schema`` (``--check``: says what is stale)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from helm.values_model import RENAMED, Values

CHART = Path(__file__).resolve().parent / "ax-campus"


def make_schema() -> dict[str, Any]:
    """Return the JSON schema of the values. Renamed keys are let in: a template refuses them with the new name."""
    schema = _without_defaults(Values.model_json_schema())
    for old, new in RENAMED.items():
        schema["properties"][old] = {"description": f"renamed: {new}"}
    return {"$schema": "http://json-schema.org/draft-07/schema#"} | _for_draft_seven(schema)


def _without_defaults(node: Any) -> Any:
    """Take out defaults, which values.yaml says, and titles, which say nothing."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _without_defaults(item) for name, item in value.items()}
        if key in ("properties", "$defs")
        else _without_defaults(value)
        for key, value in node.items()
        if key not in ("default", "title")
    }


def _for_draft_seven(schema: dict[str, Any]) -> dict[str, Any]:
    """Helm reads ``definitions``; newer drafts call them ``$defs``."""
    text = json.dumps(schema).replace('"#/$defs/', '"#/definitions/').replace('"$defs"', '"definitions"')
    found: dict[str, Any] = json.loads(text)
    return found


def generated_files() -> dict[Path, str]:
    """Return every file of the chart that is made from the models, with its text."""
    return {
        CHART / "values.schema.json": json.dumps(make_schema(), indent=1, sort_keys=True) + "\n",
        CHART / "files" / "renamed.yaml": yaml.safe_dump(RENAMED, sort_keys=True),
    }


def stale_files() -> list[Path]:
    """Return the files that differ from what the models say."""
    return [path for path, text in generated_files().items() if not path.is_file() or path.read_text() != text]


def main(arguments: list[str]) -> int:
    """Write the files, or say which are stale."""
    stale = stale_files()
    for path in stale:
        if "--check" in arguments:
            sys.stderr.write(f"{path} is stale: python -m helm.values_schema\n")
        else:
            path.write_text(generated_files()[path])
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
