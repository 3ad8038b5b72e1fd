"""Inner paths to the classes of artifacts."""
