"""`nexuslims sessions`."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, our_stdout, print_json, print_table
from nexuslims_core.errors import ConfigurationError, StoreError
from nexuslims_core.model.facility import (
    Instrument,
    Person,
    Project,
    Reservation,
    Sample,
    Session,
)

if TYPE_CHECKING:
    from nexuslims_core.cli.context import Configuration
    from nexuslims_core.pipeline.withdraw import Withdrawn
    from nexuslims_core.store import SessionHistory, SessionSummary, Store

STATUSES = (
    "TO_BE_BUILT",
    "COMPLETED",
    "BUILT_NOT_EXPORTED",
    "ERROR",
    "NO_FILES_FOUND",
    "NO_CONSENT",
    "NO_RESERVATION",
    "WAITING_FOR_END",
)
NAMESPACE = uuid.UUID("6a7ca9d1-6b7b-5f0c-9a43-0d0f2d3c6a11")
"""Of identifiers derived from a session's instrument, user and start."""


@click.group()
def sessions() -> None:
    """Add, list, show, retry and withdraw sessions."""


@sessions.command()
@click.option("--instrument", "pid", required=True, help="ID of the instrument.")
@click.option("--user", required=True, help="Who used it.")
@click.option("--start", required=True, help="ISO time; the instrument's zone if none.")
@click.option("--end", required=True, help="ISO time; the instrument's zone if none.")
@click.option("--id", "identifier", help="Identifier; derived when left out.")
@click.option("--title", default="", help="Title of the experiment.")
@click.option("--purpose", default="", help="What it was for.")
@click.option("--project", default="", help="ID of the project.")
@click.option(
    "--sample", "samples", multiple=True, help="Name of a sample; repeatable."
)
@click.pass_context
def add(ctx: click.Context, /, pid: str, **options: Any) -> None:  # noqa: ANN401 - click's
    """Log a session by hand; the next run builds its record.

    Use this for instruments that no scheduler knows (`--harvester database`). Adding
    the same session again changes it.
    """
    with configuration(ctx).store() as store:
        session = _session(_instrument(store, pid), **options)
        done = store.record_session(session)
    words = {"new": "Added", "changed": "Changed", "known": "Already there:"}
    click.echo(f"{words[done]} session {session.identifier}.")


def _instrument(store: Store, pid: str) -> Instrument:
    known = {one.pid: one for one in store.instruments()}
    if pid in known:
        return known[pid]
    names = ", ".join(known) or "none yet; add one with `nexuslims instruments add`"
    msg = f"no instrument {pid!r}; known: {names}"
    raise StoreError(msg)


def _session(
    instrument: Instrument,
    *,
    user: str,
    start: str,
    end: str,
    identifier: str | None,
    title: str,
    purpose: str,
    project: str,
    samples: tuple[str, ...],
) -> Session:
    begun = _time(start, instrument, "--start")
    ended = _time(end, instrument, "--end")
    if ended <= begun:
        msg = f"{end!r} is not after the start {start!r}"
        raise click.BadParameter(msg, param_hint="--end")
    key = f"{instrument.pid}|{user}|{begun.isoformat()}"
    name = identifier or str(uuid.uuid5(NAMESPACE, key))
    details = Reservation(
        internal_id=name,
        title=title,
        purpose=purpose,
        user=Person(username=user),
        start=begun,
        end=ended,
        samples=tuple(Sample(name=sample) for sample in samples),
        projects=(Project(project_id=project),) if project else (),
    )
    return Session(
        identifier=name,
        instrument=instrument,
        start=begun,
        end=ended,
        user=user,
        details=details,
    )


