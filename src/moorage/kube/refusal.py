"""Whether an answer of the API server stays the same until somebody acts. Pure."""

_NOBODYS_FAULT = {0, 401, 404, 408, 409, 410, 425, 429}
"""No answer, an expired token, what changed in between, too much at once: the next try may be taken."""
_SOON_OVER = (
    "is being terminated",
    "not yet ready to handle request",
    "status unknown for quota",
    "error enforcing limit ranges",
    "error looking up service account",
)
"""Answers that are worded as a refusal while the API server, or what it needs, is not ready yet or about to go."""


def is_refusal(code: int, message: str) -> bool:
    """Whether somebody must act (on a quota, a policy, a missing right …) before the same request is taken."""
    return 400 <= code < 500 and code not in _NOBODYS_FAULT and not is_soon_over(message)


def is_soon_over(message: str) -> bool:
    """Whether a refusal is one of those that end by themselves."""
    return any(words in message for words in _SOON_OVER)
