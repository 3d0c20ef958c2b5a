"""How busy GPUs are, asked of a real HTTP server that speaks Prometheus' query API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.culling.gpu_use import GpuUse, percents
from tests.conftest import free_ports
from tests.hub.loopback_server import Answers, served


@dataclass
class Prometheus:
    port: int
    status: int = 200
    values: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def body(self) -> bytes:
        result = [{"metric": {"pod": pod}, "value": [1_800_000_000.1, value]} for pod, value in self.values.items()]
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


@pytest.fixture
def prometheus() -> Iterator[Prometheus]:
    class Handler(Answers):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            made.asked.append((asked.path, parse_qs(asked.query)["query"][0]))
            self.answer(made.status, made.body())

    with served(Handler) as server:
        made = Prometheus(server.server_address[1])
        yield made


def use(port: int, *pods: str) -> list[float | None]:
    async def ask() -> list[float | None]:
        source = GpuUse(f"http://127.0.0.1:{port}/", "users")
        return [await source.percent_of(pod) for pod in pods]

    return asyncio.run(ask())


def test_all_pods_of_the_namespace_are_asked_about_at_once(prometheus: Prometheus) -> None:
    prometheus.values = {"nb-one": "97.5", "nb-two": "0"}
    assert use(prometheus.port, "nb-one", "nb-two", "nb-other") == [97.5, 0.0, None]
    ((path, query),) = prometheus.asked
    assert path == "/api/v1/query"
    assert 'DCGM_FI_PROF_GR_ENGINE_ACTIVE{namespace="users"}' in query


def test_a_server_that_refuses_or_is_away_leaves_the_use_unknown(prometheus: Prometheus) -> None:
    prometheus.values, prometheus.status = {"nb-one": "1"}, 503
    assert use(prometheus.port, "nb-one") == [None]
    assert use(free_ports(1), "nb-one") == [None]


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "much"])
def test_what_is_no_number_is_unknown_and_so_never_idle(prometheus: Prometheus, value: str) -> None:
    prometheus.values = {"nb-one": value}
    assert use(prometheus.port, "nb-one") == [None]


def test_a_pod_with_a_number_is_kept_beside_one_without() -> None:
    rows = [{"metric": {"pod": pod}, "value": [0, value]} for pod, value in (("a", "NaN"), ("b", "3"))]
    assert percents({"data": {"result": rows}}) == {"b": 3.0}


def test_without_an_address_nobody_is_asked(prometheus: Prometheus) -> None:
    async def ask() -> float | None:
        return await GpuUse("", "users").percent_of("nb-one")

    assert asyncio.run(ask()) is None
    assert prometheus.asked == []
