"""Settings of the crates; their folder is the one that is needed."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads it
from typing import ClassVar, Literal, TypeAlias

from nexuslims_core.plugin_settings import DestinationSettings
from pydantic import Field, HttpUrl

Format: TypeAlias = Literal["folder", "zip", "eln"]


class RoCrateSettings(DestinationSettings):
    """Where crates are written, in which form, and what goes into them."""

    env_prefix: ClassVar[str] = "NX_ROCRATE_"

    path: Path
    """Folder of the crates, for nothing else, absolute; once it is set, crates are
    written.
    """
    format: tuple[Format, ...] = Field(default=("eln",), min_length=1)
    """How each record is written: ``folder``, ``zip`` or ``eln``; several with commas.

    A ``zip`` has the metadata at its top, an ``eln`` file in one folder.
    """
    license: HttpUrl | None = None
    """Address of the licence that the crates are under, such as that of CC BY 4.0.

    Without it they say that no licence is stated.
    """
    checksums: bool = True
    """Whether to compute the SHA-256 of data files; each is read once for that."""
    include_data: bool = False
    """Whether to copy the data files into the crates; otherwise they are referenced."""
    data_url: HttpUrl | None = None
    """Address at which the instruments' files can be fetched, if there is one.

    References to data files then begin with it.
    """
    lock_timeout_s: float = Field(default=60.0, gt=0)
    """How long to wait for another process that is writing to the folder."""
