"""TIFF files of FEI and Thermo Fisher SEM, FIB and TEM instruments.

The microscope's settings are text in a private tag (`source`): sections of keys
(`ini`, `fields`, `sem`) or a list of labels in XML (`tem`, `markup`).
"""
