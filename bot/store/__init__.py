"""The ledger: tables, migrations, and queries that return domain values. The caller's session ends
the transaction.
"""

from sqlalchemy.orm import Session

from bot.store.engine.store import Store, StoreUnreachable, is_writing, lock_campaign

__all__ = ["Session", "Store", "StoreUnreachable", "is_writing", "lock_campaign"]
