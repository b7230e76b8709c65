"""Conformance of an extractor: what the pipeline relies on.

Subclass `ExtractorSuite` in your tests, and say what is tested with which files::

    class TestAcme(ExtractorSuite):
        extractor = next(iter(nexuslims_extractors()))
        samples = (
            SampleFile(name="small", filename="a.acm", write=write_acme),
            Path(__file__).parent / "data" / "real.acm",
        )

Small samples are the better ones: every sample is damaged and read some 200 times.

A test of the suite can be neither overridden nor removed. What an extractor cannot do
is said with the test's name, ``@pytest.mark.xfail(reason="...")`` and a call of the
original, so that it shows in every report.
"""

# ruff: noqa: D102, S101 - tests assert, and their names are sentences

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import math
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import pytest
from nexuslims_core.errors import ExtractionError, PreviewError
from nexuslims_core.model.jsonable import jsonable
from nexuslims_core.model.schema import MODELS, known_fields
from nexuslims_core.types import (
    DataFile,
    Dataset,
    DatasetType,
    Extraction,
    Extractor,
    PreviewSource,
    SampleFile,
)

from nexuslims_testing.suites.damage import FOREIGN, flipped, truncated
from nexuslims_testing.suites.trial import Trials, find_extractor, pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
EXTENSION = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")

CONTENT_SNIFFING = 150
"""Priority from which an extractor promises to look inside a file."""

HEAVY = (
    "dask",
    "h5py",
    "hyperspy",
    "matplotlib",
    "numpy",
    "PIL",
    "rsciio",
    "scipy",
    "sklearn",
    "textual",
    "tifffile",
)
"""Libraries that a plugin module must not import."""

PROCESS = pytest.StashKey[Trials]()

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
"""Times before are clocks that were never set."""


