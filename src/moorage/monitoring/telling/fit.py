"""Messages are cut to what a channel takes: by bytes, between characters, the longest text first; title and links stay. Pure."""

from collections.abc import Callable
from dataclasses import replace

from moorage.monitoring.telling.message import Message

SHORT_LENGTH = 60


def fitted(message: Message, size: Callable[[Message], int], at_most: int) -> Message:
    """`size`: how large it is as it would be sent, in the channel's unit. Raises ValueError when even the title does not fit."""
    while size(message) > at_most:
        lines = message.lines
        longest = max(range(len(lines)), key=lambda i: len(lines[i].text), default=None)
        if longest is None:
            if not message.links:
                raise ValueError(f"the title alone is longer than {at_most}")
            message = replace(message, links=message.links[:-1])
        elif len(lines[longest].text) > SHORT_LENGTH:
            shorter = replace(lines[longest], text=lines[longest].text[: len(lines[longest].text) * 2 // 3].rstrip() + "…")
            message = replace(message, lines=(*lines[:longest], shorter, *lines[longest + 1 :]))
        else:
            message = replace(message, lines=lines[:-1])
    return message
