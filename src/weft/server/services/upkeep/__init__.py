"""Care for a whole server: free what nothing needs, check every byte, back up, restore.

`service` is what `http.upkeep` and `weft server gc|check|backup` ask; each work is a module.
"""
