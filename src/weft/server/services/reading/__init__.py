"""How lists and pages are put together: `run_infos`, `cursors`. Used by services."""
