"""NexusLIMS executor: extraction on a Dask cluster."""
