"""How the processes of the console's image write what they have to say: a JSON object a line, also the lines of libraries."""

import logging
import sys

import structlog
from structlog.typing import Processor


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
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # its lines hold whole URLs
