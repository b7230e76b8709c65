"""NexusLIMS extractors for Gatan DigitalMicrograph files."""
