"""NexusLIMS export destination: a catalogue of records as static HTML pages."""
