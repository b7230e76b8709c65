"""Writers of small sample files, one module per format."""
