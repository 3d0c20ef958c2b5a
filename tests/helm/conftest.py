from __future__ import annotations

import os
import sys

import pytest

from helm.chart import CHART, STUB, Helm, Manifest, assemble, example_files, find_helm
from helm.check import NO_HELM

# The chart's own Python files are mounted into pods under these names.
sys.path.append(str(CHART / "files" / "python"))


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    program = find_helm()
    if program is None:
        if "helm" in os.environ.get("AXCAMPUS_REQUIRE", "").split():
            pytest.fail(NO_HELM)
        pytest.skip(NO_HELM)
    return Helm(program, assemble(tmp_path_factory.mktemp("chart"), STUB))


@pytest.fixture(scope="session")
def rendered(helm: Helm) -> dict[str, list[Manifest]]:
    return {name: helm.render(path) for name, path in example_files().items()}
