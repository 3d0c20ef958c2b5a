from __future__ import annotations

import os
import sys

import pytest

from helm.chart import CHART, STUB, Helm, assemble, find_helm
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
