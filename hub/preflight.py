"""Looks at the machine before anything starts: a clear sentence now is better than a traceback in a log later."""

from __future__ import annotations

import os
import platform
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from graders.engine.landlock import abi_version
from hub.errors import StartError
from hub.parts import NODE, PROXY_SCRIPT, proxy_folder
from hub.settings import Settings, ensure_folders

MIN_PYTHON = (3, 11)


@dataclass(frozen=True)
class Notice:
    """Something a person should know although the platform starts."""

    ko: str
    en: str


def check_machine(settings: Settings) -> None:
    """Raise ``StartError`` if the platform can't start here."""
    check_python(sys.version_info[:2])
    check_folders(settings)
    check_proxy(settings)
    for name, port in settings.ports.items():
        check_port(settings.bind, port, name)


def check_python(version: tuple[int, int]) -> None:
    """Raise if Python is too old."""
    if version < MIN_PYTHON:
        found = ".".join(map(str, version))
        raise StartError(
            f"Python {found}은(는) 너무 오래되었습니다. 3.11 이상을 설치하십시오.",
            f"Python {found} is too old. Please install 3.11 or newer.",
        )


def check_folders(settings: Settings) -> None:
    """Make the folders; raise if that is not possible, or if something in them that must be written can't be."""
    try:
        ensure_folders(settings)
    except OSError as error:
        raise StartError(
            f"{settings.home} 폴더에 쓸 수 없습니다({error.strerror}). AXCAMPUS_HOME으로 다른 폴더를 지정하십시오.",
            f"{settings.home} can't be written ({error.strerror}). Point AXCAMPUS_HOME to another folder.",
        ) from error
    for path in unwritable(settings):
        raise StartError(
            f"{path}에 쓸 수 없습니다. 소유자와 권한, 디스크가 읽기 전용인지 확인하십시오. "
            "안에 있는 자료는 그대로 있습니다.",
            f"{path} can't be written. Check its owner and mode, and whether the disk is read-only. "
            "What is in it is safe.",
        )


def unwritable(settings: Settings) -> list[Path]:
    """Return what must be written and can't be: SQLite writes beside its file too, so the folder counts as well."""
    folders = (settings.home, settings.hub_folder, settings.homes, settings.secrets, settings.logs, settings.run)
    files = (settings.home / "axcampus.db", settings.accounts_path, settings.hub_folder / "jupyterhub.sqlite")
    wanted = [*folders, *(path for path in files if path.exists())]
    return [path for path in wanted if not os.access(path, os.W_OK)]


def check_proxy(settings: Settings) -> None:
    """Raise if the proxy was not installed."""
    script = proxy_folder(settings) / PROXY_SCRIPT
    if not (script.is_file() and NODE.is_file()):
        raise StartError(
            "프록시가 설치되지 않았습니다. `make install`을 실행하십시오.",
            "The proxy is not installed. Run `make install`.",
        )


def check_port(address: str, port: int, name: str) -> None:
    """Raise if a port is taken by somebody else."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise StartError(
                f"{port}번 포트({name})를 다른 프로그램이 쓰고 있습니다. 그 프로그램을 끝내거나 "
                f"AXCAMPUS_PORT로 다른 포트를 지정하십시오(예: AXCAMPUS_PORT={suggested_port(port)}).",
                f"Port {port} ({name}) is used by another program. Stop that program, or choose other ports with "
                f"AXCAMPUS_PORT (for example AXCAMPUS_PORT={suggested_port(port)}).",
            ) from error


def suggested_port(port: int) -> int:
    """Return a first port well away from a taken one."""
    return 18000 if port < 17000 else 28000


def notices() -> list[Notice]:
    """Return what this machine's kind of isolation means, in plain words."""
    found = []
    if abi_version() == 0:
        found.append(
            Notice(
                f"이 컴퓨터({platform.system()})에서는 노트북끼리 분리되지 않습니다. 믿을 수 있는 한 사람만 쓰십시오.",
                f"Notebooks are not walled off on this machine ({platform.system()}): one trusted user only.",
            )
        )
    if os.geteuid() == 0:
        found.append(
            Notice(
                "root로 실행 중입니다. 노트북 서버는 사람마다 다른 일반 사용자 번호(20000번대)로 실행됩니다.",
                "Running as root. Each person's notebook server runs under a user id of its own (20000 and up).",
            )
        )
    return found
