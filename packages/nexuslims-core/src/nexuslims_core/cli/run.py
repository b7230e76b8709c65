"""`nexuslims run`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.config import instances
from nexuslims_core.cli.context import Configuration, configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.logs import log_file, logging_to
from nexuslims_core.cli.output import json_option, print_json, print_table
from nexuslims_core.cli.progress import shown_progress
from nexuslims_core.cli.times import When
from nexuslims_core.model.facility import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nexuslims_core.model.report import RunReport
    from nexuslims_core.pipeline.preflight import CheckResult
    from nexuslims_core.pipeline.progress import Progress


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
    as_json: bool,
) -> int:
    """Harvest sessions, build their records, deliver them.

    Run it from cron or a systemd timer as often as you like: what is done is not done
    again, and what failed is tried again. --from and --to limit what schedulers are
    asked for; sessions already known are built whatever their date.

    \b
    Exit codes:
      0  all work is done, or there was none
      1  something failed: a session, a scheduler, a repository
      2  wrong usage or configuration
      3  a check failed that everything depends on; nothing was done
      4  another run is under way
    """  # noqa: D301 - click's mark for a paragraph that is not to be wrapped
    chosen = configuration(ctx)
    given = any(
        ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        for name in ("start", "end")
    )
    window = Window(start=start, end=end) if given else None
    with shown_progress(quiet=quiet) as progress:
        outcome = run_facility(
            chosen, window, progress, verbosity=verbose, dry_run=dry_run
        )
    return _tell(outcome, as_json=as_json)


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
    from nexuslims_core.cli.facility import basic_checks, prepare
    from nexuslims_core.pipeline.dry import dry_run as dry_run_
    from nexuslims_core.pipeline.lock import LockedError, run_lock
    from nexuslims_core.pipeline.run import run as run_
    from nexuslims_core.settings import secrets
    from nexuslims_core.store import Store

    settings = chosen.settings
    checks = basic_checks(chosen)
    if any(check.blocks_everything for check in checks):
        print_checks(checks)
        return Exit.PREFLIGHT
    hidden = secrets(settings, instances(chosen), chosen.environment)
    path = log_file(settings.log_path, datetime.now().astimezone(), dry_run=dry_run)
    with (
        logging_to(path, verbosity=verbosity, secrets=hidden),
        Store.open(chosen.database_url) as store,
    ):
        prepared = prepare(chosen, store, progress)
        print_checks(prepared.checks)
        if dry_run:
            return dry_run_(prepared.context, window=window)
        try:
            with run_lock(settings.data_path):
                # What a killed run of this folder had leased is ours again.
                store.release(prepared.context.owner)
                return run_(prepared.context, window=window)
        except LockedError as error:
            click.echo(str(error), err=True)
            return Exit.LOCKED


def print_checks(checks: Iterable[CheckResult]) -> None:
    """Print the checks that did not pass, on stderr."""
    for check in checks:
        if not check.passed:
            click.echo(f"{check.severity}: {check.message}", err=True)


def _tell(outcome: RunReport | Exit, *, as_json: bool) -> int:
    from nexuslims_core.pipeline.report import as_json as as_json_
    from nexuslims_core.pipeline.report import failed

    if isinstance(outcome, Exit):
        return outcome
    if as_json:
        print_json(as_json_(outcome))
    else:
        print_report(outcome)
    return Exit.FAILED if failed(outcome) else Exit.OK


def print_report(report: RunReport) -> None:
    """Print what a run did as a table."""
    for source in report.harvest:
        if source.error:
            click.echo(f"{source.source}: {source.error}", err=True)
        for problem in source.problems:
            click.echo(f"{source.source}: {problem}", err=True)
    for problem in report.problems:
        click.echo(problem, err=True)
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
