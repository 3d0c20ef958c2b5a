"""The running parts of the platform, and what they have cost: processor time does not grow with other people's work."""

from __future__ import annotations

import psutil

from hub.settings import Settings
from hub.state import load_state


def part_process(settings: Settings, name: str) -> psutil.Process:
    """Return the running process of a part of the platform."""
    state = load_state(settings)
    assert state is not None, "the platform runs"
    pid = state.parts[name].pid
    assert pid is not None, f"{name} runs"
    return psutil.Process(pid)


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time of a process and its children, in seconds."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(member.cpu_times()[:2]) for member in family)
