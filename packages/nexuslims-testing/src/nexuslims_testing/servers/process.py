"""Starting a server process and waiting until it answers."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


def free_port() -> int:
    """Return a TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    url: str,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    timeout: float = 120.0,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the duration of a ``with`` block.

    Parameters
    ----------
    url
        Address that answers, with any status, once the server is ready.
    log
        File that takes the server's output.
    timeout
        Seconds to wait for the first answer.

    Raises
    ------
    RuntimeError
        If the server ends or stays silent; with the end of its log.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=output, stderr=output, env=dict(env), cwd=cwd
        )
        try:
            wait_for(process, lambda: _answers(url), f"server {url}", log, timeout)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(
    process: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    name: str,
    log: Path,
    timeout: float,
) -> None:
    """Wait until a server answers.

    Raises
    ------
    RuntimeError
        If it ends or stays silent; with the end of its log.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if answers():
            return
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
    state = "ended" if process.poll() is not None else "does not answer"
    msg = f"{name} {state}; its log ends:\n{tail}"
    raise RuntimeError(msg)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
