"""Check that change fragments can be rendered, package by package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Render every package's fragments as towncrier would for a release."""
    failed = [
        folder.name for folder in sorted(ROOT.glob("packages/*")) if not renders(folder)
    ]
    for name in failed:
        print(f"{name}: towncrier cannot render its change fragments", file=sys.stderr)
    return 1 if failed else 0


def renders(folder: Path) -> bool:
    """Tell whether towncrier takes the fragments of a package."""
    command = ["towncrier", "build", "--draft", "--version", "next"]
    options = ["--dir", str(folder), "--config", str(folder / "pyproject.toml")]
    return subprocess.run([*command, *options], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
