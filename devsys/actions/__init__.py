"""One file, one story: read a picture, let the core think, write the result."""
