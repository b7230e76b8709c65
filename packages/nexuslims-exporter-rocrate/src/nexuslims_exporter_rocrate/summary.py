"""What a person reads of a record in a notebook that imported it, as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nexuslims_core.exporting.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nexuslims_core.types import ExportContext, Record


def summary_html(context: ExportContext, links: Mapping[str, str]) -> str:
    """Return the head of a record: who, when, where, why, of what.

    Parameters
    ----------
    context
        What the destination was handed.
    links
        Addresses of the record at other destinations, by their name.
    """
    session, record = context.session, context.record
    lines = {
        "Instrument": record.instrument_name or record.instrument_pid,
        "Experimenter": record.experimenter,
        "Start": session.start.isoformat(),
        "End": session.end.isoformat(),
        "Samples": ", ".join(_samples(record)),
        "Projects": ", ".join(one.name or one.project_id for one in record.projects),
        "Datasets": str(sum(len(act.datasets) for act in record.activities)),
        "Session": session.identifier,
    }
    items = [_item(name, _text(value)) for name, value in lines.items() if value]
    items += [
        _item("See also", f'<a href="{_text(url)}">{_text(name)}</a>')
        for name, url in links.items()
    ]
    motivation = f"<p>{_text(record.motivation)}</p>" if record.motivation else ""
    return f"{motivation}<ul>{''.join(items)}</ul>"


def _samples(record: Record) -> Iterable[str]:
    return (s.sample.name or s.sample.pid for s in record.samples if s.sample.name)


def _item(name: str, html: str) -> str:
    return f"<li>{name}: {html}</li>"


def _text(value: str) -> str:
    return escape(clean(value))
