"""Reading and changing records that come from elsewhere."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NAMESPACE", "adopt", "children", "parse", "serialised"]

URI = "https://data.nist.gov/od/dm/nexus/experiment/v1.0"
NAMESPACE = {"nx": URI}
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def parse(xml: str) -> etree._Element | None:
    """Return the root of a record, or `None` for anything else."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        root = etree.fromstring(xml.encode(), parser)
    except etree.XMLSyntaxError:
        return None
    return root if root.tag == f"{{{URI}}}Experiment" else None


def serialised(root: etree._Element) -> str:
    """Return a record as text, with its declaration and what surrounds the root."""
    text: bytes = etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8"
    )
    return text.decode()


def children(parent: etree._Element | None, name: str) -> list[etree._Element]:
    """Return the children of that name; none of no parent."""
    return [] if parent is None else parent.findall(f"nx:{name}", NAMESPACE)


def adopt(
    parent: etree._Element,
    elements: Sequence[etree._Element],
    *,
    after: Sequence[str] | None,
) -> None:
    """Insert copies of `elements`, indented as their new siblings are.

    Parameters
    ----------
    after
        Names of the elements that come before them; `None` for all.
    """
    for element in elements:
        position = _position(parent, after, element)
        _insert(parent, position, _copy(element, parent))


def _position(
    parent: etree._Element, after: Sequence[str] | None, element: etree._Element
) -> int:
    if after is None:
        return len(parent)
    before = {f"{{{URI}}}{name}" for name in after} | {element.tag}
    found = [i for i, child in enumerate(parent, 1) if child.tag in before]
    return max(found, default=0)


def _insert(parent: etree._Element, position: int, element: etree._Element) -> None:
    previous = parent[position - 1] if position else None
    element.tail = parent.text if previous is None else previous.tail
    if previous is not None and position == len(parent):
        previous.tail = parent.text
    parent.insert(position, element)


def _copy(element: etree._Element, parent: etree._Element) -> etree._Element:
    copy = deepcopy(element)
    for theirs, ours in zip(element.iter(), copy.iter(), strict=True):
        if _TYPE in theirs.attrib:
            ours.set(_TYPE, _translated(theirs.get(_TYPE, ""), theirs, parent))
    return copy


def _translated(name: str, theirs: etree._Element, ours: etree._Element) -> str:
    """Return a qualified name in the prefixes of another document."""
    prefix, _, local = name.rpartition(":")
    uri = theirs.nsmap.get(prefix or None)
    for known, meaning in ours.nsmap.items():
        if meaning == uri:
            return f"{known}:{local}" if known else local
    return name
