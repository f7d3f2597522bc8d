"""How the processes of the console's image write what they have to say: a JSON object a line, also the lines of libraries."""

import logging
import sys

import structlog
from structlog.typing import Processor

WRITES_URLS = ("httpx2", "httpcore2")
"""Below a warning they write whole URLs, and those of robots are passwords."""


def configure_logs() -> None:
    """Of libraries, too: uvicorn tells there of connections that broke."""
    common: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    rendered = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*common, rendered])
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
    )
    to_stdout = logging.StreamHandler(sys.stdout)
    to_stdout.setFormatter(formatter)
    logging.basicConfig(handlers=[to_stdout], level=logging.INFO, force=True)
    hide_urls()


def hide_urls() -> None:
    """For whoever asks other servers, however the process writes its log."""
    for name in WRITES_URLS:
        logging.getLogger(name).setLevel(logging.WARNING)
