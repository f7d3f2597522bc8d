"""The programs that are built from Go modules once and kept, by version, in the cache folder."""
