"""Values as Helm sees them: a site's file laid over the chart's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from helm.chart import CHART
from helm.values_model import Values


def merged(below: Any, above: Any) -> Any:
    """Lay one mapping over another as Helm does: mappings are merged, everything else is replaced, null takes away."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    both = {key: merged(below[key], above[key]) for key in below.keys() & above.keys()}
    return {**below, **above, **both}


def load_values(path: Path | None = None) -> dict[str, Any]:
    below = yaml.safe_load((CHART / "values.yaml").read_text())
    found: dict[str, Any] = merged(below, yaml.safe_load(path.read_text()) if path else {})
    return found


def values_of(path: Path) -> Values:
    return Values.model_validate(load_values(path))
