"""Answers to NEMO's questions: samples, and text fit for a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from nexuslims_core.types import Project, Sample

Answers = Mapping[str, Any]

_SYMBOLS = """
    H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga
    Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd
    Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra
    Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv
    Ts Og
"""
ELEMENTS: Final = tuple(_SYMBOLS.split())
"""Symbols in the order of the periodic table."""


def parsed(stored: object) -> Answers | None:
    """Return answers as NEMO stores them, an object or its JSON text.

    `None` if there are none: no questions, broken text, or anything but an object.
    """
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            return None
    return stored if isinstance(stored, Mapping) and stored else None


def answer(answers: Answers, question: str) -> object:
    """Return what was entered; `None` if it was not asked or left blank."""
    asked = answers.get(question)
    return asked.get("user_input") if isinstance(asked, Mapping) else None


def text(value: object) -> str:
    """Return an answer as text with plain line ends; empty if there is none."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if isinstance(value, list):
        return ", ".join(filter(None, map(text, value)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def projects(answers: Answers) -> tuple[Project, ...]:
    """Return the project that was named, if one was."""
    project_id = text(answer(answers, "project_id"))
    return (Project(project_id=project_id),) if project_id else ()


def samples(answers: Answers) -> tuple[Sample, ...]:
    """Return the samples of the group or, without it, of the questions for one."""
    rows = _rows(answer(answers, "sample_group"))
    if rows:
        return tuple(_sample(row) for row in rows)
    keys = ("sample_name", "sample_or_pid", "sample_details", "periodic_table")
    single = {key: answer(answers, key) for key in keys}
    described = any(single[key] for key in keys if key != "sample_or_pid")
    return (_sample(single),) if described else ()


def _rows(group: object) -> list[Mapping[str, Any]]:
    """Return a group's rows in order; rows that were removed leave gaps."""
    if isinstance(group, Mapping):
        group = [group[key] for key in sorted(group, key=_position)]
    if not isinstance(group, list):
        return []
    return [row for row in group if isinstance(row, Mapping)]


def _position(key: str) -> tuple[int, str]:
    """Return where a row stands; its key is a number, whatever its length."""
    return len(key.lstrip("0")), key


def _sample(row: Mapping[str, Any]) -> Sample:
    # A radio button that nobody chose is no key at all; a name is the likelier meaning.
    is_pid = text(row.get("sample_or_pid")).casefold() == "pid"
    called = text(row.get("sample_name"))
    return Sample(
        name="" if is_pid else called,
        pid=called if is_pid else "",
        description=text(row.get("sample_details")),
        elements=_elements(row.get("periodic_table")),
    )


def _elements(chosen: object) -> tuple[str, ...]:
    if isinstance(chosen, str):
        chosen = chosen.replace(",", " ").split()
    if not isinstance(chosen, list):
        return ()
    symbols = {str(symbol).strip().capitalize() for symbol in chosen}
    return tuple(element for element in ELEMENTS if element in symbols)
