"""The database engine: connections, column types, group commit, migrations."""
