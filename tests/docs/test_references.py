"""Links, tests and messages that the documentation refers to are there."""

from __future__ import annotations

import ast
import re

import pytest

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
ANY = "…"


def test_links_lead_somewhere(page):
    path = page
    broken = [
        f"{target}#{anchor}"
        for target, anchor in LINK.findall(path.read_text("utf-8"))
        if not leads_somewhere((path.parent / target) if target else path, anchor)
    ]
    assert broken == []


def leads_somewhere(path, anchor):
    if not path.exists():
        return False
    return not anchor or anchor in anchors(path.read_text("utf-8"))


def anchors(text):
    """Return the anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    plain = [re.sub(r"[^\w\- ]", "", one.lower()) for one in headings]
    return {one.replace(" ", "-") for one in plain}


def test_the_tests_that_architecture_names_exist(root):
    text = (root / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:packages|tests)/[\w/.-]+\.py)::(\w+)`", text)
    assert named
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (root / path).exists()
        or not re.search(rf"(?m)^ *def {name}\(", (root / path).read_text("utf-8"))
    ]
    assert missing == []


def test_the_modules_that_architecture_names_exist(root):
    text = (root / "docs" / "architecture.md").read_text("utf-8")
    core = root / "packages" / "nexuslims-core" / "src" / "nexuslims_core"
    named = set(re.findall(r"`((?:pipeline|store|cli|record|manager)/\w+\.py)`", text))
    assert named
    assert {name for name in named if not (core / name).exists()} == set()


@pytest.fixture(scope="module")
def messages(root):
    """Return the texts in the program, with `…` for what is filled in."""
    found = []
    for path in sorted(root.glob("packages/*/src/**/*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        found += [_text(node) for node in ast.walk(tree)]
    return [one for one in found if one]


def _text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [
            one.value if isinstance(one, ast.Constant) else ANY for one in node.values
        ]
        return "".join(parts)
    return ""


def test_the_messages_to_troubleshoot_are_those_of_the_program(root, messages):
    text = (root / "docs" / "operations.md").read_text("utf-8")
    table = text.split("## Troubleshooting")[1]
    rows = re.findall(r"(?m)^\| `([^`]+)` \|", table)
    assert len(rows) > 20
    whole = "\n".join(messages)
    unknown = [row for row in rows if not re.search(_pattern(row), whole)]
    assert unknown == []


def _pattern(row):
    parts = [re.escape(part.strip()) for part in row.split(ANY)]
    return r"[^\n]*".join(parts)
