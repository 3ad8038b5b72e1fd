"""Inner paths to the parts of images."""
