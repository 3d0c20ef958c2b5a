"""Where notebook servers run when there is no cluster: the facts a local spawner needs, as one frozen object."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


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
