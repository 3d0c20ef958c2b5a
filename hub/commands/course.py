"""``axcampus course``: what authors do with course folders, and what needs the grading engine for it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from courses.catalog import Assignment, Course, load_catalog
from courses.cli import JSON_OPTION, ROOT_OPTION, CourseGroup
from courses.cli import course as folder_commands
from courses.errors import CourseError
from graders.check import check_assignment
from graders.check_findings import Severity
from graders.engine.zygote_pool import WarmProcesses
from graders.recorded_profile import PROFILE_FILE, StaleProfileError, apply_profile, dump_profile, make_profile
from graders.release import ReleaseOptions
from graders.runners.base import Runner
from graders.runners.local import LocalRunner
from hub.portal.services.catalogue import build_unrecorded, read_profile


@click.command()
@click.argument("assignments", nargs=-1)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a profile is missing or stale."
)
@ROOT_OPTION
@JSON_OPTION
def record(assignments: tuple[str, ...], only_check: bool, root: Path, as_json: bool) -> None:
    """Check ASSIGNMENTS (default: all) with the engine and keep what the reference did as profile.json.

    A first start publishes an assignment with its profile at once; without one it has to be checked there.

    과제를 점검하고 예시 답안의 기록을 profile.json으로 남깁니다. 과제를 고칠 때마다 다시 실행하십시오.
    """
    chosen = choose(root, assignments)
    states = {each.slug: state_of(owner, each) for owner, each in chosen}
    if not only_check:
        states = _record_all(chosen)
    lines = [f"{slug}: {state}" for slug, state in states.items()]
    click.echo(json.dumps(states, ensure_ascii=False) if as_json else "\n".join(lines))
    if any(state != "fits" for state in states.values()):
        raise SystemExit(1)


def choose(root: Path, names: tuple[str, ...]) -> list[tuple[Course, Assignment]]:
    """Return the assignments of these names, all if there are none; CourseError for a name that no course has."""
    every = [(course, assignment) for course in load_catalog(root) for assignment in course.assignments]
    unknown = sorted(set(names) - {assignment.slug for _, assignment in every})
    if unknown:
        raise CourseError(f"no such assignment: {', '.join(unknown)}")
    return [pair for pair in every if not names or pair[1].slug in names]


def state_of(owner: Course, assignment: Assignment) -> str:
    """Return ``fits``, or in words why the profile beside the source can't be used; runs nothing."""
    try:
        recorded = read_profile(assignment)
        if recorded is None:
            return f"no {PROFILE_FILE}: run `axcampus course record {assignment.slug}`"
        apply_profile(build_unrecorded(owner, assignment).release.bundle, recorded)
    except StaleProfileError as error:
        return f"stale ({error}): run `axcampus course record {assignment.slug}`"
    return "fits"


def _record_all(chosen: list[tuple[Course, Assignment]]) -> dict[str, str]:
    states = {}
    with LocalRunner(1) as runner, WarmProcesses() as warm:
        for owner, assignment in chosen:
            click.echo(f"{assignment.slug} …", err=True)
            states[assignment.slug] = record_one(owner, assignment, runner, warm)
    return states


def record_one(owner: Course, assignment: Assignment, runner: Runner, warm: WarmProcesses) -> str:
    """Check one assignment and write its profile; return ``fits``, or what keeps it from being published."""
    prepared = build_unrecorded(owner, assignment)
    name, options = f"{owner.slug}/{assignment.slug}", ReleaseOptions(limits=prepared.limits)
    checked = check_assignment(prepared.source, runner, assignment=name, options=options, warm=warm)
    if not checked.report.publishable:
        blocking = [finding for finding in checked.report.findings if finding.severity is Severity.BLOCKS]
        return "; ".join(f"{finding.text.ko} / {finding.text.en}" for finding in blocking)
    recorded = make_profile(prepared.release.bundle, checked)
    (assignment.folder / PROFILE_FILE).write_text(dump_profile(recorded), encoding="utf-8")
    return "fits"


course = CourseGroup("course", help=folder_commands.help, commands={**folder_commands.commands, "record": record})
