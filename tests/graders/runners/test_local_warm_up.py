"""Warming up ahead of work may fail without taking anything from the work that follows."""

from __future__ import annotations

import pytest

from graders.runners import local
from graders.runners.local_slot import SlotError


class DyingSlot:
    """A slot whose process ends before it is warm."""

    alive = True

    def __init__(self, _modules: tuple[str, ...]) -> None:
        self.is_closed = False

    def wait_until_ready(self) -> None:
        raise SlotError("ended")

    def close(self) -> None:
        self.is_closed = True


def refuse(_modules: tuple[str, ...]) -> None:
    raise OSError("no processes left")


@pytest.mark.parametrize("slot", [DyingSlot, refuse])
def test_slots_that_do_not_warm_up_are_still_there_to_be_tried_again(monkeypatch, slot) -> None:
    monkeypatch.setattr(local, "Slot", slot)
    with local.LocalRunner(2) as runner:
        runner.warm_up()
        runner.warm_up()  # would wait for ever if the first had kept a place
        assert [runner._free.get_nowait() for _ in range(2)] == [None, None]
