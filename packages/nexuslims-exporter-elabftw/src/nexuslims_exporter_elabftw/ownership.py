"""Giving an experiment to the person whose session it describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nexuslims_core.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nexuslims_exporter_elabftw.answers import Experiment
    from nexuslims_exporter_elabftw.client import ElabftwClient

__all__ = ["account_of", "hand_over"]

MOVE_ACTION = "updateowner"
"""What releases from 5.5 want to hear instead of a new `userid` (elabftw#7140)."""


def account_of(client: ElabftwClient, name: str) -> int:
    """Return the account that an external identifier stands for.

    Parameters
    ----------
    name
        The number of the account, or its e-mail address.

    Raises
    ------
    ExportError
        If nobody has this address.
    """
    wanted = name.strip()
    if wanted.isdecimal():
        return int(wanted)
    for user in client.users():
        if (user.email or "").casefold() == wanted.casefold():
            return user.userid
    msg = f"the notebook has no active account {wanted!r}"
    raise ExportError(msg, retry=False)


def hand_over(client: ElabftwClient, experiment: Experiment, account: int) -> bool:
    """Make an account the owner; returns whether anything had to be done.

    Whoever owns it, both the account and ours may read and write: otherwise we could
    not keep the experiment up to date. An experiment that somebody gave to a third
    account stays there.

    Raises
    ------
    ExportError
        If the notebook refuses.
    """
    if experiment.userid == account:
        return False
    me = client.me().userid
    granted = _grant(client, experiment, {account, me})
    if experiment.userid not in {None, me}:
        return granted
    try:
        client.change(experiment, {"userid": account})
    except ExportError as error:
        if MOVE_ACTION not in str(error):
            raise
        move = {"action": MOVE_ACTION, "userid": account, "team": experiment.team}
        client.change(experiment, move)
    return True


def _grant(client: ElabftwClient, experiment: Experiment, accounts: set[int]) -> bool:
    rights = {"canread": experiment.canread, "canwrite": experiment.canwrite}
    wanted = {name: _with_users(held, accounts) for name, held in rights.items()}
    changed = {name: one for name, one in wanted.items() if one != rights[name]}
    if changed:
        client.change(experiment, {n: json.dumps(one) for n, one in changed.items()})
    return bool(changed)


def _with_users(held: Mapping[str, Any] | None, accounts: set[int]) -> dict[str, Any]:
    users = [int(each) for each in (held or {}).get("users") or ()]
    missing = sorted(accounts - set(users))
    empty: dict[str, Any] = {"teams": [], "teamgroups": []}
    return {**empty, **(held or {}), "users": [*users, *missing]}
