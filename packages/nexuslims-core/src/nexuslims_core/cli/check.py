"""`nexuslims check`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.context import Configuration, configuration
from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.output import json_option, our_stdout, print_json, print_table

if TYPE_CHECKING:
    from nexuslims_core.pipeline.preflight import CheckResult


@click.command()
@json_option
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> int:
    """Check everything that a run depends on; change nothing.

    Exits with 0 if a run could do all its work (warnings do not count), and with 3 if
    not. A failed check of one instrument, scheduler or repository stops only what
    depends on it.
    """
    with our_stdout():
        checks = _checks(configuration(ctx))
    if as_json:
        print_json([asdict(one) for one in checks])
    else:
        print_table(
            ("Check", "", "About"),
            (
                (
                    one.name,
                    "ok" if one.passed else one.severity,
                    one.message or one.subject,
                )
                for one in checks
            ),
        )
    bad = any(not one.passed and one.severity == "error" for one in checks)
    return Exit.PREFLIGHT if bad else Exit.OK


def _checks(chosen: Configuration) -> tuple[CheckResult, ...]:
    from nexuslims_core.cli.facility import basic_checks, prepare, without_secrets
    from nexuslims_core.pipeline.preflight import check_notifiers
    from nexuslims_core.pipeline.progress import Silent
    from nexuslims_core.store import Store

    checks = basic_checks(chosen, create=False)
    if any(check.blocks_everything for check in checks):
        return checks
    with Store.open(chosen.database_url) as store:
        prepared = prepare(chosen, store, Silent())
        told = check_notifiers(
            chosen.manager.notifiers.values(),
            chosen.environment,
            prepared.context.site,
        )
        return (*checks, *prepared.checks, *without_secrets(told, chosen))
