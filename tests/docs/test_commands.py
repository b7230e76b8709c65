"""Every `nexuslims` command and option that the documentation names exists."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from nexuslims_core.cli.group import cli
from nexuslims_core.manager import PluginManager
from nexuslims_core.settings import Settings
from nexuslims_core.settings.instances import field_of

COMMAND = re.compile(r"(?:^|[\s`/(])nexuslims[ ]+([^\n`|;&]*)", re.MULTILINE)
CODE = re.compile(r"(?ms)^ *```\w*\n.*?^ *```$|`[^`\n]+`")


def commands(text):
    """Yield the arguments of each command in the code of a page."""
    for code in CODE.findall(text):
        joined = re.sub(r"\\\n\s*", " ", code)
        for arguments in COMMAND.findall(joined):
            words = shlex.split(arguments, comments=True)
            if words and re.fullmatch(r"[a-z-]+", words[0]):
                yield words


def problem(words):
    """Return what of a command does not exist, or `None`."""
    command, path = cli, "nexuslims"
    context = click.Context(cli)
    expects_value = False
    for word in words:
        if expects_value:
            expects_value = False
            continue
        if word.startswith("-"):
            name, _, value = word.partition("=")
            found = next((one for one in options(command) if name in one.opts), None)
            if found is None:
                return f"{path} has no option {name}"
            expects_value = not (found.is_flag or found.count or value)
        elif isinstance(command, click.Group):
            following = command.get_command(context, word)
            if following is None:
                return f"{path} has no command {word}"
            command, path = following, f"{path} {word}"
    return None


def options(command):
    """Return the options of a command, with `--help`."""
    context = click.Context(command)
    return [one for one in command.get_params(context) if isinstance(one, click.Option)]


def test_commands_and_options_exist(page):
    found = list(commands(page.read_text("utf-8")))
    problems = {" ".join(words): problem(words) for words in found}
    assert {line: bad for line, bad in problems.items() if bad} == {}


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("run --dry-run", None),
        ("--env-file x run -q", None),
        ("sessions retry --status ERROR", None),
        ("fly", "nexuslims has no command fly"),
        ("run --fast", "nexuslims run has no option --fast"),
        ("db fly", "nexuslims db has no command fly"),
    ],
)
def test_what_does_not_exist_is_noticed(line, missing):
    assert problem(line.split()) == missing


def test_settings_exist(page):
    text = page.read_text("utf-8")
    text = re.sub(r"(?s)<!-- absent -->.*?<!-- /absent -->", "", text)
    named = set(re.findall(r"\bNX_[A-Z0-9_]*[A-Z0-9]\b", text))
    assert {name for name in named if not known(name)} == set()


def known(name):
    """Tell whether a variable is read by NexusLIMS, a plugin, or made up as example."""
    if name.startswith(("NX_ACME", "NX_SHARE", "NX_PAPER", "NX_BELL", "NX_THREADS")):
        return True
    models = PluginManager.discover().settings_models
    core = {f"NX_{field.upper()}" for field in Settings.model_fields}
    return name in core or any(field_of(each, name) for each in models)


def test_what_migration_calls_absent_is_absent(root):
    text = (root / "docs" / "migration.md").read_text("utf-8")
    section = re.findall(r"(?s)<!-- absent -->(.*?)<!-- /absent -->", text)[0]
    for code in re.findall(r"`([^`]+)`", section):
        if code.startswith("NX_"):
            assert not known(code.partition("=")[0]) or "=" in code
        else:
            assert problem(code.split()), f"{code} exists now: say so"
