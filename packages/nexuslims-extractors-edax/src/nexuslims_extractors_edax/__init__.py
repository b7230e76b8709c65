"""NexusLIMS extractors for EDAX spectra and EMSA/MSA files of any vendor."""
