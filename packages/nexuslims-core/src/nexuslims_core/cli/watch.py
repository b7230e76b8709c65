"""`nexuslims run --watch`: round after round, until a signal ends it."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from nexuslims_core.cli.exits import Exit
from nexuslims_core.cli.logs import logging_to
from nexuslims_core.cli.output import our_stdout
from nexuslims_core.cli.run import is_blocked, run_once, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nexuslims_core.cli.context import Configuration
    from nexuslims_core.model.report import RunReport
    from nexuslims_core.pipeline.halt import Halt
    from nexuslims_core.pipeline.lock import Slot

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def watch(
    chosen: Configuration, seconds: float, *, verbosity: int, as_json: bool
) -> Exit:
    """Run round after round; survive what a cron job would survive.

    Parameters
    ----------
    seconds
        Pause between rounds; 0 for what the settings say.

    Raises
    ------
    ConfigurationError
        If the settings cannot be used.
    """
    from nexuslims_core.pipeline.halt import Halt
    from nexuslims_core.pipeline.lock import LockedError

    pause = seconds or chosen.settings.watch_seconds
    halt = Halt()
    rounds = Rounds(chosen, halt, verbosity=verbosity, as_json=as_json)
    try:
        with _until_signalled(halt), rounds:
            while not halt.requested:
                rounds.next()
                halt.wait(pause)
    except LockedError as error:
        click.echo(str(error), err=True)
        return Exit.LOCKED
    except KeyboardInterrupt:
        return Exit.FAILED
    return Exit.OK


class Rounds:
    """The rounds of one runner, which keeps its place from the first good one on."""

    def __init__(
        self, chosen: Configuration, halt: Halt, *, verbosity: int, as_json: bool
    ) -> None:
        self._chosen = chosen
        self._halt = halt
        self._verbosity = verbosity
        self._as_json = as_json
        self._held = contextlib.ExitStack()
        self._slot: Slot | None = None
        self._shown: object = None

    def __enter__(self) -> None:
        """Hold nothing yet: the folder may still have to be made."""

    def __exit__(self, *_error: object) -> None:
        self._held.close()

    def next(self) -> None:
        """Run once, and say what that did, if anything.

        Raises
        ------
        LockedError
            If another run is alone on the data folder.
        """
        from nexuslims_core.pipeline.lock import LockedError
        from nexuslims_core.settings import redact_text

        try:
            report = self._run()
        except LockedError:
            raise
        # A database that is away, a full disk, a fault of a plugin: the next round may
        # find it mended, as the next call from cron would.
        except Exception as error:  # noqa: BLE001 - see above
            text = redact_text(str(error) or repr(error), self._chosen.secrets)
            self._show(text, f"{_now()} {text}", err=True)
            return
        if report is not None:
            self._tell(report)

    def _run(self) -> RunReport | None:
        with our_stdout():
            with self._logging(None):
                if is_blocked(self._chosen, create=True):
                    return None
            if self._slot is None:
                self._slot = self._held.enter_context(slot_of(self._chosen))
            with self._logging(self._log_file(self._slot)):
                return self._run_in(self._slot)

    def _run_in(self, slot: Slot) -> RunReport:
        from nexuslims_core.pipeline.progress import Silent

        try:
            return run_once(self._chosen, slot, None, Silent(), self._halt)
        except Exception:
            logger.info("This round failed", exc_info=True)
            raise

    def _logging(self, path: Path | None) -> contextlib.AbstractContextManager[None]:
        return logging_to(path, verbosity=self._verbosity, secrets=self._chosen.secrets)

    def _log_file(self, slot: Slot) -> Path:
        """Return the log of this runner and day."""
        now = datetime.now().astimezone()
        name = f"{now:%Y%m%d}{slot.path.name.removesuffix('.lock')}.log"
        return self._chosen.settings.log_path / f"{now:%Y/%m/%d}" / name

    def _tell(self, report: RunReport) -> None:
        from nexuslims_core.pipeline.report import as_json

        if self._as_json:
            line = json.dumps(as_json(report))
        else:
            line = f"{_now()} {summary(report)}"
        nothing = not (report.sessions or report.problems or _harvested(report))
        self._show(None if nothing else replace(report, elapsed_s=0), line)

    def _show(self, what: object, line: str, *, err: bool = False) -> None:
        """Print a line, unless there is nothing to say or it was just said."""
        if what is not None and what != self._shown:
            click.echo(line, err=err)
            sys.stdout.flush()
        self._shown = what


def summary(report: RunReport) -> str:
    """Return what a round did, as a part of a line."""
    statuses = Counter(one.status for one in report.sessions)
    parts = [f"{count} {status}" for status, count in sorted(statuses.items())]
    errors = (
        *(one.error for one in report.harvest if one.error),
        *report.problems,
        *(one.error for one in report.sessions if one.error),
    )
    new = sum(one.new + one.changed for one in report.harvest)
    said = [f"{new} harvested"] if new else []
    said += [f"{len(report.sessions)} sessions: {', '.join(parts)}"] if parts else []
    said += [f"{len(errors)} problems, first: {errors[0]}"] if errors else []
    return f"{'; '.join(said)} ({report.elapsed_s:.1f} s)"


def _harvested(report: RunReport) -> bool:
    return any(
        one.new or one.changed or one.error or one.problems for one in report.harvest
    )


def _now() -> str:
    return datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")


@contextlib.contextmanager
def _until_signalled(halt: Halt) -> Iterator[None]:
    """Let the first signal ask for the end, and the second one interrupt."""
    heard = 0

    def handle(number: int, frame: object) -> None:
        del number, frame
        nonlocal heard
        heard += 1
        if heard > 1:
            raise KeyboardInterrupt
        # In a thread: the main one may hold the lock of what it waits for.
        threading.Thread(target=halt.request, name="halt").start()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
