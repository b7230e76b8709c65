"""NexusLIMS extractors for files of FEI and Thermo Fisher microscopes."""
