"""Starts a person's notebook server as a process of this machine, behind walls; says plainly why one won't start."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import socket
import sys
import time
import uuid
from pathlib import Path
from subprocess import Popen
from typing import Any

import psutil
from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import random_port
from traitlets import Any as AnyTrait
from traitlets import Instance, Unicode

from hub.accounts import Accounts
from hub.events import EventPost, HubEvent, ServerEvent
from hub.launch import Plan
from hub.spawn_problems import SpawnProblem, explain_exit, spawn_exception
from spawner_config.environment import notebook_environment, temporary_folder
from spawner_config.local import local_choice, local_environment, local_memory_bytes
from spawner_config.profiles import group_names
from spawner_config.settings import LocalNotebooks, NotebookSettings
from spawner_config.walls import WallError, make_walls

#: User ids of people where root runs the hub; within the 65536 that a container usually has.
FIRST_USER_ID, LAST_USER_ID = 20_000, 59_999
POLL_SECONDS = 0.15
MAX_LOG_BYTES = 2 * 2**20


class CampusSpawner(LocalProcessSpawner):  # type: ignore[misc]  # JupyterHub ships no types
    """One process a person. The process starts as ``hub.launch``, which builds the walls and becomes the server."""

    notebooks = Instance(LocalNotebooks, help="where servers live").tag(config=True)
    events = AnyTrait(help="an hub.events.EventPost").tag(config=True)
    accounts_path = Unicode(help="SQLite file of the accounts: knows everybody's number").tag(config=True)
    settings = Instance(NotebookSettings, args=(), help="profiles, the same as on a cluster").tag(config=True)
    session_id, profile = "", ""

    # who and where ---------------------------------------------------------------------------------
    @property
    def home(self) -> Path:
        """The person's home; user names are checked to be safe names of folders."""
        return Path(self.notebooks.homes) / str(self.user.name)

    def user_id(self) -> int | None:
        """Return the person's own user id where root runs the hub, else None: everybody shares the hub's id."""
        if os.geteuid() != 0:
            return None
        number = FIRST_USER_ID + Accounts(Path(self.accounts_path)).system_number(self.user.name)
        if number > LAST_USER_ID or any(entry.pw_uid == number for entry in pwd.getpwall()):
            raise spawn_exception(SpawnProblem.NO_WALLS, f"user id {number} is taken or out of range")
        return number

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Set the variables of the allow-list; nothing of the hub's own environment gets in."""
        seat = local_environment(self.settings, self.profile or self.settings.default_name)
        return env | seat | notebook_environment(self.notebooks, str(self.user.name), self.home)

    # start -------------------------------------------------------------------------------------------
    async def start(self) -> tuple[str, int]:
        """Start the server and return where it listens; every failure is a SpawnException in plain words."""
        self.session_id = uuid.uuid4().hex
        self._announce(ServerEvent.STARTED)
        try:
            return await self._start()
        except Exception:
            self._announce(ServerEvent.FAILED)
            raise

    def _choose_profile(self) -> str:
        chosen = local_choice(self.settings, self.user_options, group_names(self.user))
        if chosen is None:
            raise spawn_exception(SpawnProblem.NO_PROFILE, f"asked for {self.user_options!r:.80}")
        return chosen

    async def _start(self) -> tuple[str, int]:
        self.profile = self._choose_profile()
        self.port = random_port()
        user_id = self.user_id()
        ensure_home(self.home, user_id)
        plan = self._plan(user_id)
        server = [str(self.notebooks.prefix / "bin" / "jupyterhub-singleuser"), *self.get_args()]
        # -I: neither the home nor a variable may bring code into the launcher, which may still be root.
        command = [sys.executable, "-I", "-m", "hub.launch", plan.to_json(), "--", *server]
        with open_log(self.log_path) as log:
            self.proc = Popen(
                command, env=self.get_env(), cwd=self.home, stdout=log, stderr=log, start_new_session=True
            )
        self.pid = self.proc.pid
        await self._wait_until_listening()
        self._announce(ServerEvent.READY)
        return "127.0.0.1", self.port

    def _plan(self, user_id: int | None) -> Plan:
        try:
            walls = make_walls(self.notebooks, self.home)
        except WallError as error:
            raise spawn_exception(SpawnProblem.NO_WALLS, str(error)) from error
        return Plan(
            home=str(self.home),
            temporary=str(temporary_folder(self.home)),
            user_id=user_id,
            read=tuple(map(str, walls.read)),
            execute=tuple(map(str, walls.execute)),
            write=tuple(map(str, walls.write)),
            memory_bytes=local_memory_bytes(self.settings, self.profile or self.settings.default_name),
        )

    async def _wait_until_listening(self) -> None:
        """Wait here, not in the hub: its own time-out would be a TimeoutError, and five of those can end a hub."""
        deadline = time.monotonic() + self.notebooks.start_seconds
        while time.monotonic() < deadline:
            status = self.proc.poll()
            if status is not None:
                self.clear_state()
                raise spawn_exception(explain_exit(status), f"exit status {status}, see {self.log_path}")
            if is_listening(self.port):
                return
            await asyncio.sleep(POLL_SECONDS)
        await self.stop(now=True)
        raise spawn_exception(SpawnProblem.TOO_SLOW, f"no answer in {self.notebooks.start_seconds} s")

    @property
    def log_path(self) -> Path:
        """Where the server's output goes: of use to staff, out of reach of the server."""
        return Path(self.notebooks.logs) / f"notebook-{self.user.name}.log"

    # events ------------------------------------------------------------------------------------------
    def _announce(self, event: ServerEvent) -> None:
        post: EventPost | None = self.events
        if post is not None:
            profile = self.profile or self.settings.default_name
            post.send(HubEvent(event, str(self.user.name), self.session_id, str(self.name), profile))

    def run_post_stop_hook(self) -> Any:
        """Tell the portal that the server is gone: called after a stop and after a crash."""
        self._announce(ServerEvent.STOPPED)
        return super().run_post_stop_hook()

    # life after a hub restart ----------------------------------------------------------------------
    def get_state(self) -> dict[str, Any]:
        """Keep what finds the process again; a number alone may mean another process after a reboot."""
        state: dict[str, Any] = super().get_state()
        return state | {"session_id": self.session_id, "born": process_birth(self.pid)}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a server that was started before this hub."""
        super().load_state(state)
        self.session_id = state.get("session_id", "")
        if self.pid and process_birth(self.pid) != state.get("born"):
            self.pid = 0

    async def poll(self) -> int | None:
        """None while the server runs; a zombie that init has not collected is not running."""
        if self.proc is None and self.pid and is_zombie(self.pid):
            self.clear_state()
            return 0
        status: int | None = await super().poll()
        return status

    async def _signal(self, sig: int) -> bool:
        """Signal the server; a process that is gone by then is fine."""
        try:
            os.kill(self.pid, signal.Signals(sig) if sig else 0)
        except ProcessLookupError:
            return False
        return True


def ensure_home(home: Path, user_id: int | None) -> None:
    """Make a person's home, which only that person may enter."""
    if not home.exists():
        home.mkdir(mode=0o700)
    if user_id is not None and home.stat().st_uid != user_id:
        os.chown(home, user_id, user_id, follow_symlinks=False)


def open_log(path: Path) -> Any:
    """Open a log to append to; one that has grown large is begun anew, the old one kept as ``.1``."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def is_listening(port: int) -> bool:
    """Say whether something accepts connections on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def process_birth(pid: int) -> float | None:
    """Return when a process began (Unix seconds), or None if there is no such process."""
    try:
        return psutil.Process(pid).create_time() if pid else None
    except psutil.Error:
        return None


def is_zombie(pid: int) -> bool:
    """Say whether a process has ended without being collected."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True
