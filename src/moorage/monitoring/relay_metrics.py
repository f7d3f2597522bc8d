"""What the relay tells of itself. Pure. Each of its replicas does; what they count together is the sum."""

from moorage.core.metrics import As, Kind, Metric, Source
from moorage.monitoring.telling.channel import Kind as Channels

KINDS = len(Channels)


def _counter(name: str, says: str) -> Metric:
    return Metric(f"moorage_relay_{name}_total", Kind.COUNTER, says, (Source(f"kinds.*.{name}", each=KINDS),), ("kind",))


METRICS: tuple[Metric, ...] = (
    _counter("delivered", "Messages that a receiver took, by kind of channel."),
    _counter("refused", "Messages that a receiver will not take until somebody changes the channel, by kind of channel."),
    _counter("retried", "Times that a message could not be sent now and was put off, by kind of channel."),
    _counter("given_up", "Messages that could not be sent for a day, by kind of channel."),
    Metric(
        "moorage_relay_waiting",
        Kind.GAUGE,
        "Messages that wait to be sent, by kind of channel; each replica sees those of all.",
        (Source("kinds.*.waiting", each=KINDS),),
        ("kind",),
    ),
    Metric(
        "moorage_relay_waiting_since_timestamp_seconds",
        Kind.GAUGE,
        "Since when the oldest of those that wait does, by kind of channel.",
        (Source("kinds.*.waiting_since", how=As.TIME, each=KINDS),),
        ("kind",),
    ),
    Metric(
        "moorage_relay_channels",
        Kind.GAUGE,
        "Channels by which people can be told, by kind.",
        (Source("kinds.*.channels", each=KINDS),),
        ("kind",),
    ),
    Metric("moorage_relay_channels_unusable", Kind.GAUGE, "Channels by which nobody can be told.", (Source("unusable"),)),
)
