"""Deletion and moves: the trash, tombstones, and rows that wait for the metric files."""
