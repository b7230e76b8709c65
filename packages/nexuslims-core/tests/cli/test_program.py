from __future__ import annotations

import os
import subprocess
import sys

import click
import nexuslims_core
import pytest
from nexuslims_core.cli import cli
from nexuslims_core.cli.exits import Exit, guarded
from nexuslims_core.cli.group import COMMANDS
from nexuslims_core.errors import ConfigurationError, StoreError

HEAVY = {
    *("PIL", "alembic", "dotenv", "httpx", "lxml", "multiprocessing", "numpy", "pint"),
    *("pydantic", "pydantic_settings", "rich", "sqlalchemy", "stamina"),
}
SUBCOMMANDS = [
    *((name,) for name in COMMANDS),
    *(("db", name) for name in ("init", "upgrade", "downgrade", "current", "check")),
    *(("db", name) for name in ("history", "stamp")),
    *(("config", name) for name in ("show", "check")),
    *(("instruments", name) for name in ("add", "list", "remove")),
    *(("sessions", name) for name in ("add", "list", "show", "retry")),
    *(("plugins", name) for name in ("list", "check")),
    ("records", "validate"),
]


def python(code, *, folder, **environment):
    kept = {key: text for key, text in os.environ.items() if key[:3] != "NX_"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("words", SUBCOMMANDS, ids=" ".join)
def test_every_command_has_help(nexuslims, words):
    nexuslims.settings.clear()

    said = nexuslims(*words, "--help")

    assert said.out.startswith(f"Usage: nexuslims {' '.join(words)}")
    assert said.err == ""


def test_the_program_lists_its_commands(nexuslims):
    said = nexuslims("--help")

    shown = [name for name, lazy in COMMANDS.items() if not lazy.hidden]
    assert all(f"  {name} " in said.out for name in shown)


@pytest.mark.parametrize("words", [("--help",), ("extract", "--help")])
def test_help_imports_nothing_heavy(tmp_path, words):
    code = f"""
import sys
from nexuslims_core.cli import cli
try:
    cli.main(["--no-plugins", *{words!r}], prog_name="nexuslims")
except SystemExit:
    pass
print("imported", *sorted({HEAVY!r} & set(sys.modules)))
"""
    assert python(code, folder=tmp_path).splitlines()[-1] == "imported"


def test_reading_the_environment_imports_nothing_heavy(tmp_path):
    code = f"""
import sys
from nexuslims_core.settings import Environment
Environment.read()
import nexuslims_core.builtin.plugin
print("imported", *sorted({HEAVY!r} & set(sys.modules)))
"""
    assert python(code, folder=tmp_path) == "imported\n"


def test_the_settings_package_offers_all_that_it_names():
    from nexuslims_core import settings

    assert all(getattr(settings, name) is not None for name in settings.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = settings.nothing


def test_help_works_beside_a_broken_env_file(nexuslims):
    (nexuslims.folder / ".env").write_text("NX_DATA_PATH='unfinished\n")

    said = nexuslims("--help")

    assert "  run " in said.out
    assert ".env, line 1" in said.err


def test_the_version_is_told(nexuslims):
    assert nexuslims("--version").out == f"nexuslims {nexuslims_core.__version__}\n"


def test_the_package_is_the_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nexuslims_core", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_command_ends_with_2(nexuslims):
    assert "No such command 'rnu'" in nexuslims("rnu", expect=2).err


def test_another_env_file_can_be_named(nexuslims):
    (nexuslims.folder / "other.env").write_text("NX_WORKERS=7\n")

    said = nexuslims("--env-file", "other.env", "config", "show", "--json")

    assert said.json()["NX_WORKERS"] == 7


# Commands of plugins


COMMAND = """
from nexuslims_core import hookimpl
from nexuslims_core.types import Command
import click

def load():
    {load}

@hookimpl
def nexuslims_commands():
    yield Command(name="hello", load=load, help="Greet the operator.")
"""


def test_commands_of_plugins_are_listed_and_run(nexuslims):
    nexuslims.plugin(
        COMMAND.format(load="return click.Command('x', callback=lambda: print('hi'))")
    )

    assert "hello  Greet the operator." in nexuslims("--help").out
    assert nexuslims("hello").out == "hi\n"


def test_without_plugins_theirs_are_neither_listed_nor_found(nexuslims):
    nexuslims.plugin("raise RuntimeError('imported')")

    assert "Commands of plugins" not in nexuslims("--no-plugins", "--help").out
    said = nexuslims("--no-plugins", "hello", expect=2)
    assert "No such command" in said.err


@pytest.mark.parametrize(
    ("load", "told"),
    [
        ("1 / 0", "Command 'hello': ZeroDivisionError: division by zero"),
        ("return 'hi'", "'hello' gave str, expected a command of click"),
    ],
)
def test_a_command_that_cannot_be_loaded_names_its_plugin(nexuslims, load, told):
    nexuslims.plugin(COMMAND.format(load=load))

    assert told in nexuslims("hello", expect=1).err


# Exit codes


def command(error=None, answer=None):
    def callback():
        if error is not None:
            raise error
        return answer

    return click.Command("x", callback=callback)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConfigurationError("NX_X is bad"), 2, "Configuration error: NX_X is bad"),
        (StoreError("no database"), 1, "Error: no database"),
        (PermissionError(13, "Permission denied", "/x"), 1, "Permission denied: '/x'"),
        (click.UsageError("no such option"), 2, "no such option"),
        (KeyboardInterrupt(), 1, "Aborted."),
    ],
)
def test_errors_are_told_in_plain_words(capsys, error, code, told):
    assert guarded(command(error), []) == code
    said = capsys.readouterr()
    assert told in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("answer", "code"), [(None, 0), (3, 3), (True, 0), ("text", 0), (Exit.LOCKED, 4)]
)
def test_the_answer_of_a_command_is_the_exit_code_if_it_is_one(answer, code):
    assert guarded(command(answer=answer), []) == code


def test_the_programs_own_arguments_are_used_when_none_are_given(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["nexuslims", "--version"])

    assert guarded(cli) == 0
    assert capsys.readouterr().out.startswith("nexuslims ")


@pytest.mark.parametrize("before", ["", "threading.Thread(target=later).start()"])
def test_the_program_leaves_quickly_and_leaves_nothing_undone(tmp_path, before):
    """What is registered for the end is done, output is whole, threads are awaited."""
    code = f"""
import atexit, sys, threading, time
from nexuslims_core.cli.exits import leave
def later():
    time.sleep(0.2)
    print("thread")
atexit.register(print, "registered")
{before}
print("x" * 200_000)
leave(3)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    ends = ["thread", "registered"] if before else ["registered"]
    assert done.stdout.split() == ["x" * 200_000, *ends]


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    code = "from nexuslims_core.cli.exits import leave; print('x' * 200_000); leave(0)"
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    program.stdout.close()
    told = program.stderr.read()
    program.stderr.close()
    program.wait()
    assert b"Error in" not in told
