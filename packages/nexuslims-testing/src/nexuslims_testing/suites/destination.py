"""Conformance of an export destination: what the pipeline relies on.

Subclass `DestinationSuite` in your tests and provide its fixtures::

    class TestShare(DestinationSuite):
        @pytest.fixture
        def destination(self, tmp_path):
            return connect(ShareSettings(folder=tmp_path / "share"), site(tmp_path))

        @pytest.fixture
        def held_records(self, tmp_path):
            return lambda: [HeldRecord(...) for file in (tmp_path / "share").iterdir()]

        ...

A test of the suite can be neither overridden nor removed. What a destination cannot do
is said with the test's name, ``@pytest.mark.xfail(reason="...")`` and a call of the
original, so that it shows in every report::

        @pytest.mark.xfail(reason="Share answers before it knows the record's id")
        def test_a_result_is_complete(self, destination, context):
            super().test_a_result_is_complete(destination, context)
"""

# ruff: noqa: S101 - a suite asserts

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from nexuslims_core.errors import ConfigurationError, ExportError

from nexuslims_testing.samples.records import (
    example_context,
    example_record,
    example_session,
    with_motivation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nexuslims_core.types import Destination, ExportContext, ExportResult

TITLES = (
    "2026-03-17_TEM-1_1 & Söhne",
    "<script>alert(1)</script>",
    "quotes \" ' ` and \\ backslash",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "100 % {{ 7 * 7 }} ${HOME} %2e%2e%2f",
    "試料 µm Å – 5 °C",
)
"""Titles that a destination must hold as they are."""

CONTROL_TITLES = (
    pytest.param("report\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe", id="reordering"),
    pytest.param("a\tb\nc\x1b[31m", id="control characters"),
    pytest.param("x" * 10_000, id="10000 characters"),
)
"""Titles that a destination may change, but must not stumble over."""


@dataclass(frozen=True, kw_only=True)
class HeldRecord:
    """A record as the repository has it."""

    record_id: str
    """What `ExportResult.record_id` said."""
    title: str
    content: str | None = None
    """The record's text, XML or page; `None` where it cannot be read back."""


class DestinationSuite:
    """Tests of one destination; each begins with an empty repository."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Refuse a subclass that silently replaces a test of the suite."""
        super().__init_subclass__(**kwargs)
        for name, original in vars(DestinationSuite).items():
            if not name.startswith("test_"):
                continue
            present = inspect.getattr_static(cls, name)
            if present is not original and not _is_explained(present):
                msg = (
                    f"{cls.__name__}.{name} replaces a test of DestinationSuite; mark "
                    'it with @pytest.mark.xfail(reason="...") or leave it out'
                )
                raise TypeError(msg)

    # To be provided.

    @pytest.fixture
    def destination(self) -> Destination:
        """Return the destination, connected to an empty repository."""
        pytest.fail("provide the fixture `destination`")

    @pytest.fixture
    def held_records(self) -> Callable[[], Sequence[HeldRecord]]:
        """Return a function that lists what the repository of `destination` holds."""
        pytest.fail("provide the fixture `held_records`")

    @pytest.fixture
    def broken_destination(self) -> Destination:
        """Return a destination whose repository cannot take a record.

        Such as one whose server is not running, or whose disk is not writable.
        """
        pytest.fail("provide the fixture `broken_destination`")

    @pytest.fixture
    def misconfigured_destination(self) -> tuple[Destination, str]:
        """Return a wrongly configured destination and the name of the wrong setting.

        The name is that of the environment variable, such as ``NX_SHARE_FOLDER``.
        """
        pytest.fail("provide the fixture `misconfigured_destination`")

    # For the tests; extend `context` if your repository needs other values.

    @pytest.fixture
    def context(self, tmp_path: Path) -> ExportContext:
        """Return what the destination is handed."""
        return _context(tmp_path, 1)

    @pytest.fixture
    def other_context(self, tmp_path: Path) -> ExportContext:
        """Return the same for another session."""
        return _context(tmp_path, 2)

    # What the pipeline relies on.

    def test_a_sound_configuration_is_accepted(self, destination: Destination) -> None:
        """`validate_config` raises nothing for the destination of these tests."""
        destination.validate_config()

    def test_a_wrong_configuration_is_named(
        self, misconfigured_destination: tuple[Destination, str]
    ) -> None:
        """`validate_config` raises `ConfigurationError` with the setting's name."""
        destination, setting = misconfigured_destination
        with pytest.raises(ConfigurationError) as caught:
            destination.validate_config()
        assert setting in str(caught.value), (
            f"the operator must be told which setting is wrong: {setting} is not in "
            f"{str(caught.value)!r}"
        )

    def test_exporting_creates_one_record(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """A first export makes a record and tells its identifier."""
        result = destination.export(context)
        assert result.action == "created"
        [held] = held_records()
        assert held.record_id == result.record_id
        assert held.title == context.title

    def test_a_result_is_complete(
        self, destination: Destination, context: ExportContext
    ) -> None:
        """The result can be logged: see the fields of `ExportResult`."""
        _check_result(destination.export(context))

    def test_exporting_again_unchanged_creates_nothing(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """A second export of the same record says that nothing had to be done."""
        first = destination.export(context)
        before = held_records()
        second = destination.export(replace(context, previous=first))
        assert second.action == "unchanged"
        assert second.record_id == first.record_id
        assert held_records() == before

    def test_a_changed_record_is_updated_in_place(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """An export of other content for the same session changes the record."""
        first = destination.export(context)
        changed = _changed(context)
        second = destination.export(replace(changed, previous=first))
        _check_update(first, second, held_records())

    def test_the_record_is_found_without_memory_of_it(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """A record is updated even if its export was never noted, as after a crash.

        If this fails, look the record up in the repository before making a new one.
        """
        first = destination.export(context)
        second = destination.export(replace(_changed(context), previous=None))
        _check_update(first, second, held_records())

    def test_an_update_can_be_repeated(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """After an update the same content is unchanged, with or without memory."""
        destination.export(context)
        changed = _changed(context)
        second = destination.export(changed)
        third = destination.export(changed)
        fourth = destination.export(replace(changed, previous=second))
        assert (third.action, fourth.action) == ("unchanged", "unchanged")
        assert len(held_records()) == 1

    def test_two_sessions_make_two_records(
        self,
        destination: Destination,
        context: ExportContext,
        other_context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """Records of different sessions stay apart."""
        results = [destination.export(each) for each in (context, other_context)]
        assert [result.action for result in results] == ["created", "created"]
        held = {(record.record_id, record.title) for record in held_records()}
        assert held == {
            (results[0].record_id, context.title),
            (results[1].record_id, other_context.title),
        }

    def test_an_update_leaves_other_records_alone(
        self,
        destination: Destination,
        context: ExportContext,
        other_context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """Updating one session's record does not touch another's."""
        destination.export(context)
        other = destination.export(other_context)
        untouched = [h for h in held_records() if h.record_id == other.record_id]
        destination.export(_changed(context))
        remaining = [h for h in held_records() if h.record_id == other.record_id]
        assert remaining == untouched

    @pytest.mark.parametrize("title", TITLES)
    def test_any_title_arrives(
        self,
        title: str,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """Characters that mean something in HTML, paths or templates mean nothing."""
        destination.export(replace(context, title=title))
        assert [held.title for held in held_records()] == [title]

    @pytest.mark.parametrize("title", CONTROL_TITLES)
    def test_an_unprintable_or_endless_title_does_no_harm(
        self,
        title: str,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """Such a title may be changed, but the record arrives, once."""
        hostile = replace(context, title=title)
        first = destination.export(hostile)
        second = destination.export(hostile)
        assert (first.action, second.action) == ("created", "unchanged")
        assert [held.record_id for held in held_records()] == [first.record_id]

    def test_missing_previews_are_no_obstacle(
        self,
        destination: Destination,
        context: ExportContext,
        held_records: Callable[[], Sequence[HeldRecord]],
    ) -> None:
        """A record arrives although its previews cannot be found."""
        empty = context.data_path / "nothing-here"
        result = destination.export(replace(context, data_path=empty))
        assert result.success
        assert len(held_records()) == 1

    def test_a_failure_is_an_export_error(
        self, broken_destination: Destination, context: ExportContext
    ) -> None:
        """What goes wrong is told by `ExportError`, with a sentence for the operator.

        If this fails, an exception of a library came through, or the result says
        ``success=False``: raise `ExportError` instead, chained with ``from``.
        """
        with pytest.raises(ExportError) as caught:
            broken_destination.export(context)
        assert str(caught.value).strip(), "the message is empty"


def _is_explained(attribute: object) -> bool:
    """Tell whether a replaced test carries ``xfail`` with a reason."""
    marks = getattr(attribute, "pytestmark", [])
    return any(
        mark.name == "xfail" and str(mark.kwargs.get("reason") or "").strip()
        for mark in marks
    )


def _context(folder: Path, number: int) -> ExportContext:
    session = example_session(number)
    # The word is looked for in what the repository holds afterwards.
    record = with_motivation(example_record(session), "firstmotivation")
    return example_context(folder, session, record=record)


def _changed(context: ExportContext) -> ExportContext:
    """Return the context of a rebuilt record; its files are replaced, as in a run."""
    folder = context.data_path.parent
    record = with_motivation(context.record, "secondmotivation")
    return example_context(folder, context.session, record=record, title=context.title)


def _check_update(
    first: ExportResult, second: ExportResult, held: Sequence[HeldRecord]
) -> None:
    assert second.action == "updated"
    assert second.record_id == first.record_id
    assert [record.record_id for record in held] == [first.record_id]
    content = held[0].content
    if content is not None:
        assert "secondmotivation" in content, "the repository has the old record"
        assert "firstmotivation" not in content, "the repository has both records"


def _check_result(result: ExportResult) -> None:
    assert result.success, "a failure is raised as ExportError, not returned"
    assert result.error is None
    assert result.destination, "the destination's name is missing"
    assert isinstance(result.record_id, str)
    assert result.record_id, "without an identifier the record cannot be found again"
    if result.record_url is not None:
        scheme = urlsplit(result.record_url).scheme
        assert scheme in {"http", "https", "file"}, f"no address: {result.record_url}"
    if result.timestamp is not None:
        assert result.timestamp.tzinfo is not None, "the timestamp has no time zone"
    json.dumps(dict(result.metadata))
