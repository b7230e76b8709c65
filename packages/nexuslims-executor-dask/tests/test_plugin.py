"""What this distribution adds, and the settings that it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nexuslims_core.manager import PluginManager
from nexuslims_core.settings import Environment, plugin_instances
from nexuslims_executor_dask import plugin
from nexuslims_executor_dask.settings import DaskSettings

IMPORT_AND_ASK = """
import sys
from nexuslims_executor_dask import plugin
list(plugin.nexuslims_executors())
print(sorted({"dask", "distributed", "tornado"} & set(sys.modules)))
"""


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "certificate.pem"
    path.write_text("-----BEGIN CERTIFICATE-----")
    return str(path)


@pytest.fixture
def read():
    """Return a function that reads settings from variables."""

    def read(**environment: str):
        [instance] = plugin_instances(
            DaskSettings, Environment.read(environ=environment)
        )
        return instance

    return read


def test_the_executor_is_called_dask():
    assert list(PluginManager.of(plugin).executors) == ["dask"]


def test_nothing_of_dask_is_imported_before_it_is_used():
    told = subprocess.check_output([sys.executable, "-c", IMPORT_AND_ASK], text=True)
    assert told.strip() == "[]"


def test_without_a_scheduler_it_is_not_configured():
    assert plugin_instances(DaskSettings, Environment.read(environ={})) == ()


def test_an_address_is_enough(read):
    settings = read(NX_DASK_SCHEDULER="tcp://dask:8786").settings
    assert settings.scheduler == "tcp://dask:8786"
    assert not settings.encrypted
    assert settings.resources == ()


@pytest.mark.parametrize(
    "address",
    ["dask", "dask:8786", "http://dask:8787", "tcp://dask", "tcp://:8786", "tcp://x:y"],
)
def test_an_address_of_another_form_is_refused(read, address):
    [problem] = read(NX_DASK_SCHEDULER=address).problems
    assert "NX_DASK_SCHEDULER" in str(problem)
    assert "tls://dask.example.org:8786" in str(problem)


def test_a_password_in_an_address_is_refused_and_not_told(read):
    instance = read(NX_DASK_SCHEDULER="tcp://me:s3cr3t@dask:8786")
    assert instance.settings is None
    assert "s3cr3t" not in str(instance.problems[0])


def test_tls_needs_certificates(read):
    [problem] = read(NX_DASK_SCHEDULER="tls://dask:8786").problems
    assert "NX_DASK_TLS_CA_FILE" in str(problem)


def test_certificates_need_tls(read, certificate):
    [problem] = read(
        NX_DASK_SCHEDULER="tcp://dask:8786", NX_DASK_TLS_CA_FILE=certificate
    ).problems
    assert "tls://" in str(problem)


def test_a_certificate_that_is_not_there_is_named(read, certificate):
    [problem] = read(
        NX_DASK_SCHEDULER="tls://dask:8786",
        NX_DASK_TLS_CA_FILE="/nowhere/ca.pem",
        NX_DASK_TLS_CERT_FILE=certificate,
    ).problems
    assert "NX_DASK_TLS_CA_FILE" in str(problem)


def test_a_key_may_be_in_the_file_of_the_certificate(read, certificate):
    settings = read(
        NX_DASK_SCHEDULER="tls://dask:8786",
        NX_DASK_TLS_CA_FILE=certificate,
        NX_DASK_TLS_CERT_FILE=certificate,
    ).settings
    assert settings.encrypted
    assert settings.tls_key_file is None


def test_resources_are_names_and_amounts(read):
    settings = read(
        NX_DASK_SCHEDULER="tcp://dask:8786", NX_DASK_RESOURCES="nexuslims=1, GPU=0.5"
    ).settings
    assert settings.resources == (("nexuslims", 1.0), ("GPU", 0.5))


@pytest.mark.parametrize("text", ["nexuslims", "nexuslims=few", "nexuslims=-1"])
def test_resources_of_another_form_are_refused(read, text):
    instance = read(NX_DASK_SCHEDULER="tcp://dask:8786", NX_DASK_RESOURCES=text)
    assert "NX_DASK_RESOURCES" in str(instance.problems[0])
