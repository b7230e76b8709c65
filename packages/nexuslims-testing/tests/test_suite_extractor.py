"""The suite of extractors accepts good plugins, and names the faults of bad ones."""

from __future__ import annotations

import textwrap

import nexuslims_testing.suites.extractor  # noqa: F401 - NumPy can be loaded only once
import pytest

pytest_plugins = "pytester"

GOOD = """
from nexuslims_core import hookimpl
from nexuslims_core.errors import ExtractionError
from nexuslims_core.types import Dataset, Extraction, Extractor, quantity

def supports(file):
    try:
        return file.head.startswith(b"ACME ")
    except OSError:
        return False

def extract(file):
    try:
        volts = float(file.path.read_bytes().removeprefix(b"ACME "))
        voltage = quantity(volts, "V")
    except (OSError, ValueError) as error:
        raise ExtractionError(f"{file.path.name}: {error}") from error
    if not 0 < volts < 1e6:
        raise ExtractionError(f"{file.path.name}: expected volts, found {volts}")
    dataset = Dataset(file=file, dataset_type="Image", data_type="SEM_Imaging",
                      fields={"acceleration_voltage": voltage},
                      extensions={"Note": "made up"}, raw={"Header": {"HV": volts}})
    return Extraction(datasets=(dataset,))

@hookimpl
def nexuslims_extractors():
    yield Extractor(name="acme", extensions=frozenset({"acm"}), priority=150,
                    supports=supports, extract=extract)
"""

TESTS = """
import pytest
from acme_plugin import nexuslims_extractors
from nexuslims_core.types import SampleFile
from nexuslims_testing.suites.extractor import ExtractorSuite

class TestAcme(ExtractorSuite):
    extractor = next(iter(nexuslims_extractors()))
    samples = (SampleFile(name="small", filename="grain.acm",
                          write=lambda path: path.write_bytes(b"ACME 15000")),)
    seconds = 15
"""


@pytest.fixture
def run(pytester):
    """Return a function that runs the suite for a plugin's source."""

    def run(plugin, only="", tests=TESTS):
        pytester.makepyfile(acme_plugin=plugin, test_acme=tests)
        return pytester.runpytest("-q", "-p", "no:cacheprovider", "-k", only)

    return run


def test_a_good_plugin_passes(run):
    result = run(GOOD)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] > 30


