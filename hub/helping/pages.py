"""``/hub/help``: a student lets an instructor in and sees who came; an instructor sees whose doors are open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jupyterhub import orm
from jupyterhub.handlers.base import BaseHandler
from tornado import web

from hub.helping.doors import Door, LetsHelpersIn
from hub.helping.rules import MINUTES, NOT_RUNNING, NOT_YOURS, HelpError, asked_minutes, may_help
from hub.pods.reaper import utc_now

KOREA = ZoneInfo("Asia/Seoul")


def clock(moment: datetime | str) -> str:
    """Return the time of day in Korea."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(KOREA).strftime("%H:%M")


class HelpHandler(BaseHandler):  # type: ignore[misc]  # JupyterHub ships no types
    """One's own server only: whose it is comes from the cookie, never from the form."""

    @web.authenticated
    async def get(self) -> None:
        """Show doors and visits."""
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        """Let somebody in, or close the door to them."""
        try:
            await self._act(self.get_body_argument("helper", "").strip().lower())
        except HelpError as error:
            self.set_status(400)
            await self._show(problem=str(error))
            return
        self.redirect(f"{self.hub.base_url}help")

    async def _act(self, helper: str) -> None:
        server = self._own_server()
        if server is None:
            raise NOT_RUNNING
        if self.get_body_argument("action", "") == "end":
            server.end_help(helper, utc_now())
            return
        minutes = asked_minutes(self.get_body_argument("minutes", ""))
        server.let_in(await self._teacher(helper), minutes, utc_now())

    async def _teacher(self, name: str) -> Any:
        """Return the hub user of that name, whom the portal calls an instructor of a course that this person takes."""
        found = orm.User.find(self.db, name)
        if found is None or found.name == self.current_user.name:
            raise NOT_YOURS
        both = self.current_user, self.users[found.id]
        for person in both:
            await person.spawner.refresh_groups()
        student, teacher = ([group.name for group in person.groups] for person in both)
        if not may_help(teacher, student):
            raise NOT_YOURS
        return found

    def _own_server(self) -> LetsHelpersIn | None:
        spawner = self.current_user.spawner
        return spawner if spawner.ready and isinstance(spawner, LetsHelpersIn) else None

    async def _show(self, **values: Any) -> None:
        server = self._own_server()
        if server is not None:
            server.look_at_door(utc_now())
        visits = sorted(server.visits.values(), key=lambda visit: visit["entered"]) if server else []
        html = await self.render_template(
            "help.html",
            xsrf=self.xsrf_token.decode("ascii"),
            has_server=server is not None,
            doors=server.doors() if server else [],
            visits=visits,
            open_to_me=self._open_to_me(),
            minutes=MINUTES,
            clock=clock,
            **values,
        )
        self.finish(html)

    def _open_to_me(self) -> list[Door]:
        now = utc_now()
        spawners = (share.spawner for share in self.current_user.orm_user.shared_with_me)
        servers = [self.users[each.user_id].spawners[each.name] for each in spawners]
        doors = [door for server in servers if isinstance(server, LetsHelpersIn) for door in server.doors()]
        return [door for door in doors if door.helper == self.current_user.name and door.until > now]


HANDLERS: list[tuple[Any, ...]] = [("/help", HelpHandler)]
