"""Shapes of the server itself: facts about it, its users, its errors."""
