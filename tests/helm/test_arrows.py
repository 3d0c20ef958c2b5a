"""Who reaches whom, asked of the rendered policies."""

from __future__ import annotations

import pytest

from helm.chart import Manifest
from tests.helm.network import End, reaches


def part(component: str) -> End:
    return End({"component": component, "app.kubernetes.io/name": f"axcampus-{component}"})


NOTEBOOK = End({"component": "singleuser-server"}, "axcampus-users")
GRADER = End({"app.kubernetes.io/name": "axcampus-grader"}, "axcampus-grading")
STRANGER = End({"app": "other"}, "other")
PEOPLE = End({"app": "controller"}, "ingress-nginx")
DNS = End({"k8s-app": "kube-dns"}, "kube-system")
DATABASE, API, WORLD = End(address="10.0.0.5"), End(address="10.0.0.1"), End(address="192.0.2.1")

ARROWS = [
    (PEOPLE, part("portal"), 8000, True),
    (PEOPLE, part("proxy"), 8000, True),
    (PEOPLE, part("proxy"), 8001, False),
    (PEOPLE, part("hub"), 8081, False),
    (STRANGER, part("portal"), 8000, False),
    (STRANGER, part("hub"), 8081, False),
    (STRANGER, NOTEBOOK, 8888, False),
    (STRANGER, GRADER, 8765, False),
    (part("portal"), part("hub"), 8081, True),
    (part("hub"), part("portal"), 8000, True),
    (part("hub"), part("proxy"), 8001, True),
    (part("proxy"), part("hub"), 8081, True),
    (part("proxy"), NOTEBOOK, 8888, True),
    (part("hub"), NOTEBOOK, 8888, True),
    (part("portal"), NOTEBOOK, 8888, False),
    (NOTEBOOK, part("hub"), 8081, True),
    (NOTEBOOK, part("portal"), 8000, True),
    (NOTEBOOK, part("proxy"), 8001, False),
    (NOTEBOOK, NOTEBOOK, 8888, False),
    (NOTEBOOK, GRADER, 8765, False),
    (NOTEBOOK, DNS, 53, True),
    (NOTEBOOK, DATABASE, 5432, False),
    (NOTEBOOK, API, 6443, False),
    (NOTEBOOK, WORLD, 443, False),
    (part("worker"), GRADER, 8765, True),
    (part("portal"), GRADER, 8765, False),
    (GRADER, part("worker"), 8765, False),
    (GRADER, part("portal"), 8000, False),
    (GRADER, DNS, 53, False),
    (GRADER, DATABASE, 5432, False),
    (part("portal"), DATABASE, 5432, True),
    (part("worker"), DATABASE, 5432, True),
    (part("jobs"), DATABASE, 5432, True),
    (part("migration"), DATABASE, 5432, True),
    (part("proxy"), DATABASE, 5432, False),
    (part("portal"), DNS, 53, True),
    (part("hub"), API, 6443, True),
    (part("worker"), API, 6443, True),
    (part("portal"), API, 6443, False),
    (part("jobs"), WORLD, 443, False),
]


@pytest.mark.parametrize(("source", "target", "port", "is_open"), ARROWS)
def test_only_named_arrows_are_open(
    source: End, target: End, port: int, is_open: bool, rendered: dict[str, list[Manifest]]
) -> None:
    assert reaches(rendered["two-gpu-nodes-mig"], source, target, port) is is_open


def test_the_trial_database_is_reached_by_those_that_keep_state_only(rendered: dict[str, list[Manifest]]) -> None:
    policies, database = rendered["minimal"], part("trial-database")
    who = ("portal", "worker", "jobs", "migration", "hub", "proxy")
    assert [each for each in who if reaches(policies, part(each), database, 5432)] == list(who[:4])
    assert not reaches(policies, NOTEBOOK, database, 5432)
