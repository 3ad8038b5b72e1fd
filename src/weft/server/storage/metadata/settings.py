"""Settings that all servers of a metadata database share: texts by key."""

from __future__ import annotations

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import setting


class SettingTable:
    """Reads and writes settings."""

    def find_setting(self, tx: Transaction, key: str) -> str | None:
        """The value of a setting; None if it has none."""
        query = select(setting.c.value).where(setting.c.key == key)
        return tx.connection.execute(query).scalar_one_or_none()

    def add_setting(self, tx: Transaction, key: str, value: str) -> str:
        """Set a value unless there is one, and return the value that it has then."""
        tx.connection.execute(
            insert(tx, setting).values(key=key, value=value).on_conflict_do_nothing()
        )
        return self.find_setting(tx, key) or value

    def replace(self, tx: Transaction, key: str, value: str) -> None:
        """Set a value, in place of an earlier one."""
        statement = insert(tx, setting).values(key=key, value=value)
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    def remove(self, tx: Transaction, key: str) -> None:
        """Remove a setting, if there is one."""
        tx.connection.execute(setting.delete().where(setting.c.key == key))
