"""NexusLIMS export destination for eLabFTW notebooks."""
