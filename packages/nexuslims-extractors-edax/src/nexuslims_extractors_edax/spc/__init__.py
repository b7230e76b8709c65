"""EDAX's own files: spectra (``.spc``), maps (``.spd``) and line scans (``.lsd``).

Layouts: EDAX, "Spectrum file format V70", "SpcMap (spd) file format" and "Image IPR",
as RosettaSciIO reads them.
"""
