"""A run that is killed at any moment loses nothing and does nothing twice."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from datetime import timedelta

import pytest
from nexuslims_core.record import from_xml

pytestmark = [pytest.mark.live, pytest.mark.slow]

SESSIONS = 20
FILES = 3
KILLS = 50


@pytest.fixture
def busy(make_facility, nemo, connect_nemo, connect_cdcs, yesterday, write_image,
         answered):  # fmt: skip
    """Twenty sessions with three files each, at NEMO, and a real repository."""
    facility = make_facility(NX_HARVEST_DAYS=30)
    connect_nemo(facility, nemo)
    connect_cdcs(facility)
    folder = facility.add_instrument(
        "Helios", harvester="nemo", api_url=f"{nemo.url}tools/?id=3"
    )
    image = write_image(facility.folder / "template.tif", yesterday).read_bytes()
    starts = [yesterday - timedelta(hours=one) for one in range(SESSIONS)]

    def add_file(name, when):
        path = folder / name
        path.write_bytes(image)
        os.utime(path, (when.timestamp(), when.timestamp()))

    for number, start in enumerate(starts):
        for copy in range(FILES):
            add_file(f"{number}-{copy}.tif", start + timedelta(minutes=5 + copy))
    nemo.seed(
        usage_events=[
            {
                "tool": "Helios FIB",
                "start": start,
                "end": start + timedelta(minutes=30),
                "run_data": answered(experiment_title=f"session {number}"),
            }
            for number, start in enumerate(starts)
        ]
    )
    return facility, starts, add_file


def run_and_kill(facility, seconds):
    """Start a run and kill it after `seconds`; return how long it took, if it ended."""
    begun = time.monotonic()
    process = subprocess.Popen(
        facility.command("run", "-q"),
        env=facility.environment,
        cwd=facility.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    ended = process.poll() is not None
    took = time.monotonic() - begun
    process.kill()
    process.wait()
    return took if ended else None, process.pid


def workers_left(group):
    """Tell whether processes of a killed run are still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_fifty_kills_leave_every_session_delivered_once(
    busy, cdcs_server, catalogue_of
):
    facility, starts, add_file = busy
    chance = random.Random(20261123)
    begun = time.monotonic()
    facility.run("run", "-n", "-q")
    # The first runs have everything to do; later ones take as long as the last one did.
    typical = 3 * (time.monotonic() - begun)
    killed, groups = 0, []

    for kill in range(KILLS):
        took, group = run_and_kill(facility, chance.uniform(0.15, 1.0) * typical)
        groups.append(group)
        if took is None:
            killed += 1
        else:
            typical = took
        # Work must not run out before the kills do: files arrive late here and there.
        number = chance.randrange(SESSIONS)
        add_file(f"{number}-late-{kill}.tif", starts[number] + timedelta(minutes=20))

    assert killed >= KILLS // 2, "most kills came after the run had ended"
    # As an operator would: what a killed run left behind is done by the next.
    for _ in range(5):
        if not facility.build(expect=(0, 1))["sessions"]:
            break
    assert set(facility.statuses().values()) == {"COMPLETED"}
    wanted = sorted(f"session {number}" for number in range(SESSIONS))
    records = [from_xml(one.xml.encode()) for one in cdcs_server.records()]
    assert sorted(one.title for one in records) == wanted
    assert sorted(catalogue_of(facility).titles()) == wanted
    assert len(catalogue_of(facility).listed()) == SESSIONS
    datasets = [
        dataset.location
        for record in records
        for activity in record.activities
        for dataset in activity.datasets
    ]
    assert len(datasets) == len(set(datasets)) == SESSIONS * FILES + KILLS
    assert leftovers(facility) == []
    deadline = time.monotonic() + 30
    while any(map(workers_left, groups)) and time.monotonic() < deadline:
        time.sleep(0.5)
    orphans = [group for group in groups if workers_left(group)]
    for group in orphans:
        os.killpg(group, signal.SIGKILL)
    assert orphans == [], "worker processes outlived their run"


def leftovers(facility):
    """Return half-written files among what people and repositories look at."""
    kept = [
        facility.data_path / "records",
        facility.data_path / "catalogue" / "records",
    ]
    return [
        path
        for folder in kept
        for path in folder.rglob("*.xml")
        if path.name.startswith(".") or not path.read_bytes().endswith(b">\n")
    ]
