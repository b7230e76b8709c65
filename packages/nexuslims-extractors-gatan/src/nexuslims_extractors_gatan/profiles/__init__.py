"""Profiles of microscopes that many facilities know by the names of a public one."""
