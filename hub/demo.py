"""``axcampus demo``: a class without screens that goes the whole way on the running platform, over real HTTP."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from courses.catalog import load_catalog
from courses.errors import CourseError
from graders.exchange.errors import PortalError
from hub.demo_browser import DemoBrowser, DemoError
from hub.demo_enrolment import DemoClass, admit_coordinator, admit_students, make_class, shut_accounts
from hub.demo_hub import DemoHub
from hub.demo_results import ClassResult, print_result
from hub.demo_roles import points_of
from hub.demo_student import Lesson, StudentRun, attend, look_at_page
from hub.keys import load_key
from hub.settings import Settings
from hub.state import json_text
from hub.status import collect_status

MAX_SERVERS = 10
#: One server and its nbgrader commands keep about half a core busy.
SERVERS_AT_A_TIME, TOKENS_AT_A_TIME = 3, 8
STEPS = ("signed in", "server", "fetched", "submitted", "graded")
WORDS = {
    "signed in": "로그인 / signed in",
    "server": "노트북 서버 / server",
    "fetched": "가져옴 / fetched",
    "submitted": "제출 / submitted",
    "graded": "채점 / graded",
}


@click.command()
@click.option("--students", "count", default=6, show_default=True, type=click.IntRange(1, 1000))
@click.option("--course", default="manufacturing-ai", show_default=True)
@click.option("--assignment", default="", help="Default: the first of the course.")
@click.option("--timeout", type=float, help="Seconds to wait for all grades. Default: 300 + 40 a student.")
@click.option("--servers", default=MAX_SERVERS, show_default=True, type=click.IntRange(0, MAX_SERVERS))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def demo(context: click.Context, /, as_json: bool, **wanted: Any) -> None:
    """Run a class against the running platform: sign in, fetch, solve in six ways, submit, be graded.

    The exit code is 0 only if every expectation held. Up to 10 students sign in and work on real notebook servers
    (--servers); the others use hub-issued tokens.

    실행 중인 플랫폼에서 수업 한 번을 처음부터 끝까지 돌려 봅니다. 모든 기대가 맞아야 종료 코드가 0입니다.
    """
    settings = Settings()
    try:
        result = run_class(settings, ClassPlan(**wanted))
    except (DemoError, PortalError, CourseError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json_text(result.as_json()))
    else:
        print_result(Console(width=max(140, Console().width)), result)
    context.exit(1 if result.failures else 0)


@dataclass(frozen=True)
class ClassPlan:
    """How large a class, on what, and how many of it work on notebook servers. ``timeout`` is in seconds."""

    count: int
    course: str
    assignment: str
    servers: int
    timeout: float | None

    @property
    def seconds(self) -> float:
        """How long to wait for the grades of all."""
        return 300 + 40 * self.count if self.timeout is None else self.timeout


def run_class(settings: Settings, plan: ClassPlan) -> ClassResult:
    """Run a class and return what it showed; raises DemoError when it can't even begin."""
    check_platform(settings)
    catalog = load_catalog(settings.courses)
    course = catalog.course(plan.course)
    chosen = course.assignment(plan.assignment) if plan.assignment else course.assignments[0]
    made = make_class(plan.count, [university.code for university in catalog.universities])
    hub = DemoHub(settings.hub_api_url, load_key(settings.secrets / "demo_service_token"))
    lesson = Lesson(settings, hub, plan.course, chosen)
    started = time.monotonic()
    try:
        admit_coordinator(settings, made)
        result = _teach(lesson, made, plan)
    finally:
        shut_accounts(settings, made)
    return replace(result, seconds=time.monotonic() - started)


def check_platform(settings: Settings) -> None:
    """Refuse, in words, where a class can't be or mustn't be held."""
    if not settings.demo:
        raise DemoError(
            "이 플랫폼은 실제 운영용입니다(AXCAMPUS_DEMO=false). 시연 수업은 시연용 플랫폼에서만 됩니다. / "
            "This platform is for real use (AXCAMPUS_DEMO=false); a demonstration class would mix with real people."
        )
    if not collect_status(settings).is_up:
        raise DemoError(
            "플랫폼이 모두 켜져 있지 않습니다. `axcampus status`를 보고 `axcampus run`으로 시작하십시오. / "
            "The platform is not fully up: look at `axcampus status`, start it with `axcampus run`."
        )


def _teach(lesson: Lesson, made: DemoClass, plan: ClassPlan) -> ClassResult:
    coordinator = DemoBrowser(lesson.settings.portal_url)
    coordinator.sign_in(made.coordinator, made.coordinator_password)
    before = coordinator.funnel()
    admit_students(lesson.settings, made, with_password=plan.servers)
    runs = tuple(StudentRun(member, has_server=member.number <= plan.servers) for member in made.students)
    with show_progress(len(runs), min(len(runs), plan.servers)) as advance:
        lesson = replace(lesson, tell=advance)
        attend_all(lesson, runs)
        wait_for_grades(lesson, runs, time.monotonic() + plan.seconds)
    for run in runs:
        look_at_page(run)
    return ClassResult(
        runs=runs,
        points=points_of(lesson.assignment),
        before=before,
        after=coordinator.funnel(),
        stranger_sees=stranger_sees(lesson, runs),
        seconds=0,
    )


def attend_all(lesson: Lesson, runs: tuple[StudentRun, ...]) -> None:
    """Let everybody work, a few at a time: those on servers and those with tokens beside each other."""
    with ThreadPoolExecutor(SERVERS_AT_A_TIME) as servers, ThreadPoolExecutor(TOKENS_AT_A_TIME) as tokens:
        begun = [(servers if run.has_server else tokens).submit(attend, lesson, run) for run in runs]
        for one in begun:
            one.result()


def wait_for_grades(lesson: Lesson, runs: tuple[StudentRun, ...], deadline: float) -> None:
    """Ask for each receipt until it is final; what is not by ``deadline`` stays as it is and fails expectations."""
    waiting = [run for run in runs if run.receipt is not None]
    while waiting and time.monotonic() < deadline:
        for run in waiting:
            _ask_again(lesson, run)
        for _ in (run for run in waiting if _is_final(run)):
            lesson.tell("graded")
        waiting = [run for run in waiting if not _is_final(run)]
        time.sleep(1)


def _ask_again(lesson: Lesson, run: StudentRun) -> None:
    if run.receipt is None or _is_final(run):
        return
    try:
        run.receipt = run.client(lesson.settings).receipt(run.receipt.receipt_id)
    except PortalError as error:
        if not error.may_pass:
            run.error = error.message


def _is_final(run: StudentRun) -> bool:
    return bool(run.error) or (run.receipt is not None and run.receipt.status.is_final)


def stranger_sees(lesson: Lesson, runs: tuple[StudentRun, ...]) -> bool:
    """Whether a student's token opens another student's receipt or files: it must not."""
    holders = [run for run in runs if run.receipt is not None]
    for run, other in itertools.pairwise(holders[:MAX_SERVERS]):
        client = other.client(lesson.settings)
        for read in (client.receipt, client.received_files, client.feedback):
            try:
                read(run.receipt.receipt_id if run.receipt else "")
            except PortalError as error:
                if error.status in (403, 404):
                    continue
                raise
            return True
    return False


@contextmanager
def show_progress(students: int, servers: int) -> Iterator[Callable[[str], None]]:
    """Show on stderr how many students are how far; gives the function to tell a step to."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        totals = {step: servers if step in ("signed in", "server") else students for step in STEPS}
        tasks = {step: progress.add_task(WORDS[step], total=totals[step]) for step in STEPS if totals[step]}
        yield lambda step: progress.advance(tasks[step])
