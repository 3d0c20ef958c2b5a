"""Makes ``.venv/torch``: torch beside all that ``.venv`` has, which stays as it is. ``make test-torch`` runs there.

``python requirements/torch_environment.py``, with the Python of ``.venv``. Torch has one build for each kind of machine
and index, so that it is named by its version and not locked by hashes; no course of ours needs it.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = Path(sys.prefix) / "torch"


def main() -> int:
    """Make the environment and install into it; returns the exit status."""
    venv.create(ENVIRONMENT, with_pip=False, symlinks=True)
    base = sysconfig.get_path("purelib")
    own = sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)})
    Path(own, "beside.pth").write_text(f"import site; site.addsitedir({base!r})\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(ENVIRONMENT / "bin" / "python")]
    command = [*pip, "install", "--disable-pip-version-check", "-r", str(HERE / "torch.in")]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
