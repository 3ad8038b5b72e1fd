"""Files of runs, and the contents that something awaits or has."""
