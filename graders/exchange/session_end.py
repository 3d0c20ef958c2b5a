"""The notebook server's side of its own end: a kernel that works counts as activity, and JupyterLab can ask and extend.

The browser never sees the hub's token: ``/axcampus/session-end`` adds it and passes the hub's answer on.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

import requests
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import PeriodicCallback

TIMEOUT_SECONDS = 10
LOOK_MILLISECONDS = 60_000

#: Where Jupyter Server looks for the activity of extensions.
ACTIVITY_SETTING = "last_activity_times"


class SessionEndHandler(APIHandler):
    """``GET /axcampus/session-end`` and ``POST {"hours": 1}``; 404 where servers do not end by themselves."""

    @web.authenticated
    async def get(self) -> None:
        """Pass on what the hub says about the end of this server."""
        await self._ask("GET")

    @web.authenticated
    async def post(self) -> None:
        """Ask the hub to keep this server longer."""
        await self._ask("POST", self.get_json_body())

    async def _ask(self, method: str, body: Any = None) -> None:
        try:
            status, text = await asyncio.to_thread(ask_hub, method, body)
        except (requests.RequestException, KeyError):
            status, text = 503, "{}"
        self.set_status(status)
        self.finish(text)


def ask_hub(method: str, body: Any) -> tuple[int, str]:
    """Call the hub with this server's own token; returns status and text. KeyError outside a hub."""
    address = os.environ["JUPYTERHUB_API_URL"].removesuffix("/").removesuffix("/api") + "/session-end"
    headers = {"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"}
    answer = requests.request(method, address, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
    return answer.status_code, answer.text if answer.ok else "{}"


def note_busy_kernels(kernels: Any, settings: dict[str, Any]) -> None:
    """Count a kernel that works now as activity: silent training would look idle otherwise."""
    if any(kernels.get_kernel(name).execution_state == "busy" for name in kernels.list_kernel_ids()):
        settings.setdefault(ACTIVITY_SETTING, {})["axcampus-kernels"] = datetime.now(UTC)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "graders.exchange.session_end"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by Jupyter Server when the extension is enabled (graders/exchange/config)."""
    settings = server.web_app.settings
    path = url_path_join(settings["base_url"], "/axcampus/session-end")
    server.web_app.add_handlers(".*$", [(path, SessionEndHandler)])
    PeriodicCallback(lambda: note_busy_kernels(server.kernel_manager, settings), LOOK_MILLISECONDS).start()
