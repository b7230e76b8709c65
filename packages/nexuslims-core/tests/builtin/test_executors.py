from __future__ import annotations

import os
import sys
import time
from concurrent.futures import as_completed

import pytest
from nexuslims_core.builtin.executors import InlineExecutor, ProcessExecutor
from pebble import ProcessExpired

SCRIPT = """
import os, sys, time

def answer(number):
    return number * 2

def hang():
    time.sleep(600)

def crash(code):
    os._exit(code)

def refuse():
    raise ValueError("no")

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

    # A worker that says goodbye with 0 is missed only when its time is over.
    with pytest.raises((ProcessExpired, TimeoutError)):
        crashed.result()

    assert after.result() == 8


def test_ending_at_once_drops_what_is_not_done(work):
    pool = ProcessExecutor(workers=1, timeout=600.0)
    hung = pool.submit(work.hang)
    waiting = pool.submit(work.answer, 1)

    begun = time.monotonic()
    pool.shutdown(cancel_futures=True)

    assert time.monotonic() - begun < 60
    assert hung.cancelled() or hung.exception()
    assert waiting.cancelled() or waiting.exception()
