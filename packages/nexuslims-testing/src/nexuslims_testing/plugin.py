"""Contributions of the test kit: sample files for `nexuslims demo`."""
