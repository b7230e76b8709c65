"""Settings of one eLabFTW notebook, ``NX_ELABFTW_…``."""

from __future__ import annotations

from typing import ClassVar

from nexuslims_core.plugin_settings import DestinationSettings
from pydantic import Field, HttpUrl, SecretStr

API_PATH = "/api/v2"


class ElabftwSettings(DestinationSettings):
    """Where experiments go and how; a second notebook has names ending in ``_2``."""

    env_prefix: ClassVar[str] = "NX_ELABFTW_"

    url: HttpUrl
    """Base address of the notebook; it may have a path."""
    api_key: SecretStr
    """API key that may write, as *User panel → API keys* shows it once."""
    experiment_category: int | None = Field(default=None, gt=0)
    """Identifier of the category that new experiments get."""
    experiment_status: int | None = Field(default=None, gt=0)
    """Identifier of the status that new experiments get."""
    attached_previews: int = Field(default=40, ge=0)
    """How many previews are attached and shown at most; the rest is counted."""
    listed_files: int = Field(default=300, ge=0)
    """How many data files the text lists at most; the rest is counted."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds to wait for an answer; large files get more."""

    @property
    def site(self) -> str:
        """The base address without a slash at its end."""
        # People copy the address of the interface as well.
        return str(self.url).rstrip("/").removesuffix(API_PATH).rstrip("/")
