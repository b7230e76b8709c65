"""NexusLIMS export destination for LabArchives notebooks."""
