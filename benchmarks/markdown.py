"""Write results as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.result import Cell, Check, Result, Table

CHECKS = ("Figure", "Measured", "Wanted", "")


def rendered(found: Result, plots: str | None = None) -> str:
    """Return a section of a page.

    Parameters
    ----------
    plots
        Folder of the plots, as links to it begin; `None` to show none.
    """
    parts = [f"### {found.title}", *_parts(found, plots)]
    return "\n\n".join(parts) + "\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table; numbers are aligned to the right."""
    marks = ["---:" if _numeric(rows, i) else "---" for i in range(len(columns))]
    lines = [columns, marks, *([_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def checks(found: Sequence[Check]) -> str:
    """Return a table of criteria."""
    return table(CHECKS, [cells(one) for one in found])


def _parts(found: Result, plots: str | None) -> Iterator[str]:
    if found.checks:
        yield checks(found.checks)
    for one in found.tables:
        yield _captioned(one)
    if plots is not None:
        for curve in found.curves:
            yield f"![{curve.title}]({plots}/{curve.name}.svg)"
    if found.notes:
        yield "\n".join(f"- {note}" for note in found.notes)


def _captioned(one: Table) -> str:
    return f"{one.caption}:\n\n{table(one.columns, one.rows)}"


def cells(one: Check) -> tuple[Cell, ...]:
    """Return the row of a criterion, without its heading `CHECKS`."""
    wanted = _text(one.limit)
    if one.kind != "exactly" and not isinstance(one.limit, str):
        wanted = f"{one.kind} {wanted}"
    return one.what, one.value, wanted, "met" if one.met else "**not met**"


def _numeric(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    return all(not isinstance(row[column], str) for row in rows)


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}"  # noqa: PLR2004 - thousands need no fractions
    return f"{cell:,}" if isinstance(cell, int) else cell
