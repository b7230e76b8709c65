from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")

KILLED, FINISHED = 9, 0

# Python announces each of these before it asks the system to do it.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime"}


def _kill_at(step, folder):
    """Let this process die when it is about to change `folder` for the n-th time."""
    count = 0

    def watch(event, args):
        nonlocal count
        if event not in STEPS or not str(args[0]).startswith(str(folder)):
            return
        if event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        if event == "os.mkdir" and Path(args[0]).is_dir():
            return  # only makes sure
        count += 1
        if count > step:
            os._exit(KILLED)

    sys.addaudithook(watch)


@pytest.fixture
def export_and_kill(catalogue, folder):
    """Return a function that exports in a child, killed at a step; tells how it ended.

    The child is a copy of this process, so that it needs no time to start.
    """

    def run(context, step):
        child = os.fork()
        if child == 0:
            try:
                _kill_at(step, folder)
                catalogue.export(context)
            finally:
                os._exit(FINISHED)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return run


@pytest.fixture
def before_and_after(make_context, request):
    """Return contexts: what is in the catalogue before, and the export that dies."""
    old = make_context(1, datasets=1)
    cases = {
        "new": (make_context(2, datasets=1), old),
        "changed": (old, make_context(1, datasets=1, motivation="rebuilt")),
        "renamed": (old, make_context(1, datasets=1, title="another name")),
        "fewer datasets": (
            old,
            make_context(1, activities=old.record.activities[:1]),
        ),
    }
    return cases[request.param]


@pytest.fixture
def start_with(catalogue, folder):
    """Return a function that begins a new catalogue with one record."""

    def start(context):
        shutil.rmtree(folder, ignore_errors=True)
        catalogue.export(context)

    return start


@pytest.mark.parametrize(
    ("before_and_after", "next_is"),
    [
        ("new", "the same"),
        ("new", "renamed again"),
        ("changed", "the same"),
        ("changed", "another session"),
        ("renamed", "another session"),
        ("renamed", "renamed again"),
        ("fewer datasets", "another session"),
    ],
    indirect=["before_and_after"],
)
def test_a_kill_at_any_instant_leaves_a_sound_catalogue(
    before_and_after,
    next_is,
    start_with,
    export_and_kill,
    catalogue,
    make_context,
    problems,
):
    before, after = before_and_after
    following = {
        "the same": after,
        "another session": make_context(3, datasets=1),
        "renamed again": make_context(1, datasets=1, title="yet another name"),
    }[next_is]
    ended, step = KILLED, -1
    while ended == KILLED:
        step += 1
        start_with(before)
        ended = export_and_kill(after, step)
        assert problems(settled=False) == [], f"after a kill at step {step}"
        catalogue.export(following)
        assert problems() == [], f"after a kill at step {step} and another export"
    assert step > 8, "the child must have been killed at several steps"


def test_a_kill_of_the_first_export_ever_is_healed(
    export_and_kill, catalogue, make_context, folder, problems
):
    context = make_context(1, datasets=1)
    ended, step = KILLED, -1
    while ended == KILLED:
        step += 1
        shutil.rmtree(folder, ignore_errors=True)
        ended = export_and_kill(context, step)
        assert problems(settled=False) == [], f"after a kill at step {step}"
        catalogue.export(context)
        assert problems() == [], f"after a kill at step {step} and another export"
    assert step > 8, "the child must have been killed at several steps"


@pytest.mark.parametrize("next_step", range(0, 30, 3))
def test_a_kill_while_tidying_up_is_tidied_up_too(
    next_step, export_and_kill, catalogue, make_context, problems
):
    catalogue.export(make_context(1))
    export_and_kill(make_context(1, title="second"), 12)
    export_and_kill(make_context(1, title="third"), next_step)
    catalogue.export(make_context(1, title="third"))
    assert problems() == []


def test_a_retry_after_a_kill_updates_the_same_record(
    export_and_kill, catalogue, make_context, page_of
):
    first = catalogue.export(make_context(1))
    rebuilt = make_context(1, motivation="rebuilt")
    assert export_and_kill(rebuilt, 3) == KILLED
    second = catalogue.export(rebuilt)
    assert (second.action, second.record_id) == ("updated", first.record_id)
    assert "rebuilt" in page_of(second).text_content()
