from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from nexuslims_core.types import ExportResult

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")

KILLED, FINISHED = 9, 0

# Python announces each of these before it asks the system to do it.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}


def _kill_at(step, folder):
    """Let this process die when it is about to change `folder` for the n-th time."""
    count = 0

    def watch(event, args):
        nonlocal count
        if event not in STEPS or ".lock" in str(args[0]):
            return
        # What is removed of a folder is named relative to it.
        if event not in {"os.remove", "os.rmdir"} and not str(args[0]).startswith(
            str(folder)
        ):
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
def killed(folder):
    """Return a function that calls another in a child, killed at a step.

    The child is a copy of this process, so that it needs no time to start.
    """

    def run(call, step):
        child = os.fork()
        if child == 0:
            try:
                _kill_at(step, folder)
                call()
            finally:
                os._exit(FINISHED)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED

    return run


@pytest.fixture
def present(folder):
    """Return a function that lists the crates that are there."""

    def crates():
        if not folder.is_dir():
            return []
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))

    return crates


@pytest.fixture
def leftovers(folder, present):
    """Return a function that lists what no crate needs."""

    def look():
        hidden = [p.name for p in folder.iterdir() if p.name.startswith(".")]
        versions = list(folder.glob("*/files-*"))
        folders = [p for p in present() if p.is_dir()]
        surplus = versions if len(versions) != len(folders) else []
        return [name for name in hidden if name != ".lock"] + surplus

    return look


LINK = {
    "cdcs": ExportResult(
        destination="cdcs", success=True, record_url="https://cdcs.example.org/1"
    )
}

CHANGES = {
    "new record": lambda make: (make(2), make(1)),
    "new content": lambda make: (make(1, motivation="old"), make(1, motivation="new")),
    "new title": lambda make: (make(1), make(1, title="another")),
    "new metadata alone": lambda make: (make(1), make(1, results=LINK)),
    "fewer datasets": lambda make: (make(1), make(1, activities=())),
}


@pytest.mark.parametrize("form", ["folder", "zip", "eln"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_kill_at_any_instant_leaves_the_old_crate_or_the_new(
    change, form, connected, make_context, killed, folder, present, opened, leftovers
):
    def make(number, **changes):
        return make_context(number, datasets=1, **changes)

    before, after = CHANGES[change](make)
    crates = connected(format=(form,))
    crates.export(after)
    sound = {opened(path).files["ro-crate-metadata.json"] for path in present()}
    shutil.rmtree(folder)
    crates.export(before)
    sound |= {opened(path).files["ro-crate-metadata.json"] for path in present()}
    same = before.session == after.session
    dies, step = True, -1
    while dies:
        step += 1
        shutil.rmtree(folder, ignore_errors=True)
        crates.export(before)
        dies = killed(lambda: crates.export(after), step)
        found = [opened(path).files["ro-crate-metadata.json"] for path in present()]
        assert set(found) <= sound, f"neither old nor new after a kill at step {step}"
        assert len(found) == 1 or not same, f"{len(found)} crates at step {step}"
        # Whatever is exported next tidies up.
        crates.export(make(3))
        assert leftovers() == [], f"after a kill at step {step} and another export"
        crates.export(after)
        assert len(present()) == (2 if same else 3)
        assert leftovers() == []
    assert step > 4, "the child must have been killed at several steps"


@pytest.mark.parametrize("form", ["folder", "eln"])
def test_a_kill_of_a_withdrawal_leaves_the_crate_or_none(
    form, connected, make_context, killed, folder, present, opened, leftovers
):
    crates, context = connected(format=(form,)), make_context(datasets=1)
    dies, step = True, -1
    while dies:
        step += 1
        shutil.rmtree(folder, ignore_errors=True)
        crates.export(context)
        dies = killed(lambda: crates.withdraw(context), step)
        for path in present():
            opened(path)
        crates.withdraw(context)
        assert present() == []
        assert leftovers() == []
    assert step >= 1, "the child must have been killed"
