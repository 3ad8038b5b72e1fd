"""Shapes of uploads of run logs."""
