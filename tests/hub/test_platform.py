"""The real platform: proxy, hub, portal and the rest, on free ports, from the command that people use."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from graders.engine.landlock import abi_version
from hub.parts import PROXY_SCRIPT, proxy_folder
from hub.processes import marked_processes, stop_processes
from hub.settings import PROJECT_ROOT, Settings, ensure_folders, settings_environment
from tests.conftest import free_ports
from tests.hub.platform_client import Visitor

pytestmark = [
    pytest.mark.platform,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (proxy_folder(Settings()) / PROXY_SCRIPT).is_file(), reason="the proxy is not installed: make install"
    ),
]
READY_SECONDS = 240


@dataclass
class Platform:
    """A running ``axcampus run``."""

    settings: Settings
    process: subprocess.Popen[str] | None = None
    passwords: dict[str, str] = field(default_factory=dict)

    def start(self) -> str:
        """Start and wait until it is ready; returns what a person sees."""
        output = self.settings.home / "terminal.txt"
        with output.open("w") as file:
            argv = [sys.executable, "-m", "hub.cli", "run"]
            self.process = subprocess.Popen(argv, env=self.environment, stdout=file, stderr=file, text=True)
        until(lambda: "Ready after" in output.read_text() or None, READY_SECONDS, self.process)
        seen = output.read_text()
        self.passwords |= dict(re.findall(r"^ ?([a-z]+\.[a-z]+) +((?:[a-z2-9]{4}-){3}[a-z2-9]{4}) ", seen, re.M))
        return seen

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **settings_environment(self.settings), "COLUMNS": "200"}

    def axcampus(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "hub.cli", *arguments]
        return subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def pid_of(self, part: str) -> int:
        state = json.loads((self.settings.run / "state.json").read_text())
        return int(state["parts"][part]["pid"] or 0)

    def is_up(self) -> bool:
        return self.axcampus("status").returncode == 0

    def visitor(self, username: str) -> Visitor:
        return Visitor(self.settings.hub_url, username, self.passwords[username])


def sign_in_status(platform: Platform, username: str, password: str) -> int:
    visitor = platform.visitor(username)
    try:
        return visitor.sign_in(password).status_code
    finally:
        visitor.close()


def until(look: Callable[[], Any], seconds: float, process: subprocess.Popen[str] | None = None) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        assert process is None or process.poll() is None, "the platform ended"
        time.sleep(0.3)
    raise AssertionError("nothing came")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    home = Path("/tmp") / f"axcampus-platform-{os.getpid()}"
    settings = Settings(home=home, port=free_ports(4), notebook_start_seconds=150)
    ensure_folders(settings)
    made = Platform(settings)
    try:
        made.start()
        yield made
        made.stop()
    finally:
        stop_processes(marked_processes(settings.instance), 2)
        keep_logs(settings)
        subprocess.run(["rm", "-rf", str(home)], check=True)


def keep_logs(settings: Settings) -> None:
    """Keep the logs where CI keeps artefacts: a failure there can't be looked at otherwise."""
    target = PROJECT_ROOT / "artifacts" / "platform-logs"
    target.mkdir(parents=True, exist_ok=True)
    for log in settings.logs.glob("*.log"):
        (target / log.name).write_bytes(log.read_bytes()[-200_000:])


@pytest.fixture(scope="module")
def minji(platform: Platform) -> Iterator[Visitor]:
    visitor = platform.visitor("minji.kim")
    assert visitor.sign_in().status_code == 302
    visitor.start_server()
    yield visitor
    visitor.close()


def test_all_parts_are_up_and_status_says_so(platform: Platform) -> None:
    found = json.loads(platform.axcampus("status", "--json").stdout)
    assert found["up"] is True
    assert {"proxy", "hub", "portal"} <= set(found["parts"])


def test_a_wrong_password_is_refused_in_both_languages(platform: Platform) -> None:
    visitor = platform.visitor("junho.lee")
    answer = visitor.sign_in("not-the-password")
    visitor.close()
    assert answer.status_code == 403
    assert "맞지 않습니다" in answer.text
    assert "is wrong" in answer.text


def test_guessing_is_throttled_and_the_right_password_is_not_looked_at(platform: Platform) -> None:
    visitor = platform.visitor("haeun.jung")
    for _ in range(5):
        assert visitor.sign_in("not-the-password").status_code == 403
    answer = visitor.sign_in()
    visitor.close()
    assert answer.status_code == 429
    assert "5분 뒤에" in answer.text


def test_a_terminal_works_and_belongs_to_the_student(platform: Platform, minji: Visitor) -> None:
    assert minji.in_terminal("echo hello > own.txt; cat own.txt; pwd") == f"hello\n{platform.settings.homes}/minji.kim"


def test_the_notebook_s_python_sees_our_packages_and_not_the_courses(minji: Visitor) -> None:
    assert minji.in_terminal("python -c 'import graders.contract, courses.simulators; print(42)'") == "42"
    assert "cannot open" in minji.in_terminal(f"LC_ALL=C ls {PROJECT_ROOT}/courses")


