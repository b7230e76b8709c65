"""Ions that are common in secondary ion mass spectra.

Masses of the most abundant isotope (or the isotopes named), in Da: CIAAW, "Atomic
masses", 2020 evaluation; molecules are sums of these.
"""

from __future__ import annotations

TOLERANCE_DA = 0.35
"""Distance up to which a peak is taken to be of an ion."""

POSITIVE: tuple[tuple[float, str], ...] = (
    (1.008, "H"),
    (7.016, "Li"),
    (9.012, "Be"),
    (11.009, "B"),
    (12.000, "C"),
    (15.023, "CH3"),
    (22.990, "Na"),
    (23.985, "Mg"),
    (26.982, "Al"),
    (27.977, "Si"),
    (30.974, "P"),
    (38.964, "K"),
    (39.963, "Ca"),
    (44.956, "Sc"),
    (47.948, "Ti"),
    (50.944, "V"),
    (51.941, "Cr"),
    (54.938, "Mn"),
    (55.935, "Fe"),
    (57.935, "Ni"),
    (58.933, "Co"),
    (62.930, "Cu"),
    (63.929, "Zn"),
    (68.926, "69Ga"),
    (70.925, "71Ga"),
    (73.921, "Ge"),
    (74.922, "As"),
    (84.912, "Rb"),
    (87.906, "Sr"),
    (88.906, "Y"),
    (89.905, "Zr"),
    (92.906, "Nb"),
    (97.905, "Mo"),
    (102.906, "Rh"),
    (106.905, "Ag"),
    (114.904, "In"),
    (119.902, "Sn"),
    (128.904, "129Xe"),
    (131.904, "132Xe"),
    (132.905, "Cs"),
    (137.905, "Ba"),
    (138.906, "La"),
    (139.905, "Ce"),
    (140.908, "Pr"),
    (179.947, "Hf"),
    (180.948, "Ta"),
    (183.951, "W"),
    (194.965, "Pt"),
    (196.967, "Au"),
    (207.977, "Pb"),
    (208.980, "Bi"),
    (238.051, "U"),
)

NEGATIVE: tuple[tuple[float, str], ...] = (
    (1.008, "H"),
    (12.000, "C"),
    (13.008, "CH"),
    (15.995, "O"),
    (17.003, "OH"),
    (18.998, "F"),
    (24.000, "C2"),
    (25.008, "C2H"),
    (26.003, "CN"),
    (27.977, "Si"),
    (30.974, "P"),
    (31.972, "S"),
    (34.969, "35Cl"),
    (36.966, "37Cl"),
    (42.976, "AlO"),
    (43.972, "SiO"),
    (45.993, "NO2"),
    (58.971, "AlO2"),
    (59.967, "SiO2"),
    (62.964, "PO2"),
    (73.921, "Ge"),
    (74.922, "As"),
    (78.918, "79Br"),
    (78.959, "PO3"),
    (79.917, "Se"),
    (80.916, "81Br"),
    (126.904, "I"),
    (129.906, "Te"),
    (196.967, "Au"),
)


def ion_label(mass: float, *, negative: bool) -> str:
    """Return what ion a peak is probably of; empty where none of the table is near.

    Parameters
    ----------
    mass
        Mass-to-charge ratio in Da.
    negative
        Whether negative ions were recorded.
    """
    table, sign = (NEGATIVE, "-") if negative else (POSITIVE, "+")
    distance, name = min((abs(one - mass), name) for one, name in table)
    return f"{name}{sign}" if distance <= TOLERANCE_DA else ""
