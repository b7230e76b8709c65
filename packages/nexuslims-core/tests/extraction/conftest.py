"""Plugins made in memory, and files for them."""

from __future__ import annotations

import textwrap
from types import ModuleType

import pytest
from nexuslims_core.builtin import plugin as built_in
from nexuslims_core.manager import PluginManager
from nexuslims_core.types import DataFile, Instrument

HEADER = """
from dataclasses import replace
from nexuslims_core import hookimpl
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.types import *

asked = []

def one(file, **more):
    values = {"dataset_type": "Image", "data_type": "SEM_Imaging", **more}
    return Extraction(datasets=(Dataset(file=file, **values),))

def acme(name, extract=one, **more):
    def noted(file):
        asked.append(name)
        return extract(file)

    return Extractor(name=name, extensions=frozenset({"acm"}), extract=noted, **more)

def fails(error):
    def extract(file):
        raise error
    return extract
"""


@pytest.fixture
def module():
    """Return a function that makes a plugin module."""

    def make(body):
        made = ModuleType("acme")
        source = HEADER + textwrap.dedent(body)
        exec(compile(source, "acme.py", "exec"), made.__dict__)
        return made

    return make


@pytest.fixture
def manager_of(module):
    """Return a function that makes a manager of the built-in plugin and one more."""

    def make(body=""):
        return PluginManager.of(built_in, module(body))

    return make


@pytest.fixture
def file(tmp_path):
    """Return a data file of an instrument."""
    path = tmp_path / "grain.acm"
    path.write_bytes(b"some data")
    instrument = Instrument(
        pid="SEM-1",
        display_name="Our SEM",
        location="",
        filestore_path="",
        timezone="Europe/Berlin",
    )
    return DataFile.at(path, instrument)
