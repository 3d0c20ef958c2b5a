"""Checks the chart as its operator would meet it: ``python -m helm.check`` (``make helm-check``).

Every example and a file with everything on is linted, rendered and held against the strict schemas of each supported
Kubernetes. ``AXCAMPUS_Z2JH_CHART`` names a folder of the real zero-to-jupyterhub chart instead of our stand-in.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]

from helm.chart import STUB, Helm, Manifest, assemble, example_files, find_helm, steady
from helm.values_schema import stale_files

VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
NO_HELM = "HELM LEFT OUT: no helm in PATH (or HELM=/path/to/helm): https://helm.sh/docs/intro/install/"


def check(helm: Helm) -> Iterator[str]:
    """Yield a line for each file of values; raises what helm or a schema says against it."""
    seen: set[str] = set()
    for name, path in example_files().items():
        helm.lint(path)
        manifests = helm.render(path)
        new = {json.dumps(steady(manifest), sort_keys=True): manifest for manifest in manifests}
        validate(manifest for text, manifest in new.items() if text not in seen)
        seen |= new.keys()
        yield f"{name}: {len(manifests)} objects, valid for {', '.join(VERSIONS)}"


def validate(manifests: Iterable[Manifest], versions: Iterable[str] = VERSIONS) -> None:
    """Hold every object against the strict schemas: a field that does not exist is refused."""
    kept = tuple(manifests)
    for version in versions:
        for manifest in kept:
            kubernetes_validate.validate(manifest, version, strict=True)


def main() -> int:
    """Check everything; 0 if all is well, 3 if there is no helm to check with."""
    if stale := stale_files():
        sys.stderr.write(f"stale: {', '.join(map(str, stale))}: python -m helm.values_schema\n")
        return 1
    program = find_helm()
    if program is None:
        sys.stderr.write(f"!!! {NO_HELM}\n")
        return 3
    dependency = Path(os.environ.get("AXCAMPUS_Z2JH_CHART") or STUB)
    with tempfile.TemporaryDirectory() as folder:
        for line in check(Helm(program, assemble(Path(folder), dependency))):
            sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
