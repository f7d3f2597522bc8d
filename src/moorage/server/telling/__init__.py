"""Sends messages to people's chat, and keeps what waits and what came of it where a restart does not lose it."""
