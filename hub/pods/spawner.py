"""Starts a person's notebook server as a pod. Whatever Kubernetes answers, the person reads a cause and a next step.

Nothing that a start can run into is a TimeoutError, a ValueError or an ApiException for the hub: a stock hub counts
those as its own failures and ends itself after five in a row.
"""

from __future__ import annotations

import asyncio
import copy
import uuid
from datetime import timedelta
from typing import Any, ClassVar

import aiohttp
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import url_path_join, wait_for_http_server
from kubernetes_asyncio.client.exceptions import ApiException
from kubespawner import KubeSpawner
from traitlets import Any as AnyTrait
from traitlets import Dict, Instance, Unicode, default

from hub.culling.ending import EndsWhenUnused
from hub.events import EventPost, HubEvent, ServerEvent
from hub.groups import PortalGroups
from hub.helping.doors import LetsHelpersIn
from hub.pods.choice import make_choices, render_choices
from hub.pods.cluster_view import NodeView
from hub.pods.problems import PodProblem, explain_error, spawn_exception
from hub.pods.reaper import known_pods, orphans, reap_for_ever, utc_now
from hub.pods.seats_now import Seats, seats_of_pools
from hub.pods.trouble import Trouble
from spawner_config.compute import Pool
from spawner_config.names import PERSON_LABEL, SLUG_FIELD, person_slug, session_labels
from spawner_config.settings import NotebookSettings

#: Answers of an API server that has too much to do or is changing hands: worth asking again.
TRANSIENT = frozenset({410, 429, 500, 502, 503, 504})

#: What a cluster that can't be reached looks like from here.
UNREACHABLE = (ApiException, aiohttp.ClientError, TimeoutError, asyncio.TimeoutError, OSError)

LOOK_SECONDS = 0.5


