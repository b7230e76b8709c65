"""The pytest plugin: makes the kit's fixtures available wherever it is installed."""

from __future__ import annotations

import pytest

# The suites' assertions are read by authors whose plugin fails them.
pytest.register_assert_rewrite(
    "nexuslims_testing.suites.destination", "nexuslims_testing.suites.extractor"
)

pytest_plugins = [
    "nexuslims_testing.fixtures.cdcs",
    "nexuslims_testing.fixtures.elabftw",
    "nexuslims_testing.fixtures.facility",
    "nexuslims_testing.fixtures.labarchives",
    "nexuslims_testing.fixtures.nemo",
    "nexuslims_testing.fixtures.postgresql",
    "nexuslims_testing.fixtures.shared",
]
