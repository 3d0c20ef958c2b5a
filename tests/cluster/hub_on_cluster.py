"""A real hub and proxy as processes whose notebook servers are pods of a real cluster."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import requests
import yaml
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from hub.accounts import Accounts
from hub.demo_notebook import DemoNotebook
from hub.keys import Keys, ensure_keys
from hub.parts import common_environment, proxy
from hub.settings import PROJECT_ROOT, Settings, ensure_folders, settings_environment
from spawner_config.images.recipes import RECIPES, digest
from spawner_config.names import person_slug
from spawner_config.policies import network_policies
from spawner_config.security import limit_range_manifest
from spawner_config.settings import NotebookSettings
from tests.cluster.conftest import Namespace, kubectl

PASSWORD = "for-the-tests-only-7"
WORDS = {"ko": "시험", "en": "trial"}
SEAT = {
    "cpu_guarantee": 0.05,
    "cpu_limit": 2,
    "memory_guarantee": "200Mi",
    "memory_limit": "700Mi",
    "shared_memory": "32Mi",
}

#: Stops a hub that has failed five times: what our words for every failure must prevent. (We ship it switched off.)
CONFIG = f"""
import runpy
from traitlets.config import get_config
runpy.run_path({str(PROJECT_ROOT / "hub" / "jupyterhub_config.py")!r})
c = get_config()
c.CampusPodSpawner.consecutive_failure_limit = 5
# There is no portal here to ask: tests write groups themselves.
c.JupyterHub.load_roles.append({{"name": "tests", "services": ["demo"], "scopes": ["admin:groups", "groups"]}})
"""


def notebook_image() -> str:
    """Return the notebook image of this working tree if the nodes have it, else one that they have."""
    images = kubectl("get", "nodes", "-o", "jsonpath={.items[0].status.images[*].names[*]}").split()
    found = [name for name in images if re.search(r"ax-campus/notebook:[0-9a-f]{16}$", name)]
    assert found, "the cluster has no notebook image: build and load it first (docs/images.md)"
    exact = f"notebook:{digest(RECIPES['notebook'])}"
    return next((name for name in found if name.endswith(exact)), found[0])


def own_address() -> str:
    """Return the address of this machine that the cluster's network reaches."""
    server = urlsplit(kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((str(server.hostname), server.port or 443))
        return str(probe.getsockname()[0])


def notebooks_for_tests(namespace: str, image: str, host: str, port: int) -> dict[str, Any]:
    """Return settings with a CPU pool, one of GPUs, and one that no node can take."""

    def peer(*ports: tuple[int, str]) -> list[dict[str, Any]]:
        return [{"cidr": f"{host}/32", "ports": [{"number": n, "protocol": p} for n, p in ports]}]

    def profile(pool: str, **more: Any) -> dict[str, Any]:
        return {"name": WORDS, "purpose": WORDS, "pool": pool, **more}

    return {
        "namespace": namespace,
        "images": {"cpu": {"reference": image, "pull_policy": "Never"}},
        "homes": {"capacity": "100Mi"},
        "timing": {"start_seconds": 300, "unschedulable_seconds": 3, "stop_seconds": 2, "orphan_seconds": 30},
        "network": {
            "dns": peer((53, "UDP"), (53, "TCP")),
            "hub": peer((port + 2, "TCP")),
            "portal": peer((port, "TCP")),
            "ingress": peer((8888, "TCP")),
        },
        "pools": {
            "cpu": {"seats": 20, "seat": SEAT},
            "gpu": {"seats": 8, "seat": SEAT, "resource": "nvidia.com/gpu", "isolation": "whole"},
            "nowhere": {"seats": 8, "seat": SEAT, "node_selector": {"axcampus/no-such": "node"}},
        },
        "profiles": {
            "cpu": profile("cpu", default=True),
            "gpu": profile("gpu"),
            "nowhere": profile("nowhere"),
            "staff": profile("gpu", access={"roles": ["instructor"]}),
        },
    }


@dataclass
class HubOnCluster:
    """The processes, and what tests ask of them."""

    namespace: Namespace
    folder: Path
    host: str
    port: int
    kubeconfig: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "var",
            port=self.port,
            notebooks_run_as="pods",
            notebooks_file=self.folder / "notebooks.yaml",
            inside_host=self.host,
            notebook_host="127.0.0.1",
        )

    @property
    def keys(self) -> Keys:
        return ensure_keys(self.settings.secrets)

    @property
    def notebooks(self) -> NotebookSettings:
        return NotebookSettings.model_validate(yaml.safe_load((self.folder / "notebooks.yaml").read_text()))

    # processes -----------------------------------------------------------------------------------------
    def prepare(self, **changes: Any) -> None:
        values = notebooks_for_tests(self.namespace.name, notebook_image(), self.host, self.port) | changes
        (self.folder / "notebooks.yaml").write_text(yaml.safe_dump(values, sort_keys=False))
        (self.folder / "config.py").write_text(CONFIG)
        ensure_folders(self.settings)
        self.namespace.apply(limit_range_manifest(self.notebooks), *network_policies(self.notebooks))

    def start(self) -> None:
        """Start the proxy if it is down, and the hub; wait until it answers."""
        part = proxy(self.settings, self.keys)
        if "proxy" not in self.processes:
            self.run("proxy", part.command, part.environment)
        environment = common_environment(self.settings, "hub") | settings_environment(self.settings)
        environment["KUBECONFIG"] = str(self.kubeconfig)
        self.run("hub", (sys.executable, "-m", "jupyterhub", "-f", str(self.folder / "config.py")), environment)
        self.until(self.is_up, 120, "the hub did not start")

    def run(self, name: str, command: tuple[str, ...], environment: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=environment, cwd=self.settings.hub_folder, stdout=log, stderr=log, start_new_session=True
            )

    def kill_hub(self) -> None:
        process = self.processes.pop("hub")
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(60)

    def is_up(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port + 2}/hub/health", timeout=5).ok
        except requests.RequestException:
            return False

    @property
    def hub_pid(self) -> int:
        return self.processes["hub"].pid

    @staticmethod
    def until(test: Callable[[], Any], seconds: float, words: str) -> Any:
        """Return the first true answer; fails with ``words``."""
        deadline = time.monotonic() + seconds
        while not (answer := test()):
            assert time.monotonic() < deadline, words
            time.sleep(0.3)
        return answer

    # the hub's API ----------------------------------------------------------------------------------------
    def api(self, method: str, path: str, body: Any = None, *, token: str = "") -> requests.Response:
        headers = {"Authorization": f"token {token or self.keys.demo_service_token}"}
        return requests.request(method, f"{self.settings.hub_api_url}/{path}", json=body, headers=headers, timeout=60)

    def session_end(self, token: str) -> requests.Response:
        """Ask the hub about the end of the session of whoever has this token."""
        address = self.settings.hub_api_url.removesuffix("/api") + "/session-end"
        return requests.get(address, headers={"Authorization": f"token {token}"}, timeout=60)

    def person(self, name: str, *groups: str) -> Person:
        """Make a person with an account, a token and groups."""
        Accounts(self.settings.accounts_path).create(name, PASSWORD)
        assert self.api("POST", f"users/{name}").status_code == 201
        for group in groups:
            self.api("POST", f"groups/{group}")
            assert self.api("POST", f"groups/{group}/users", {"users": [name]}).ok
        return Person(self, name, self.api("POST", f"users/{name}/tokens", {"note": "test"}).json()["token"])

    def events(self, name: str) -> list[str]:
        """Return the events of a person that wait for the portal, which is not there: oldest first."""
        files = sorted((self.settings.run / "hub-events").glob("*.json"))
        return [
            event["event"] for event in (json.loads(file.read_text()) for file in files) if event["username"] == name
        ]

    def pods(self) -> list[dict[str, Any]]:
        return self.namespace.get("pods")


