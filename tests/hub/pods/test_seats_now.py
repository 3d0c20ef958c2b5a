from __future__ import annotations

from typing import Any

from hub.pods.choice import make_choices, render_choices
from hub.pods.seats_now import Seats, seats_of_pools
from spawner_config.settings import REFERENCE_FILE, load_notebooks

SITE = load_notebooks(REFERENCE_FILE)


def pod(pool: str, phase: str = "Running", component: str = "singleuser-server") -> dict[str, Any]:
    return {"metadata": {"labels": {"component": component, "axcampus/pool": pool}}, "status": {"phase": phase}}


def node(ready: bool = True, cordoned: bool = False, **gpus: str) -> dict[str, Any]:
    allocatable = {f"nvidia.com/{name.replace('_', '-').replace('x', '.')}": count for name, count in gpus.items()}
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return {"status": {"allocatable": allocatable, "conditions": [condition]}, "spec": {"unschedulable": cordoned}}


def test_a_seat_is_free_unless_a_pod_of_ours_holds_it() -> None:
    pods = [pod("small"), pod("small", "Pending"), pod("small", "Succeeded"), pod("small", component="grader")]
    assert seats_of_pools(SITE, pods, None)["small"] == Seats(15, 2)


def test_the_nodes_say_how_many_there_really_are() -> None:
    nodes = [node(gpu="1"), node(gpu="1", ready=False), node(gpu="1", cordoned=True)]
    assert seats_of_pools(SITE, [], nodes)["full"] == Seats(1, 0)
    assert seats_of_pools(SITE, [], nodes)["small"] == Seats(0, 0)
    assert seats_of_pools(SITE, [], nodes)["cpu"] == Seats(320, 0)


def test_more_gpus_than_seats_do_not_make_more_seats() -> None:
    assert seats_of_pools(SITE, [], [node(gpu="8")])["full"].total == 1


def test_a_pool_that_shrank_has_no_negative_seats() -> None:
    assert Seats(1, 3).free == 0


def page(small_free: int) -> str:
    seats = {name: Seats(15, 15 - small_free if name == "small" else 0) for name in SITE.pools}
    return render_choices(make_choices(SITE, ["cpu", "gpu-small"], seats, {"profile": "gpu-small"}))


def test_the_page_says_how_many_seats_are_free_in_both_languages() -> None:
    assert "빈자리 3 / 15" in page(3)
    assert "3 of 15 free" in page(3)


def test_a_full_profile_can_not_be_chosen_and_cpu_is_chosen_instead() -> None:
    html = page(0)
    assert "모두 사용 중" in html
    assert html.count("disabled") == 1
    assert html.index("checked") < html.index("gpu-small")


def test_the_profile_of_last_time_is_chosen_again_when_it_is_free() -> None:
    assert page(3).index("checked") > page(3).index('value="gpu-small"')


def test_while_the_cluster_can_not_be_asked_the_page_says_so_and_lets_one_try() -> None:
    html = render_choices(make_choices(SITE, ["cpu", "gpu-small"], None, {"profile": {"x": 1}}))
    assert "Seats unknown" in html
    assert "disabled" not in html


def test_words_of_the_settings_are_escaped() -> None:
    values = SITE.model_dump()
    values["profiles"]["cpu"]["name"]["ko"] = "<script>"
    changed = type(SITE).model_validate(values)
    assert "<script>" not in render_choices(make_choices(changed, ["cpu"], None, None))
