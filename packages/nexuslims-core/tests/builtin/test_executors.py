from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from nexuslims_core.builtin.executors import InlineExecutor, ProcessExecutor
from nexuslims_core.builtin.workers import link
from nexuslims_core.errors import WorkerError

SCRIPT = """
import mmap, os, sys, time

def answer(number):
    return number * 2

def hang():
    time.sleep(600)

def crash(code):
    os._exit(code)

def die(number):
    os.kill(os.getpid(), number)

def grow(megabytes):
    return len(bytearray(megabytes * 1_000_000))

def keep(megabytes, kept=[]):
    kept.append(b"x" * (megabytes * 1_000_000))
    return os.getpid()

def pid():
    return os.getpid()

def map_file(path, megabytes):
    with open(path, "wb") as stream:
        stream.truncate(megabytes * 1_000_000)
    with open(path, "rb") as stream:
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return mapped[-1]

class Odd(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def raise_odd():
    raise Odd("this", "that")

def answer_oddly():
    return lambda: None

class Bomb:
    def __reduce__(self):
        return explode, ()

def explode():
    if os.getpid() == int(os.environ["BOMB_AT"]):
        raise RuntimeError("boom")
    return 0

def answer_with_bomb():
    return Bomb()

class Trap:
    def __reduce__(self):
        return spring, ()

def spring():
    os._exit(7)

def refuse():
    raise ValueError("no")

def look_around(module):
    return module in sys.modules, os.environ.get("LOOKED_FOR")

def speak():
    print("spoken")
    os.write(1, b"written")
    return os.getpid()
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A module that worker processes can import."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "executor_work.py").write_text(SCRIPT)
    sys.path.insert(0, str(folder))
    yield __import__("executor_work")
    sys.path.remove(str(folder))
    del sys.modules["executor_work"]


def test_inline_work_is_done_at_once_in_this_process():
    with InlineExecutor() as pool:
        future = pool.submit(os.getpid)

    assert future.done()
    assert future.result() == os.getpid()


@pytest.mark.parametrize("error", [ValueError("no"), TimeoutError(), KeyError("x")])
def test_what_inline_work_raises_belongs_to_its_future(error):
    def refuse(*, told):
        raise told

    with InlineExecutor() as pool:
        future = pool.submit(refuse, told=error)

    assert future.exception() is error


def test_an_interrupt_of_inline_work_is_an_interrupt():
    def interrupt():
        raise KeyboardInterrupt

    with InlineExecutor() as pool, pytest.raises(KeyboardInterrupt):
        pool.submit(interrupt)


@pytest.fixture(scope="module")
def pool(work):
    """A pool of one worker that gives a task up after a few seconds."""
    pool = ProcessExecutor(workers=1, timeout=3.0)
    # Starting the worker is not what the time limit is for.
    pool.submit(work.answer, 1).result()
    yield pool
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def small(work):
    """A pool of one worker whose tasks may take little memory."""
    with ProcessExecutor(workers=1, timeout=60.0, memory_mb=200) as pool:
        yield pool


linux = pytest.mark.skipif(
    sys.platform != "linux",
    reason="only Linux limits the memory of a process, and has workers forked",
)


def test_a_worker_is_another_process(pool, work):
    assert pool.submit(work.speak).result() != os.getpid()


def test_a_worker_prints_nothing_on_our_stdout(pool, work, capfd):
    pool.submit(work.speak).result()

    assert capfd.readouterr().out == ""


def test_what_work_raises_comes_back(pool, work):
    with pytest.raises(ValueError, match="no"):
        pool.submit(work.refuse).result()


def test_a_hung_worker_is_replaced_and_the_rest_is_done(pool, work):
    begun = time.monotonic()
    hung = pool.submit(work.hang)
    after = [pool.submit(work.answer, number) for number in range(3)]

    with pytest.raises(TimeoutError):
        hung.result()

    assert sorted(one.result() for one in as_completed(after)) == [0, 2, 4]
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("code", [0, 1])
def test_a_crashed_worker_is_replaced_and_the_rest_is_done(pool, work, code):
    crashed = pool.submit(work.crash, code)
    after = pool.submit(work.answer, 4)

    with pytest.raises(WorkerError, match=f"ended with exit code {code}"):
        crashed.result()

    assert after.result() == 8


def test_what_killed_a_worker_is_told_by_name(pool, work):
    with pytest.raises(WorkerError, match="ended with SIGSEGV"):
        pool.submit(work.die, signal.SIGSEGV).result()

    assert pool.submit(work.answer, 4).result() == 8


@linux
def test_a_task_may_not_take_more_memory_than_it_is_given(small, work):
    with pytest.raises(MemoryError):
        small.submit(work.grow, 400).result()

    assert small.submit(work.grow, 100).result() == 100_000_000


@linux
def test_a_large_file_may_be_mapped_to_be_read(small, work, tmp_path):
    assert small.submit(work.map_file, str(tmp_path / "large"), 4000).result() == 0


@linux
def test_a_worker_that_keeps_much_memory_is_replaced(small, work):
    first = small.submit(work.pid).result()
    assert small.submit(work.keep, 150).result() == first
    # What it kept is no reason to deny the next task its share.
    assert small.submit(work.grow, 100).result()
    assert small.submit(work.keep, 150).result() == first
    assert small.submit(work.keep, 150).result() == first

    assert small.submit(work.pid).result() != first


def test_an_exception_that_cannot_be_rebuilt_is_told_in_words(pool, work):
    with pytest.raises(WorkerError, match="Odd: this and that"):
        pool.submit(work.raise_odd).result()


def test_an_answer_that_cannot_be_packed_costs_its_task_alone(pool, work):
    with pytest.raises(WorkerError, match="pickle"):
        pool.submit(work.answer_oddly).result()

    assert pool.submit(work.answer, 4).result() == 8


def test_an_answer_that_cannot_be_unpacked_costs_its_task_alone(
    pool, work, monkeypatch
):
    monkeypatch.setenv("BOMB_AT", str(os.getpid()))

    with pytest.raises(WorkerError, match="boom"):
        pool.submit(work.answer_with_bomb).result()

    assert pool.submit(work.answer, 4).result() == 8


@linux
def test_a_worker_has_the_libraries_from_its_first_task_on(work):
    with ProcessExecutor(workers=1, timeout=60.0) as pool:
        found, _ = pool.submit(work.look_around, "pint").result()

    assert found


def test_a_worker_has_the_environment_of_when_it_starts(work, monkeypatch):
    for value in ("one", "two", None):
        if value is None:
            monkeypatch.delenv("LOOKED_FOR")
        else:
            monkeypatch.setenv("LOOKED_FOR", value)
        with ProcessExecutor(workers=1, timeout=60.0) as pool:
            assert pool.submit(work.look_around, "os").result() == (True, value)


def test_workers_that_do_not_start_are_given_up(work):
    pool = ProcessExecutor(workers=2, timeout=60.0)
    # Unpacking it ends a worker before the task begins, whichever takes it.
    trapped = [pool.submit(work.answer, work.Trap()) for _ in range(3)]

    for one in trapped:
        with pytest.raises(BrokenExecutor, match="exit code 7"):
            one.result()
    with pytest.raises(BrokenExecutor, match="cannot be started"):
        pool.submit(work.answer, 1)
    pool.shutdown()


def test_no_process_starts_before_there_is_a_task():
    before = multiprocessing.active_children()

    with ProcessExecutor(workers=4, timeout=60.0):
        assert multiprocessing.active_children() == before


def test_there_are_no_more_processes_than_tasks(work):
    with ProcessExecutor(workers=4, timeout=60.0) as pool:
        pids = {pool.submit(work.pid).result() for _ in range(5)}

    assert len(pids) == 1


def test_workers_may_be_started_before_there_is_anything_to_do(work):
    before = len(multiprocessing.active_children())

    with ProcessExecutor(workers=2, timeout=60.0) as pool:
        pool.warm(work.pid, 5)
        deadline = time.monotonic() + 60
        while len(multiprocessing.active_children()) < before + 2:
            assert time.monotonic() < deadline
        assert pool.submit(work.answer, 4).result() == 8
        assert len(multiprocessing.active_children()) == before + 2


def test_threads_share_the_workers(pool, work):
    def several(first):
        return [
            one.result()
            for one in [pool.submit(work.answer, first + n) for n in range(50)]
        ]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(several, (0, 100, 200, 300)))

    assert found == [
        [2 * (first + n) for n in range(50)] for first in range(0, 400, 100)
    ]


def test_a_crash_costs_none_of_the_tasks_that_were_sent_ahead(work):
    with ProcessExecutor(workers=2, timeout=60.0) as pool:
        tasks = [
            pool.submit(work.crash, 3) if n % 7 == 3 else pool.submit(work.answer, n)
            for n in range(30)
        ]
        found = [one.exception() or one.result() for one in tasks]

    crashed = {n for n, one in enumerate(found) if isinstance(one, WorkerError)}
    assert crashed == {3, 10, 17, 24}
    assert all(found[n] == 2 * n for n in range(30) if n not in crashed)


def test_tasks_that_are_cancelled_in_time_are_not_done(work):
    with ProcessExecutor(workers=1, timeout=60.0) as pool:
        first = pool.submit(time.sleep, 0.5)
        others = [pool.submit(work.answer, n) for n in range(5)]
        cancelled = [one for one in others if one.cancel()]

    assert first.done()
    assert cancelled
    assert all(one.cancelled() or one.result() == 2 * n for n, one in enumerate(others))


def test_an_executor_that_ended_takes_no_tasks(work):
    pool = ProcessExecutor(workers=1, timeout=60.0)
    pool.shutdown()

    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(work.answer, 1)


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import executor_work
from nexuslims_core.builtin.executors import ProcessExecutor
if __name__ == "__main__":
    pool = ProcessExecutor(workers=1, timeout=600.0)
    print(pool.submit(executor_work.pid).result(), flush=True)
    pool.submit(executor_work.hang)
    sys.stdin.read()
"""


