"""How commands write: tables for people, JSON for scripts."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for scripts on stdout."
)


@contextlib.contextmanager
def our_stdout() -> Iterator[None]:
    """Send what plugins print to stderr for a ``with`` block: stdout is for scripts."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def print_json(document: object) -> None:
    """Print a document as JSON, readable; escaped where the output cannot hold it."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
    if _encoded(text) != text:
        text = json.dumps(document, indent=2, default=_plain)
    click.echo(text)


def _encoded(text: str) -> str:
    """Return `text` as stdout can hold it: names of files may be no valid text."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON-able value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = ""
) -> None:
    """Print a table on stdout, as wide as the terminal; nothing in it is markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            *(Text("" if cell is None else _encoded(str(cell))) for cell in row)
        )
    console = Console()
    if not console.is_terminal:
        # Piped output has no terminal to fit into; folding it would only break lines.
        console = Console(width=200)
    console.print(table)
