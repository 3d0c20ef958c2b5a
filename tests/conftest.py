"""Rules for all tests: no variable of the person's shell gets in, and a tier that was left out is said loudly."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

#: Tier -> is its program there, and how one gets it.
TIERS = {
    "postgres": (any(Path("/usr/lib/postgresql").glob("*/bin/postgres")), "apt-get install postgresql"),
    "browser": (bool(shutil.which("chromium") or shutil.which("chromium-browser")), "apt-get install chromium"),
    "cluster": (
        bool(shutil.which("kubectl")) and any(map(os.path.isfile, os.environ.get("KUBECONFIG", "").split(os.pathsep))),
        "set KUBECONFIG to a cluster that lets you make namespaces, with kubectl in PATH: docs/images.md",
    ),
    "torch": (bool(find_spec("torch")), "make test-torch"),
}

#: Tiers named here must run: CI sets it, so that a missing program fails instead of being left out.
REQUIRED = set(os.environ.get("AXCAMPUS_REQUIRE", "").split())

settings.register_profile("campus", deadline=None)  # no test depends on speed
settings.load_profile("campus")

for name in [name for name in os.environ if name.startswith(("AXCAMPUS_", "JUPYTERHUB_"))]:
    if name in ("AXCAMPUS_REQUIRE", "AXCAMPUS_IMAGE_PREFIX"):
        continue
    del os.environ[name]


def missing_tiers() -> dict[str, str]:
    """Return the tiers that can't run here and how to get them."""
    return {tier: how for tier, (found, how) in TIERS.items() if not found}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start when a tier that must run can't: before any process beside this one collects tests."""
    for tier, how in missing_tiers().items():
        if tier in REQUIRED:
            raise pytest.UsageError(f"tier {tier} is required and can't run: {how}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of missing tiers; tests that start real servers run last."""
    for tier, how in missing_tiers().items():
        for item in (item for item in items if item.get_closest_marker(tier)):
            item.add_marker(pytest.mark.skip(reason=f"TIER LEFT OUT: {tier} ({how})"))
    items.sort(key=lambda item: bool(item.get_closest_marker("platform") or item.get_closest_marker("browser")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what did not run, so that a green line is not misread."""
    skipped = terminalreporter.stats.get("skipped", [])
    for tier, how in missing_tiers().items():
        number = sum(f"TIER LEFT OUT: {tier}" in str(report.longrepr) for report in skipped)
        if number:
            terminalreporter.write_sep("!", f"{tier}: {number} tests LEFT OUT ({how})", red=True, bold=True)


def free_ports(count: int) -> int:
    """Return the first of ``count`` ports in a row that are free now."""
    for first in range(20_000 + os.getpid() % 500 * 20, 60_000, count):
        if all(is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def four_ports() -> int:
    """The first of four free ports in a row: what one platform needs."""
    return free_ports(4)


@pytest.fixture
def open_tmp(tmp_path: Path) -> Iterator[Path]:
    """A temporary folder that other users may walk through: pytest's own is closed to them."""
    folder = Path("/tmp") / f"axcampus-test-{os.getpid()}-{tmp_path.name[:20]}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
