"""Routes of projects: their views, sizes, trash, archives and live events."""
