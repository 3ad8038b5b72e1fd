"""How lists and pages are put together: `run_infos`, `search`, `cursors`. Used by services."""
