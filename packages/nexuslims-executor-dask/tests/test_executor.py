"""The executor by itself, at real clusters."""

from __future__ import annotations

import math
import time
from concurrent.futures import BrokenExecutor, CancelledError, as_completed
from pathlib import Path

import pytest
import trustme
from nexuslims_core.errors import ExportError, NexusLIMSError, WorkerError
from nexuslims_executor_dask.cluster import ClusterError
from nexuslims_executor_dask.executor import DaskExecutor

pytestmark = pytest.mark.slow

END_DASK_WORKER = """
import psutil
[worker] = [
    one for one in psutil.Process().parents() if "spawn_main" in " ".join(one.cmdline())
]
worker.kill()
"""

HOLD = """
import time
from pathlib import Path
Path({folder!r}, {name!r}).touch()
while not Path({folder!r}, "go").exists():
    time.sleep(0.02)
"""


@pytest.fixture
def connect(settings_of):
    """Return a function that makes executors, which are shut down after the test."""
    made = []

    def connect(cluster, timeout=60.0, **settings) -> DaskExecutor:
        made.append(DaskExecutor(settings_of(cluster, **settings), timeout=timeout))
        return made[-1]

    yield connect
    for executor in made:
        executor.shutdown(wait=False, cancel_futures=True)


@pytest.fixture
def hold(tmp_path):
    """Return a function that gives a program which waits for a file called `go`."""
    return lambda name: HOLD.format(folder=str(tmp_path), name=name)


def test_results_and_exceptions_come_back(cluster, connect):
    executor = connect(cluster)

    futures = [executor.submit(math.sqrt, number) for number in (1, 4, 9)]
    assert sorted(one.result() for one in as_completed(futures)) == [1, 2, 3]
    with pytest.raises(ValueError, match="domain"):
        executor.submit(math.sqrt, -1).result()
    # One whose arguments are lost on the way through pickle, and one with none.
    raising = "from nexuslims_core.errors import ExportError\nraise {}"
    with pytest.raises(ExportError, match="refused"):
        executor.submit(exec, raising.format("ExportError('refused')"), {}).result()
    with pytest.raises(NexusLIMSError, match="called sys"):
        executor.submit(exec, raising.format("SystemExit(3)"), {}).result()
    awkward = (
        "class Awkward(Exception):\n"
        "    def __init__(self, one, two): super().__init__(one)\n"
        "raise Awkward('only here', 2)"
    )
    with pytest.raises(NexusLIMSError, match="Awkward: only here"):
        executor.submit(exec, awkward, {"__name__": "nowhere"}).result()

    executor.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(math.sqrt, 4)


def test_what_hangs_or_crashes_is_stopped_and_the_worker_goes_on(cluster, connect):
    executor = connect(cluster, timeout=3.0)

    with pytest.raises(TimeoutError):
        executor.submit(time.sleep, 600).result()
    with pytest.raises(Exception, match="3"):
        executor.submit(exec, "import os; os._exit(3)").result()
    assert executor.submit(math.sqrt, 4).result() == 2
    assert cluster.processes["first"].poll() is None


def test_a_call_that_was_called_off_is_not_done(
    cluster, connect, hold, tmp_path, until
):
    executor = connect(cluster)
    first = executor.submit(exec, hold("first"))
    until((tmp_path / "first").exists)
    second = executor.submit(exec, hold("second"))

    assert second.cancel()
    # The worker hears of it a moment later.
    until(
        lambda: (
            [
                *executor._client.run(
                    lambda dask_worker: len(dask_worker.state.tasks)
                ).values()
            ]
            == [1]
        )
    )
    (tmp_path / "go").touch()

    assert first.result() is None
    assert executor.submit(math.sqrt, 4).result() == 2
    assert not (tmp_path / "second").exists()
    with pytest.raises(CancelledError):
        second.result()


def test_a_shutdown_waits_for_what_is_under_way(
    cluster, connect, hold, tmp_path, until
):
    executor = connect(cluster)
    future = executor.submit(exec, hold("first"))
    until((tmp_path / "first").exists)

    executor.shutdown(wait=False)
    assert not future.done()
    (tmp_path / "go").touch()

    assert future.result() is None


