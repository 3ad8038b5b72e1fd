"""Shapes of files of runs and their contents."""
