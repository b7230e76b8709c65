"""Settings of this executor, ``NX_DASK_…``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self
from urllib.parse import urlsplit

from nexuslims_core.plugin_settings import PluginSettings
from pydantic import (
    BeforeValidator,
    FilePath,
    NonNegativeInt,
    PositiveFloat,
    field_validator,
    model_validator,
)


def _amounts(given: object) -> object:
    """Turn ``nexuslims=1`` into a pair, and many into many."""
    if not isinstance(given, list | tuple):
        return given
    return [_amount(one) if isinstance(one, str) else one for one in given]


def _amount(text: str) -> tuple[str, str]:
    name, _, amount = text.partition("=")
    return name.strip(), amount.strip()


class DaskSettings(PluginSettings):
    """The cluster that reads files, for ``NX_EXECUTOR=dask``."""

    env_prefix: ClassVar[str] = "NX_DASK_"

    scheduler: str
    """Address of the scheduler, such as ``tls://dask.example.org:8786``."""
    tls_ca_file: FilePath | None = None
    """Certificate of the authority that the cluster's certificates are from, PEM."""
    tls_cert_file: FilePath | None = None
    """Certificate to show to the scheduler, PEM."""
    tls_key_file: FilePath | None = None
    """Its private key, PEM; not needed if it is in the file of the certificate."""
    timeout: PositiveFloat = 30.0
    """Seconds to wait for the scheduler to answer."""
    worker_timeout: PositiveFloat = 300.0
    """Seconds that files wait while the cluster has no worker for them."""
    resources: Annotated[
        tuple[tuple[str, PositiveFloat], ...], BeforeValidator(_amounts)
    ] = ()
    """What a worker must offer to be given a file, such as ``nexuslims=1``."""
    memory_mb: NonNegativeInt | None = None
    """Megabytes that one file may take on Linux; 0 for no limit. By default three
    quarters of the memory limit of the Dask worker, divided by its threads, and 1024 at
    least.
    """
    priority: int = 0
    """Priority among the tasks of the cluster; higher is sooner."""

    @field_validator("scheduler")
    @classmethod
    def _complete_address(cls, value: str) -> str:
        value = value.strip()
        try:
            url = urlsplit(value)
            complete = url.scheme in {"tcp", "tls"} and url.hostname and url.port
        except ValueError:
            complete = None
        # What else could stand in it may be a password.
        if not complete or "@" in value:
            raise ValueError("expected an address such as tls://dask.example.org:8786")
        return value

    @model_validator(mode="after")
    def _has_certificates(self) -> Self:
        if self.encrypted and not (self.tls_ca_file and self.tls_cert_file):
            msg = "a tls:// address needs NX_DASK_TLS_CA_FILE and NX_DASK_TLS_CERT_FILE"
            raise ValueError(msg)
        if not self.encrypted and (self.tls_ca_file or self.tls_cert_file):
            msg = "certificates are for a tls:// address; NX_DASK_SCHEDULER is tcp://"
            raise ValueError(msg)
        return self

    @property
    def encrypted(self) -> bool:
        """Whether the scheduler is spoken to over TLS."""
        return self.scheduler.startswith("tls://")