def test_a_call_that_ends_every_worker_is_to_blame(make_cluster, connect):
    cluster = make_cluster(
        environment={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    )
    cluster.add_worker("first", "--nthreads=1")
    executor = connect(cluster)

    with pytest.raises(WorkerError, match="every Dask worker"):
        executor.submit(exec, END_DASK_WORKER).result()
    # The nanny starts another.
    assert executor.submit(math.sqrt, 4).result() == 2


def test_trouble_with_the_cluster_is_no_fault_of_a_file():
    assert issubclass(ClusterError, BrokenExecutor)


def test_a_call_may_take_only_so_much_memory(cluster, connect):
    executor = connect(cluster, memory_mb=100)
    with pytest.raises(MemoryError):
        executor.submit(bytearray, 300_000_000).result()
    assert executor.submit(math.sqrt, 4).result() == 2


def test_a_scheduler_that_dies_ends_what_waits_for_it(
    make_cluster, connect, hold, tmp_path, until
):
    cluster = make_cluster()
    cluster.add_worker("first", "--nthreads=1")
    executor = connect(cluster, timeout=60.0, worker_timeout=2.0)
    future = executor.submit(exec, hold("first"))
    until((tmp_path / "first").exists)

    cluster.processes["scheduler"].kill()

    with pytest.raises(ClusterError, match="Dask scheduler at tcp"):
        future.result()
    (tmp_path / "go").touch()


def test_workers_without_what_is_asked_for_get_nothing(make_cluster, connect):
    cluster = make_cluster()
    cluster.add_worker("first", "--nthreads=1")
    executor = connect(cluster, resources=(("nexuslims", 1.0),), worker_timeout=1.0)
    with pytest.raises(ClusterError, match="NX_DASK_WORKER_TIMEOUT"):
        executor.submit(math.sqrt, 4).result()

    cluster.add_worker("second", "--resources=nexuslims=1")
    assert executor.submit(math.sqrt, 4).result() == 2


def test_a_worker_of_another_version_is_named_at_the_start(
    make_cluster, connect, tmp_path
):
    information = tmp_path / "nexuslims_core-0.0.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: nexuslims-core\nVersion: 0.0.1\n"
    )
    cluster = make_cluster()
    cluster.add_worker("first", path=tmp_path)

    with pytest.raises(ClusterError, match=r"nexuslims-core is 0\.0\.1 there and"):
        connect(cluster)


def test_a_worker_without_this_package_is_named_at_the_start(
    make_cluster, connect, tmp_path
):
    (tmp_path / "nexuslims_executor_dask.py").write_text("raise ModuleNotFoundError")
    cluster = make_cluster()
    cluster.add_worker("first", path=tmp_path)

    with pytest.raises(ClusterError, match="cannot use nexuslims-executor-dask"):
        connect(cluster)


@pytest.fixture
def certificates(tmp_path):
    """Return the files of an authority and of a certificate for this machine."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    authority.cert_pem.write_to_path(paths[0])
    issued.cert_chain_pems[0].write_to_path(paths[1])
    issued.private_key_pem.write_to_path(paths[2])
    return dict(zip(("tls-ca-file", "tls-cert", "tls-key"), paths, strict=True))


def test_a_cluster_may_ask_for_certificates(make_cluster, connect, certificates):
    options = (f"--{name}={path}" for name, path in certificates.items())
    cluster = make_cluster(*options)
    cluster.add_worker("first", "--nthreads=1")
    ca, cert, key = certificates.values()
    ours = {"tls_ca_file": ca, "tls_cert_file": cert, "tls_key_file": key}

    assert cluster.address.startswith("tls://")
    assert connect(cluster, **ours).submit(math.sqrt, 4).result() == 2

    other = Path(ca).with_name("other.pem")
    trustme.CA().cert_pem.write_to_path(other)
    with pytest.raises(ClusterError, match="NX_DASK_SCHEDULER"):
        connect(cluster, **{**ours, "tls_ca_file": other}, timeout=2.0)
