"""Removes notebook pods that no server of the hub belongs to: left by a start that failed while nobody answered.

A pod is spared while it is young and whenever the hub knows its name, which it does from before the pod is made. Homes
are claims, not pods: nothing of a person's work is in what is removed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from jupyterhub import orm

from spawner_config.names import COMPONENT, person_slug

logger = logging.getLogger(__name__)

#: Asked three times in the life of the youngest orphan.
ROUNDS = 3


def orphans(pods: Iterable[Mapping[str, Any]], known: Collection[str], now: datetime, patience: timedelta) -> list[str]:
    """Return the names of our pods that are older than ``patience`` and not ``known``, sorted."""
    return sorted(
        str(pod["metadata"]["name"])
        for pod in pods
        if (pod["metadata"].get("labels") or {}).get("component") == COMPONENT
        and pod["metadata"]["name"] not in known
        and "deletionTimestamp" not in pod["metadata"]
        and now - created(pod) > patience
    )


def created(pod: Mapping[str, Any]) -> datetime:
    """Return when a pod was made."""
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"].replace("Z", "+00:00"))


def known_pods(db: Any) -> set[str]:
    """Return the names of the pods of all servers that the hub has or is starting, from its database."""
    rows = db.query(orm.Spawner).filter(orm.Spawner.server_id.is_not(None))
    return {name for row in rows for name in _names_of(row)}


def _names_of(row: Any) -> set[str]:
    """The name that is remembered, and the one that a start would use now."""
    remembered = (row.state or {}).get("pod_name")
    return {f"nb-{person_slug(row.user.name)}", *([remembered] if remembered else [])}


async def reap_for_ever(seconds: float, find: Callable[[], list[str]], remove: Callable[[str], Awaitable[Any]]) -> None:
    """Remove orphans every ``seconds / 3`` seconds; an error of one round is logged, the next comes all the same."""
    while True:
        await asyncio.sleep(seconds / ROUNDS)
        try:
            for name in find():
                logger.warning("removing pod %s: no server of the hub belongs to it", name)
                await remove(name)
        except asyncio.CancelledError:
            raise
        except Exception:  # the hub must not end for this; the next round tries again
            logger.exception("a round of the reaper failed")


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)
