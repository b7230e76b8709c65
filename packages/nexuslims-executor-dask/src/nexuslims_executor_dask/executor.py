"""An executor whose workers are those of a Dask cluster."""

from __future__ import annotations

import pickle
import threading
import uuid
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from distributed import Future as Task
from distributed import KilledWorker
from nexuslims_core.errors import WorkerError
from nexuslims_core.extraction import manager_from
from nexuslims_core.manager.records import describe
from nexuslims_core.pipeline.worker import FileJob, FileOutcome

from nexuslims_executor_dask import remote
from nexuslims_executor_dask.calls import Answer, Call
from nexuslims_executor_dask.cluster import ClusterError, connect, within, workers
from nexuslims_executor_dask.errors import UnfitWorkerError
from nexuslims_executor_dask.ground import Ground, Inventory
from nexuslims_executor_dask.versions import versions
from nexuslims_executor_dask.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nexuslims_executor_dask.settings import DaskSettings

P = ParamSpec("P")
T = TypeVar("T")

END_SECONDS = 10.0
"""How long the workers may take to hear that a run ended."""


class DaskExecutor(Executor):
    """Does calls on the workers of a Dask cluster.

    What ends a call there ends it as on one machine: a time limit, a crash. What is
    wrong with the cluster itself is a `ClusterError`.

    Parameters
    ----------
    settings
        Which cluster, and which of its workers.
    timeout
        Seconds that one call may take, once a worker has it.

    Raises
    ------
    ClusterError
        If the scheduler does not answer, or a worker has other versions than we have.
    """

    def __init__(self, settings: DaskSettings, *, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout
        self._run = uuid.uuid4().hex
        self._versions = versions()
        self._grounds: dict[Any, Ground] = {}
        self._pending: dict[Future[Any], Task[Any]] = {}
        self._ended = False
        self._client = connect(settings)
        self._watch = Watch(
            workers=partial(workers, self._client, settings),
            is_needed=lambda: bool(self._pending),
            patience=settings.worker_timeout,
            give_up=self._give_up,
        )

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` on a worker."""
        if self._ended:
            raise RuntimeError("this executor was shut down")
        call = Call(function=fn, args=args, kwargs=kwargs, check=self._check(args))
        order = remote.Order(
            run=self._run,
            call=pickle.dumps(call),
            timeout=self._timeout,
            memory_mb=self._settings.memory_mb,
            versions=self._versions,
        )
        future: Future[T] = Future()
        task = self._task(fn, order)
        self._pending[future] = task
        future.add_done_callback(self._called_off)
        task.add_done_callback(partial(self._settle, future))  # type: ignore[no-untyped-call]
        return future

    def _task(self, fn: Callable[..., Any], order: remote.Order) -> Task[Any]:
        name = getattr(fn, "__name__", "call")
        try:
            return self._client.submit(
                remote.take,
                order,
                # The scheduler's pages show what is before the last hyphen.
                key=f"{name}-{uuid.uuid4().hex}",
                pure=False,
                priority=self._settings.priority,
                resources=dict(self._settings.resources) or None,
            )
        except Exception as error:
            msg = f"{self._named} takes no more work: {describe(error)}"
            raise ClusterError(msg) from error

    @property
    def _named(self) -> str:
        return f"the Dask scheduler at {self._settings.scheduler}"

    def _check(self, args: tuple[Any, ...]) -> Callable[[], None] | None:
        """Return what a worker must find in order before it does a file's job."""
        job = next((one for one in args if isinstance(one, FileJob)), None)
        if job is None:
            return None
        key = (job.recipe, job.data_root)
        if key not in self._grounds:
            self._grounds[key] = Ground(
                recipe=job.recipe,
                inventory=Inventory.of(manager_from(job.recipe)),
                marker=self._marked(job.data_root),
            )
        return self._grounds[key].check

    def _marked(self, folder: Path) -> Path:
        """Leave a file in the data folder, by which workers know it for the same."""
        marker = folder / f".dask-{self._run}"
        try:
            marker.touch()
        except OSError as error:
            msg = f"{folder} cannot be written to: {error.strerror or error}"
            raise ClusterError(msg) from error
        return marker

    def _called_off(self, future: Future[Any]) -> None:
        task = self._pending.pop(future, None)
        if task is not None and future.cancelled():
            with suppress(Exception):
                task.cancel()  # type: ignore[no-untyped-call]

    def _settle(self, future: Future[Any], task: Task[Any]) -> None:
        """Take over what came of a task; called in a thread of the client."""
        try:
            value, problem = self._value(task), None
        # The contract of an executor: an exception belongs to the future.
        except Exception as error:  # noqa: BLE001
            value, problem = None, error
        self._finish(future, value, problem)

    def _finish(
        self, future: Future[Any], value: object, problem: BaseException | None
    ) -> None:
        # Whoever takes it out of there is the one to finish it.
        if self._pending.pop(future, None) is None:
            return
        if not future.set_running_or_notify_cancel():
            return
        if problem is None:
            future.set_result(value)
        else:
            future.set_exception(problem)

    def _value(self, task: Task[Any]) -> object:
        if task.status in {"cancelled", "lost"}:
            msg = f"{self._named} was lost, or lost the task; the next run tries again"
            raise ClusterError(msg)
        try:
            reply: remote.Reply = task.result()
        except KilledWorker as error:
            raise WorkerError("ended every Dask worker that was given it") from error
        except Exception as error:
            msg = f"{self._named} could not have it done: {describe(error)}"
            raise ClusterError(msg) from error
        answer: Answer = pickle.loads(reply.answer)  # noqa: S301 - from our own cluster
        return _accepted(answer, reply.worker)

    def _give_up(self, reason: str) -> None:
        msg = f"{self._named} {reason}"
        for future, task in tuple(self._pending.items()):
            self._finish(future, None, ClusterError(msg))
            with suppress(Exception):
                task.cancel()  # type: ignore[no-untyped-call]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the standard signature
        """End, after the calls under way or at once; the cluster stays."""
        if self._ended:
            return
        self._ended = True
        if cancel_futures:
            for future in tuple(self._pending):
                future.cancel()
        if wait or cancel_futures:
            self._close()
        else:
            threading.Thread(target=self._close).start()

    def _close(self) -> None:
        wait(tuple(self._pending))
        self._watch.end()
        with suppress(Exception):
            within(END_SECONDS, self._tell_workers)
        for ground in self._grounds.values():
            with suppress(OSError):
                ground.marker.unlink()
        within(END_SECONDS, self._client.close)

    def _tell_workers(self) -> None:
        with suppress(Exception):
            self._client.run(remote.end, self._run, on_error="ignore")


def _accepted(answer: Answer, worker: str) -> object:
    """Return the value of an answer, unless the worker is to blame for it."""
    if isinstance(answer.error, UnfitWorkerError | BrokenExecutor):
        raise ClusterError(f"Dask worker {worker}: {answer.error}") from answer.error
    if answer.error is not None:
        raise answer.error
    value = answer.value
    if isinstance(value, FileOutcome) and value.state == "vanished":
        path = value.file.path
        if path.exists():
            msg = (
                f"Dask worker {worker} does not see {path}, which is there on this "
                "machine; mount NX_INSTRUMENT_DATA_PATH at the same place on all"
            )
            raise ClusterError(msg)
    return value