def start_program(work, tmp_path):
    """Start a program whose only worker hangs; return it and the worker's number."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    program = subprocess.Popen(
        [sys.executable, script, Path(work.__file__).parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    return program, int(program.stdout.readline())


def is_running(pid):
    """Tell whether there is such a process; one that ended and is unread is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@linux
@pytest.mark.parametrize("end", ["killed", "over"])
def test_a_program_that_ends_takes_hung_workers_with_it(work, tmp_path, end):
    program, worker = start_program(work, tmp_path)
    with program:
        assert is_running(worker)
        if end == "killed":
            program.kill()
        else:
            program.stdin.close()
        program.wait(60)

    for _ in range(600):
        if not is_running(worker):
            return
        time.sleep(0.1)
    pytest.fail("the worker is still there")


@linux
@pytest.mark.parametrize("path", ["/tmp/" + 60 * "x", OSError("no room")])
def test_workers_are_not_forked_where_the_socket_has_no_place(monkeypatch, path):
    def folder():
        if isinstance(path, OSError):
            raise path
        return path

    assert link._context().get_start_method() == "forkserver"
    monkeypatch.setattr(tempfile, "gettempdir", folder)
    assert link._context().get_start_method() == "spawn"


def test_workers_need_not_be_forked(work, monkeypatch):
    monkeypatch.setattr(link, "CONTEXT", multiprocessing.get_context("spawn"))
    link.prepare(["colorsys"])

    with ProcessExecutor(workers=1, timeout=60.0) as pool:
        assert pool.submit(work.look_around, "executor_work").result() == (True, None)


