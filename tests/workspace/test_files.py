"""The repository holds sources that anybody can read, and nothing of one place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

MOST_BYTES = 500_000

BINARY = {".gz", ".ico", ".jpg", ".png", ".tif", ".zip"}
"""Extensions of files that need not be text."""

REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("anaconda", "org"),
        ("npmjs", "com"),
        ("npmjs", "org"),
    )
]
"""Hosts, in pieces so that this file does not name them."""


def machine_paths(root: Path) -> list[str]:
    """Return folders of this machine that no file has a reason to name."""
    folders = [root, root.parent / "shared", Path.home() / "x", Path(sys.prefix) / "x"]
    # A single short name such as /src may be part of anything.
    named = {folder for folder in folders if len(folder.parts) > 2}
    return sorted(str(folder).removesuffix("x") for folder in named)


def holding(needle: str, paths: list[Path], root: Path) -> list[str]:
    """Return the files that hold `needle`, upper and lower case alike."""
    wanted = needle.lower().encode()
    found = [path for path in paths if wanted in path.read_bytes().lower()]
    return [path.relative_to(root).as_posix() for path in found]


def test_no_file_names_a_folder_of_this_machine(tracked, root):
    found = {path: holding(path, tracked, root) for path in machine_paths(root)}
    assert not {path: names for path, names in found.items() if names}


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_the_host_of_a_package_registry(tracked, root, host):
    assert holding(host, tracked, root) == []


@pytest.mark.parametrize("option", ["index-url", "trusted-host", "find-links"])
def test_no_file_chooses_a_package_index(tracked, root, option):
    assert holding(f"--{option}", tracked, root) == []


def test_no_file_is_large(tracked, root):
    large = [path for path in tracked if path.stat().st_size > MOST_BYTES]
    assert [path.relative_to(root).as_posix() for path in large] == []


def test_every_source_is_utf_8_without_byte_order_mark(tracked, root):
    odd = []
    for path in tracked:
        if path.suffix.lower() in BINARY:
            continue
        content = path.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            odd.append(path.relative_to(root).as_posix())
        if content.startswith("\ufeff".encode()):
            odd.append(path.relative_to(root).as_posix())
    assert odd == []


def test_no_two_files_differ_by_case_alone(tracked, root):
    names = [path.relative_to(root).as_posix().lower() for path in tracked]
    assert len(names) == len(set(names))
