"""What the chart's values may be, as checked data: everything that a settings model knows comes from that model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from courses.schema import Frozen
from graders.runners.job_manifest import PodSize, Shards
from graders.runners.job_manifest_room import Quota
from hub.settings import Settings
from spawner_config.compute import Image, Toleration
from spawner_config.network import Peer
from spawner_config.quantities import Bytes, Name
from spawner_config.settings import NotebookSettings

#: Settings of the platform that a site decides. The others (ports, folders, files) are the chart's own.
SITE_SETTINGS = (
    "log_level",
    "demo",
    "portal_threads",
    "sweep_hours",
    "sweep_keep_days",
    "subdomain_host",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "mail_from",
    "mail_off",
)

#: Old or misplaced key -> where it is now. The schema lets them in, so that a template can say the new name.
RENAMED = {
    "hub": "jupyterhub.hub",
    "proxy": "jupyterhub.proxy",
    "singleuser": "notebooks",
    "cull": "notebooks.culling",
    "scheduling": "jupyterhub.scheduling",
}

#: JSON schemas know no look-ahead: "never latest" stands beside the pattern, and is checked again by Python.
ImageReference = Annotated[
    str,
    AfterValidator(lambda value: Image(reference=value).reference),
    Field(
        description="repository:tag or @sha256:..., never latest",
        json_schema_extra={
            "pattern": r"^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$",
            "not": {"pattern": ":latest$"},
        },
    ),
]
ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Address = Annotated[str, Field(pattern=r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$")]
Amount = Annotated[str, Field(pattern=r"^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi|Ti)?$", description="as Kubernetes writes it")]


def site_settings() -> type[BaseModel]:
    """Return the model of ``settings``: fields of the platform's own ``Settings`` with their types and defaults."""
    fields: dict[str, Any] = {}
    for name in SITE_SETTINGS:
        field = Settings.model_fields[name]
        fields[name] = (field.annotation, field)
    return create_model("SiteSettings", __config__=ConfigDict(frozen=True, extra="forbid"), **fields)


class Part(Frozen):
    """A Deployment of ours."""

    replicas: int = Field(default=1, ge=0)
    cpu_request: Amount = "100m"
    cpu_limit: Amount = "2"
    memory_request: Amount = "512Mi"
    memory_limit: Amount = "2Gi"
    scratch: Bytes = Field(default="2Gi", description="temporary files")
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()


class TrialDatabase(Frozen):
    """One PostgreSQL in a pod, for a trial: no standby, no backup, gone with its volume."""

    enabled: bool = False
    image: ImageReference = "docker.io/library/postgres:17-bookworm"
    user: int = Field(default=999, ge=1, description="the image's user postgres")
    storage: Bytes = "10Gi"
    storage_class: str | None = None
    memory_limit: Amount = "1Gi"


class DatabaseValues(Frozen):
    """PostgreSQL: by default one that the site runs, named by a Secret."""

    secret: ObjectName = Field(default="axcampus-database", description="Secret with the address")
    key: str = Field(default="url", pattern=r"^[-._A-Za-z0-9]+$", description="key in the Secret: postgresql://...")
    peers: tuple[Peer, ...] = Field(default=(), description="where it is: nothing else of the network is opened for it")
    trial: TrialDatabase = TrialDatabase()


class SecretValues(Frozen):
    """Secrets by name. ``create``: the chart makes those of keys that are missing, and keeps what is there."""

    create: bool = True
    keys_name: Literal["axcampus-keys"] = Field(default="axcampus-keys", description="fixed: the hub mounts it too")
    grading_name: ObjectName = Field(default="axcampus-grading", description="in both namespaces")
    smtp_name: ObjectName | None = Field(default=None, description="Secret with key password, for settings.smtp_user")


class NetworkValues(Frozen):
    """Whom the platform's own pods may talk to, beside each other."""

    dns: tuple[Peer, ...] = Field(min_length=1)
    api_server: tuple[Peer, ...] = Field(default=(), description="the hub starts pods, the worker Jobs")
    ingress_controller: tuple[Peer, ...] = Field(default=(), description="who brings people's requests (ports ignored)")
    mail: tuple[Peer, ...] = ()
    identity_provider: tuple[Peer, ...] = Field(default=(), description="the hub asks it at sign-in")


class GradingValues(Frozen):
    """Pods that run student code."""

    namespace: Name = "axcampus-grading"
    replicas: int = Field(default=1, ge=0)
    at_a_time: int = Field(default=16, ge=2, le=256)
    size: PodSize = PodSize()
    preload: tuple[str, ...] = ("numpy", "pandas", "matplotlib.pyplot")
    grace_seconds: int = Field(default=780, ge=0)
    fresh_after: int = Field(default=2000, ge=0)
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    bulk: bool = Field(default=True, description="regrades in Jobs; off: in the warm pods after everything live")
    shards: Shards = Shards()
    most: int = Field(default=8, ge=1, description="Jobs at a time")
    quota: Quota = Quota()


class NotebookQuota(Frozen):
    """What all notebook pods together may use."""

    enabled: bool = True
    pods: int = Field(default=350, ge=1)
    cpu_requests: Amount = "160"
    memory_requests: Amount = "1Ti"
    claims: int = Field(default=1000, ge=1, description="homes")
    gpus: dict[str, int] = Field(default_factory=dict, description="e.g. nvidia.com/gpu: 8")


class IngressValues(Frozen):
    """Two hosts, never one: a page under /user/ must not act in the portal."""

    enabled: bool = False
    class_name: str = ""
    annotations: dict[str, str] = Field(default_factory=dict)
    portal_tls_secret: str = ""
    notebook_tls_secret: str = ""


class Switch(Frozen):
    """Something that another tool may make instead of the chart."""

    create: bool = True


class Values(BaseModel):
    """The whole of values.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    portal_url: Address = Field(description="what people type for the portal")
    notebook_url: Address = Field(description="hub and notebooks; another host than the portal's")
    accounts: Literal["local", "provider"] = Field(
        default="local", description="local: kept by the hub; provider: jupyterhub.hub.config says which"
    )
    image: ImageReference = Field(description="the campus image: portal, worker, jobs, grader")
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] = "IfNotPresent"
    image_pull_secret: str = Field(default="", description="Secret in every namespace of the platform")
    settings: site_settings() = Field(default_factory=dict)  # type: ignore[valid-type]
    secrets: SecretValues = SecretValues()
    database: DatabaseValues = DatabaseValues()
    portal: Part = Part()
    worker: Part = Part()
    jobs: Part = Part()
    migration_seconds: int = Field(default=900, ge=60, description="how long a migration may take")
    notebooks: NotebookSettings = NotebookSettings()
    notebook_quota: NotebookQuota = NotebookQuota()
    grading: GradingValues = GradingValues()
    network: NetworkValues
    ingress: IngressValues = IngressValues()
    namespaces: Switch = Field(default=Switch(), description="those of notebooks and grading")
    priority_classes: Switch = Switch()
    jupyterhub: dict[str, Any] = Field(default_factory=dict, description="zero-to-jupyterhub's own values")
    globals: dict[str, Any] = Field(default_factory=dict, alias="global")
