"""The connection to a cluster."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any

from distributed import Client, Security
from nexuslims_core.errors import NexusLIMSError
from nexuslims_core.manager.records import describe

from nexuslims_executor_dask.versions import outdated, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nexuslims_executor_dask.settings import DaskSettings

REMEDY = "install the same versions of nexuslims-core and its plugins on all machines"


class ClusterError(NexusLIMSError, BrokenExecutor):
    """The cluster, not the file, is why a file was not extracted.

    Of the kind that leaves the session to the next run: no fallback describes the file.
    """


def connect(settings: DaskSettings) -> Client:
    """Return a client of the cluster, after a look at its workers.

    Raises
    ------
    ClusterError
        If the scheduler does not answer, or any worker would work otherwise than this
        installation.
    """
    client = _connected(settings)
    try:
        problems = tuple(_problems(client, settings))
    except Exception as error:
        client.close()  # type: ignore[no-untyped-call]
        msg = f"the Dask cluster at {settings.scheduler} fails: {describe(error)}"
        raise ClusterError(msg) from error
    if problems:
        client.close()  # type: ignore[no-untyped-call]
        raise ClusterError(f"{'; '.join(problems)}; {REMEDY}")
    return client


def _connected(settings: DaskSettings) -> Client:
    try:
        return Client(  # type: ignore[no-untyped-call]
            settings.scheduler,
            timeout=settings.timeout,
            security=_security(settings),
            set_as_default=False,
            name="nexuslims",
        )
    # Wrong certificates and a time-out are OSErrors; distributed has others besides.
    except Exception as error:
        msg = (
            f"NX_DASK_SCHEDULER: no Dask scheduler at {settings.scheduler} answered "
            f"within {settings.timeout:g} s ({describe(error)}); see that it runs, "
            "that the address is right, and that it is spoken to as it wants: tcp://, "
            "or tls:// with NX_DASK_TLS_…"
        )
        raise ClusterError(msg) from error


def _security(settings: DaskSettings) -> Security | None:
    if not settings.encrypted:
        return None
    return Security(  # type: ignore[no-untyped-call]
        require_encryption=True,
        tls_ca_file=str(settings.tls_ca_file),
        tls_client_cert=str(settings.tls_cert_file),
        tls_client_key=str(settings.tls_key_file or settings.tls_cert_file),
    )


def workers(client: Client, settings: DaskSettings) -> list[str]:
    """Return the addresses of the workers that may be given files."""
    known: dict[str, dict[str, Any]] = client.scheduler_info(n_workers=-1)["workers"]
    return [
        address
        for address, told in known.items()
        if all(
            told.get("resources", {}).get(name, 0) >= amount
            for name, amount in settings.resources
        )
    ]


def _problems(client: Client, settings: DaskSettings) -> Iterator[str]:
    """Yield what is wrong with workers; one that joins later is looked at then."""
    addresses = workers(client, settings)
    if not addresses:
        return
    found = client.run(versions, workers=addresses, on_error="return")
    here = versions()
    for address, there in sorted(found.items()):
        if isinstance(there, BaseException):
            yield (
                f"Dask worker {address} cannot use nexuslims-executor-dask "
                f"({describe(there)})"
            )
            continue
        different = outdated(there, here)
        if different:
            yield f"Dask worker {address}: {'; '.join(different)}"


def within(seconds: float, function: Callable[[], object]) -> None:
    """Call a function; stop waiting for it after some seconds, whatever it does."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(seconds)
