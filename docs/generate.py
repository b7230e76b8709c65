"""Write the generated parts of the documentation: ``python docs/generate.py``.

They stand between lines ``<!-- generated: NAME -->`` and ``<!-- end: NAME -->``, made
from the packages' metadata, the settings models and the hook specifications. With
``--check`` nothing is written, and the exit code says whether all is up to date.

One file, though long: a script can be run from anywhere without being installed.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import importlib
import inspect
import re
import sys
import textwrap
import tomllib
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nexuslims_core import errors, hookspecs, types
from nexuslims_core.manager import PluginManager
from nexuslims_core.manager.kinds import HOOK_PREFIX, KINDS
from nexuslims_core.settings import Settings
from nexuslims_core.types import Contribution, Extractor
from pydantic import BaseModel, SecretStr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]

NOUNS = {
    "harvesters": "harvester",
    "extractors": "extractor",
    "preview_generators": "preview",
    "instrument_profiles": "instrument profile",
    "export_destinations": "destination",
    "executors": "executor",
    "notifiers": "notifier",
    "commands": "command",
}
"""What a contribution is called in the table of packages."""

MEANINGS = {
    "NX_LOG_PATH": "Folder of logs, one file per run.",
    "NX_DISABLE_SSL_VERIFY": "Accept any certificate. For tests only.",
}
"""Of settings whose model says nothing about them."""

PATH_FIELDS = frozenset({"data_path"})
"""Settings that defaults of other settings begin with."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """One distribution of this repository."""

    name: str
    summary: str
    licence: str
    manager: PluginManager

    @property
    def contributions(self) -> Iterator[tuple[str, Contribution]]:
        """Kind and value of everything that it contributes."""
        for kind in KINDS:
            for one in getattr(self.manager, kind).values():
                yield kind, one


def packages() -> tuple[Package, ...]:
    """Return the distributions of this repository: core first, then by name."""
    paths = sorted((ROOT / "packages").glob("*/pyproject.toml"))
    found = [_package(tomllib.loads(path.read_text("utf-8"))) for path in paths]
    return tuple(
        sorted(found, key=lambda one: (one.name != "nexuslims-core", one.name))
    )


def _package(metadata: Mapping[str, Any]) -> Package:
    project = metadata["project"]
    modules = project.get("entry-points", {}).get("nexuslims", {}).values()
    return Package(
        name=project["name"],
        summary=project["description"],
        licence=project["license"],
        manager=PluginManager.of(*map(importlib.import_module, modules)),
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


# The table of packages.


def packages_table() -> str:
    """Return the distributions with what each contributes."""
    return table(
        ("Package", "What it is", "Contributes", "Licence"),
        (
            (
                f"[{one.name}](packages/{one.name})",
                one.summary,
                _contributed(one),
                one.licence,
            )
            for one in packages()
        ),
    )


def _contributed(package: Package) -> str:
    found = [
        f"{NOUNS[kind]} `{one.name}`{_extensions(one)}"
        for kind, one in package.contributions
        if kind in NOUNS
    ]
    samples = len(package.manager.sample_files)
    if samples:
        found.append(f"{samples} sample files")
    return ", ".join(found)


def _extensions(contribution: Contribution) -> str:
    if not isinstance(contribution, Extractor) or contribution.extensions is None:
        return ""
    return f" ({_listed(contribution.extensions)})"


def formats_table() -> str:
    """Return the formats that the extractors say they read, by name."""
    rows = sorted(
        (name, _listed(extensions), f"[{package.name}](packages/{package.name})")
        for package in packages()
        for _, one in package.contributions
        if isinstance(one, Extractor)
        for name, extensions in one.formats.items()
    )
    by_name = sorted(rows, key=lambda row: row[0].casefold())
    return table(("Format", "Extensions", "Package"), by_name)


def _listed(extensions: Iterable[str]) -> str:
    return ", ".join(f".{one}" for one in sorted(extensions))


# The tables of settings.


def core_settings() -> str:
    """Return the settings of NexusLIMS itself."""
    return _settings_table(Settings)


def plugin_settings() -> str:
    """Return the settings of each package's plugins, under a heading each."""
    parts = []
    for package in packages():
        for model in package.manager.settings_models:
            if model.model_fields:
                heading = f"### `{model.env_prefix}…` ({package.name})"
                parts += [heading, _settings_table(model)]
    return "\n\n".join(parts)


