"""Adjustments for single instruments: what profiles are made of."""
