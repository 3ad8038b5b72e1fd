"""Rows of a project as plain values, and the marks of imports in progress."""
