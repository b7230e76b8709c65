"""What a laboratory adds to NexusLIMS: its logbook, its line profiles, its share."""
