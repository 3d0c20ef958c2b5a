"""``axcampus status``: which parts are up, for a person or a program."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from hub.settings import Settings
from hub.state import json_text
from hub.status import Status, collect_status


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say which parts of the platform are up. The exit code is 0 only if all of them are.

    모든 부분이 켜져 있으면 종료 코드가 0입니다.
    """
    found = collect_status(Settings())
    if as_json:
        click.echo(json_text(found.as_json()))
    else:
        print_status(found)
    context.exit(0 if found.is_up else 1)


def print_status(found: Status) -> None:
    """Print a table for a person."""
    if found.uptime_seconds is None:
        click.echo(
            "플랫폼이 실행 중이 아닙니다. `axcampus run`으로 시작하십시오. / Not running: start it with `axcampus run`."
        )
        return
    table = Table("부분 / part", "상태 / state", "pid", "재시작 / restarts", "주소 / address")
    for part in found.parts:
        state = "[green]● 정상 / up[/]" if part.is_up else "[red]○ 멈춤 / down[/]"
        table.add_row(part.name, state, str(part.pid or "–"), str(part.restarts), part.address)
    Console(width=max(110, Console().width)).print(table)
