"""Memory of a warm process on huge pages: the contents stay, and a fork's writes stay its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graders.engine import huge_pages

PROGRAM = """
import mmap, os
from pathlib import Path
from graders.engine.huge_pages import collapse_heap
area = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for start in range(0, len(area), 4096):
    area[start:start + 4] = start.to_bytes(4, "little")
moved = collapse_heap()
child = os.fork()
if child == 0:
    area[:4] = b"mine"
    os._exit(0)
os.waitpid(child, 0)
assert all(area[start:start + 4] == start.to_bytes(4, "little") for start in range(0, len(area), 4096))
lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
huge = sum(int(line.split()[1]) for line in lines if "AnonHuge" in line)
print(moved, huge << 10)
"""


def in_fresh_process() -> tuple[int, int]:
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    moved, huge = map(int, result.stdout.split())
    return moved, huge


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="huge pages are Linux' own")
def test_memory_keeps_its_contents_and_what_was_moved_is_huge() -> None:
    moved, huge = in_fresh_process()
    assert huge >= moved // 2
    if (
        tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 1)
        and Path("/sys/kernel/mm/transparent_hugepage").exists()
    ):
        assert moved >= 2 * huge_pages.HUGE_PAGE_BYTES


def test_where_the_kernel_refuses_nothing_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "_MADV_COLLAPSE", 9999)
    assert huge_pages.collapse_heap() == 0


def test_elsewhere_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert huge_pages.collapse_heap() == 0
