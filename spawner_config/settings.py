"""Where notebook servers run: one model for a cluster's pods and one machine's processes, and the local facts."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from courses.schema import Frozen, Text
from spawner_config.compute import Image, Pool, Profile
from spawner_config.network import Network
from spawner_config.quantities import Name, in_bytes
from spawner_config.settings_file import read_settings
from spawner_config.storage import CourseData, Homes, SharedFolder

#: The reference site: 300 trainees, two nodes of four GPUs.
REFERENCE_FILE = Path(__file__).parent / "reference.yaml"

#: The user and group of every notebook image.
LEARNER_ID = 1000


class SettingsError(Exception):
    """The file can't be used; the text names file, field and what is wrong."""


class Timing(Frozen):
    """How long things may take before somebody is told."""

    start_seconds: int = Field(default=120, ge=10, description="from asking to a server that answers")
    unschedulable_seconds: int = Field(
        default=15, ge=1, description="no node has room: told after this, not at the end"
    )
    stop_seconds: int = Field(default=20, ge=1, description="grace for saving before a pod is killed")
    backstop_hours: float = Field(default=24, gt=0, description="the kubelet ends every pod then, hub or no hub")
    orphan_seconds: int = Field(
        default=180, ge=30, description="a pod that the hub does not know is removed after this"
    )


class Culling(Frozen):
    """Ending servers that nobody uses. Off until a site has seen that its people see the notices."""

    enabled: bool = False
    notice_minutes: int = Field(default=5, ge=1, description="between telling and stopping")
    longest_lease_hours: float = Field(default=8, gt=0, description="kept at most so long after the start")
    busy_gpu_percent: float = Field(default=5, gt=0, le=100, description="a GPU at this use works")
    prometheus_url: str = Field(
        default="", pattern=r"^(https?://[^\s@]+)?$", description="that reads the DCGM exporter"
    )


def _cpu_pools() -> dict[Name, Pool]:
    return {"cpu": Pool(seats=300)}


def _cpu_profiles() -> dict[Name, Profile]:
    name = Text(ko="기본 (CPU)", en="Standard (CPU)")
    purpose = Text(
        ko="과제, 데이터 분석, 짧은 학습. 대부분의 실습은 이것으로 충분합니다.",
        en="Assignments, data analysis, short training. Enough for most of the course.",
    )
    return {"cpu": Profile(name=name, purpose=purpose, pool="cpu", default=True)}


class NotebookSettings(Frozen):
    """Everything about notebook servers that a site decides. Without a file: CPU servers for everyone."""

    namespace: Name = Field(default="axcampus-users", description="where the pods run")
    pools: dict[Name, Pool] = Field(default_factory=_cpu_pools, min_length=1)
    profiles: dict[Name, Profile] = Field(default_factory=_cpu_profiles, min_length=1)
    images: dict[Name, Image] = Field(
        default_factory=lambda: {"cpu": Image(reference="localhost/ax-campus/notebook:dev")}, min_length=1
    )
    image_pull_secrets: tuple[str, ...] = Field(default=(), description="names of Secrets in the namespace")
    homes: Homes = Homes()
    shared_folder: SharedFolder | None = None
    course_data: CourseData | None = None
    network: Network = Network()
    package_index: str = Field(default="", pattern=r"^(https?://[^\s@]+)?$", description="where pip looks; no password")
    timing: Timing = Timing()
    culling: Culling = Culling()
    user_namespaces: bool = Field(default=False, description="hostUsers: false; needs containerd 2 and Linux 6.3")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, profile in self.profiles.items():
            if profile.pool not in self.pools or profile.image not in self.images:
                raise ValueError(f"profile {name}: pool {profile.pool!r} or image {profile.image!r} is not defined")
        if sum(profile.default for profile in self.profiles.values()) != 1:
            raise ValueError("exactly one profile must be the default")
        if self.pools[self.default_profile.pool].has_gpu or not self.default_profile.access.everyone:
            raise ValueError("the default profile must be one without a GPU that everyone may use")
        for name, pool in self.pools.items():
            self._check_pool(name, pool)
        return self

    def _check_pool(self, name: str, pool: Pool) -> None:
        seat = pool.seat
        if in_bytes(seat.memory_guarantee) > in_bytes(seat.memory_limit) or seat.cpu_guarantee > seat.cpu_limit:
            raise ValueError(f"pool {name}: a guarantee is above its limit")
        if in_bytes(seat.shared_memory) > in_bytes(seat.memory_limit):
            raise ValueError(f"pool {name}: /dev/shm is larger than the memory limit")
        if pool.session_hours > self.timing.backstop_hours:
            raise ValueError(f"pool {name}: session_hours lies beyond timing.backstop_hours")
        if pool.has_gpu == (pool.isolation == "none"):
            raise ValueError(f"pool {name}: isolation says how a GPU is divided; without a resource it is none")

    @property
    def default_name(self) -> str:
        """The name of the profile that everybody lands on."""
        return next(name for name, profile in self.profiles.items() if profile.default)

    @property
    def default_profile(self) -> Profile:
        """The profile that everybody lands on."""
        return self.profiles[self.default_name]

    @property
    def gpu_resources(self) -> tuple[str, ...]:
        """All extended resources of the pools, sorted."""
        return tuple(sorted({pool.resource for pool in self.pools.values() if pool.resource}))

    def pool_of(self, profile: str) -> Pool:
        """Return the pool of a profile."""
        return self.pools[self.profiles[profile].pool]


def load_notebooks(path: Path | None) -> NotebookSettings:
    """Read a YAML file of these settings (None: the defaults); raises SettingsError naming the field that is wrong."""
    return NotebookSettings() if path is None else read_settings(path, NotebookSettings, SettingsError)


class LocalNotebooks(BaseModel):
    """One machine that runs everybody's notebook servers as its own processes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    homes: Path = Field(description="folder of the people's homes")
    logs: Path = Field(description="folder of the servers' logs")
    packages: Path = Field(description="folder of links that notebooks import our packages from")
    project: Path = Field(description="folder that holds our packages")
    prefix: Path = Field(description="the Python environment (sys.prefix)")
    base_prefix: Path = Field(description="the Python installation below it (sys.base_prefix)")
    portal_api_url: str = Field(description="what the exchange plug-ins call")
    instance: str = Field(description="marks every process of this installation")
    start_seconds: int = Field(default=60, ge=5)
    stop_seconds: int = Field(default=8, ge=1)

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.prefix / "bin" / "python"
