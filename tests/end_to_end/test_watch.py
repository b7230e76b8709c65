"""`nexuslims run --watch` as a service: it ends in order, and outlives its database."""

from __future__ import annotations

import signal
import time
from datetime import timedelta

import pytest
from nexuslims_core.store import Store
from nexuslims_testing.facility import set_modified
from nexuslims_testing.servers.postgresql import PostgresqlServer

pytestmark = pytest.mark.slow

PATIENCE_S = 180


@pytest.fixture
def add_work(yesterday, write_image):
    """Return a function that logs a session with some files."""

    def add(facility, number, files=1):
        folder = facility.instrument_root / "Helios"
        start = yesterday - timedelta(days=5, hours=number)
        image = write_image(folder / f"{number}.tif", start).read_bytes()
        for copy in range(files):
            path = folder / f"{number}-{copy}.tif"
            path.write_bytes(image)
            set_modified(path, start + timedelta(minutes=1, seconds=copy))
        span = (start, start + timedelta(minutes=30))
        facility.log_sessions("Helios", {f"session-{number}": span})

    return add


@pytest.fixture
def watching(start_watching, tmp_path):
    """Return a function that starts a watch; it ends with the test at the latest."""

    def start(facility, *options):
        output = tmp_path / "out.txt"
        return start_watching(facility, "0.5", *options, output=output)

    return start


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)


def states(facility):
    with Store.open(facility.database_url) as store:
        return {one.identifier: one for one in store.list_sessions()}


def lease_holders(facility):
    return {one.state.lease_owner for one in states(facility).values()}


def count(facility, status):
    return sum(one.status == status for one in states(facility).values())


def test_the_first_signal_lets_sessions_under_way_be_finished(
    facility, add_work, watching
):
    facility.add_instrument("Helios")
    for number in range(12):
        add_work(facility, number, files=3)
    process = watching(facility)
    until(lambda: count(facility, "COMPLETED") >= 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_S) == 0
    assert lease_holders(facility) == {None}
    left = count(facility, "TO_BE_BUILT")
    assert left + count(facility, "COMPLETED") == 12
    assert left > 0
    assert len(facility.build()["sessions"]) == left


def test_the_second_signal_ends_it_at_once_and_frees_what_it_had(
    facility, add_work, watching
):
    facility.add_instrument("Helios")
    add_work(facility, 1, files=400)
    process = watching(facility)
    until(lambda: any((facility.data_path / "Helios").glob("*.json")))
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE_S) == 1
    assert lease_holders(facility) == {None}
    assert count(facility, "TO_BE_BUILT") == 1


def test_a_second_run_beside_a_file_is_told_what_it_needs(facility, add_work, watching):
    facility.add_instrument("Helios")
    add_work(facility, 1)
    watching(facility)
    until(lambda: count(facility, "COMPLETED") == 1)
    done = facility.run("run", expect=[4])
    assert "Several runs at once need PostgreSQL" in done.stderr
    assert facility.run("run", "--watch", expect=[4]).stdout == ""


def test_a_round_is_one_line_and_an_idle_one_none(
    facility, add_work, watching, tmp_path
):
    facility.add_instrument("Helios")
    add_work(facility, 1)
    process = watching(facility)
    until(lambda: count(facility, "COMPLETED") == 1)
    time.sleep(3)  # some idle rounds
    add_work(facility, 2)
    until(lambda: count(facility, "COMPLETED") == 2)
    process.terminate()
    process.wait(timeout=PATIENCE_S)
    lines = (tmp_path / "out.txt").read_text().splitlines()
    assert len(lines) == 2
    assert all(" 1 sessions: 1 COMPLETED (" in line for line in lines)


@pytest.mark.live
def test_a_database_that_is_away_for_a_while_ends_nothing(
    make_facility, add_work, watching, tmp_path
):
    with PostgresqlServer() as server:
        facility = make_facility(NX_DB_URL=server.create_database())
        facility.add_instrument("Helios")
        add_work(facility, 1)
        process = watching(facility)
        until(lambda: count(facility, "COMPLETED") == 1)
        server.stop()
        until(lambda: "refused" in (tmp_path / "out.txt").read_text())
        server.start()
        add_work(facility, 2)
        until(lambda: count(facility, "COMPLETED") == 2)
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0
