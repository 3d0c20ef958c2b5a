"""A site's file of values as Helm sees it: laid over the chart's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from helm.values_model import Values
from helm.values_schema import CHART


def merged(below: Any, above: Any) -> Any:
    """Lay one value over another as Helm does: mappings are merged, everything else is replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    both = {key: merged(below[key], above[key]) for key in below.keys() & above.keys()}
    return {**below, **above, **both}


def load_values(path: Path | None = None) -> dict[str, Any]:
    """Return the values of a file (None: the chart's own) as plain data."""
    below = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = merged(below, yaml.safe_load(path.read_text(encoding="utf-8")) if path else {})
    return found


def values_of(path: Path) -> Values:
    """Return the same, checked; raises ``pydantic.ValidationError`` naming the key that is wrong."""
    return Values.model_validate(load_values(path))
