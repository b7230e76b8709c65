"""Conformance suites: subclass one, and pytest runs it against your plugin."""