class CampusPodSpawner(EndsWhenUnused, LetsHelpersIn, KubeSpawner):  # type: ignore[misc]  # KubeSpawner ships no types
    """One pod a person."""

    settings = Instance(NotebookSettings, help="what the site decided").tag(config=True)
    events_post = AnyTrait(help="an hub.events.EventPost").tag(config=True)
    groups = AnyTrait(help="an hub.groups.PortalGroups").tag(config=True)
    help_log = AnyTrait(help="an hub.helping.doors.HelpLog").tag(config=True)
    visits = Dict(help="who was let into this server and came")
    portal_api_url = Unicode(help="what the exchange plug-ins in a pod call").tag(config=True)

    nodes = NodeView()
    reaper: ClassVar[asyncio.Task[None] | None] = None
    session_id = ""
    profile = ""
    _refusal: BaseException | None = None  # the last answer that was worth asking again

    # names --------------------------------------------------------------------------------------------
    @property
    def slug(self) -> str:
        """The person's name in the cluster, where user names are nobody's business."""
        return person_slug(str(self.user.name))

    def _expand_user_properties(self, template: str, slug_scheme: str | None = None) -> str:
        return str(super()._expand_user_properties(template.replace(SLUG_FIELD, self.slug), slug_scheme))

    def _build_common_labels(self, extra_labels: dict[str, str]) -> dict[str, str]:
        labels: dict[str, str] = super()._build_common_labels(extra_labels)
        return labels | {"hub.jupyter.org/username": self.slug, PERSON_LABEL: self.slug}

    def _build_common_annotations(self, extra_annotations: dict[str, str]) -> dict[str, str]:
        annotations: dict[str, str] = super()._build_common_annotations(extra_annotations)
        return annotations | {"hub.jupyter.org/username": self.slug}

    def get_env(self) -> dict[str, str]:
        """Add the portal's address; the hub's own token is the only secret in here."""
        env: dict[str, str] = super().get_env()
        return env | {"AXCAMPUS_PORTAL_API": self.portal_api_url}

    # what was chosen ------------------------------------------------------------------------------------
    async def load_user_options(self) -> None:
        """Take the profile that was chosen, if this person may have it; refuse whatever else was posted.

        Values replace what the last server had: KubeSpawner would merge them, and a CPU server keep a GPU.
        """
        entries = {entry["slug"]: entry for entry in await self.profile_list(self)}
        chosen = (self.user_options or {}).get("profile") or self.settings.default_name
        if not isinstance(chosen, str) or chosen not in entries:
            raise spawn_exception(PodProblem.NO_PROFILE, f"{self.user.name} asked for profile {chosen!r:.80}")
        for trait, value in entries[chosen]["kubespawner_override"].items():
            setattr(self, trait, copy.deepcopy(value))
        self.profile = chosen
        pool = self.settings.profiles[chosen].pool
        self.extra_labels = session_labels(pool, chosen, self.session_id, self.slug)

    @property
    def pool(self) -> Pool:
        """The pool of the profile that was chosen."""
        return self.settings.pool_of(self.profile or self.settings.default_name)

    @default("options_form")
    def _choose_on_a_page(self) -> Any:
        return self._render_choices

    async def _render_choices(self, _spawner: Any) -> str:
        """Return the choices with free seats as HTML, or "" for somebody who has only one: it starts at once."""
        await self.refresh_groups()
        names = [entry["slug"] for entry in await self.profile_list(self)]
        if len(names) < 2:
            return ""
        return render_choices(make_choices(self.settings, names, await self.seats_now(), self.user_options))

    async def refresh_groups(self) -> None:
        """Learn who this person is now: an enrolment may have begun or ended since the last time."""
        source: PortalGroups | None = self.groups
        if source is not None:
            await source.refresh(self.user)

    # seats ----------------------------------------------------------------------------------------------
    async def seats_now(self) -> dict[str, Seats] | None:
        """Return the seats of every pool, or None while the cluster can't be asked."""
        try:
            await self._start_watching_pods()
            nodes = await self.nodes.list(self.api) if self.settings.gpu_resources else None
        except UNREACHABLE:
            self.log.warning("seats unknown: the cluster can't be asked", exc_info=True)
            return None
        own = f"{self.namespace}/{self.pod_name}"
        others = [pod for key, pod in self.pod_reflector.pods.items() if key != own]
        return seats_of_pools(self.settings, others, nodes)

    async def _refuse_without_seat(self) -> None:
        """Refuse before a pod is made. Two who come for the last seat at once are told apart by the scheduler."""
        seats = (await self.seats_now() or {}).get(self.settings.profiles[self.profile].pool)
        if seats is not None and seats.free == 0:
            problem = PodProblem.NO_SEAT if self.pool.has_gpu else PodProblem.NO_ROOM
            raise spawn_exception(problem, f"{self.profile}: {seats.used} of {seats.total} seats in use")

    # start ----------------------------------------------------------------------------------------------
    async def _start(self) -> str:
        """Start the pod and return its address; every failure is a SpawnException in plain words."""
        self.session_id, self._refusal = uuid.uuid4().hex, None
        self.profile = ""
        self.visits = {}
        self.forget_ending()
        self._ensure_reaper()
        try:
            await self.refresh_groups()
            await self.load_user_options()
            self._announce(ServerEvent.STARTED)
            await self._refuse_without_seat()
            url = await self._start_watched()
        except SpawnException:
            await self._give_up()
            raise
        except Exception as error:  # whatever it was: the person gets words, the log the rest, the hub stays
            problem = explain_error(self._refusal or error, self._pod(), wants_gpu=self.pool.has_gpu)
            self.log.warning("start of %s failed (%s)", self._log_name, problem.reason, exc_info=True)
            await self._give_up()
            raise spawn_exception(problem, f"{type(error).__name__}: {error}") from error
        self._announce(ServerEvent.READY)
        return url

    async def _start_watched(self) -> str:
        """Start, but stop waiting when the pod is in trouble that waiting does not mend, or out of time."""
        starting = asyncio.ensure_future(super()._start())
        trouble = asyncio.ensure_future(self._look_for_trouble())
        try:
            async with asyncio.timeout(self.settings.timing.start_seconds):
                await asyncio.wait({starting, trouble}, return_when=asyncio.FIRST_COMPLETED)
                if not starting.done():
                    raise spawn_exception(trouble.result(), "the pod's own state says so")
                url = str(starting.result())
                await self._wait_until_it_answers(url)
                return url
        finally:
            for task in (starting, trouble):
                task.cancel()
            await asyncio.gather(starting, trouble, return_exceptions=True)

    async def _look_for_trouble(self) -> PodProblem:
        """Return once the pod has been in the same trouble for longer than patience lasts."""
        trouble = Trouble(self.settings.timing.unschedulable_seconds, wants_gpu=self.pool.has_gpu)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if problem := trouble.look(self._pod(), asyncio.get_running_loop().time()):
                return problem

    async def _wait_until_it_answers(self, url: str) -> None:
        path = url_path_join(url, self.server.base_url if self.server else "/", "api")
        await wait_for_http_server(path, timeout=self.settings.timing.start_seconds)

    def _pod(self) -> dict[str, Any] | None:
        """Return the pod as the cluster last described it."""
        reflector = self.pod_reflector
        found: dict[str, Any] | None = reflector and reflector.pods.get(f"{self.namespace}/{self.pod_name}")
        return found

    async def _give_up(self) -> None:
        """Remove what was made and tell the portal. If the cluster does not answer the reaper does it later."""
        self._announce(ServerEvent.FAILED)
        try:
            await asyncio.wait_for(
                self.api.delete_namespaced_pod(name=self.pod_name, namespace=self.namespace, grace_period_seconds=0),
                self.k8s_api_request_timeout,
            )
        except UNREACHABLE as error:
            if getattr(error, "status", None) != 404:
                self.log.warning("pod %s left to the reaper: %s", self.pod_name, type(error).__name__)

    # requests that are worth repeating --------------------------------------------------------------------
    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        return await self._again_if_transient(super()._make_create_pod_request(pod, request_timeout))

    async def _make_create_pvc_request(self, pvc: Any, request_timeout: float) -> bool:
        return await self._again_if_transient(super()._make_create_pvc_request(pvc, request_timeout))

    async def _again_if_transient(self, request: Any) -> bool:
        """Return what the request says; False (ask again, later and later) for an overloaded or absent API server."""
        try:
            done = bool(await request)
        except ApiException as error:
            if error.status not in TRANSIENT:
                raise
            self._refusal = error
            return False
        except (aiohttp.ClientError, OSError) as error:
            self._refusal = error
            return False
        self._refusal = None if done else ConnectionError("the API server did not answer in time")
        return done

    async def _start_reflector(self, kind: str, reflector_class: Any, replace: bool = False, **kwargs: Any) -> Any:
        """Replace a watch that has ended: KubeSpawner would believe its last picture of the cluster for ever."""
        broken = is_broken(self.__class__.reflectors.get(self._get_reflector_key(kind)))
        return await super()._start_reflector(kind, reflector_class, replace=replace or broken, **kwargs)

    # life ---------------------------------------------------------------------------------------------
    def _ensure_reaper(self) -> None:
        """Have one task of this hub look for pods that nobody knows."""
        cls = type(self)
        if cls.reaper is None or cls.reaper.done():
            seconds = self.settings.timing.orphan_seconds
            cls.reaper = asyncio.create_task(reap_for_ever(seconds, self._orphans, self._remove))

    def _orphans(self) -> list[str]:
        patience = timedelta(seconds=self.settings.timing.orphan_seconds)
        pods = self.pod_reflector.pods.values() if self.pod_reflector else ()
        return orphans(pods, known_pods(self.db), utc_now(), patience)

    async def _remove(self, name: str) -> None:
        await asyncio.wait_for(
            self.api.delete_namespaced_pod(name=name, namespace=self.namespace), self.k8s_api_request_timeout
        )

    async def poll(self) -> int | None:
        """None while the pod runs, and while nobody can say: a hub that starts during an outage ends no server."""
        self._ensure_reaper()
        try:
            status: int | None = await super().poll()
            if status is None and self.ready:
                self.look_at_door(utc_now())
            if status is None and self.ready and await self.must_end(utc_now()):
                await self.stop()
                return 0  # the hub then takes away route and session as for any server that ended
        except UNREACHABLE:
            self.log.warning("can't ask the cluster about %s: left as it is", self._log_name)
            return None
        return status

    def get_state(self) -> dict[str, Any]:
        """Keep what a new hub needs to go on with this server."""
        state: dict[str, Any] = super().get_state()
        own = {"session_id": self.session_id, "profile": self.profile, "visits": dict(self.visits)}
        return state | own | self.ending_state()

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a server that was started before this hub."""
        super().load_state(state)
        self.session_id, self.profile = state.get("session_id", ""), state.get("profile", "")
        self.visits = dict(state.get("visits") or {})
        self.load_ending_state(state)
        if self.profile not in self.settings.profiles:
            self.profile = ""

    def _announce(self, event: ServerEvent) -> None:
        post: EventPost | None = self.events_post
        if post is not None:
            profile = self.profile or self.settings.default_name
            post.send(HubEvent(event, str(self.user.name), self.session_id, str(self.name), profile))

    def run_post_stop_hook(self) -> Any:
        """Tell the portal that the server is gone: called after a stop and after the pod has vanished."""
        self.end_all_help(utc_now())
        self._announce(ServerEvent.STOPPED)
        return super().run_post_stop_hook()


def is_broken(reflector: Any) -> bool:
    """Say whether a watch never loaded, or has given up."""
    if reflector is None:
        return False
    loaded = reflector.first_load_future
    never = loaded.done() and (loaded.cancelled() or loaded.exception() is not None)
    ended = loaded.done() and reflector.watch_task is not None and reflector.watch_task.done()
    return bool(never or ended)
