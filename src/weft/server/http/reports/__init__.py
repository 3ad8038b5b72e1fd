"""Routes of reports: their content as JSON and as Yjs updates, and streams of changes."""
