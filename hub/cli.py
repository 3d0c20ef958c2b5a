"""The command ``axcampus``: a table of subcommands. A subcommand is imported when it is asked for, so help is quick."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import click

#: Name -> where its click command lives, and what the list of commands says. To add a command, add a row.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("hub.commands.run:run", "Start the platform and keep it running. / 플랫폼을 시작합니다."),
    "cluster": ("hub.commands.cluster:cluster", "Start it with notebooks as pods. / 노트북을 파드로 띄웁니다."),
    "status": ("hub.commands.status:status", "Say which parts are up. / 무엇이 켜져 있는지 보여 줍니다."),
    "user": ("hub.commands.user:user", "Make and change accounts. / 계정을 만들고 바꿉니다."),
    "worker": ("hub.worker:worker", "Grade what is queued (started by run). / 제출물을 채점합니다."),
    "jobs": ("hub.jobs:jobs", "Do background jobs (started by run). / 백그라운드 작업을 합니다."),
    "blobs": ("hub.commands.blobs:blobs", "Find and remove stored bytes nobody refers to. / 저장 공간을 정리합니다."),
    "grade": ("graders.cli:grade", "Grade one submission here. / 제출물 하나를 채점합니다."),
    "gradebook": ("hub.commands.gradebook:gradebook", "Grades to and from nbgrader. / nbgrader 성적부와 주고받습니다."),
    "course": ("hub.commands.course:course", "Check and show courses. / 과정을 확인합니다."),
    "programme": ("hub.commands.programme:programme", "Make an invented programme. / 예시 사업 자료를 만듭니다."),
    "demo": ("hub.demo:demo", "Run a head-less class. / 화면 없이 수업 한 번을 돌려 봅니다."),
}


class CommandTable(click.Group):
    """A group whose commands are rows of a table; modules of commands that are not asked for stay unloaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return [name for name in COMMANDS if is_installed(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in COMMANDS or not is_installed(cmd_name):
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: Any = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def is_installed(name: str) -> bool:
    """Say whether the module of a command is there."""
    return importlib.util.find_spec(COMMANDS[name][0].partition(":")[0]) is not None


@click.command(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ax-campus")
def main() -> None:
    """AX Campus: notebooks, isolated grading and progress for AI talent training.

    실습 노트북, 분리된 채점, 수료 관리를 한곳에서 합니다. 처음이면 `axcampus run`부터 하십시오.
    """


if __name__ == "__main__":
    main()
