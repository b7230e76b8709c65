"""NexusLIMS extractor for whatever else the HyperSpy family reads."""
