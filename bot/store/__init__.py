"""The ledger: tables, and queries that are named for what they return. The caller's session ends the transaction."""

from bot.store.database import Session, Store, StoreUnreachable, lock_campaign

__all__ = ["Session", "Store", "StoreUnreachable", "lock_campaign"]
