"""``axcampus user``: local accounts from the command line of the machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec

import click
from rich.console import Console
from rich.table import Table

from hub.accounts import AccountError, Accounts, make_password
from hub.settings import Settings, ensure_folders
from hub.state import json_text


@click.group()
def user() -> None:
    """Make, list and change local accounts. Roles and courses are given in the portal.

    계정을 만들고 바꿉니다. 역할과 수강은 포털에서 정합니다.
    """


def open_accounts() -> Accounts:
    """Open the accounts of this installation; makes the file if there is none yet."""
    settings = Settings()
    ensure_folders(settings)
    return Accounts(settings.accounts_path)


P = ParamSpec("P")


def saying_why(command: Callable[P, None]) -> Callable[P, None]:
    """Turn an account's error into a message and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except AccountError as error:
            raise click.ClickException(str(error)) from error

    return wrapped


def show_password(username: str, password: str, as_json: bool) -> None:
    """Show a new password: this once, it is kept nowhere."""
    if as_json:
        click.echo(json_text({"username": username, "password": password}))
        return
    click.echo(f"{username}  {password}")
    click.echo("비밀번호는 지금 한 번만 보여 드립니다. / This password is shown only now.", err=True)


@user.command()
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@saying_why
def add(username: str, as_json: bool) -> None:
    """Make an account with a new random password, shown once.

    계정을 만들고 새 비밀번호를 한 번 보여 줍니다.
    """
    password = make_password()
    open_accounts().create(username, password)
    show_password(username, password, as_json)


@user.command()
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
@saying_why
def reset(username: str, as_json: bool) -> None:
    """Give an account a new random password and open it again if it was shut.

    비밀번호를 새로 만들고, 잠긴 계정이면 다시 엽니다.
    """
    accounts, password = open_accounts(), make_password()
    accounts.set_password(username, password)
    accounts.set_disabled(username, False)
    show_password(username, password, as_json)


@user.command("password")
@click.argument("username")
@click.password_option(help="Asked for if not given; better not given, command lines are visible.")
@saying_why
def set_password(username: str, password: str) -> None:
    """Set a password that you type.

    직접 입력한 비밀번호로 바꿉니다.
    """
    open_accounts().set_password(username, password)
    click.echo("비밀번호를 바꿨습니다. / The password was changed.")


@user.command()
@click.argument("username")
@saying_why
def disable(username: str) -> None:
    """Shut an account; its work stays.

    계정을 잠급니다. 작업한 것은 그대로 있습니다.
    """
    open_accounts().set_disabled(username, True)
    click.echo("계정을 잠갔습니다. / The account is shut.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def list_users(as_json: bool) -> None:
    """List the accounts.

    계정 목록을 보여 줍니다.
    """
    accounts = open_accounts().list_all()
    if as_json:
        click.echo(json_text([vars(account) for account in accounts]))
        return
    table = Table("아이디 / user name", "상태 / state", "만든 때 / made")
    for account in accounts:
        state = "잠김 / shut" if account.disabled else "사용 중 / open"
        made = datetime.fromtimestamp(account.created_at, UTC).astimezone().strftime("%Y. %m. %d. %H:%M")
        table.add_row(account.username, state, made)
    Console().print(table)
