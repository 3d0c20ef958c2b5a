from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from graders.exchange.session_end import ACTIVITY_SETTING, ask_hub, note_busy_kernels


def kernels(*states: str) -> Any:
    made = {str(number): SimpleNamespace(execution_state=state) for number, state in enumerate(states)}
    return SimpleNamespace(list_kernel_ids=lambda: list(made), get_kernel=made.__getitem__)


def test_a_kernel_that_works_in_silence_counts_as_activity() -> None:
    settings: dict[str, Any] = {}
    note_busy_kernels(kernels("idle", "busy"), settings)
    assert settings[ACTIVITY_SETTING]["axcampus-kernels"].tzinfo is not None


def test_idle_kernels_do_not_keep_a_server_awake() -> None:
    settings: dict[str, Any] = {}
    note_busy_kernels(kernels("idle", "starting"), settings)
    assert settings == {}


def test_outside_a_hub_there_is_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_URL", raising=False)
    with pytest.raises(KeyError):
        ask_hub("GET", None)
