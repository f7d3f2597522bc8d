"""Alerts of a person's own. Pure."""
