"""Renders real pods and claims from settings, through the spawner itself and without a cluster."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import yaml
from kubernetes_asyncio.client import ApiClient
from traitlets.config import Config

from courses.catalog import load_catalog
from hub.pods.spawner import CampusPodSpawner
from spawner_config.apply import apply
from spawner_config.settings import NotebookSettings

PORTAL = "http://portal.axcampus:8000/api/v1"
GOLDEN = Path(__file__).parent / "golden"
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "none",
    "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:9"}}],
    "users": [{"name": "none", "user": {"token": "t"}}],
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}],
}


def offline(folder: Path, monkeypatch: Any) -> None:
    """Give the Kubernetes client a cluster that is not there: nothing here calls it."""
    (folder / "kubeconfig").write_text(json.dumps(KUBECONFIG))
    monkeypatch.setattr(
        "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(folder / "kubeconfig")
    )
    monkeypatch.setitem(os.environ, "KUBECONFIG", str(folder / "kubeconfig"))


def make_spawner(settings: NotebookSettings, options: Any, groups: Iterable[str] = ()) -> CampusPodSpawner:
    """Return a configured spawner of ``minji.kim``; must be called inside a running loop."""
    config = Config()
    apply(config, settings, load_catalog(), "CampusPodSpawner")
    user = SimpleNamespace(name="minji.kim", id=7, url="/", groups=[SimpleNamespace(name=name) for name in groups])
    user.escaped_name = user.name
    spawner = CampusPodSpawner(_mock=True, user=user, config=config, settings=settings, portal_api_url=PORTAL)
    spawner.session_id = "session-of-the-test"
    spawner.user_options = options
    return spawner


def render(settings: NotebookSettings, profile: str, groups: Iterable[str] = ()) -> dict[str, Any]:
    """Return the pod and the claim as plain data, as they would be sent."""

    async def both() -> dict[str, Any]:
        spawner = make_spawner(settings, {"profile": profile}, groups)
        await spawner.load_user_options()
        async with ApiClient() as client:
            pod = client.sanitize_for_serialization(await spawner.get_pod_manifest())
            claim = client.sanitize_for_serialization(spawner.get_pvc_manifest())
        return {"pod": cast(dict[str, Any], pod), "claim": cast(dict[str, Any], claim)}

    return asyncio.run(both())


def steady(manifest: dict[str, Any]) -> dict[str, Any]:
    """Take out what differs between runs and versions, nothing that we decide."""
    text = json.loads(json.dumps(manifest))
    for name in ("hub.jupyter.org/kubespawner-version", "hub.jupyter.org/jupyterhub-version"):
        text["metadata"].get("annotations", {}).pop(name, None)
    for container in text.get("spec", {}).get("containers", []):
        container["env"] = [item for item in container["env"] if not item["name"].startswith(("JUPYTERHUB_", "JPY_"))]
    return cast(dict[str, Any], text)


def compare(name: str, manifests: list[dict[str, Any]]) -> None:
    """Compare whole manifests with the golden file; ``GOLDEN=update`` writes it anew."""
    path = GOLDEN / f"{name}.yaml"
    text = yaml.safe_dump_all([steady(item) for item in manifests], sort_keys=True, allow_unicode=True, width=120)
    if os.environ.get("GOLDEN") == "update":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path} differs: look, then GOLDEN=update"
