"""NexusLIMS extractors for Acme micrographs."""
