"""Everything that a person may set, read once at start from ``AXCAMPUS_*`` variables into one frozen object.

Addresses and folders are derived here and nowhere else, so that the parts agree without talking.
"""

from __future__ import annotations

import tempfile
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: The folder that holds the packages: the clone, for an editable install.
PROJECT_ROOT = Path(__file__).resolve().parent.parent

#: Carried by every process that a supervisor starts, however far it detaches: how leftovers are found.
INSTANCE_VARIABLE = "AXCAMPUS_INSTANCE"

#: The OAuth client that the portal is for the hub, and the name of its service.
PORTAL_SERVICE = "portal"
PORTAL_CLIENT_ID = "service-axcampus-portal"


def default_home() -> Path:
    """Return ``var/`` of the clone, or a folder of the user for a package that was installed without one."""
    if (PROJECT_ROOT / "pyproject.toml").is_file():
        return PROJECT_ROOT / "var"
    return Path.home() / ".local" / "share" / "ax-campus"


class Settings(BaseSettings):
    """The settings of one installation. Four ports in a row are used, the first is the portal's."""

    model_config = SettingsConfigDict(env_prefix="AXCAMPUS_", frozen=True)

    home: Path = Field(default_factory=default_home, description="folder of everything that is written")
    port: int = Field(default=8000, ge=1024, le=65532, description="first of four TCP ports")
    bind: str = Field(default="127.0.0.1", description="network address that portal and notebooks are served on")
    portal_host: str = Field(default="localhost", description="host name of the portal in browsers")
    notebook_host: str = Field(default="127.0.0.1", description="host name of hub and notebooks; never the portal's")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite under home")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    courses: Path = Field(default=PROJECT_ROOT / "courses", description="folder of the course folders")
    demo: bool = Field(default=True, description="make a demonstration programme with accounts at the first start")
    portal_threads: int = Field(default=40, ge=2, le=256, description="requests that the portal answers at a time")
    sweep_hours: float = Field(default=24, ge=0, description="how often unused bytes are removed; 0: never by itself")
    sweep_keep_days: float = Field(default=7, ge=1, description="how old unused bytes must be before they are removed")
    notebook_start_seconds: int = Field(default=60, ge=5, description="how long a notebook server may take to start")
    notebooks_run_as: Literal["processes", "pods"] = Field(default="processes", description="of this machine, or pods")
    notebooks_file: Path | None = Field(default=None, description="YAML: pools, profiles, homes ... (docs/pods.md)")
    grading_file: Path | None = Field(default=None, description="YAML: grading in pods (docs/grading-kubernetes.md)")
    inside_host: str = Field(default="", description="name of hub and portal for pods; empty: none run elsewhere")
    subdomain_host: str = Field(default="", description="each notebook server under a host name of its own below this")
    smtp_host: str = Field(default="", description="mail server; empty: mail is written as files under home/mail")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="how mail is protected")
    smtp_user: str = Field(default="", description="log-in name at the mail server; empty: none")
    smtp_password_file: Path | None = Field(default=None, description="file with the password, mode 0600")
    mail_from: str = Field(default="AX Campus <no-reply@localhost>", description="sender of mail: Name <address>")
    mail_off: str = Field(default="", description="kinds of mail that nobody gets, parted by commas (docs/mail.md)")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("mail_from")
    @classmethod
    def _one_sender(cls, value: str) -> str:
        name, address = parseaddr(value)
        if not address.isascii() or address.count("@") != 1 or "\n" in value:
            raise ValueError(f"AXCAMPUS_MAIL_FROM is no sender such as 'AX Campus <campus@example.ac.kr>': {name!r}")
        return value

    @model_validator(mode="after")
    def _two_hosts(self) -> Self:
        if self.portal_host.lower() == self.notebook_host.lower():
            raise ValueError("AXCAMPUS_PORTAL_HOST and AXCAMPUS_NOTEBOOK_HOST must differ: cookies ignore ports")
        return self

    @model_validator(mode="after")
    def _password_only_over_tls(self) -> Self:
        if self.smtp_user and self.smtp_security == "none" and self.smtp_host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("AXCAMPUS_SMTP_SECURITY=none would send the password in the clear: use starttls or tls")
        return self

    # addresses ---------------------------------------------------------------------------------
    @property
    def portal_url(self) -> str:
        """Origin of the portal, without a slash. Its host is not the notebooks': cookies ignore ports."""
        return f"http://{self.portal_host}:{self.port}"

    @property
    def portal_api_url(self) -> str:
        """Base of the REST API that notebook servers and the hub call, from this machine."""
        return f"http://localhost:{self.port}/api/v1"

    @property
    def hub_url(self) -> str:
        """Public address of the hub and the notebook servers (the proxy), with a slash."""
        return f"http://{self.notebook_host}:{self.port + 1}/"

    @property
    def inside_portal_api_url(self) -> str:
        """The portal's REST API as pods reach it."""
        return f"http://{self.inside_host}:{self.port}/api/v1" if self.inside_host else self.portal_api_url

    @property
    def hub_port(self) -> int:
        """Port of the hub process, reached only on this machine."""
        return self.port + 2

    @property
    def hub_api_url(self) -> str:
        """The hub's REST API, past the proxy: works while the proxy restarts."""
        return f"http://127.0.0.1:{self.hub_port}/hub/api"

    @property
    def proxy_api_url(self) -> str:
        """Where the hub tells the proxy its routes."""
        return f"http://127.0.0.1:{self.port + 3}"

    @property
    def ports(self) -> dict[str, int]:
        """What listens where."""
        return {"portal": self.port, "proxy": self.port + 1, "hub": self.port + 2, "proxy API": self.port + 3}

    # folders -----------------------------------------------------------------------------------
    @property
    def hub_folder(self) -> Path:
        """The hub's database and the accounts."""
        return self.home / "hub"

    @property
    def accounts_path(self) -> Path:
        """SQLite file of the local accounts."""
        return self.hub_folder / "accounts.sqlite3"

    @property
    def homes(self) -> Path:
        """One folder a person."""
        return self.home / "homes"

    @property
    def secrets(self) -> Path:
        """Keys and tokens, one a file, mode 0600."""
        return self.home / "secrets"

    @property
    def logs(self) -> Path:
        """One log file a part."""
        return self.home / "log"

    @property
    def run(self) -> Path:
        """The supervisor's lock and state, and events that could not be delivered yet."""
        return self.home / "run"

    @property
    def notebook_packages(self) -> Path:
        """What notebooks import of our packages: links, made anew by the hub at its start."""
        return self.home / "packages"

    @property
    def mail(self) -> Path:
        """Mail that is written to files instead of being sent."""
        return self.home / "mail"

    @property
    def mail_switched_off(self) -> frozenset[str]:
        """Kinds of mail that nobody gets."""
        return frozenset(filter(None, (kind.strip() for kind in self.mail_off.split(","))))

    @cached_property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.home / 'axcampus.db'}"

    @property
    def instance(self) -> str:
        """Names this installation among all processes of the machine: its home folder."""
        return str(self.home)


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return the variables that give another process exactly these settings."""
    values = settings.model_dump(mode="json")
    return {f"AXCAMPUS_{name.upper()}": str(value) for name, value in values.items() if value is not None}


def ensure_folders(settings: Settings) -> None:
    """Make all folders; raises ``OSError`` if one can't be made or written.

    ``home`` and ``homes`` may be entered but not listed by others: a notebook user has to reach its own home. The
    mode of a folder that was there before is left alone: somebody may have pointed us to ``/tmp``.
    """
    closed = (settings.hub_folder, settings.secrets, settings.logs, settings.run, settings.mail)
    settings.home.parent.mkdir(parents=True, exist_ok=True)
    for folder in (settings.home, settings.homes, *closed):
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700 if folder in closed else 0o711)  # whatever the umask is
    with tempfile.TemporaryFile(dir=settings.run):
        pass
