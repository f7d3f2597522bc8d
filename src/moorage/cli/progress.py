"""How far something is: one line of the terminal that is written over; in a pipe only what is new, one line each."""

import sys

from moorage.cli.output import say

_CLEAR = "\r\x1b[K"


class Progress:
    """Used as `with Progress() as line: line.show(…)`, so that the line is gone when a result or an error is printed."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said = ""

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal and self._said:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def show(self, step: str, figures: str = "") -> None:
        """`figures` change all the time: a pipe is told only of each new `step`."""
        text = f"{step}: {figures}" if figures else step
        if self._is_terminal:
            sys.stderr.write(_CLEAR + text)
            sys.stderr.flush()
            self._said = text
        elif step != self._said:
            say(step)
            self._said = step
