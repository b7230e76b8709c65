"""NexusLIMS export destination: RO-Crate packages and .eln files."""
