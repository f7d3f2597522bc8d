"""The operator's side of backups: stores and their checks, backups, schedules, retention, and the archive of the log."""
