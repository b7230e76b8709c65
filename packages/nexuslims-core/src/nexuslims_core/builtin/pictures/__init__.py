"""Image files of no vendor: TIFF, PNG, JPEG, GIF and BMP."""
