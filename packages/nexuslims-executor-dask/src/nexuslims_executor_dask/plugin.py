"""Contributions of this distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuslims_core import hookimpl
from nexuslims_core.types import Executor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor as FuturesExecutor

    from nexuslims_executor_dask.settings import DaskSettings


def create(settings: DaskSettings, _workers: int, timeout: float) -> FuturesExecutor:
    """Connect to the cluster; how many workers there are is the cluster's matter."""
    from nexuslims_executor_dask.executor import DaskExecutor

    return DaskExecutor(settings, timeout=timeout)


@hookimpl
def nexuslims_executors() -> Iterator[Executor]:
    """Yield the executor ``dask``."""
    from nexuslims_executor_dask.settings import DaskSettings

    yield Executor(name="dask", settings=DaskSettings, create=create)
