"""Values that the whole program speaks in: instruments, sessions, files, records."""
