"""Routes of files of runs and their contents."""
