"""Settings of one CDCS repository, ``NX_CDCS_…``."""

from __future__ import annotations

from typing import ClassVar

from nexuslims_core.plugin_settings import DestinationSettings
from pydantic import Field, HttpUrl, SecretStr


class CdcsSettings(DestinationSettings):
    """Where records go and how; a second repository has names ending in ``_2``."""

    env_prefix: ClassVar[str] = "NX_CDCS_"

    url: HttpUrl
    """Base address of the repository; it may have a path."""
    token: SecretStr
    """API token, as the repository's administration pages show it."""
    user_owned_records: bool = False
    """Whether the session's user becomes the owner of the record."""
    assign_to_public_workspace: bool = True
    """Whether records are published in the public workspace."""
    template_title: str = Field(default="Nexus Experiment Schema", min_length=1)
    """Title of the template that records are validated with."""
    workspace_title: str = ""
    """Title of the workspace to publish in, instead of the public one."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds to wait for an answer; large records get more."""