def _settings_table(model: type[BaseModel]) -> str:
    described = attribute_docstrings(model)
    rows = []
    for name, info in model.model_fields.items():
        variable = f"{model.env_prefix}{name.upper()}"  # type: ignore[attr-defined]
        text = described.get(name) or info.description or MEANINGS.get(variable, "")
        if not text:
            msg = f"{model.__name__}.{name} has no docstring: say what it is for"
            raise ValueError(msg)
        text = _with_variables(text, model)
        rows.append((f"`{variable}`", _default(info), _meaning(text, info)))
    return table(("Variable", "Default", "Meaning"), rows)


def _with_variables(text: str, model: type[BaseModel]) -> str:
    """Call settings by the names that operators know, not by those of fields."""
    prefix: str = model.env_prefix  # type: ignore[attr-defined]
    for name in model.model_fields:
        text = text.replace(f"`{name}`", f"`{prefix}{name.upper()}`")
    return text


def _meaning(text: str, info: FieldInfo) -> str:
    sentence = " ".join(text.split())
    parts = [f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}."]
    if choices := _choices(info.annotation):
        parts.append(f"One of {', '.join(f'`{one}`' for one in choices)}.")
    if _is_secret(info.annotation):
        parts.append("Secret: never shown.")
    return " ".join(parts)


def _choices(annotation: object) -> tuple[str, ...]:
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(map(str, typing.get_args(annotation)))
    return ()


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or SecretStr in typing.get_args(annotation)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    if info.default_factory is None:
        return _shown(info.default)
    if info.default_factory_takes_validated_data:
        data = {name: Path(f"NX_{name.upper()}") for name in PATH_FIELDS}
        value = info.get_default(call_default_factory=True, validated_data=data)
        return _shown(Path(value).as_posix())
    # What it is differs from machine to machine; its docstring says what it is of all.
    purpose = (info.default_factory.__doc__ or "").splitlines()[0]
    return purpose.removeprefix("Return the ").rstrip(".")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, enum.Enum):
        return f"`{value.value}`"
    if isinstance(value, tuple | list | frozenset | set):
        value = ",".join(map(str, value))
    if value is None or value == "":
        return "–"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


# The reference of hooks.


def hooks_reference() -> str:
    """Return every hook with its example and the fields of its contribution."""
    return "\n\n".join(_hook(kind, type_) for kind, type_ in KINDS.items())


def _hook(kind: str, type_: type[Contribution]) -> str:
    name = f"{HOOK_PREFIX}{kind}"
    sections = docstring_sections(getattr(hookspecs, name))
    example = re.sub(r"(?m)^(>>> |\.\.\. |\.\.\.$)", "", sections["Examples"])
    return "\n\n".join(
        [
            f"## `{name}`",
            sections[""],
            f"### `{type_.__name__}`",
            docstring_sections(type_)[""],
            fields_table(type_),
            "Example:",
            f"```python\n{_without_padding(example)}\n```",
        ]
    )


def _without_padding(example: str) -> str:
    """Give the example the blank lines that doctest has no place for."""
    spaced = re.sub(r"\n(?=(?:def|class|@hookimpl))", "\n\n\n", example.rstrip())
    return spaced.replace("@hookimpl\n\n\ndef", "@hookimpl\ndef")


def values_reference() -> str:
    """Return the values and protocols that contributions speak in."""
    parts = []
    for name in types.__all__:
        value = getattr(types, name)
        if not inspect.isclass(value) or issubclass(value, Contribution):
            continue
        parts += [f"### `{name}`", docstring_sections(value)[""]]
        if dataclasses.is_dataclass(value):
            parts.append(fields_table(value))
        parts += [text for text in (_methods(value),) if text]
    return "\n\n".join(parts)


def errors_reference() -> str:
    """Return the exceptions that plugins may raise."""
    found = [
        (name, value)
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    ]
    return table(
        ("Exception", "Meaning"),
        ((f"`{name}`", docstring_sections(value)[""]) for name, value in found),
    )


def fields_table(type_: type) -> str:
    """Return the fields of a dataclass, those of its bases first."""
    described = attribute_docstrings(type_)
    return table(
        ("Field", "Type", "Default", "Meaning"),
        (
            (
                f"`{field.name}`",
                f"`{field.type}`",
                _field_default(field),
                " ".join(described.get(field.name, "").split()),
            )
            for field in dataclasses.fields(type_)
        ),
    )


