"""Routes that accept run logs."""