@pytest.mark.skipif(
    abi_version() == 0 and os.geteuid() != 0, reason="no walls on this machine: it says so at the start"
)
@pytest.mark.parametrize(
    "path", ["axcampus.db", "hub/accounts.sqlite3", "secrets/session_key", "homes/siwoo.kang/answer.txt", "log/hub.log"]
)
def test_a_terminal_can_read_neither_the_database_nor_another_home(
    platform: Platform, minji: Visitor, path: str
) -> None:
    target = platform.settings.home / path
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        target.write_text("somebody else's work")
        target.chmod(0o644)
    output = minji.in_terminal(f"LC_ALL=C cat {target}")
    assert output.endswith("Permission denied")


def test_no_secret_of_the_platform_is_in_the_server_s_environment(platform: Platform, minji: Visitor) -> None:
    secrets = [path.read_text() for path in platform.settings.secrets.iterdir()]
    environment = minji.in_terminal("env")
    assert "JUPYTERHUB_API_TOKEN" in environment
    assert not [secret for secret in secrets if secret in environment]


def test_a_server_that_can_not_start_says_why_in_plain_words_and_the_hub_stays_up(platform: Platform) -> None:
    (platform.settings.homes / "junho.lee").write_text("a file where the home should be")
    visitor = platform.visitor("junho.lee")
    visitor.sign_in()
    hub = platform.pid_of("hub")
    for _ in range(5):
        visitor.api("POST", "users/junho.lee/server")
        until(lambda: not visitor.api("GET", "users/junho.lee").json()["servers"], 60)
    page = visitor.session.get(f"{platform.settings.hub_url}user/junho.lee/lab").text
    visitor.close()
    assert "노트북을 켜지 못했습니다" in page
    assert "Your files are safe" in page
    assert platform.pid_of("hub") == hub


def test_signing_out_of_the_hub_goes_on_to_the_portal(platform: Platform) -> None:
    visitor = platform.visitor("seoyeon.park")
    visitor.sign_in()
    answer = visitor.session.get(f"{platform.settings.hub_url}hub/logout", allow_redirects=False)
    home = visitor.session.get(f"{platform.settings.hub_url}hub/home", allow_redirects=False)
    visitor.close()
    assert answer.headers["Location"] == f"{platform.settings.portal_url}/auth/front-logout"
    assert "/hub/login" in home.headers["Location"]


def test_a_changed_password_counts_and_signs_other_browsers_out(platform: Platform) -> None:
    here, there = platform.visitor("jiwoo.yoon"), platform.visitor("jiwoo.yoon")
    for visitor in (here, there):
        visitor.sign_in()
    form = {"old": platform.passwords["jiwoo.yoon"], "new": "Mill-Spindle-42", "again": "Mill-Spindle-42"}
    here.session.get(f"{platform.settings.hub_url}hub/password")
    changed = here.session.post(f"{platform.settings.hub_url}hub/password", data=form | {"_xsrf": here.xsrf("/hub/")})
    elsewhere = there.session.get(f"{platform.settings.hub_url}hub/home", allow_redirects=False)
    still_here = here.session.get(f"{platform.settings.hub_url}hub/home", allow_redirects=False)
    for visitor in (here, there):
        visitor.close()
    assert "비밀번호를 바꿨습니다" in changed.text
    assert (elsewhere.status_code, still_here.status_code) == (302, 200)
    assert sign_in_status(platform, "jiwoo.yoon", "Mill-Spindle-42") == 302


@pytest.mark.parametrize("part", ["portal", "hub", "proxy"])
def test_a_killed_part_comes_back_and_the_notebook_goes_on(platform: Platform, minji: Visitor, part: str) -> None:
    before = platform.pid_of(part)
    os.kill(before, signal.SIGKILL)
    until(lambda: platform.pid_of(part) not in (0, before) and platform.is_up(), 120)
    until(lambda: minji.session.get(f"{platform.settings.hub_url}user/minji.kim/api/status").ok, 60)
    assert minji.in_terminal("cat own.txt") == "hello"


def test_the_same_platform_can_not_be_started_twice(platform: Platform) -> None:
    second = platform.axcampus("run")
    assert second.returncode == 1
    assert "already running" in second.stderr


def test_another_platform_on_the_same_ports_names_the_taken_one(platform: Platform, tmp_path: Path) -> None:
    other = Platform(platform.settings.model_copy(update={"home": tmp_path}))
    refused = other.axcampus("run")
    assert refused.returncode == 1
    assert f"Port {platform.settings.port} (portal) is used by another program" in refused.stderr


def test_stopping_leaves_no_process_and_a_second_start_goes_on(platform: Platform, minji: Visitor) -> None:
    assert platform.stop(signal.SIGINT) == 0
    assert marked_processes(platform.settings.instance) == []
    seen = platform.start()
    assert "password" not in seen.split("Ready after")[0]
    again = platform.visitor("minji.kim")
    assert again.sign_in().status_code == 302
    again.start_server()
    assert again.in_terminal("cat own.txt") == "hello"
    again.close()


def test_the_portal_answers_and_is_another_host_than_notebooks(platform: Platform) -> None:
    answer = requests.get(f"{platform.settings.portal_api_url}/health", timeout=10)
    assert answer.ok
    assert platform.settings.portal_url.split(":")[1] != platform.settings.hub_url.split(":")[1]
