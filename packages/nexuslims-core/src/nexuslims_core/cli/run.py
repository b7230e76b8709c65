"""`nexuslims run`."""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import Configuration, configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.logs import log_file, logging_to
from nexuslims_core.cli.output import json_option, our_stdout, print_json, print_table
from nexuslims_core.cli.progress import shown_progress
from nexuslims_core.cli.times import When
from nexuslims_core.errors import NexusLIMSError, StoreError
from nexuslims_core.model.facility import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nexuslims_core.model.report import RunReport
    from nexuslims_core.pipeline.context import RunContext
    from nexuslims_core.pipeline.halt import Halt
    from nexuslims_core.pipeline.lock import Slot
    from nexuslims_core.pipeline.preflight import CheckResult
    from nexuslims_core.pipeline.progress import Progress

logger = logging.getLogger(__name__)


@click.command()
@click.option(
    "-n",
    "--dry-run",
    is_flag=True,
    help="Only say which sessions and files there are; write nothing.",
)
@click.option(
    "-v", "--verbose", count=True, help="Say more; -vv says everything, -vvv of all."
)
@click.option(
    "--from",
    "start",
    type=When(),
    help="Harvest sessions from this date on; `all` for no limit.",
)
@click.option(
    "--to", "end", type=When(end_of_day=True), help="Harvest sessions until this date."
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.option(
    "--watch",
    is_flag=False,
    flag_value=0.0,
    type=click.FloatRange(min=0),
    metavar="[SECONDS]",
    help="Run again and again, with a pause of so many seconds or NX_WATCH_SECONDS.",
)
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    verbose: int,
    start: datetime | None,
    end: datetime | None,
    *,
    dry_run: bool,
    quiet: bool,
    watch: float | None,
    as_json: bool,
) -> int:
    """Harvest sessions, build their records, deliver them.

    Run it from cron or a systemd timer as often as you like: what is done is not done
    again, and what failed is tried again. --from and --to limit what schedulers are
    asked for; sessions already known are built whatever their date.

    Or let it --watch: it says in one line, or with --json in one object, what a round
    did, if it did anything. SIGTERM or Ctrl-C ends it when the sessions under way are
    finished, a second one at once.

    \b
    Exit codes:
      0  all work is done, or there was none
      1  something failed: a session, a scheduler, a repository
      2  wrong usage or configuration
      3  a check failed that everything depends on; nothing was done
      4  another run is under way
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    chosen = configuration(ctx)
    window = _window(ctx, chosen, start, end)
    if watch is not None:
        if dry_run or window is not None:
            msg = "--watch goes without --dry-run, --from and --to"
            raise click.UsageError(msg)
        from nexuslims_core.cli.watch import watch as watch_

        return watch_(chosen, watch, verbosity=verbose, as_json=as_json)
    with our_stdout(), shown_progress(quiet=quiet) as progress:
        outcome = run_facility(
            chosen, window, progress, verbosity=verbose, dry_run=dry_run
        )
    if isinstance(outcome, Exit):
        return outcome
    return _tell(outcome, as_json=as_json, dry_run=dry_run)


def _window(
    ctx: click.Context,
    chosen: Configuration,
    start: datetime | None,
    end: datetime | None,
) -> Window | None:
    """Return the span of time that was asked for; `None` when none was."""
    typed = {
        name
        for name in ("start", "end")
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }
    if not typed:
        return None
    if "start" not in typed:
        days = timedelta(days=chosen.settings.harvest_days)
        start = datetime.now().astimezone() - days
    if start is not None and end is not None and end < start:
        msg = f"it is before the start, {start:%Y-%m-%d %H:%M}; give --from as well"
        raise click.BadParameter(msg, param_hint="--to")
    return Window(start=start, end=end)


def run_facility(
    chosen: Configuration,
    window: Window | None,
    progress: Progress,
    *,
    verbosity: int = 0,
    dry_run: bool = False,
) -> RunReport | Exit:
    """Check, run and log; return the report, or why there was no run.

    Raises
    ------
    ConfigurationError
        If the settings cannot be used.
    """
    from nexuslims_core.pipeline.lock import LockedError, Slot

    settings = chosen.settings
    if not dry_run:
        prepare_workers(chosen)
    if is_blocked(chosen, create=not dry_run):
        return Exit.PREFLIGHT
    now = datetime.now().astimezone()
    # A dry run leaves nothing behind, not even a log.
    path = None if dry_run else log_file(settings.log_path, now)
    alone = contextlib.nullcontext(Slot(data_path=settings.data_path))
    try:
        with (
            alone if dry_run else slot_of(chosen) as slot,
            logging_to(path, verbosity=verbosity, secrets=chosen.secrets),
        ):
            if dry_run:
                return _dry_run(chosen, window, progress)
            return run_once(chosen, slot, window, progress)
    except LockedError as error:
        click.echo(str(error), err=True)
        return Exit.LOCKED


def is_blocked(chosen: Configuration, *, create: bool) -> bool:
    """Tell whether no run is possible; people are told why, unless it would be dry."""
    from nexuslims_core.cli.facility import basic_checks, notify_blocked

    checks = basic_checks(chosen, create=create)
    if not any(check.blocks_everything for check in checks):
        return False
    print_checks(checks)
    if create:
        notify_blocked(chosen, checks)
    return True


def prepare_workers(chosen: Configuration) -> None:
    """Have workers get ready, while it is found out whether there is work for them.

    Without a scheduler that could tell of new sessions, there hardly ever is.
    """
    from nexuslims_core.settings import plugin_instances

    # Whether there is such an executor is for the checks to tell.
    executor = chosen.manager.executors.get(chosen.settings.executor)
    if executor is None or executor.prepare is None:
        return
    # Sessions that are logged by hand need no settings, and are few.
    if any(
        instance.given
        for harvester in chosen.manager.harvesters.values()
        for instance in plugin_instances(harvester.settings, chosen.environment)
    ):
        extractors = chosen.manager.extractors.values()
        modules = sorted({name for one in extractors for name in one.imports})
        # Without it, workers start later, or tell of the same problem.
        with contextlib.suppress(NexusLIMSError):
            chosen.manager.call(executor, executor.prepare, modules)


def slot_of(chosen: Configuration) -> contextlib.AbstractContextManager[Slot]:
    """Return what holds a runner's place: for itself, or beside others."""
    from nexuslims_core.pipeline.lock import run_lock, runner_slot
    from nexuslims_core.store import sqlite_path

    alone = sqlite_path(chosen.database_url) is not None
    return (run_lock if alone else runner_slot)(chosen.settings.data_path)


