"""Files that run in NEMO's environment; the test kit imports none of them."""
