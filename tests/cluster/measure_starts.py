"""Prints how long notebook servers take to start: ``python -m tests.cluster.measure_starts [STARTS]`` in the cluster.

*Pod ready*: from the pod's creation to its Ready condition, by the cluster's own clock (whole seconds). *Server*: from
the request at the hub to "ready". The namespace is removed at the end.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from spawner_config.security import POD_SECURITY_LABELS
from tests.cluster.conftest import Namespace, kubectl
from tests.cluster.hub_on_cluster import HubOnCluster, own_address
from tests.conftest import free_ports


def ready_seconds(pod: dict[str, Any]) -> float:
    """Return the seconds from a pod's creation to Ready."""
    at = next(item["lastTransitionTime"] for item in pod["status"]["conditions"] if item["type"] == "Ready")
    created = pod["metadata"]["creationTimestamp"]
    return (datetime.fromisoformat(at) - datetime.fromisoformat(created)).total_seconds()


def measure(hub: HubOnCluster, starts: int) -> dict[str, list[float]]:
    """Start and stop one person's server again and again, every other time with a GPU."""
    person, figures = hub.person("measured.one"), {"pod ready": [], "server": []}
    for number in range(starts):
        figures["server"].append(person.start(profile="gpu" if number % 2 else "cpu"))
        figures["pod ready"].append(ready_seconds(person.pod()))
        person.stop()
    return figures


def line(name: str, values: list[float]) -> str:
    """One line of the table."""
    p95 = statistics.quantiles(values, n=20, method="inclusive")[-1]
    return f"{name:<10} p50 {statistics.median(values):5.1f} s   p95 {p95:5.1f} s   max {max(values):5.1f} s"


def main() -> None:
    """Measure and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stopped from outside: leave nothing running either
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    namespace = Namespace(f"axtest-starts-{secrets.token_hex(3)}")
    labels = {"axcampus.test": "1", **POD_SECURITY_LABELS}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace.name, "labels": labels}}
    kubectl("create", "-f", "-", stdin=json.dumps(body))
    with tempfile.TemporaryDirectory() as folder:
        hub = HubOnCluster(namespace, Path(folder), own_address(), free_ports(4), Path(os.environ["KUBECONFIG"]))
        try:
            hub.prepare()
            hub.start()
            figures = measure(hub, starts)
        finally:
            hub.stop()
            kubectl("delete", "namespace", namespace.name, "--wait=true", "--timeout=100s")
    print(f"{starts} starts, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(*(line(name, values) for name, values in figures.items()), sep="\n")


if __name__ == "__main__":
    main()
