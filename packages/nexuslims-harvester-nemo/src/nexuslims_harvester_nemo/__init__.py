"""NexusLIMS harvester for NEMO: usage events, reservations and their answers."""
