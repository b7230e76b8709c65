"""The pytest plugin: makes the kit's fixtures available wherever it is installed."""

from __future__ import annotations

pytest_plugins = [
    "nexuslims_testing.fixtures.cdcs",
    "nexuslims_testing.fixtures.facility",
    "nexuslims_testing.fixtures.nemo",
    "nexuslims_testing.fixtures.shared",
]