class ExtractorSuite:
    """Tests of one extractor with some samples of its format."""

    extractor: ClassVar[Extractor]
    """The contribution."""
    samples: ClassVar[Sequence[Path | SampleFile]] = ()
    """Files that it reads: paths, or contributions that write them."""
    plugin: ClassVar[str] = ""
    """Name of the plugin module; by default that of the function `extractor.extract`.
    It must be importable: damaged files are tried in another process."""
    seconds: ClassVar[float] = 20.0
    """Time that the extractor may take for one file."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Refuse a subclass that silently replaces a test of the suite."""
        super().__init_subclass__(**kwargs)
        for name, original in vars(ExtractorSuite).items():
            present = inspect.getattr_static(cls, name)
            if not name.startswith("test_") or present is original:
                continue
            if not _is_explained(present):
                msg = (
                    f"{cls.__name__}.{name} replaces a test of ExtractorSuite; mark "
                    'it with @pytest.mark.xfail(reason="...") or leave it out'
                )
                raise TypeError(msg)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the tests of samples once for each."""
        if "sample" in metafunc.fixturenames:
            if not self.samples:
                pytest.fail(f"{type(self).__name__}.samples is empty", pytrace=False)
            names = [_sample_name(sample) for sample in self.samples]
            metafunc.parametrize("sample", self.samples, ids=names, indirect=True)

    @pytest.fixture
    def sample(
        self, request: pytest.FixtureRequest, tmp_path: Path
    ) -> Iterator[DataFile]:
        """Return a copy of a sample: a read-only file in a read-only folder."""
        source: Path | SampleFile = request.param
        folder = tmp_path / "read only"
        folder.mkdir()
        if isinstance(source, SampleFile):
            path = folder / source.filename
            source.write(path)
        else:
            path = folder / source.name
            path.write_bytes(source.read_bytes())
        path.chmod(0o444)
        folder.chmod(0o555)
        yield DataFile.at(path)
        folder.chmod(0o755)
        path.chmod(0o644)

    @pytest.fixture
    def process(self, request: pytest.FixtureRequest) -> Trials:
        """Return the process in which damaged files are tried; one for all tests."""
        suite = request.node.getparent(pytest.Class)
        process: Trials | None = suite.stash.get(PROCESS, None)
        if process is None:
            name = self.extractor.name
            process = Trials(self.module, name, seconds=self.seconds)
            suite.stash[PROCESS] = process
            suite.addfinalizer(process.close)
        return process

    @property
    def module(self) -> str:
        """Name of the plugin module."""
        return self.plugin or self.extractor.extract.__module__

    # What is declared.

    def test_the_contribution_is_well_formed(self) -> None:
        extractor = self.extractor
        assert isinstance(extractor, Extractor)
        assert NAME.fullmatch(extractor.name), f"{extractor.name!r}: use lower_case"
        assert isinstance(extractor.priority, int)
        assert extractor.priority >= 0
        assert extractor.version, "give a version, and raise it when the output changes"
        for extension in extractor.extensions or ():
            assert EXTENSION.fullmatch(extension), f"{extension!r}: lower case, no dot"

    def test_formats_have_extensions_that_are_declared(self) -> None:
        declared = self.extractor.extensions or frozenset()
        for name, extensions in self.extractor.formats.items():
            assert name.strip(), "a format has a name that people know"
            unknown = sorted(set(extensions) - declared)
            assert not unknown, f"{name}: {unknown} are not among the extensions"

    def test_the_plugin_module_yields_it(self) -> None:
        found = find_extractor(self.module, self.extractor.name)
        assert found.priority == self.extractor.priority
        assert found.extensions == self.extractor.extensions

    def test_the_plugin_module_imports_nothing_heavy(self) -> None:
        code = (
            "import importlib, json, sys; "
            f"importlib.import_module({self.module!r}).nexuslims_extractors(); "
            "print(json.dumps(list(sys.modules)))"
        )
        path = os.pathsep.join(filter(None, sys.path))
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert done.returncode == 0, f"{self.module} fails:\n{done.stderr}"
        loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
        heavy = sorted(loaded & set(HEAVY))
        assert not heavy, f"{self.module} imports {heavy}; do so inside functions"

    def test_the_modules_that_it_imports_exist(self) -> None:
        for name in self.extractor.imports:
            importlib.import_module(name)

    # Which files it takes.

    def test_its_samples_are_supported(self, sample: DataFile) -> None:
        extensions = self.extractor.extensions
        assert extensions is None or sample.extension in extensions
        assert self.extractor.supports(sample) is True

    @pytest.mark.parametrize("kind", FOREIGN)
    def test_foreign_files_are_not_supported(self, kind: str, tmp_path: Path) -> None:
        file = self._foreign(kind, tmp_path)
        supported = self.extractor.supports(file)
        assert isinstance(supported, bool)
        if self.extractor.priority >= CONTENT_SNIFFING:
            assert not supported, (
                f"a file ({kind}) that is not of the format is claimed; extractors "
                f"of priority {CONTENT_SNIFFING} and up must look inside"
            )

    def test_a_file_that_vanished_is_not_supported(self, tmp_path: Path) -> None:
        path = self._path(tmp_path)
        path.write_bytes(b"soon gone")
        file = DataFile.at(path)
        path.unlink()
        assert isinstance(self.extractor.supports(file), bool)

    def test_a_file_that_vanished_is_an_extraction_error(self, tmp_path: Path) -> None:
        path = self._path(tmp_path)
        path.write_bytes(b"soon gone")
        file = DataFile.at(path)
        path.unlink()
        with pytest.raises(ExtractionError):
            self.extractor.extract(file)

    # What it finds.

    def test_datasets_are_well_formed(self, sample: DataFile) -> None:
        extraction = self.extractor.extract(sample)
        assert isinstance(extraction, Extraction)
        assert extraction.datasets, "no dataset; raise ExtractionError if none is there"
        for dataset in extraction.datasets:
            assert isinstance(dataset, Dataset)
            assert dataset.file == sample
            assert dataset.dataset_type in get_args(DatasetType)
            assert isinstance(dataset.data_type, str)
            assert dataset.data_type.strip()
            assert all(isinstance(note, str) and note for note in dataset.notes)
            assert all(
                isinstance(path, tuple) and all(isinstance(part, str) for part in path)
                for path in dataset.flagged
            ), f"flagged: expected tuples of names, found {dataset.flagged}"

    def test_typed_fields_are_those_of_the_schema(self, sample: DataFile) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            model = MODELS[dataset.dataset_type]
            unknown = sorted(set(dataset.fields) - set(model.model_fields))
            assert not unknown, (
                f"{unknown} are no fields of type {dataset.dataset_type}; put other "
                "values in `extensions`, by display name"
            )

    def test_typed_fields_have_values_that_the_schema_takes(
        self, sample: DataFile
    ) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            model = MODELS[dataset.dataset_type]
            head = {
                "creation_time": datetime.now(UTC),
                "data_type": dataset.data_type,
                "dataset_type": dataset.dataset_type,
            }
            model.model_validate({**head, **dataset.fields})

    def test_quantities_are_finite_numbers_with_units(self, sample: DataFile) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            for place in ("fields", "extensions"):
                for name, value in _leaves(place, getattr(dataset, place)):
                    if hasattr(value, "magnitude") and hasattr(value, "units"):
                        assert math.isfinite(float(value.magnitude)), f"{name}: {value}"

    def test_no_extension_repeats_a_typed_field(self, sample: DataFile) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            shown = {
                known_fields()[name].display_name
                for name in dataset.fields
                if name in known_fields()
            }
            twice = sorted(
                name
                for name, value in dataset.extensions.items()
                if name in shown
                and not hasattr(value, "items")
                # Records show this field by its bare name.
                and name != "Magnification"
            )
            assert not twice, f"{twice} stand in `fields` and in `extensions`"

    def test_everything_can_be_written_as_json(self, sample: DataFile) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            for place in ("fields", "extensions", "raw"):
                value = getattr(dataset, place)
                json.dumps(jsonable(value), allow_nan=False)
                odd = [name for name, leaf in _leaves(place, value) if _is_odd(leaf)]
                assert not odd, f"expected values of JSON or NumPy, found others: {odd}"

    def test_creation_times_are_plausible(self, sample: DataFile) -> None:
        for dataset in self.extractor.extract(sample).datasets:
            when = dataset.creation_time
            if when is None:
                continue
            assert isinstance(when, datetime)
            aware = when if when.tzinfo else when.replace(tzinfo=UTC)
            latest = datetime.now(UTC) + timedelta(days=366)
            assert EARLIEST < aware < latest, f"creation_time is {when}"

    def test_the_same_file_gives_the_same_result(self, sample: DataFile) -> None:
        first, second = (self._comparable(sample) for _ in range(2))
        assert first == second

    # How it treats the file.

    def test_the_file_is_left_as_it_was(self, sample: DataFile) -> None:
        before = _state(sample.path)
        self.extractor.supports(sample)
        for dataset in self.extractor.extract(sample).datasets:
            for source in pictures(dataset.preview):
                _read_preview(source)
        assert _state(sample.path) == before

    def test_previews_have_the_shape_of_their_axes(self, sample: DataFile) -> None:
        found = self.extractor.extract(sample).datasets
        for source in (one for each in found for one in pictures(each.preview)):
            pixels = _read_preview(source)
            if pixels is None or not source.axes:
                continue
            shape = tuple(axis.size for axis in source.axes)
            assert pixels.shape in (shape, (*shape, 3), (*shape, 4))
            for axis in source.axes:
                assert math.isfinite(axis.scale), axis
                assert axis.scale, f"{axis}: a scale of zero calibrates nothing"

    # What it does with damage.

    @pytest.mark.parametrize("kind", FOREIGN)
    def test_foreign_files_give_a_result_or_an_extraction_error(
        self, kind: str, tmp_path: Path, process: Trials
    ) -> None:
        path = self._path(tmp_path)
        self._try(process, path, [(f"({kind})", FOREIGN[kind])])

    def test_truncated_files_give_a_result_or_an_extraction_error(
        self, sample: DataFile, tmp_path: Path, process: Trials
    ) -> None:
        path = tmp_path / sample.path.name
        self._try(process, path, truncated(sample.path.read_bytes()))

    def test_flipped_bytes_give_a_result_or_an_extraction_error(
        self, sample: DataFile, tmp_path: Path, process: Trials
    ) -> None:
        path = tmp_path / sample.path.name
        self._try(process, path, flipped(sample.path.read_bytes()))

    # For the tests.

    def _path(self, folder: Path) -> Path:
        extensions = sorted(self.extractor.extensions or {"dat"})
        return folder / f"foreign.{extensions[0]}"

    def _foreign(self, kind: str, folder: Path) -> DataFile:
        path = self._path(folder)
        path.write_bytes(FOREIGN[kind])
        return DataFile.at(path)

    def _try(
        self, process: Trials, path: Path, contents: Iterable[tuple[str, bytes]]
    ) -> None:
        for description, content in contents:
            path.write_bytes(content)
            outcome = process.run(path)
            assert outcome.acceptable, (
                f"{self.extractor.name} with {path.name} {description}: expected a "
                f"result or ExtractionError, found: {outcome.detail}"
            )

    def _comparable(self, sample: DataFile) -> list[object]:
        return [
            jsonable(
                {
                    **vars(dataset),
                    "file": None,
                    "preview": dataset.preview and dataset.preview.axes,
                }
            )
            for dataset in self.extractor.extract(sample).datasets
        ]


def _is_explained(test: object) -> bool:
    """Tell whether `test` is marked as an expected failure, with a reason."""
    marks = getattr(test, "pytestmark", ())
    return any(mark.name == "xfail" and mark.kwargs.get("reason") for mark in marks)


def _sample_name(sample: Path | SampleFile) -> str:
    return sample.name


def _leaves(path: str, value: object) -> Iterator[tuple[str, Any]]:
    """Yield what is nested in `value`, each with where it stands."""
    if isinstance(value, dict) or hasattr(value, "items"):
        mapping: Mapping[object, object] = value  # type: ignore[assignment]
        for key, item in mapping.items():
            yield from _leaves(f"{path}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}[{index}]", item)
    else:
        yield path, value


def _is_odd(value: object) -> bool:
    """Tell whether a value is an object that only its reader understands."""
    module = type(value).__module__.partition(".")[0]
    return module not in {
        "builtins",
        "datetime",
        "decimal",
        "fractions",
        "nexuslims_core",
        "numpy",
        "pint",
    } or callable(value)


def _read_preview(source: PreviewSource) -> Any:  # noqa: ANN401 - an array
    try:
        return source.read()
    except (PreviewError, ExtractionError):
        return None


def _state(path: Path) -> tuple[object, ...]:
    """Return what must not change: the file's bytes and times, and its neighbours."""
    stat = path.stat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    neighbours = sorted(each.name for each in path.parent.iterdir())
    return digest, stat.st_size, stat.st_mtime_ns, stat.st_mode, neighbours