@dataclass
class Person:
    """One student, through the hub's API and the proxy."""

    hub: HubOnCluster
    name: str
    token: str

    def ask(self, **options: Any) -> requests.Response:
        return self.hub.api("POST", f"users/{self.name}/server", options)

    def start(self, seconds: float = 400, **options: Any) -> float:
        """Start a server and return the seconds until it was ready; fails with what the hub said."""
        began = time.monotonic()
        answer = self.ask(**options)
        assert answer.status_code in (201, 202), answer.text
        said = self.progress(seconds)
        assert said.get("ready"), said
        return time.monotonic() - began

    def refusal(self, seconds: float = 120, **options: Any) -> str:
        """Ask for a server that must not come; return what the person reads."""
        answer = self.ask(**options)
        if answer.status_code not in (201, 202):
            return str(answer.json()["message"])
        said = self.progress(seconds)
        assert said.get("failed"), said
        return str(said["message"]).removeprefix("Spawn failed: ")

    def progress(self, seconds: float) -> dict[str, Any]:
        """Return the last event of the start: ready or failed."""
        # For a moment, between a start that failed at once and its end, the hub says that nothing is starting.
        return dict(self.hub.until(lambda: self._last_event(seconds), seconds, "the start ended without a word"))

    def _last_event(self, seconds: float) -> dict[str, Any] | None:
        headers = {"Authorization": f"token {self.hub.keys.demo_service_token}"}
        address = f"{self.hub.settings.hub_api_url}/users/{self.name}/server/progress"
        with requests.get(address, headers=headers, stream=True, timeout=seconds) as answer:
            for line in answer.iter_lines() if answer.ok else ():
                event = json.loads(line[6:]) if line.startswith(b"data: ") else {}
                if event.get("ready") or event.get("failed"):
                    return dict(event)
        return None

    def stop(self) -> None:
        assert self.hub.api("DELETE", f"users/{self.name}/server").status_code in (202, 204)
        self.hub.until(lambda: not self.is_running(), 60, "the server did not stop")

    def is_running(self) -> bool:
        return bool(self.hub.api("GET", f"users/{self.name}").json()["servers"])

    @property
    def pod_name(self) -> str:
        return f"nb-{person_slug(self.name)}"

    def pod(self) -> dict[str, Any]:
        return next(pod for pod in self.hub.pods() if pod["metadata"]["name"] == self.pod_name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.port + 1}/user/{self.name}/"

    def shell(self, command: str) -> tuple[int, str]:
        """Run a command in a terminal of the server, through the proxy."""
        done = DemoNotebook(self.url, self.token).run(command)
        return done.status, done.output

    def kernel(self) -> Kernel:
        """Start a kernel, through the proxy."""
        answer = requests.post(f"{self.url}api/kernels", headers=self.headers, json={}, timeout=60)
        assert answer.ok, answer.text
        return Kernel(self, answer.json()["id"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


@dataclass
class Kernel:
    """One kernel of a person."""

    person: Person
    name: str

    def run(self, code: str, seconds: float = 60) -> str:
        """Return what the code prints; an exception's text if it raises."""
        return asyncio.run(asyncio.wait_for(self._run(code), seconds))

    def state(self) -> str:
        address = f"{self.person.url}api/kernels/{self.name}"
        return str(requests.get(address, headers=self.person.headers, timeout=60).json()["execution_state"])

    async def _run(self, code: str) -> str:
        address = f"{self.person.url.replace('http', 'ws', 1)}api/kernels/{self.name}/channels"
        channel = await websocket_connect(HTTPRequest(address, headers=self.person.headers))
        mark = uuid4().hex
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        header = {"msg_id": mark, "msg_type": "execute_request", "username": "", "session": mark, "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await channel.write_message(json.dumps(message))
        printed = ""
        while True:
            answer = json.loads(await channel.read_message())
            kind, said = answer["msg_type"], answer["content"]
            if kind == "status" and said["execution_state"] in ("restarting", "dead"):
                printed += "kernel died"
            elif answer["parent_header"].get("msg_id") != mark:
                continue
            elif kind == "stream":
                printed += said["text"]
            elif kind == "error":
                printed += f"{said['ename']}: {said['evalue']}"
            if "kernel died" in printed or (kind == "status" and said["execution_state"] == "idle"):
                break
        channel.close()
        while await channel.read_message() is not None:
            pass
        return printed.strip()
