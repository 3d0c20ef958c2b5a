"""Installs what the locks name into this environment: ``python requirements/install.py bootstrap|run|dev|project``.

Everything is checked against hashes. uv does it in seconds; where uv can't run or fails, pip does the same slowly.
Only the standard library is used: this runs before anything is installed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
UV = Path(sys.prefix) / "bin" / "uv"


def main() -> int:
    """Install one of the four stages; returns the exit status."""
    stage = sys.argv[1]
    if stage == "bootstrap":
        return bootstrap()
    if stage == "project":
        return install("--no-deps", "--no-build-isolation", "--editable", str(PROJECT))
    return install("--require-hashes", "-r", str(HERE / f"{stage}.lock"), compile_bytecode=True)


def bootstrap() -> int:
    """Install uv. Doing without is possible, so a failure is no error."""
    if call(*pip(), "--require-hashes", "-r", str(HERE / "bootstrap.lock")) != 0:
        say("uv를 설치하지 못해 pip로 설치합니다(더 오래 걸립니다). / No uv: installing with pip, which takes longer.")
    return 0


def install(*arguments: str, compile_bytecode: bool = False) -> int:
    """Install with uv, and with pip if that fails."""
    if UV.exists():
        compiling = ["--compile-bytecode"] if compile_bytecode else []
        if call(str(UV), "pip", "install", "--python", sys.executable, *compiling, *arguments) == 0:
            return 0
        say("uv가 실패해 pip로 다시 시도합니다. / uv failed, trying again with pip.")
    status = call(*pip(), *arguments)
    if status != 0:
        say("설치하지 못했습니다. 인터넷 연결을 확인하고 다시 실행하십시오. 지금까지 받은 것은 남아 있습니다.")
        say("Not installed. Check the network and run the same command again; what was downloaded is kept.")
    return status


def pip() -> list[str]:
    """Return the beginning of a pip command."""
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "on"]


def call(*command: str) -> int:
    """Run a command with its output visible; returns its exit status."""
    return subprocess.run(command, check=False).returncode


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"    {text}\n")


if __name__ == "__main__":
    sys.exit(main())
