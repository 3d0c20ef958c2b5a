"""``/hub/session-end``: what a notebook server asks about its own end, and how it is kept longer."""

from __future__ import annotations

import json
from typing import Any

from jupyterhub.apihandlers.base import APIHandler
from tornado import web

from hub.culling.ending import EndsWhenUnused
from hub.pods.reaper import utc_now

MAX_LEASE_HOURS = 24.0


def asked_hours(body: Any) -> float:
    """Return the hours of a request ``{"hours": 1}``; 400 for anything else."""
    hours = body.get("hours") if isinstance(body, dict) else None
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= MAX_LEASE_HOURS:
        raise web.HTTPError(400, "hours must be a number above 0 and at most 24")
    return float(hours)


class SessionEndHandler(APIHandler):  # type: ignore[misc]  # JupyterHub ships no types
    """A person's own server only: whose it is comes from the token or the cookie."""

    def _own_server(self) -> EndsWhenUnused:
        user = self.current_user
        if user is None or not hasattr(user, "spawner"):
            raise web.HTTPError(403)
        if not user.spawner.ready or not isinstance(user.spawner, EndsWhenUnused):
            raise web.HTTPError(404)
        return user.spawner

    async def get(self) -> None:
        """Say when the server ends, if it is to."""
        self.finish(json.dumps(self._own_server().ending_view(), ensure_ascii=False))

    async def post(self) -> None:
        """Keep the server for some hours."""
        server, hours = self._own_server(), asked_hours(self.get_json_body())
        await server.take_lease(hours, utc_now())
        self.finish(json.dumps(server.ending_view(), ensure_ascii=False))


HANDLERS: list[tuple[Any, ...]] = [("/session-end", SessionEndHandler)]
