"""EMSA/MAS files: one spectrum of any kind as text, from any vendor.

Format: ISO 22029, and the EMSA/MAS standard of 1991 that it is made of.
"""