def _field_default(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return "empty"
    if field.default is dataclasses.MISSING:
        return "required"
    if inspect.isfunction(field.default):
        return "always true"
    return f"`{field.default!r}`"


def _methods(type_: type) -> str:
    lines = []
    for name, member in vars(type_).items():
        function = member.fget if isinstance(member, property) else member
        function = getattr(function, "func", getattr(function, "__func__", function))
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        sections = docstring_sections(function)
        is_value = isinstance(member, property | functools.cached_property)
        signature = "" if is_value else _signature(function)
        lines.append(f"* `{name}{signature}`: {' '.join(sections[''].split())}")
        if raised := _raised(sections.get("Raises", "")):
            lines[-1] += f" Raises {raised}"
    return "\n".join(lines)


def _signature(function: Callable[..., object]) -> str:
    signature = inspect.signature(function)
    given = [one for one in signature.parameters.values() if one.name != "self"]
    returned = signature.return_annotation
    plain = ", ".join(str(one).replace("'", "") for one in given if one.name != "cls")
    if returned in {"None", inspect.Signature.empty}:
        return f"({plain})"
    return f"({plain}) -> {returned}"


def _raised(section: str) -> str:
    found = re.findall(r"(?m)^(\S+)\n((?:    .*\n?)+)", section)
    return " ".join(f"`{name}`: {' '.join(text.split())}" for name, text in found)


# Reading docstrings.


def docstring_sections(documented: object) -> dict[str, str]:
    """Return the sections of a NumPy docstring by heading; what is before by ``""``."""
    text = inspect.cleandoc(getattr(documented, "__doc__", "") or "")
    parts = re.split(r"(?m)^(.+)\n-{3,}$", text)
    headings, bodies = ["", *parts[1::2]], [parts[0], *parts[2::2]]
    return {
        heading: body.strip("\n").replace("``", "`")
        for heading, body in zip(headings, bodies, strict=True)
    }


def attribute_docstrings(type_: type) -> dict[str, str]:
    """Return the strings below the fields of a class and of its bases."""
    found: dict[str, str] = {}
    for one in reversed(type_.__mro__):
        if one.__module__.startswith("nexuslims"):
            found |= _own_docstrings(one)
    return found


def _own_docstrings(type_: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(type_)))
    definition = tree.body[0]
    if not isinstance(definition, ast.ClassDef):
        return {}
    found = {}
    for one, following in zip(definition.body, definition.body[1:], strict=False):
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        if isinstance(following, ast.Expr) and isinstance(
            following.value, ast.Constant
        ):
            found[one.target.id] = inspect.cleandoc(str(following.value.value))
    return {name: text.replace("``", "`") for name, text in found.items()}


# Putting it where it belongs.

BLOCKS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "packages": ("README.md", packages_table),
    "formats": ("README.md", formats_table),
    "core settings": ("docs/settings.md", core_settings),
    "plugin settings": ("docs/settings.md", plugin_settings),
    "hooks": ("docs/hooks.md", hooks_reference),
    "values": ("docs/hooks.md", values_reference),
    "errors": ("docs/hooks.md", errors_reference),
}
"""File and maker of each generated part, by name."""


def present(name: str) -> str:
    """Return a generated part as it stands in its file."""
    file, _ = BLOCKS[name]
    match = _pattern(name).search((ROOT / file).read_text("utf-8"))
    if match is None:
        msg = (
            f"{file} has no lines '<!-- generated: {name} -->', '<!-- end: {name} -->'"
        )
        raise ValueError(msg)
    return match[2].strip("\n")


def wanted(name: str) -> str:
    """Return a generated part as it ought to be."""
    _, make = BLOCKS[name]
    return make()


def write(name: str) -> None:
    """Put a generated part into its file."""
    path = ROOT / BLOCKS[name][0]
    text = wanted(name)
    whole = _pattern(name).sub(
        lambda match: f"{match[1]}\n\n{text}\n\n{match[3]}", path.read_text("utf-8")
    )
    path.write_text(whole, "utf-8")


def _pattern(name: str) -> re.Pattern[str]:
    start, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
    return re.compile(f"({re.escape(start)})(.*?)({re.escape(end)})", re.DOTALL)


def main(arguments: Sequence[str]) -> int:
    """Write what is out of date; return 1 if that was only to be checked."""
    stale = [name for name in BLOCKS if present(name) != wanted(name)]
    for name in stale:
        if "--check" not in arguments:
            write(name)
        sys.stdout.write(f"{BLOCKS[name][0]}: {name}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
