"""A message in the little markdown that Chinese robots understand. Pure."""

from moorage.monitoring.telling.message import KEYWORD, Line, Message


def text(message: Message, title: str) -> str:
    """`title`: as it is to be written. The keyword is in it even when nothing else is."""
    links = " | ".join(f"[{plain(link.title)}]({link.url})" for link in message.links)
    return "\n\n".join(filter(None, (title, *map(_line, message.lines), links, KEYWORD)))


def _line(line: Line) -> str:
    said = plain(line.text)
    return f"**{plain(line.head)}**: {said}" if line.head else said


def plain(said: str) -> str:
    """Nobody is mentioned, and nothing is coloured, because of what a text holds."""
    return said.replace("<", "＜").replace(">", "＞").replace("@", "＠")
