"""`nexuslims instruments`."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from nexuslims_core.cli.context import configuration
from nexuslims_core.cli.output import json_option, print_json, print_table
from nexuslims_core.model.facility import Instrument


@click.group()
def instruments() -> None:
    """Add, list and remove instruments.

    An instrument ties a tool of the scheduler to the folder that its files are
    written to.
    """


def _check_timezone(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{value!r} is no IANA time zone such as 'Europe/Berlin'"
        raise click.BadParameter(msg) from error
    return value


@instruments.command()
@click.option("--pid", required=True, help="Persistent identifier, e.g. FEI-Helios-1.")
@click.option("--name", required=True, help="Name shown in records.")
@click.option("--location", required=True, help="Where it stands.")
@click.option(
    "--filestore",
    required=True,
    help="Its folder, relative to NX_INSTRUMENT_DATA_PATH.",
)
@click.option(
    "--timezone",
    required=True,
    callback=_check_timezone,
    help="IANA time zone of its clock.",
)
@click.option(
    "--harvester",
    default="nemo",
    show_default=True,
    help="What knows its sessions; `database` for sessions added by hand.",
)
@click.option(
    "--api-url",
    default="",
    help="The tool at the scheduler, e.g. https://nemo.example.org/api/tools/?id=3.",
)
@click.option("--calendar-url", default="", help="Its page in the scheduler.")
@click.option("--property-tag", default="", help="Inventory number.")
@click.pass_context
def add(ctx: click.Context, /, **options: str) -> None:
    """Add an instrument; creates the database where there is none yet."""
    if options["harvester"] == "nemo" and not options["api_url"]:
        msg = "needed for the harvester `nemo`, e.g. https://HOST/api/tools/?id=3"
        raise click.BadParameter(msg, param_hint="--api-url")
    instrument = Instrument(
        pid=options["pid"],
        display_name=options["name"],
        location=options["location"],
        filestore_path=options["filestore"],
        timezone=options["timezone"],
        harvester=options["harvester"],
        # The table wants a unique address even where no scheduler has one.
        api_url=options["api_url"] or f"{options['harvester']}:{options['pid']}",
        calendar_url=options["calendar_url"],
        property_tag=options["property_tag"],
    )
    from nexuslims_core.pipeline.scan import instrument_folder

    chosen = configuration(ctx)
    folder = instrument_folder(instrument, chosen.settings.instrument_data_path)
    with chosen.store(create=True) as store:
        store.add_instrument(instrument)
    click.echo(f"Added {instrument.pid}.")
    if not folder.is_dir():
        click.echo(f"Note: there is no folder {folder} yet.", err=True)
    if instrument.harvester not in chosen.manager.harvesters:
        known = ", ".join(chosen.manager.harvesters)
        click.echo(
            f"Note: no plugin has the harvester {instrument.harvester!r}; installed "
            f"are: {known}.",
            err=True,
        )


@instruments.command(name="list")
@json_option
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    help="The same as --json, as earlier versions had it.",
)
@click.pass_context
def list_(ctx: click.Context, *, as_json: bool, form: str) -> None:
    """List the instruments with the sessions logged on each."""
    with configuration(ctx).store() as store:
        known = store.instruments()
        statistics = store.session_statistics()
    rows = []
    for one in known:
        used = statistics.get(one.pid)
        rows.append(
            {
                "instrument_pid": one.pid,
                "display_name": one.display_name,
                "location": one.location,
                "api_url": one.api_url,
                "harvester": one.harvester,
                "filestore_path": one.filestore_path,
                "timezone": one.timezone,
                "sessions_total": used.sessions_total if used else 0,
                "last_session": used.last_session if used else None,
            }
        )
    if as_json or form == "json":
        print_json(rows)
        return
    if not rows:
        click.echo("No instrument yet. Add one with `nexuslims instruments add`.")
        return
    print_table(
        ("ID", "Name", "Location", "Harvester", "Folder", "Sessions", "Last session"),
        (
            (
                row["instrument_pid"],
                row["display_name"],
                row["location"],
                row["harvester"],
                row["filestore_path"],
                row["sessions_total"],
                f"{row['last_session']:%Y-%m-%d %H:%M}" if row["last_session"] else "",
            )
            for row in rows
        ),
    )


@instruments.command()
@click.argument("pid")
@click.option(
    "--force",
    is_flag=True,
    help="Remove it although sessions are logged on it, and their log with it.",
)
@click.pass_context
def remove(ctx: click.Context, pid: str, *, force: bool) -> None:
    """Remove the instrument PID from the database; its files stay."""
    with configuration(ctx).store() as store:
        store.remove_instrument(pid, force=force)
    click.echo(f"Removed {pid}.")
