"""``axcampus blobs``: how much of what is stored nobody refers to any more, and removing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from hub.portal.database import Database
from hub.portal.services.blob_sweep import KEEP, Swept, count_unused, sweep_unused
from hub.settings import Settings
from hub.state import json_text


@click.command()
@click.option("--sweep", is_flag=True, help="Remove it; without this nothing changes. / 실제로 지웁니다.")
@click.option("--keep-days", type=click.FloatRange(min=1), default=KEEP.days, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for a program.")
def blobs(sweep: bool, keep_days: float, as_json: bool) -> None:
    """Show how many stored bytes no submission, version or other row refers to; remove them with --sweep.

    What was stored in the last --keep-days days always stays. Safe while the platform runs.

    제출물이나 과제가 더는 쓰지 않는 파일이 얼마나 있는지 보여 줍니다. --sweep을 주어야 지웁니다.
    """
    now = datetime.now(UTC)
    database = Database.at(Settings().database)
    try:
        found = find_or_sweep(database, now - timedelta(days=keep_days), now, sweep=sweep)
    finally:
        database.dispose()
    if as_json:
        click.echo(json_text({**vars(found), "removed": sweep}))
        return
    ko, en = ("지웠습니다", "Removed") if sweep else ("지울 수 있습니다(아직 지우지 않았습니다)", "Could be removed")
    size = f"{found.size_bytes / 2**20:.1f} MB"
    click.echo(f"파일 묶음 {found.file_sets}개, 파일 {found.blobs}개, {size}: {ko}.")
    click.echo(f"{en}: {found.file_sets} file sets, {found.blobs} blobs, {size}.")


def find_or_sweep(database: Database, before: datetime, now: datetime, *, sweep: bool) -> Swept:
    """Return what is unused; remove it if asked to."""
    if not sweep:
        with database.reading() as session:
            return count_unused(session, before)
    return sweep_unused(database, before, now)
