"""Which software grades: a digest that changes whenever something that could change a score changes."""

from __future__ import annotations

import platform
import sys
import sysconfig
from functools import cache
from importlib.metadata import distributions

from graders.contract import CONTRACT_VERSION, Digest
from graders.files import canonical_json, sha256_hex

#: Raised by hand when a change of the engine can change a score; reports of older engines are then not reused.
ENGINE_VERSION = 1


@cache
def environment_digest() -> Digest:
    """SHA-256 over the engine's version, Python, the processor and every installed distribution's version."""
    return sha256_hex(canonical_json(describe_environment()))


def describe_environment() -> dict[str, object]:
    """Return what the digest is made of, for people who ask why a report was not reused."""
    found = {(each.metadata["Name"] or "").lower(): each.version for each in distributions(path=_package_folders())}
    return {
        "contract": CONTRACT_VERSION,
        "engine": ENGINE_VERSION,
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "machine": platform.machine(),
        "packages": {name: version for name, version in sorted(found.items()) if name},
    }


def _package_folders() -> list[str]:
    """Where packages are installed. Not ``sys.path``: setuptools adds its own copies to it once something imports it,
    and two processes of one machine would give their environment different names."""
    return sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
