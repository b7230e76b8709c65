"""XML that FEI software writes into TIFF files."""

from __future__ import annotations

from typing import Any, cast
from xml.etree import ElementTree as ET

DEEPEST = 64
"""Levels of nesting that are kept; real metadata have less than ten."""


def salvage(text: str) -> tuple[ET.Element | None, str | None]:
    """Return the root element of `text` as far as it can be read, and what is wrong."""
    # FEI's files declare none, and entities are what makes foreign XML dangerous.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None, "expected XML without a document type, found a declaration of one"
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start",))
    problem = None
    try:
        parser.feed(text.strip())
        parser.close()
    except ET.ParseError as error:
        problem = f"expected well-formed XML, found: {error}"
    try:
        first = next(iter(parser.read_events()))
    except (ET.ParseError, StopIteration):
        return None, problem or "expected XML, found no element"
    return cast("ET.Element", first[-1]), problem


def as_groups(element: ET.Element, depth: int = 0) -> dict[str, Any] | str:
    """Return an element as nested dictionaries; its text when it has nothing else.

    Attributes are keys with ``@``; elements of one name become a list.
    """
    text = (element.text or "").strip()
    groups: dict[str, Any] = {f"@{name}": v for name, v in element.attrib.items()}
    for child in element if depth < DEEPEST else ():
        value = as_groups(child, depth + 1)
        earlier = groups.get(child.tag)
        if child.tag not in groups:
            groups[child.tag] = value
        elif isinstance(earlier, list):
            earlier.append(value)
        else:
            groups[child.tag] = [earlier, value]
    if not groups:
        return text
    if text:
        groups["#text"] = text
    return groups
