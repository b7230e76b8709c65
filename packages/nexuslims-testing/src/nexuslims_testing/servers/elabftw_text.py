"""What eLabFTW makes of texts: bodies are cleaned, searches are parsed.

Its cleaning is that of HTML Purifier with a list of elements and attributes; comments,
identifiers, data attributes and unknown classes do not survive it.
"""

from __future__ import annotations

import json
import re
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = (
    "br sub sup strong b em u s hr code summary caption figure figcaption dl dt dd pre "
    "blockquote"
)
_STYLED = "div p h1 h2 h3 h4 h5 h6 span ul ol li tr"
_ATTRIBUTES: dict[str, frozenset[str]] = {
    **{tag: frozenset() for tag in _BARE.split()},
    **{tag: frozenset({"style"}) for tag in _STYLED.split()},
    **{tag: frozenset({"style", "colspan", "rowspan"}) for tag in ("td", "th")},
    "table": frozenset({"style", "border"}),
    "img": frozenset({"src", "style", "width", "height", "alt"}),
    "a": frozenset({"href", "target"}),
    "details": frozenset({"open"}),
}
_VOID = {"br", "hr", "img"}
_DROPPED = {"script", "style", "iframe", "object", "svg", "template"}
_SAFE_ADDRESS = re.compile(r"(https?|mailto):|[^:]*$|[^:/?#]*[/?#]", re.IGNORECASE)
LONGEST_TITLE = 255


def cleaned_title(title: str) -> str:
    """Return a title as eLabFTW stores it."""
    return re.sub(r"\r\n|\r|\n", " ", title.strip())[:LONGEST_TITLE] or "Untitled"


def cleaned_tag(tag: str) -> str:
    """Return a tag as eLabFTW stores it; ``|`` separates tags there."""
    return tag.replace("\\", "").replace("|", " ").strip()


def cleaned_body(body: str) -> str:
    """Return a body with the elements and attributes that eLabFTW allows."""
    cleaner = _Cleaner()
    cleaner.feed(body)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._dropping = 0

    def result(self) -> str:
        closing = [f"</{tag}>" for tag in reversed(self._open)]
        return "".join([*self._out, *closing])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping += 1
        if self._dropping or tag not in _ATTRIBUTES:
            return
        kept = [f' {name}="{escape(value)}"' for name, value in _kept(tag, attrs)]
        end = " /" if tag in _VOID else ""
        self._out.append(f"<{tag}{''.join(kept)}{end}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropping = max(0, self._dropping - 1)
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._out.append(escape(data, quote=False))


def _kept(tag: str, attrs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    kept = [
        (name, value or "")
        for name, value in attrs
        if name in _ATTRIBUTES[tag] and _is_safe(name, value or "")
    ]
    if tag == "a" and any(v.startswith("http") for n, v in kept if n == "href"):
        kept = [pair for pair in kept if pair[0] != "target"]
        kept += [("target", "_blank"), ("rel", "noreferrer noopener")]
    if tag == "img" and not any(name == "alt" for name, _ in kept):
        kept.append(("alt", ""))
    return kept


def _is_safe(name: str, value: str) -> bool:
    return name not in {"href", "src"} or bool(_SAFE_ADDRESS.match(value.strip()))


class SearchError(ValueError):
    """A search that eLabFTW cannot parse."""


_QUOTED = r'"(?:[^"\\\n\r\f]|\\.)+"' + r"|'(?:[^'\\\n\r\f]|\\.)+'"
_TERM = rf"(?:{_QUOTED}|[^\n\r\f\"'|&!(): ]+)"
_PART = re.compile(
    rf"\s*(?:extrafield:(?P<strict>s:)?(?P<key>{_TERM}):(?P<value>{_TERM})"
    rf"|(?P<term>{_TERM}))(?=\s|$)"
)


def matches(search: str, experiment: Mapping[str, Any]) -> bool:
    """Tell whether an experiment is found by a search; all of its terms must match.

    Raises
    ------
    SearchError
        For what is no term, quoted term or ``extrafield:key:value``.
    """
    position = 0
    found = True
    while position < len(search.rstrip()):
        part = _PART.match(search, position)
        if part is None:
            raise SearchError(f"cannot parse {search[position:]!r}")
        position = part.end()
        found = found and _part_matches(part, experiment)
    return found


def _part_matches(part: re.Match[str], experiment: Mapping[str, Any]) -> bool:
    if part["term"]:
        term = _unquoted(part["term"])
        body = experiment["body"] or ""
        texts = (experiment["title"], experiment["elabid"], experiment["date"])
        return any(_like(term, text) for text in texts) or _like(
            escape(term, quote=False), body
        )
    fields = (experiment["metadata"] or {}).get("extra_fields") or {}
    wanted = _unquoted(part["key"]).casefold()
    values = [v.get("value") for k, v in fields.items() if k.casefold() == wanted]
    return any(
        _like(_unquoted(part["value"]), str(value), whole=bool(part["strict"]))
        for value in values
    )


def _unquoted(term: str) -> str:
    if term[0] in "\"'":
        return re.sub(r"\\([\"'])", r"\1", term[1:-1])
    return term


def _like(pattern: str, text: str, *, whole: bool = False) -> bool:
    """Compare as MySQL does: ``%`` and ``_`` are wildcards unless escaped."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(part) or re.escape(part[-1:]) for part in parts)
    search = re.fullmatch if whole else re.search
    return search(expression, text, re.IGNORECASE | re.DOTALL) is not None


def as_text(metadata: Mapping[str, Any] | None) -> str | None:
    """Return metadata as the database stores them: JSON with sorted keys."""
    return None if metadata is None else json.dumps(metadata, sort_keys=True)
