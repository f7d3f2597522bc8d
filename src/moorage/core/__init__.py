"""What Moorage decides with: pure. No client library, no input or output, no clock, no randomness; time is a parameter."""
