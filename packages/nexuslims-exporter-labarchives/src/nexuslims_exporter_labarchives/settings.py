"""Settings of one LabArchives account, ``NX_LABARCHIVES_…``."""

from __future__ import annotations

from typing import Annotated, ClassVar

from nexuslims_core.plugin_settings import DestinationSettings, PluginSettings
from pydantic import Field, HttpUrl, SecretStr, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class LabArchivesAccess(PluginSettings):
    """What every call needs: an address, an access key, and patience."""

    env_prefix: ClassVar[str] = "NX_LABARCHIVES_"

    url: HttpUrl = HttpUrl("https://api.labarchives.com/api")
    """Base address of the API; every region has its own."""
    access_key_id: Text
    """Access key ID of the institution, as LabArchives issued it."""
    access_password: SecretStr = Field(min_length=1)
    """Access password that belongs to the key; it signs calls and is never sent."""
    min_interval_s: float = Field(default=1.0, ge=0)
    """Seconds between two calls; LabArchives asks for at least one."""
    timeout: float = Field(default=30.0, gt=0)
    """Seconds to wait for an answer; what is uploaded gets twice as long and more."""


class LabArchivesSettings(LabArchivesAccess, DestinationSettings):
    """Where pages go and how; a second account has names ending in ``_2``."""

    user_id: Text
    """The `uid` under which is written; `nexuslims labarchives-get-uid` tells it."""
    notebook_id: Annotated[str, StringConstraints(strip_whitespace=True)] = ""
    """Identifier of the notebook to write in; without it entries go to the Inbox."""
    shown_previews: int = Field(default=24, ge=0)
    """How many previews an entry shows at most; the rest is counted."""
    preview_kilobytes: int = Field(default=1000, ge=0)
    """How much room the previews of an entry take at most, as they are sent."""
    listed_files: int = Field(default=300, ge=0)
    """How many data files an entry lists at most; the rest is counted."""
