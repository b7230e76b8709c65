"""Fixtures for tests of the documentation."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FENCE = re.compile(r"(?ms)^(?P<before>[^\n]*)\n\n```(?P<kind>\w+)\n(?P<text>.*?)^```$")


PAGES = (
    "README.md",
    *sorted(f"docs/{path.name}" for path in ROOT.glob("docs/*.md")),
    "packages/nexuslims-core/README.md",
    "packages/nexuslims-testing/README.md",
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: Path
    kind: str
    text: str
    before: str
    """The line above it, such as a file's name in backticks or a mark."""


def blocks_of(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [
        Block(page=page, kind=one["kind"], text=one["text"], before=one["before"])
        for one in FENCE.finditer(page.read_text("utf-8"))
    ]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(params=PAGES)
def page(request) -> Path:
    """Return one page of the documentation after the other."""
    return ROOT / request.param


@pytest.fixture(scope="session")
def blocks():
    """Return a function that lists the fenced blocks of a page, by its path."""
    return lambda path: blocks_of(ROOT / path)


@pytest.fixture(scope="session")
def generate():
    """Return the module that writes the generated parts."""
    return _script("generate")


@pytest.fixture(scope="session")
def gallery():
    """Return the module that draws the pictures of the page on previews."""
    return _script("gallery")


def _script(name):
    path = ROOT / "docs" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"nexuslims_docs_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
