"""Adjustments for single instruments that are declared, not programmed.

A facility writes them as TOML files beside its local plugins; each becomes an
`InstrumentProfile` like any other. `words` is for profiles in Python, too.
"""
