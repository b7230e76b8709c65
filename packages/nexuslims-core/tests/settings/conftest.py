"""Configurations that are read from text, never from this process's environment."""

from __future__ import annotations

import pytest
from nexuslims_core.settings import Environment, settings_from


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Work in a folder that has no `.env`, with no setting in the environment."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def source():
    """Return a function that makes the environment of variables alone."""

    def source(**variables):
        return Environment.read(environ=variables)

    return source


@pytest.fixture
def env_file(tmp_path):
    """Return a function that writes a `.env` file, as text or bytes."""

    def env_file(content, name=".env"):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return path

    return env_file


@pytest.fixture
def required(tmp_path):
    """Return the variables that must be set."""
    instruments = tmp_path / "instruments"
    instruments.mkdir()
    return {
        "NX_INSTRUMENT_DATA_PATH": str(instruments),
        "NX_DATA_PATH": str(tmp_path / "data"),
    }


@pytest.fixture
def load(source, required):
    """Return a function that makes settings of the given variables."""

    def load(**variables):
        return settings_from(source(**{**required, **variables}))

    return load
