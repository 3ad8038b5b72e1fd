"""Shapes of values: metrics, charts, media, logged tables, exports."""
