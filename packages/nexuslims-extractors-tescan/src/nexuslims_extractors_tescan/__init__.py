"""NexusLIMS extractors for Tescan SEM and FIB images."""