PREPARED = """
import sys
sys.path.insert(0, sys.argv[1])
import executor_work
from nexuslims_core.builtin.executors import ProcessExecutor
from nexuslims_core.builtin.workers.link import prepare
if __name__ == "__main__":
    prepare(["colorsys", "no_such_module", "loud", "broken", "leaving"])
    with ProcessExecutor(workers=1, timeout=600.0) as pool:
        for name in ("colorsys", "loud", "tomllib", "PIL.Image"):
            print(name, *pool.submit(executor_work.look_around, name).result())
"""


@linux
def test_workers_have_the_modules_of_extractors_and_no_harm_from_any(work, tmp_path):
    for name, body in (
        ("loud", "print('told')"),
        ("broken", "1 / 0"),
        ("leaving", "raise SystemExit(3)"),
    ):
        (tmp_path / f"{name}.py").write_text(body)
    script = tmp_path / "program.py"
    script.write_text(PREPARED)
    done = subprocess.run(
        [sys.executable, script, Path(work.__file__).parent],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == [
        "colorsys True None",
        "loud True None",
        "tomllib False None",
        "PIL.Image True None",
    ]
    assert done.stderr == "told\n"


def test_ending_at_once_drops_what_is_not_done(work):
    pool = ProcessExecutor(workers=1, timeout=600.0)
    hung = pool.submit(work.hang)
    waiting = pool.submit(work.answer, 1)

    begun = time.monotonic()
    pool.shutdown(cancel_futures=True)

    assert time.monotonic() - begun < 60
    assert hung.cancelled() or hung.exception()
    assert waiting.cancelled() or waiting.exception()
