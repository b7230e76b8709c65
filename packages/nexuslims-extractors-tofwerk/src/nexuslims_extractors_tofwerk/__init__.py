"""NexusLIMS extractor for Tofwerk FIB-ToF-SIMS files."""
