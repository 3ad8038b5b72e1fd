"""Shapes of projects: their views, sizes, trash and live events."""
