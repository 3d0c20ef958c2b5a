"""What a seat's pod asks the cluster for: cores, memory, scratch space, GPUs, the node it fits on."""

from __future__ import annotations

from typing import Any

from spawner_config.compute import Pool, Toleration
from spawner_config.quantities import spawner_bytes
from spawner_config.settings import NotebookSettings

#: Named even where it is 0: a CPU server that says nothing may be shown every GPU of its node.
WHOLE_GPU = "nvidia.com/gpu"


def accelerators(settings: NotebookSettings, pool: Pool) -> dict[str, str]:
    """Return the extended resources of one seat: its own, and whole GPUs as an explicit 0 if that is not its own.

    ``small`` -> ``{"nvidia.com/gpu": "0", "nvidia.com/mig-1g.18gb": "1"}``; a site without GPUs names none.
    """
    if not settings.gpu_resources:
        return {}
    return {WHOLE_GPU: "0"} | ({pool.resource: "1"} if pool.resource else {})


def resource_traits(settings: NotebookSettings, pool: Pool) -> dict[str, Any]:
    """Return KubeSpawner's traits for cores, memory, scratch space and GPUs; nothing is without a limit."""
    seat, gpus = pool.seat, accelerators(settings, pool)
    return {
        "cpu_guarantee": seat.cpu_guarantee,
        "cpu_limit": seat.cpu_limit,
        "mem_guarantee": spawner_bytes(seat.memory_guarantee),
        "mem_limit": spawner_bytes(seat.memory_limit),
        "extra_resource_guarantees": {"ephemeral-storage": "256Mi", **gpus},
        "extra_resource_limits": {"ephemeral-storage": seat.scratch, **gpus},
    }


def placement_traits(pool: Pool) -> dict[str, Any]:
    """Return the traits that bring the pod to a node of its pool."""
    return {
        "node_selector": dict(pool.node_selector),
        "tolerations": [toleration(item) for item in pool.tolerations],
        "priority_class_name": pool.priority_class or "",
    }


def toleration(item: Toleration) -> dict[str, str]:
    """Write a toleration as Kubernetes wants it: ``Exists`` has no value."""
    return item.model_dump(exclude_none=True)


def compute_environment(pool: Pool) -> dict[str, str]:
    """Return variables about cores and GPUs: libraries would count the node's cores, not the seat's.

    ``void`` keeps an NVIDIA runtime from showing GPUs to a server without one, whatever its image says; a seat with a
    GPU leaves the choice to the device plugin.
    """
    threads = str(max(1, int(pool.seat.cpu_limit)))
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    gpu = {"NVIDIA_DRIVER_CAPABILITIES": "compute,utility"} if pool.has_gpu else {"NVIDIA_VISIBLE_DEVICES": "void"}
    return dict.fromkeys(names, threads) | gpu
