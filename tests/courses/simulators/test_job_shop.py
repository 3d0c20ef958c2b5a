"""Published figures: proven optima of the classic instances, and the optimal schedule of ft06 (55)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from courses.simulators import job_shop
from courses.simulators.job_shop import Instance

PUBLISHED = {
    "ft06": (6, 6, 55),
    "ft10": (10, 10, 930),
    "ft20": (20, 5, 1165),
    "la01": (10, 5, 666),
    "la16": (10, 10, 945),
}
PUBLISHED |= {"la21": (15, 10, 1046), "orb01": (10, 10, 1059), "abz5": (10, 10, 1234)}
#: Two jobs on two machines: 0 and 1 each need both, in opposite order.
SMALL = Instance("small", ((0, 1), (1, 0)), ((3, 2), (2, 4)), 7)


@pytest.mark.parametrize(("name", "facts"), PUBLISHED.items())
def test_sizes_and_optima_are_the_published_ones(name: str, facts: tuple[int, int, int]) -> None:
    problem = job_shop.instance(name)
    assert (problem.jobs, problem.machine_count, problem.best) == facts


@pytest.mark.parametrize("name", job_shop.instance_names())
def test_every_job_passes_each_machine_once_and_no_optimum_is_below_the_bound(name: str) -> None:
    problem = job_shop.instance(name)
    assert all(sorted(row) == list(range(problem.machine_count)) for row in problem.machines)
    assert problem.lower_bound <= problem.best


@pytest.mark.parametrize("name", ["la01", "la05"])
def test_the_bound_is_reached_where_the_literature_says_so(name: str) -> None:
    problem = job_shop.instance(name)
    assert problem.lower_bound == problem.best


def test_the_best_sequence_of_a_small_shop_has_the_makespan_worked_out_by_hand() -> None:
    sequences = set(itertools.permutations([0, 0, 1, 1]))
    spans = {s: job_shop.makespan(SMALL, job_shop.starts_from_sequence(SMALL, s)) for s in sequences}
    assert min(spans.values()) == 7
    assert max(spans.values()) == 11


def test_any_sequence_gives_a_schedule_that_can_be_run_and_is_never_shorter_than_the_optimum() -> None:
    problem = job_shop.instance("ft06")
    rng = np.random.default_rng(1)
    for _ in range(50):
        sequence = rng.permutation(np.repeat(np.arange(6), 6)).tolist()
        starts = job_shop.starts_from_sequence(problem, sequence)
        assert job_shop.violations(problem, starts) == []
        assert job_shop.makespan(problem, starts) >= 55


@pytest.mark.parametrize("sequence", [[0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1, 1], [0, 0, 1, 2]])
def test_a_sequence_that_leaves_out_or_repeats_a_job_is_refused(sequence: list[int]) -> None:
    with pytest.raises(ValueError, match="once for each"):
        job_shop.starts_from_sequence(SMALL, sequence)


@pytest.mark.parametrize(
    ("starts", "problem"),
    [
        ([[0, 3], [0, 3]], None),
        ([[0, 2], [0, 3]], "job 0: operation 1 starts before operation 0"),
        ([[0, 3], [0, 2]], "machine 0 works on two jobs"),
        ([[-1, 3], [0, 3]], "before time 0"),
        ([[0, 3]], "2 x 2 numbers"),
        ([[0, 3], [0, float("nan")]], "2 x 2 numbers"),
    ],
)
def test_a_schedule_that_cannot_be_run_is_named(starts: list[list[float]], problem: str | None) -> None:
    found = job_shop.violations(SMALL, starts)
    assert (problem is None and not found) or any(str(problem) in line for line in found), found


def test_renaming_keeps_the_work_and_changes_the_numbers() -> None:
    original = job_shop.instance("la16")
    one, two = job_shop.renamed(original, 1), job_shop.renamed(original, 2)
    assert one != two
    assert one == job_shop.renamed(original, 1)
    assert sorted(map(sorted, one.minutes)) == sorted(map(sorted, original.minutes))
    assert (one.lower_bound, one.best) == (original.lower_bound, original.best)


def test_a_schedule_of_the_original_is_as_long_under_the_new_names() -> None:
    original = job_shop.instance("ft06")
    other = job_shop.renamed(original, 9)
    back = [next(i for i, row in enumerate(original.minutes) if row == minutes) for minutes in other.minutes]
    sequence = np.repeat(np.arange(6), 6).tolist()
    mapped = [back.index(job) for job in sequence]
    before = job_shop.makespan(original, job_shop.starts_from_sequence(original, sequence))
    assert job_shop.makespan(other, job_shop.starts_from_sequence(other, mapped)) == before


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        job_shop.instance("nothing")
