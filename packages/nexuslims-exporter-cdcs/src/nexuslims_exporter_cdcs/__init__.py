"""NexusLIMS export destination for NexusLIMS-CDCS repositories."""
