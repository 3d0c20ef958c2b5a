"""What the page before a start shows: each profile in words, and how many seats are free now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from courses.schema import Text
from hub.pods.seats_now import Seats
from spawner_config.settings import NotebookSettings

TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True)
class Choice:
    """One profile as a person sees it. ``seats`` None: there are always enough, or nobody can say now."""

    slug: str
    name: Text
    purpose: Text
    cores: float
    memory: str
    hours: float
    has_gpu: bool
    seats: Seats | None
    is_chosen: bool

    @property
    def is_full(self) -> bool:
        """Whether it can't be started now."""
        return self.seats is not None and self.seats.free == 0


def make_choices(
    settings: NotebookSettings,
    names: Iterable[str],
    seats: Mapping[str, Seats] | None,
    chosen: Mapping[str, Any] | None,
) -> list[Choice]:
    """Return the profiles in the settings' order; the default one is chosen unless a free one was chosen last."""
    choices = [_choice(settings, name, seats) for name in names]
    wanted = (chosen or {}).get("profile")
    usable = {choice.slug for choice in choices if not choice.is_full}
    picked = wanted if isinstance(wanted, str) and wanted in usable else settings.default_name
    return [Choice(**{**vars(choice), "is_chosen": choice.slug == picked}) for choice in choices]


def _choice(settings: NotebookSettings, name: str, seats: Mapping[str, Seats] | None) -> Choice:
    profile, pool = settings.profiles[name], settings.pool_of(name)
    return Choice(
        slug=name,
        name=profile.name,
        purpose=profile.purpose,
        cores=pool.seat.cpu_limit,
        memory=pool.seat.memory_limit.replace("Gi", " GB").replace("Mi", " MB"),
        hours=pool.session_hours,
        has_gpu=pool.has_gpu,
        seats=seats[profile.pool] if seats and pool.has_gpu else None,
        is_chosen=False,
    )


def render_choices(choices: list[Choice]) -> str:
    """Return the fields of the form; user text is escaped."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return environment.get_template("profiles.html").render(choices=choices)
