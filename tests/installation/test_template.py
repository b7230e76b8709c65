"""The template is a working distribution: it can be built, installed and tested."""

from __future__ import annotations

import json
import shutil

import pytest

pytestmark = pytest.mark.slow

NAME = "nexuslims-extractors-acme"
MODULE = f"{NAME}: acme_extractor"


@pytest.fixture(scope="module")
def copy(repository, tmp_path_factory):
    """A copy of the template, as an author would make it."""
    folder = tmp_path_factory.mktemp("author") / NAME
    unwanted = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(repository / "template", folder, ignore=unwanted)
    return folder


@pytest.fixture(scope="module")
def environment(installer, with_testing, copy):
    """Core, the test kit, and the distribution that was made of the template."""
    installer.install(with_testing, installer.wheels(copy)[NAME])
    return with_testing


def test_its_tests_pass(environment, copy):
    done = environment.run(
        *("python", "-m", "pytest", "-q", "-p", "no:cacheprovider"), cwd=copy
    )
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
    assert not list(copy.rglob("*.egg-info"))


def test_it_is_a_plugin_without_failures(environment):
    environment.run("nexuslims", "plugins", "check")
    listed = json.loads(
        environment.run("nexuslims", "plugins", "list", "--json").stdout
    )
    found = {one["distribution"]: one for one in listed}[NAME]
    assert [(one["kind"], one["name"]) for one in found["contributions"]] == [
        ("extractors", "acme_extractor"),
        ("sample_files", "acme"),
    ]


def test_its_sample_is_extracted_and_drawn(environment, tmp_path):
    sample = tmp_path / "grain boundary.acm"
    script = "from nexuslims_extractors_acme import sample; import pathlib, sys"
    call = "sample.write_sample(pathlib.Path(sys.argv[1]))"
    environment.run("python", "-c", f"{script}; {call}", sample)
    done = environment.run("nexuslims", "extract", "--preview", sample)
    [signal] = json.loads(done.stdout)
    assert signal["nx_meta"]["acceleration_voltage"]["value"] == 15.0
    assert signal["nx_meta"]["NexusLIMS Extraction"]["Module"] == MODULE
    preview = tmp_path / "grain boundary.acm.thumb.png"
    assert preview.stat().st_size > 1000


def test_its_readme_shows_every_file_that_an_author_changes(copy):
    text = (copy / "README.md").read_text()
    for name in ("pyproject.toml", "LICENSE", "plugin.py", "reader.py", "sample.py"):
        assert f"`{name}`" in text
        assert next(copy.rglob(name), None) is not None
