"""Inner paths to the classes of media."""
