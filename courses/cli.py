"""``axcampus course``: what authors do with course folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from courses.adopt import adopt
from courses.calibrate import CALIBRATION_FILE, Calibration, calibrate, variant_names
from courses.catalog import PACKAGED_ROOT, Assignment, Catalog, Course, load_catalog
from courses.check import check_course
from courses.drafts import drafts_of
from courses.errors import CourseError
from courses.scaffold import scaffold_course
from courses.take_over import take_over

#: Where the command, like all of AX Campus, writes what it needs for itself: under ``var/`` of the folder it runs in.
JOURNALS = Path("var/calibration")
ROOT_OPTION = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=PACKAGED_ROOT,
    show_default="the courses that come with AX Campus",
    help="Folder that holds the course folders.",
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of text.")


class CourseGroup(click.Group):
    """Turns what is wrong with a course folder into a plain message and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a subcommand."""
        try:
            return super().invoke(ctx)
        except CourseError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=CourseGroup)
def course() -> None:
    """강좌 폴더를 점검하고 만듭니다 / check, build, start and calibrate course folders."""


@course.command()
@ROOT_OPTION
@JSON_OPTION
def check(root: Path, as_json: bool) -> None:
    """Check every course folder: course.yaml, notebooks, points, rubrics, both languages."""
    catalog = load_catalog(root)
    problems = {each.slug: check_course(each) for each in catalog}
    if as_json:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    else:
        _print_problems(problems)
    if any(problems.values()):
        raise SystemExit(1)


def _print_problems(problems: dict[str, list[str]]) -> None:
    for slug, lines in problems.items():
        click.echo(f"{slug}: {'정상 / fine' if not lines else f'{len(lines)} problems'}")
        for line in lines:
            click.echo(f"  {line}")


@course.command()
@click.argument("course_id")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@ROOT_OPTION
@JSON_OPTION
def build(course_id: str, target: Path, root: Path, as_json: bool) -> None:
    """Write the nbgrader source folders of COURSE_ID under TARGET (TARGET/source/<assignment>/...)."""
    chosen = load_catalog(root).course(course_id)
    written = [str(path) for each in chosen.assignments for path in _write_sources(each, target)]
    click.echo(json.dumps({"files": written}) if as_json else "\n".join(written))


def _write_sources(assignment: Assignment, target: Path) -> list[Path]:
    written = []
    for name, data in assignment.source_fileset().items():
        path = target / "source" / assignment.slug / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written.append(path)
    return written


@course.command()
@click.argument("course_id")
@click.argument("target", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--university", required=True, help="Code of the owning university, see partners.yaml.")
@JSON_OPTION
def new(course_id: str, target: Path, university: str, as_json: bool) -> None:
    """Start a course folder TARGET/COURSE_ID with one small assignment that passes the check."""
    files = [str(path) for path in scaffold_course(target, course_id, university)]
    click.echo(json.dumps({"files": files}) if as_json else "\n".join(files))


@course.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--id", "course_id", required=True, help="Name of the new course: small letters, digits, hyphens.")
@click.option("--university", required=True, help="Code of the owning university, see partners.yaml.")
@JSON_OPTION
def import_course(folder: Path, target: Path, course_id: str, university: str, as_json: bool) -> None:
    """Take over the nbgrader course FOLDER as it is: write TARGET/ID with a course.yaml and its own notebooks."""
    taken = take_over(folder, target, course_id, university)
    files = [str(path) for path in taken.files]
    if as_json:
        click.echo(json.dumps({"files": files, "left_out": taken.left_out}, ensure_ascii=False))
        return
    click.echo("\n".join([*files, *(f"뺐습니다 / left out: {line}" for line in taken.left_out)]))


@course.command("calibrate")
@click.argument("assignments", nargs=-1)
@click.option("--seeds", default="0-19", show_default=True, help='Seeds to try: "0-19", "3", "0-4,17".')
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes side by side.")
@click.option("--write", is_flag=True, help="Keep the result as calibration.json beside the assignment.")
@ROOT_OPTION
@JSON_OPTION
def calibrate_command(
    assignments: tuple[str, ...], seeds: str, workers: int, write: bool, root: Path, as_json: bool
) -> None:
    """Run reference, naive, leaky, wrong and empty solutions of ASSIGNMENTS on many seeds.

    Without a name all assignments of all courses are run; a name may also be that of a draft.
    A run that was cut off goes on from its finished rows (under var/calibration) when called again. Exit code 0 only
    if, on every seed, honest work gets full points and all other work stays below the pass mark.
    """
    results = []
    for owner, assignment in _chosen(load_catalog(root), assignments):
        results.append(_calibrated(owner, assignment, parse_seeds(seeds), workers))
        if write:
            text = json.dumps(results[-1].model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
            (assignment.folder / CALIBRATION_FILE).write_text(text, encoding="utf-8")
        if not as_json:
            print_calibration(results[-1])
    if as_json:
        click.echo(json.dumps([result.model_dump(mode="json") for result in results], ensure_ascii=False))
    if not all(result.is_fair for result in results):
        raise SystemExit(1)


@course.command("adopt")
@click.argument("assignments", nargs=-1, required=True)
@ROOT_OPTION
def adopt_command(assignments: tuple[str, ...], root: Path) -> None:
    """Move drafts ASSIGNMENTS (folders with an entry.yaml) into their course, if they are calibrated and fair."""
    for name in assignments:
        (owner, draft), *_ = _chosen(load_catalog(root), (name,))
        if draft in owner.assignments:
            raise CourseError(f"{name} is in the course already")
        adopt(owner, draft)
        click.echo(f"{name}: 강좌에 넣었습니다 / is in the course. Now: axcampus course record {name}")


def _chosen(catalog: Catalog, names: tuple[str, ...]) -> list[tuple[Course, Assignment]]:
    every = [(each, assignment) for each in catalog for assignment in each.assignments]
    if names:
        every += [(each, draft) for each in catalog for draft in drafts_of(each)]
    unknown = sorted(set(names) - {assignment.slug for _, assignment in every})
    if unknown:
        raise CourseError(f"no such assignment: {', '.join(unknown)}")
    return [pair for pair in every if not names or pair[1].slug in names]


def _calibrated(owner: Course, assignment: Assignment, seeds: list[int], workers: int) -> Calibration:
    """Run the calibration with a progress bar on standard error."""
    file = JOURNALS / f"{owner.slug}.{assignment.slug}.jsonl"
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(assignment.slug, total=len(seeds) * len(variant_names(assignment)))
        return calibrate(
            owner.slug, assignment, seeds, workers=workers, journal=file, on_row=lambda _: progress.advance(task)
        )


def parse_seeds(text: str) -> list[int]:
    """``"0-2,7"`` -> ``[0, 1, 2, 7]``; CourseError if it can't be read."""
    seeds: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        end = last if dash else first
        if not first.isdecimal() or not end.isdecimal():
            raise CourseError(f'seeds {text!r}: write them like "0-19" or "3,5,8-10"')
        seeds.update(range(int(first), int(end) + 1))
    return sorted(seeds)


def print_calibration(result: Calibration) -> None:
    """Print points by variant, the measured figures of honest work, and what does not hold."""
    table = Table(title=f"{result.assignment}: {len(result.seeds)} seeds, pass mark {result.pass_percent:g} %")
    for heading in ("variant", "lowest", "middle", "highest", f"of {result.max_points:g}", "slowest s"):
        table.add_column(heading, justify="left" if heading == "variant" else "right")
    for row in result.variants:
        verdict = "holds" if row.holds else "FAILS"
        numbers = (f"{row.lowest:.2f}", f"{row.middle:.2f}", f"{row.highest:.2f}")
        table.add_row(row.variant, *numbers, verdict, f"{row.slowest_seconds:.1f}")
    console = Console()
    console.print(table)
    for line in result.failures:
        console.print(line, style="red", markup=False)
