"""``axcampus programme``: an invented programme to look at, to test and to measure with."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import Console
from rich.progress import Progress

from courses.catalog import load_catalog
from hub.demo_people import PEOPLE
from hub.portal.database import Database, migrate
from hub.portal.errors import ConflictError
from hub.portal.models import utc_now
from hub.portal.services.programme.generated import Generated, Wish, generate, refuse_others
from hub.portal.services.timetable import KST
from hub.settings import Settings, ensure_folders
from hub.state import json_text


@click.group()
def programme() -> None:
    """Work on the programme from the command line of the machine.

    사업 자료를 명령줄에서 다룹니다.
    """


@programme.command("generate")
@click.option("--trainees", default=340, show_default=True, type=click.IntRange(8, 100_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 9999))
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Day of the figures. Default: today, in Korea.")
@click.option("--beside-others", is_flag=True, help="Also where people are. / 다른 사람이 있어도 만듭니다.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def generate_programme(trainees: int, seed: int, today: datetime | None, beside_others: bool, as_json: bool) -> None:
    """Fill the database with an invented programme: universities, cohorts, people, work, grades, decisions.

    The same seed and day give the same programme. Refused where there are other people than those of the
    demonstration, and always on a platform for real use (AXCAMPUS_DEMO=false).

    지어낸 사람들로 된 사업을 만듭니다. 시연·시험·측정용이며, 실제 운영용 플랫폼에서는 만들지 않습니다.
    """
    settings = Settings()
    if not settings.demo:
        raise click.ClickException(
            "실제 운영용 플랫폼(AXCAMPUS_DEMO=false)에는 지어낸 사람을 넣지 않습니다. / "
            "This platform is for real use (AXCAMPUS_DEMO=false): no invented people are put into it."
        )
    wish = Wish(trainees, seed, (today or utc_now().astimezone(KST)).date())
    try:
        made = make(settings, wish, beside_others=beside_others)
    except ConflictError as error:
        hint = "" if error.code != "not_empty" else " (--beside-others)"
        raise click.ClickException(f"{error.ko} / {error.en}{hint}") from error
    click.echo(json_text(vars(made)) if as_json else _words(made))


def make(settings: Settings, wish: Wish, *, beside_others: bool) -> Generated:
    """Make the programme in the database of this installation, all of it or nothing."""
    ensure_folders(settings)
    migrate(settings.database)
    database = Database.at(settings.database)
    try:
        with database.writing() as session, Progress(console=Console(stderr=True), transient=True) as bar:
            if not beside_others:
                refuse_others(session, [person.username for person in PEOPLE])
            task = bar.add_task("수강생 / trainees", total=wish.trainees)
            return generate(
                session,
                wish,
                load_catalog(settings.courses).universities,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        database.dispose()


def _words(made: Generated) -> str:
    rows = "\n".join(f"  {table:24}{count:>10,}" for table, count in made.counts.items())
    staff = "\n".join(f"  {login}" for login in made.staff)
    return (
        f"사업 {made.programme}을(를) 만들었습니다. / Made the programme {made.programme}.\n{rows}\n"
        "담당자 로그인(계정은 `axcampus user add 이름`) / Staff logins (make accounts with `user add`):\n"
        f"{staff}"
    )
