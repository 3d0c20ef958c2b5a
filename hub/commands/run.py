"""``axcampus run``: the whole platform from one terminal."""

from __future__ import annotations

import time

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.accounts import Accounts
from hub.demo_data import NewAccount, ensure_accounts
from hub.errors import StartError
from hub.keys import ensure_keys
from hub.logs import configure_logs
from hub.parts import make_parts
from hub.preflight import check_folders, check_machine, notices
from hub.routes import after_return
from hub.settings import Settings
from hub.startup import Preparation
from hub.state import only_supervisor
from hub.supervisor import Supervisor

ROLES = {
    "student": "학생 / student",
    "instructor": "교수자 / instructor",
    "coordinator": "운영 담당 / coordinator",
    "administrator": "관리자 / administrator",
}


@click.command()
def run() -> None:
    """Start the platform and keep it running until Ctrl-C.

    Makes tables, keys and, at the very first start, a demonstration with accounts. Everything is written below one
    folder (AXCAMPUS_HOME); ports start at AXCAMPUS_PORT. 한 폴더 아래에만 쓰며, Ctrl-C로 모두 끝냅니다.
    """
    settings, console = Settings(), Console(highlight=False, soft_wrap=True)
    try:
        check_folders(settings)
        with only_supervisor(settings):
            run_platform(settings, console)
    except StartError as error:
        raise click.ClickException(str(error)) from error


def run_platform(settings: Settings, console: Console) -> None:
    """Prepare, start, and stay until asked to stop."""
    began = time.monotonic()
    check_machine(settings)
    configure_logs(settings.logs / "supervisor.log", settings.log_level)
    for notice in notices():
        console.print(f"[yellow]![/] {notice.ko}\n  {notice.en}")
    console.print("시작하는 중입니다… / Starting…")
    keys = ensure_keys(settings.secrets)
    if settings.demo and (new_accounts := ensure_accounts(Accounts(settings.accounts_path))):
        print_accounts(console, new_accounts)
    supervisor = Supervisor(settings, make_parts(settings, keys))
    supervisor.run(
        on_ready=lambda: print_ready(settings, console, time.monotonic() - began),
        gate=Preparation(settings),
        on_return=lambda part: after_return(part, settings, keys),
    )
    console.print("모두 끝냈습니다. / Everything has stopped.")


def print_accounts(console: Console, accounts: list[NewAccount]) -> None:
    """Show the new accounts with their passwords: this once."""
    console.print(
        "\n[bold]시연 계정: 비밀번호는 지금 한 번만 보입니다. / Demo accounts: passwords are shown only now.[/]"
    )
    table = Table("아이디 / user", "비밀번호 / password", "이름 / name", "역할 / role", box=SIMPLE, pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.overflow = True, "ignore"
    for account in accounts:
        person = account.person
        table.add_row(person.username, account.password, person.name_ko, ROLES[person.role])
    console.print(table, width=100)


def print_ready(settings: Settings, console: Console, seconds: float) -> None:
    """Say where everything is."""
    console.print(
        f"\n[green]✔[/] 준비되었습니다 ({seconds:.1f}초). / Ready after {seconds:.1f} s.\n"
        f"  포털 / portal      [bold]{escape(settings.portal_url)}[/]\n"
        f"  노트북 / notebooks {escape(settings.hub_url)}\n"
        f"  기록 / logs        {escape(str(settings.logs))}\n"
        "  새 비밀번호 / new password: axcampus user reset <user>\n"
        "  끝내기 / stop: Ctrl-C\n"
    )