def run_once(
    chosen: Configuration,
    slot: Slot,
    window: Window | None,
    progress: Progress,
    halt: Halt | None = None,
) -> RunReport:
    """Harvest and build what is due, in the place of a runner."""
    from nexuslims_core.pipeline.claim import renewing
    from nexuslims_core.pipeline.lock import vacant_slots
    from nexuslims_core.pipeline.run import run as run_

    with _prepared(chosen, window, progress) as prepared:
        context = replace(prepared, owner=slot.owner, halt=halt or prepared.halt)
        # What killed runs of this folder and machine had leased is free again.
        context.store.release(slot.owner)
        for vacant in vacant_slots(slot):
            context.store.release(vacant.owner)
        try:
            with renewing(context):
                return run_(context, window=window)
        finally:
            # What was not begun, or could not be finished. A lease ends by itself, too.
            with contextlib.suppress(StoreError):
                context.store.release(slot.owner)


def _dry_run(
    chosen: Configuration, window: Window | None, progress: Progress
) -> RunReport:
    from nexuslims_core.pipeline.dry import dry_run

    with _prepared(chosen, window, progress) as context:
        return dry_run(context, window=window)


@contextlib.contextmanager
def _prepared(
    chosen: Configuration, window: Window | None, progress: Progress
) -> Iterator[RunContext]:
    from nexuslims_core.cli.facility import prepare
    from nexuslims_core.settings import redacted
    from nexuslims_core.store import Store

    shown = redacted(chosen.settings, chosen.instances)
    logger.info("Settings: %s", json.dumps(shown, ensure_ascii=False))
    with Store.open(chosen.database_url) as store:
        prepared = prepare(
            chosen, store, progress, patient=window is None, tell=print_checks
        )
        yield prepared.context
        # All are made in every run: people read here what is wrong.
        _ = len(prepared.checks)


def print_checks(checks: Iterable[CheckResult]) -> None:
    """Print the checks that did not pass, on stderr."""
    for check in checks:
        if not check.passed:
            click.echo(f"{check.severity}: {check.message}", err=True)


def _tell(report: RunReport, *, as_json: bool, dry_run: bool) -> int:
    from nexuslims_core.pipeline.report import as_json as as_json_
    from nexuslims_core.pipeline.report import failed

    if as_json:
        print_json(as_json_(report))
    else:
        print_report(report)
        if dry_run:
            _print_files(report)
    return Exit.FAILED if failed(report) else Exit.OK


def _print_files(report: RunReport) -> None:
    for session in report.sessions:
        rows = [(line,) for line in session.warnings]
        if rows:
            print_table((f"Files of {session.session_identifier}",), rows)


def print_report(report: RunReport) -> None:
    """Print what a run did as a table."""
    for source in report.harvest:
        if source.error:
            click.echo(f"{source.source}: {source.error}", err=True)
        for problem in source.problems:
            click.echo(f"{source.source}: {problem}", err=True)
    for problem in report.problems:
        click.echo(problem, err=True)
    for session in report.sessions:
        if session.error:
            click.echo(f"{session.session_identifier}: {session.error}", err=True)
    if not report.sessions:
        click.echo(f"Nothing to do ({report.elapsed_s:.1f} s).")
        return
    print_table(
        ("Session", "Instrument", "Status", "Files", "Activities", "Delivered to"),
        (
            (
                one.session_identifier,
                one.instrument,
                one.status,
                one.files,
                one.activities,
                ", ".join(
                    f"{each.destination} ({each.action or 'failed'})"
                    for each in one.exports
                ),
            )
            for one in report.sessions
        ),
    )
    click.echo(f"{len(report.sessions)} sessions in {report.elapsed_s:.1f} s.")
