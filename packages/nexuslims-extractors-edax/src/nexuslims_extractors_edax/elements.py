"""Chemical elements as spectra name them: by symbol or by atomic number."""

from __future__ import annotations

import re

_TABLE = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn
Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La
Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po
At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm
"""

SYMBOLS = tuple(_TABLE.split())
"""Symbols by atomic number, from 1."""


def elements(text: str) -> tuple[str, ...]:
    """Return the symbols of the elements that a list names; other words are left out.

    Parameters
    ----------
    text
        Symbols or atomic numbers, separated by commas or blanks.
    """
    found = (_symbol(word) for word in re.split(r"[\s,;]+", text))
    return tuple(dict.fromkeys(symbol for symbol in found if symbol))


def _symbol(word: str) -> str:
    if word.isascii() and word.isdigit() and len(word) <= 3:  # noqa: PLR2004 - up to 118
        number = int(word)
        return SYMBOLS[number - 1] if 1 <= number <= len(SYMBOLS) else ""
    return word.capitalize() if word.capitalize() in SYMBOLS else ""
