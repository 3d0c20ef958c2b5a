"""``axcampus cluster``: the platform on this machine, its notebooks as pods of the cluster at hand; no chart needed.

Everything is made in the current namespace of ``KUBECONFIG``, which must hold nothing else: its network is closed.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import yaml

from hub.settings import PROJECT_ROOT, Settings
from spawner_config.names import COMPONENT
from spawner_config.policies import network_policies
from spawner_config.security import POD_SECURITY_LABELS, limit_range_manifest
from spawner_config.settings import NotebookSettings

KUBECTL_SECONDS = 60


class ClusterError(click.ClickException):
    """The cluster can't be used; the text says why and what to do."""


@click.command()
@click.option("--host", default="", help="Address of this machine as pods reach it. / 파드가 이 컴퓨터를 찾는 주소.")
def cluster(host: str) -> None:
    """Start the platform with notebooks as pods of the cluster of KUBECONFIG, in its current namespace.

    노트북 서버를 KUBECONFIG 클러스터의 현재 네임스페이스에 파드로 띄웁니다. 나머지는 이 컴퓨터에서 실행합니다.
    """
    settings = Settings()
    namespace, inside = current_namespace(), host or own_address()
    refuse_strangers(namespace)
    file = settings.notebooks_file or write_notebooks(settings, namespace, inside)
    notebooks = NotebookSettings.model_validate(yaml.safe_load(file.read_text()))
    prepare_namespace(notebooks)
    click.echo(
        f"노트북 파드: 네임스페이스 {namespace}, 허브 주소 {inside} / notebooks: namespace {namespace}, hub at {inside}"
    )
    changes = {
        "AXCAMPUS_NOTEBOOKS_RUN_AS": "pods",
        "AXCAMPUS_NOTEBOOKS_FILE": str(file),
        "AXCAMPUS_INSIDE_HOST": inside,
        "AXCAMPUS_BIND": "0.0.0.0",  # noqa: S104 - pods come from another network; policies and tokens decide who gets in
    }
    os.execve(sys.executable, [sys.executable, "-m", "hub.cli", "run"], os.environ | changes)  # noqa: S606 - no shell


def kubectl(*words: str, stdin: str | None = None) -> str:
    """Run kubectl; ClusterError with its own words if it fails or is not there."""
    try:
        done = subprocess.run(
            ["kubectl", *words], input=stdin, text=True, capture_output=True, timeout=KUBECTL_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise ClusterError("kubectl이 없습니다. / kubectl is not in the PATH.") from error
    except subprocess.TimeoutExpired as error:
        raise ClusterError("클러스터가 응답하지 않습니다. / The cluster does not answer.") from error
    if done.returncode:
        raise ClusterError(f"kubectl {words[0]}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def current_namespace() -> str:
    """Return the namespace that kubectl works in."""
    return kubectl("config", "view", "--minify", "-o", "jsonpath={..namespace}").strip() or "default"


def own_address() -> str:
    """Return the address of this machine on the way to the cluster's API server."""
    server = urlsplit(kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((str(server.hostname), server.port or 443))
        return str(probe.getsockname()[0])


def refuse_strangers(namespace: str) -> None:
    """Raise ClusterError if pods run here that are no notebooks of ours: closing the network would cut them off."""
    strangers = strange_pods(json.loads(kubectl("--namespace", namespace, "get", "pods", "-o", "json"))["items"])
    if strangers:
        raise ClusterError(
            f"네임스페이스 {namespace}에 다른 파드가 있습니다({strangers[0]}). 빈 네임스페이스를 쓰십시오. / "
            f"The namespace {namespace} holds other pods ({strangers[0]}). Use one of its own:\n"
            "  kubectl create namespace axcampus && kubectl config set-context --current --namespace=axcampus"
        )


def strange_pods(pods: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of the pods that are no notebook servers of ours, sorted."""
    ours = {"component": COMPONENT, "app.kubernetes.io/part-of": "axcampus"}
    return sorted(
        pod["metadata"]["name"] for pod in pods if not ours.items() <= (pod["metadata"].get("labels") or {}).items()
    )


def write_notebooks(settings: Settings, namespace: str, host: str) -> Path:
    """Write settings with one CPU pool, the image that ``make images`` noted, and this machine as the only peer."""
    note = PROJECT_ROOT / "artifacts" / "images.json"
    if not note.is_file():
        raise ClusterError("먼저 make images를 실행하십시오. / Please run make images first.")
    values = notebook_values(namespace, host, settings.port, json.loads(note.read_text())["notebook"])
    NotebookSettings.model_validate(values)
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "notebooks-on-cluster.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
    return path


def notebook_values(namespace: str, host: str, port: int, image: str) -> dict[str, Any]:
    """Return the settings of a trial: what is not named here is as everywhere."""

    def peer(*ports: tuple[int, str]) -> list[dict[str, Any]]:
        return [{"cidr": f"{host}/32", "ports": [{"number": n, "protocol": p} for n, p in ports]}]

    return {
        "namespace": namespace,
        "images": {"cpu": {"reference": image}},
        "network": {"hub": peer((port + 2, "TCP")), "portal": peer((port, "TCP")), "ingress": peer((8888, "TCP"))},
    }


def prepare_namespace(notebooks: NotebookSettings) -> None:
    """Apply limits and policies; the Pod Security level only where this user may label the namespace."""
    objects = [limit_range_manifest(notebooks), *network_policies(notebooks)]
    kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    labels = [f"{name}={value}" for name, value in POD_SECURITY_LABELS.items()]
    try:
        kubectl("label", "--overwrite", "namespace", notebooks.namespace, *labels)
    except ClusterError as error:
        click.echo(f"Pod Security를 정하지 못했습니다. / Pod Security is not set: {error.message}", err=True)
