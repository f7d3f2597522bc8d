"""A channel as a person asks for it in the console; secrets go in and never come out."""

from typing import Annotated, Any, Literal

from pydantic import Field

from moorage.monitoring.telling.channel import Channel, Kind
from moorage.monitoring.telling.given import UnusableChannelError
from moorage.monitoring.telling.message import Language
from moorage.monitoring.telling.wished import wished
from moorage.server.model import Asked
from moorage.server.problem import Cause, Code, ProblemError

NAME = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
Word = Annotated[str, Field(max_length=254, pattern=ONE_LINE)]


class ChannelWish(Asked):
    """A change says all of it again but its secrets."""

    kind: Kind
    url: Annotated[str, Field(max_length=2048, pattern=ONE_LINE)] = ""
    """Where to post, or the mail server; empty: as it is."""
    secret: Annotated[str, Field(max_length=1024, pattern=ONE_LINE)] = ""
    """Signing key, a bot's token, or a mail account's password; empty: as it is. The one that is there goes nowhere else."""
    drops_secret: bool = False
    """There shall be none."""
    language: Language = Language.EN
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    to: Annotated[list[Word], Field(max_length=50, default_factory=list)]
    sender: Word = ""
    user: Word = ""
    spaces: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    """Of these alone; empty: of all."""
    services: Annotated[list[Word], Field(max_length=100, default_factory=list)]
    """SPACE/NAME; of these alone; empty: of all."""
    severities: Annotated[list[Literal["critical", "warning"]], Field(max_length=2, default_factory=list)]
    """Of these alone; empty: of both."""
    muted: bool = False


class NewChannel(ChannelWish):
    name: Annotated[str, Field(pattern=NAME)]


class ChangedChannel(ChannelWish):
    version: Annotated[str, Field(max_length=64)]
    """Of the list that it was changed by: what somebody else changed meanwhile is not overwritten."""


def wanted(name: str, body: ChannelWish, before: Channel | None) -> Channel:
    """Raises ProblemError that says beside which field what is wrong."""
    given: dict[str, Any] = body.model_dump(mode="json", exclude={"name", "version", "drops_secret"})
    try:
        return wished(name, given, before, drops_secret=body.drops_secret)
    except UnusableChannelError as error:
        causes = [Cause(field=f"body.{fault.field}", message=fault.message, wrong=fault.wrong) for fault in error.faults]
        raise ProblemError(422, Code.INVALID, str(error), causes=causes) from error
