"""Test kit of NexusLIMS: conformance suites, sample-file writers, loopback servers."""