def _time(text: str, instrument: Instrument, option: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no ISO time such as 2026-01-31T08:00"
        raise click.BadParameter(msg, param_hint=option) from error
    if when.tzinfo is not None:
        return when
    try:
        return when.replace(tzinfo=instrument.zone)
    except (KeyError, ValueError, OSError) as error:
        msg = (
            f"instrument {instrument.pid} has the time zone {instrument.timezone!r}, "
            "which is no IANA name; correct it in the instruments table"
        )
        raise ConfigurationError(msg) from error


@sessions.command(name="list")
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@click.option("--instrument", "pid", help="Only on this instrument.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
@click.pass_context
def list_(
    ctx: click.Context,
    status: str | None,
    pid: str | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """List sessions, the latest first."""
    with configuration(ctx).store() as store:
        found = store.list_sessions(status=status, instrument=pid, limit=limit)
    if as_json:
        print_json([_summary(one) for one in found])
        return
    print_table(
        ("Session", "Instrument", "User", "Start", "Status", "Error"),
        (
            (
                one.identifier,
                one.instrument,
                one.user,
                f"{one.start:%Y-%m-%d %H:%M}" if one.start else "?",
                one.status,
                one.state.last_error,
            )
            for one in found
        ),
    )


def _summary(one: SessionSummary) -> dict[str, Any]:
    return {
        "session_identifier": one.identifier,
        "instrument": one.instrument,
        "user": one.user,
        "start": one.start,
        "end": one.end,
        "status": one.status,
        "attempts": one.state.attempts,
        "next_attempt": one.state.next_attempt_at,
        "record": one.state.record_path,
        "error": one.state.last_error,
    }


@sessions.command()
@click.argument("identifier")
@click.option("--instrument", "pid", help="Where several have a session of that name.")
@json_option
@click.pass_context
def show(
    ctx: click.Context, identifier: str, pid: str | None, *, as_json: bool
) -> None:
    """Show everything that is known about the session IDENTIFIER."""
    with configuration(ctx).store() as store:
        history = store.show_session(identifier, pid)
    if as_json:
        print_json(asdict(history))
        return
    _print_history(history)


def _print_history(history: SessionHistory) -> None:
    for name, value in _summary(history.summary).items():
        if value not in (None, ""):
            click.echo(f"{name:20} {value}")
    click.echo()
    print_table(
        ("Event", "Time", "Status", "User"),
        ((row.event_type, row.timestamp, row.status, row.user) for row in history.log),
        title="Log",
    )
    if history.files:
        print_table(
            ("File", "State", "Warning"),
            ((one.path, one.state, one.warning) for one in history.files),
            title="Files",
        )
    if history.uploads:
        print_table(
            ("Destination", "Time", "Delivered", "Record", "Error"),
            (
                (one.destination, one.timestamp, one.success, one.record_url, one.error)
                for one in history.uploads
            ),
            title="Deliveries",
        )


@sessions.command()
@click.argument("identifiers", nargs=-1, metavar="[IDENTIFIER]...")
@click.option(
    "--status", type=click.Choice(STATUSES), help="All sessions in this state."
)
@click.pass_context
def retry(ctx: click.Context, identifiers: tuple[str, ...], status: str | None) -> None:
    """Have sessions built again by the next run.

    Name them by IDENTIFIER, or choose all of one status, such as ERROR.
    """
    if bool(identifiers) == bool(status):
        msg = "give either identifiers or --status"
        raise click.UsageError(msg)
    with configuration(ctx).store() as store:
        count = store.retry(identifiers, status=status)
    click.echo(f"{count} sessions will be built by the next `nexuslims run`.")


@sessions.command()
@click.argument("identifier")
@click.option("--instrument", "pid", help="Where several have a session of that name.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def withdraw(
    ctx: click.Context, identifier: str, pid: str | None, *, yes: bool, as_json: bool
) -> int:
    """Take the record of the session IDENTIFIER back from every destination.

    It is removed where that can be done, or hidden, and what remains is listed. The
    session is not built again until `sessions retry` says so.
    """
    if not yes:
        click.confirm(f"Take the record of {identifier} back?", abort=True, err=True)
    chosen = configuration(ctx)
    with our_stdout(), chosen.store() as store:
        withdrawn = _withdraw(chosen, store, identifier, pid)
    if as_json:
        print_json(asdict(withdrawn) | {"complete": withdrawn.complete})
    else:
        _print_withdrawn(withdrawn)
    return Exit.OK if withdrawn.complete else Exit.FAILED


def _withdraw(
    chosen: Configuration, store: Store, identifier: str, pid: str | None
) -> Withdrawn:
    from nexuslims_core.cli.facility import prepare
    from nexuslims_core.pipeline.lock import run_lock
    from nexuslims_core.pipeline.progress import Silent
    from nexuslims_core.pipeline.withdraw import withdraw as take_back

    with run_lock(chosen.settings.data_path):
        return take_back(identifier, pid, prepare(chosen, store, Silent()).context)


def _print_withdrawn(withdrawn: Withdrawn) -> None:
    print_table(
        ("Destination", "Done", "Record", "Error"),
        (
            (one.destination, one.action or "failed", one.record_url, one.error)
            for one in withdrawn.results
        ),
    )
    click.echo("What remains:")
    for sentence in withdrawn.remains:
        click.echo(f"  {sentence}")
