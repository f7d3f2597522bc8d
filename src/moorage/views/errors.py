"""What the views cannot read."""


class UnreadableError(Exception):
    """An object of the API server that this program does not understand. `next_step`: the command that helps, or nothing."""

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step