@pytest.mark.parametrize(
    ("found", "replaced", "only", "message"),
    [
        pytest.param(
            "from nexuslims_core import hookimpl",
            "import numpy\nfrom nexuslims_core import hookimpl",
            "heavy",
            "*acme_plugin imports*numpy*do so inside functions*",
            id="heavy import",
        ),
        pytest.param(
            'name="acme"',
            'name="Acme Format"',
            "well_formed",
            "*Acme Format*use lower_case*",
            id="name",
        ),
        pytest.param(
            "extract=extract)",
            'extract=extract, imports=("acme_reader",))',
            "imports_exist",
            "*No module named 'acme_reader'*",
            id="imports",
        ),
        pytest.param(
            '{"acm"}', '{".ACM"}', "well_formed", "*lower case, no dot*", id="extension"
        ),
        pytest.param(
            'return file.head.startswith(b"ACME ")',
            "return True",
            "foreign_files_are_not_supported",
            "*not of the format is claimed*",
            id="claims everything",
        ),
        pytest.param(
            'return file.head.startswith(b"ACME ")',
            'return file.head.index(b"ACME ") == 0',
            "foreign_files_are_not_supported",
            "*ValueError*",
            id="supports raises",
        ),
        pytest.param(
            '"Image"',
            '"Picture"',
            "datasets_are_well_formed",
            "*Picture*",
            id="dataset type",
        ),
        pytest.param(
            '{"acceleration_voltage": voltage}',
            '{"Voltage": voltage}',
            "typed_fields",
            "*'Voltage'*are no fields of type Image*",
            id="unknown field",
        ),
        pytest.param(
            'quantity(volts, "V")',
            'quantity(volts, "mm")',
            "typed_fields",
            "*acceleration_voltage*",
            id="wrong unit",
        ),
        pytest.param(
            '"Note": "made up"',
            '"Current": quantity("nan", "A")',
            "finite",
            "*Current*nan*",
            id="not a number",
        ),
        pytest.param(
            '"Note": "made up"',
            '"Acceleration Voltage": "15 kV"',
            "repeats",
            "*Acceleration Voltage*stand in `fields` and in `extensions`*",
            id="shown twice",
        ),
        pytest.param(
            '"HV": volts',
            '"HV": file.path',
            "json",
            "*found others*Header*HV*",
            id="raw object",
        ),
        pytest.param(
            'data_type="SEM_Imaging",',
            'data_type="SEM_Imaging", creation_time="2026-01-01",',
            "creation_times",
            "*2026-01-01*",
            id="time as text",
        ),
        pytest.param(
            '"Note": "made up"',
            '"Note": __import__("uuid").uuid4().hex',
            "same_result",
            "*AssertionError*",
            id="random output",
        ),
        pytest.param(
            "    if not 0 < volts < 1e6:",
            "    import os; os.utime(file.path)\n    if not 0 < volts < 1e6:",
            "left_as_it_was",
            "*AssertionError*",
            id="touches the file",
        ),
        pytest.param(
            "(OSError, ValueError)",
            "OSError",
            "flipped",
            "*grain.acm with other bytes at*expected a result or ExtractionError*",
            id="undeclared exception",
        ),
        pytest.param(
            "    if not 0 < volts < 1e6:",
            "    if volts != 15000: __import__('os')._exit(7)\n"
            "    if not 0 < volts < 1e6:",
            "truncated",
            "*its process ended with exit code 7*",
            id="crash",
        ),
    ],
)
def test_a_fault_is_named(run, found, replaced, only, message):
    assert GOOD.count(found) == 1
    result = run(GOOD.replace(found, replaced), only)
    assert result.parseoutcomes().get("failed")
    result.stdout.fnmatch_lines([message])


def test_a_hang_is_named(run):
    check = "    if not 0 < volts < 1e6:"
    plugin = GOOD.replace(check, f"    while volts != 15000: pass\n{check}")
    tests = TESTS.replace("seconds = 15", "seconds = 1")
    result = run(plugin, "truncated", tests=tests)
    assert result.parseoutcomes().get("failed")
    result.stdout.fnmatch_lines(["*grain.acm truncated to*no answer within 1 seconds*"])


def test_a_silent_override_is_refused(run):
    override = "    def test_previews_have_the_shape_of_their_axes(self): pass\n"
    result = run(GOOD, tests=TESTS + override)
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["*TestAcme.test_previews_have_the_shape_of_their_axes replaces a test*"]
    )


def test_removing_a_test_is_refused(run):
    result = run(GOOD, tests=TESTS + "    test_its_samples_are_supported = None\n")
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(
        ["*TestAcme.test_its_samples_are_supported replaces a test*"]
    )


def test_an_expected_failure_with_a_reason_is_accepted(run):
    override = textwrap.indent(
        textwrap.dedent(
            """
            @pytest.mark.xfail(reason="Acme files have no signature")
            def test_its_samples_are_supported(self, sample):
                super().test_its_samples_are_supported(sample)
                raise AssertionError
            """
        ),
        "    ",
    )
    result = run(GOOD, "samples_are_supported", tests=TESTS + override)
    assert result.parseoutcomes() == {"xfailed": 1, "deselected": 43}


def test_samples_must_be_given(run):
    tests = TESTS.partition("    samples")[0]
    result = run(GOOD, tests=tests)
    assert result.parseoutcomes() == {"errors": 1}
    result.stdout.fnmatch_lines(["*TestAcme.samples is empty*"])
