"""Inner paths to base classes of media."""
