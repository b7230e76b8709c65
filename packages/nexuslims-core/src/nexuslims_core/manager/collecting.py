"""Second stage: ask plugins what they contribute, one hook of one plugin at a time."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from nexuslims_core.manager.kinds import HOOK_PREFIX, KINDS, defects
from nexuslims_core.types import Contribution

if TYPE_CHECKING:
    from nexuslims_core.manager.records import PluginFailure, PluginIdentity

MARK = "nexuslims_impl"
"""Attribute that `hookimpl` leaves on a function."""

MOST = 10_000
"""Contributions taken from one hook: ends a generator that never does."""


def collect(
    identity: PluginIdentity, kind: str, hook: Callable[[], object]
) -> tuple[list[Contribution], list[PluginFailure]]:
    """Return the usable contributions that one hook of one plugin yields.

    Whatever it yielded before it raised is kept, and so is every valid item beside an
    invalid one.
    """
    found: list[Contribution] = []
    failures: list[PluginFailure] = []
    name = f"{HOOK_PREFIX}{kind}"
    try:
        for item in islice(_items(hook()), MOST):
            defect = _defect(item, kind)
            if defect is None and isinstance(item, Contribution):
                found.append(item)
            else:
                failures.append(identity.failure("collect", f"{name} yielded {defect}"))
    # Anything a third party may raise ends here, and costs that party alone.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        failures.append(identity.failure("collect", error, name))
    return found, failures


def _items(answer: object) -> Iterable[object]:
    if isinstance(answer, Iterable) and not isinstance(answer, str | bytes):
        return answer
    msg = f"expected contributions to be yielded, found {answer!r}"
    raise TypeError(msg)


def _defect(item: object, kind: str) -> str | None:
    expected = KINDS[kind]
    if not isinstance(item, expected):
        return f"{_short(item)}, expected {expected.__name__}"
    wrong = "; ".join(defects(item))
    return f"{expected.__name__} {item.name!r}: {wrong}" if wrong else None


def _short(item: object) -> str:
    text = repr(item)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line


def misspelt(identity: PluginIdentity, plugin: object) -> Iterator[PluginFailure]:
    """Yield a failure for each function that looks like a hook and is none."""
    hooks = [f"{HOOK_PREFIX}{kind}" for kind in KINDS]
    for name, function in _own_functions(plugin):
        options = getattr(function, MARK, None)
        if not isinstance(options, dict):
            if name in hooks:
                error = f"{name} lacks the mark @hookimpl, so it is never called"
                yield identity.failure("collect", error)
            elif name.startswith(HOOK_PREFIX):
                yield identity.failure("collect", _no_hook(name, hooks))
        elif (hook := options.get("specname") or name) not in hooks:
            yield identity.failure("collect", _no_hook(hook, hooks))


def _no_hook(name: str, hooks: list[str]) -> str:
    nearest = difflib.get_close_matches(name, hooks, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"hooks: {', '.join(hooks)}"
    return f"{name} is no hook of NexusLIMS; {hint}"


def _own_functions(plugin: object) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the functions that a plugin defines itself, marked or by their name."""
    home = getattr(plugin, "__name__", None) if inspect.ismodule(plugin) else None
    for name in dir(plugin):
        function = inspect.getattr_static(plugin, name, None)
        function = getattr(function, "__func__", function)
        if inspect.isfunction(function) and home in (None, function.__module__):
            yield name, function
