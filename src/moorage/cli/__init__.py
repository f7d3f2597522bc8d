"""The terminal's front end: one file per verb. stdout holds data, stderr everything that is said beside it."""
