"""Of all tests: what hypothesis tries is judged by what comes out, never by how long it takes; machines are shared and noisy."""

from hypothesis import settings

settings.register_profile("moorage", deadline=None)
settings.load_profile("moorage")
