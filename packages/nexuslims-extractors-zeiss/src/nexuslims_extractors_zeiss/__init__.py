"""NexusLIMS extractors for Zeiss SmartSEM, Orion and Fibics images."""
