"""Files that run in SampleDB's environment; the test kit imports none of them."""
