"""Writers of small files of formats that no vendor's package reads."""
