"""The tables of 0.1.0, the oldest that weft opens. A new database gets those of today at once."""

revision = "0007"
down_revision = None


def upgrade() -> None:
    """Do nothing: a database without tables is not migrated."""
