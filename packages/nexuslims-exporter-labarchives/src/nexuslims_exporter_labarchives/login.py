"""The command ``labarchives-get-uid``: what to write into NX_LABARCHIVES_USER_ID."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from nexuslims_core.cli.context import configuration
from nexuslims_core.errors import ConfigurationError, NexusLIMSError
from nexuslims_core.settings import plugin_instances
from nexuslims_core.types import Site

from nexuslims_exporter_labarchives.destination import connected, signing
from nexuslims_exporter_labarchives.settings import LabArchivesAccess

if TYPE_CHECKING:
    from nexuslims_core.cli.context import Configuration

    from nexuslims_exporter_labarchives.answers import User

__all__ = ["get_uid"]


@click.command(name="labarchives-get-uid")
@click.option("--email", required=True, help="Login of the account.")
@click.option(
    "--number",
    type=click.IntRange(min=1),
    help="Of which account, if several are configured: 2 for NX_LABARCHIVES_…_2.",
)
@click.pass_context
def get_uid(ctx: click.Context, email: str, number: int | None) -> None:
    """Ask LabArchives for the uid of an account.

    Needs NX_LABARCHIVES_ACCESS_KEY_ID, NX_LABARCHIVES_ACCESS_PASSWORD and, outside the
    United States, NX_LABARCHIVES_URL; nothing else has to be configured.

    The password is asked for, or read from standard input if that is no terminal. It is
    the password token for external applications, valid for an hour: in LabArchives,
    click on your name and then on "External App authentication".
    """
    chosen = configuration(ctx)
    suffix = "" if number is None else f"_{number}"
    access = _access(chosen, suffix)
    password = _password()
    with connected(access, _site(chosen), signing(access), "") as client:
        user, in_address = client.log_in(email, password)
    if in_address:
        click.echo(
            "This server takes the password in the address of the call only, where "
            "proxies may log it; a password token ends after an hour.",
            err=True,
        )
    _tell(user, suffix)


def _access(chosen: Configuration, suffix: str) -> LabArchivesAccess:
    for instance in plugin_instances(LabArchivesAccess, chosen.environment):
        if instance.suffix != suffix:
            continue
        if isinstance(instance.settings, LabArchivesAccess):
            return instance.settings
        raise NexusLIMSError("; ".join(str(each) for each in instance.problems))
    msg = (
        f"NX_LABARCHIVES_ACCESS_KEY_ID{suffix} and "
        f"NX_LABARCHIVES_ACCESS_PASSWORD{suffix} are not set; LabArchives issues them "
        "to institutions"
    )
    raise NexusLIMSError(msg)


def _password() -> str:
    if sys.stdin.isatty():
        told: str = click.prompt("Password token", hide_input=True, err=True)
        return told
    told = sys.stdin.readline().rstrip("\r\n")
    if not told:
        raise NexusLIMSError("standard input is empty; expected the password there")
    return told


def _site(chosen: Configuration) -> Site:
    """Return the certificates that are trusted, if NexusLIMS is configured already."""
    here = Path()
    try:
        settings = chosen.settings
    except ConfigurationError:
        return Site(instrument_data_path=here, data_path=here, records_path=here)
    return Site(
        instrument_data_path=settings.instrument_data_path,
        data_path=settings.data_path,
        records_path=settings.records_path,
        tls_verify=settings.tls_verify,
        ca_bundle=settings.ca_bundle(),
    )


def _tell(user: User, suffix: str) -> None:
    if not user.uid:
        raise NexusLIMSError("LabArchives knows the account, but told no uid")
    click.echo(f"UID: {user.uid}")
    click.echo(f"NX_LABARCHIVES_USER_ID{suffix}={user.uid}")
    for nbid, name in user.notebooks:
        # One line whatever the name of a notebook has in it.
        named = " ".join(name.split())
        click.echo(f"# NX_LABARCHIVES_NOTEBOOK_ID{suffix}={nbid}  {named}")
