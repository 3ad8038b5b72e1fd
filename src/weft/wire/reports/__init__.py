"""Shapes of reports: the document as JSON, its blocks and panel grids, and the endpoints."""
