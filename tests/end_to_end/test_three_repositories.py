"""Every record is once in each of three repositories, however much goes wrong.

By default a small facility; ``NEXUSLIMS_TEST_SESSIONS=200`` and
``NEXUSLIMS_TEST_KILLS=20`` make it a large one.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import subprocess
import threading
from collections import Counter
from datetime import timedelta

import pytest
from nexuslims_core.record import from_xml
from nexuslims_testing.facility import set_modified
from nexuslims_testing.servers.faults import Fault, FaultProxy

pytestmark = [pytest.mark.live, pytest.mark.slow]

SESSIONS = int(os.environ.get("NEXUSLIMS_TEST_SESSIONS", "4"))
KILLS = int(os.environ.get("NEXUSLIMS_TEST_KILLS", "2"))
SHARE = 0.3
"""Part of the requests that a fault is injected into."""
ROUNDS = 60
"""Most runs with faults that an operator would look at."""

FAULTS = (
    Fault.cut_before(),
    Fault.cut_after(),
    Fault.truncate(),
    Fault.answer(500, "Internal error"),
    Fault.answer(503, "Busy", headers={"Retry-After": "0"}),
    Fault.answer(429, "Slow down", headers={"Retry-After": "0"}),
    Fault.html(200),
    Fault.slow(0.2),
)


EACH = 1 - (1 - SHARE) ** (1 / len(FAULTS))
"""Probability of each kind, so that one or the other strikes with that of `SHARE`."""


class Weather:
    """Decides for each request of any repository whether something goes wrong."""

    def __init__(self, seed):
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self.bad = True

    def strikes(self, _request):
        with self._lock:
            return self.bad and self._chance.random() < EACH


@pytest.fixture
def weather():
    return Weather(20261127)


@pytest.fixture
def stormy(weather):
    """Return a function that puts a proxy with faults before a server."""
    with contextlib.ExitStack() as stack:

        def stormy(url):
            proxy = stack.enter_context(FaultProxy(url))
            for fault in FAULTS:
                proxy.inject(match=weather.strikes, fault=fault, times=None)
            return proxy

        yield stormy


@pytest.fixture
def facility(make_facility, stormy, cdcs_server, elabftw_server, labarchives_server):
    """Return an installation with three repositories, each behind a proxy."""
    return make_facility(
        NX_CDCS_URL=stormy(cdcs_server.url).url,
        NX_CDCS_TOKEN=cdcs_server.admin_token,
        NX_ELABFTW_URL=stormy(elabftw_server.url).url,
        NX_ELABFTW_API_KEY=elabftw_server.api_key,
        NX_LABARCHIVES_URL=stormy(labarchives_server.url).url,
        NX_LABARCHIVES_ACCESS_KEY_ID=labarchives_server.access_key_id,
        NX_LABARCHIVES_ACCESS_PASSWORD=labarchives_server.access_password,
        NX_LABARCHIVES_USER_ID=labarchives_server.uid,
        NX_LABARCHIVES_NOTEBOOK_ID=labarchives_server.notebook,
        NX_LABARCHIVES_MIN_INTERVAL_S="0",
        NX_WORKERS="4",
    )


@pytest.fixture
def sessions(facility, yesterday, write_image):
    """Log the sessions, a file each; return their starts."""
    folder = facility.add_instrument("SEM-1")
    image = write_image(facility.folder / "template.tif", yesterday).read_bytes()
    starts = [yesterday - timedelta(minutes=10 * one) for one in range(SESSIONS)]
    spans = {}
    for number, start in enumerate(starts):
        path = folder / f"{number}.tif"
        path.write_bytes(image)
        set_modified(path, start + timedelta(minutes=2))
        spans[f"session {number}"] = (start, start + timedelta(minutes=5))
    facility.log_sessions("SEM-1", spans)
    return starts


def run_and_kill(facility, seconds):
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
    process.kill()
    process.wait()


def settle(facility, weather):
    """Run as an operator would, through the storm and after it."""
    for _ in range(ROUNDS):
        facility.run("sessions", "retry", "--status", "BUILT_NOT_EXPORTED")
        facility.build(expect=(0, 1, 3))
        if set(facility.statuses().values()) == {"COMPLETED"}:
            return
    weather.bad = False
    facility.run("sessions", "retry", "--status", "BUILT_NOT_EXPORTED")
    facility.build(expect=(0, 1))


def test_each_repository_has_each_record_once(
    facility, sessions, weather, cdcs_server, elabftw_server, labarchives_server
):
    chance = random.Random(7)
    for _ in range(KILLS):
        run_and_kill(facility, chance.uniform(1.5, 3.0 + SESSIONS / 4))
        facility.run("sessions", "retry", "--status", "BUILT_NOT_EXPORTED")
    settle(facility, weather)

    assert set(facility.statuses().values()) == {"COMPLETED"}
    wanted = sorted(f"session {number}" for number in range(SESSIONS))
    records = cdcs_server.records()
    assert sorted(from_xml(one.xml.encode()).title for one in records) == wanted

    experiments = elabftw_server.experiments(1)
    assert len(experiments) == SESSIONS
    for one in experiments:
        attached = Counter(each.real_name for each in elabftw_server.uploads(one.id, 1))
        assert max(attached.values()) == 1, attached
        assert sum(name.endswith(".xml") for name in attached) == 1, attached

    pages = labarchives_server.pages()
    assert len(pages) == SESSIONS
    for page in pages:
        assert len(labarchives_server.texts(page)) == 1
        assert len(labarchives_server.attachments(page)) == 1
    names = Counter(
        labarchives_server.path(one) for one in labarchives_server.folders()
    )
    assert max(names.values()) == 1, "a folder was made twice"

    known = {f"data?id={one.id}" for one in records}
    for bodies in (
        [one.body or "" for one in experiments],
        [labarchives_server.texts(page)[0].data for page in pages],
    ):
        links = [set(re.findall(r"data\?id=\d+", body)) for body in bodies]
        assert {len(one) for one in links} == {1}, "a link is missing or outdated"
        assert set.union(*links) == known, "a link leads to another's record"
    assert elabftw_server.problems == []
