"""What both sides of the engine, the pure rules and the member, must agree on."""

PORT = 27017
USER_ID = 999
"""User `mongodb` of the official image."""
