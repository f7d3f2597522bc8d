"""A person with a real browser, the real console and the real cluster: nothing is played."""
