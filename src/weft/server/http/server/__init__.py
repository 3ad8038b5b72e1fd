"""Routes of the server itself: health, facts about it, users, upkeep."""
