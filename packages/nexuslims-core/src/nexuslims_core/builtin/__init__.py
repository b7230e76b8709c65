"""The contributions that come with core; they enter by the same door as plugins."""
