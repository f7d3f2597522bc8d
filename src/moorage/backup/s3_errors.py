"""What an S3 service or the way to it answered, as a sentence for the person who must act."""

import errno
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    HTTPClientError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)

from moorage.backup.errors import Reason, StoreError

TROUBLE = (ClientError, BotoCoreError, HTTPClientError, OSError, ValueError)
"""All that the client raises."""
Doing = Literal["use", "read", "write", "list", "delete"]
PERMISSIONS = {
    "use": "s3:ListBucket",
    "read": "s3:GetObject (and s3:ListBucket, to be told what is not there)",
    "write": "s3:PutObject",
    "list": "s3:ListBucket and s3:ListBucketMultipartUploads",
    "delete": "s3:DeleteObject and s3:AbortMultipartUpload",
}
WRONG_KEY = {"InvalidAccessKeyId", "InvalidAccessKey", "XAdminUserNotFound"}
NO_BUCKET = {"NoSuchBucket", "InvalidBucketName"}
FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "EntityTooLarge"}
WRONG_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "TemporaryRedirect"}
NO_SUCH_HOST = ("Name or service not known", "No address associated", "nodename nor servname", "name resolution")
BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "OperationAborted"}


def code_of(error: BaseException) -> str:
    """The service's own code; empty when it did not answer."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def status_of(error: BaseException) -> int:
    """The status of the HTTP answer; 0 when there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) if isinstance(error, ClientError) else 0


def sentence_of(error: Exception, endpoint: str, bucket: str, doing: Doing) -> StoreError:
    """The sentence for whatever the client raised."""
    if isinstance(error, ClientError):
        return _answered(error, endpoint, bucket, doing)
    return _unreachable(error, endpoint)


def _answered(error: ClientError, endpoint: str, bucket: str, doing: Doing) -> StoreError:
    code, status = code_of(error), status_of(error)
    if code in WRONG_KEY:
        return StoreError(f"{endpoint} knows no such access key: correct accessKeyId in the credentials Secret", Reason.WRONG_KEY)
    if code == "SignatureDoesNotMatch":
        return StoreError(
            f"{endpoint} knows the access key, but the secret is wrong: correct secretAccessKey in the credentials Secret",
            Reason.WRONG_SECRET,
        )
    if code in NO_BUCKET or (code == "404" and doing in {"use", "list", "write"}):
        return StoreError(f"{endpoint} has no bucket '{bucket}': create it, or correct the store's s3.bucket", Reason.NO_BUCKET)
    if code == "RequestTimeTooSkewed":
        return StoreError(_skew(error, endpoint), Reason.CLOCK_SKEW)
    if code in WRONG_REGION or status in (301, 307):
        return StoreError(_region(error, endpoint, bucket), Reason.WRONG_REGION)
    if code in FULL or status == 507:
        return StoreError(f"bucket '{bucket}' at {endpoint} is full: make room or raise its quota ({_words(error)})", Reason.FULL)
    if status == 403 or code == "AccessDenied":
        return StoreError(
            f"the access key may not {doing} in bucket '{bucket}' at {endpoint}: allow it {PERMISSIONS[doing]}",
            Reason.ACCESS_DENIED,
        )
    if code in BUSY or status >= 500:
        return StoreError(f"{endpoint} could not {doing} just now ({_words(error)})", Reason.UNAVAILABLE)
    return StoreError(f"{endpoint} refused to {doing} in bucket '{bucket}': {_words(error)}", Reason.OTHER)


def _words(error: ClientError) -> str:
    said = error.response.get("Error", {})
    text = f"{said.get('Code') or status_of(error)}: {said.get('Message') or ''}".strip(": ")
    return text[:300]


def now() -> datetime:
    """This node's clock."""
    return datetime.now(UTC)


def _skew(error: ClientError, endpoint: str) -> str:
    date = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        seconds = int((now() - parsedate_to_datetime(str(date))).total_seconds())
    except ValueError:
        return f"the clocks of this node and {endpoint} differ by more than it allows: set them by NTP"
    way = "ahead of" if seconds > 0 else "behind"
    return f"the clock of this node is {abs(seconds)} s {way} that of {endpoint}, more than it allows: set both by NTP"


def _region(error: ClientError, endpoint: str, bucket: str) -> str:
    said = error.response.get("Error", {})
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = said.get("Region") or headers.get("x-amz-bucket-region")
    if region:
        return f"bucket '{bucket}' is in the region '{region}': set the store's s3.region (and its s3.endpoint to that region's)"
    return f"{endpoint} is not where bucket '{bucket}' is: correct the store's s3.region and s3.endpoint ({_words(error)})"


def _unreachable(error: Exception, endpoint: str) -> StoreError:
    host = urlsplit(endpoint).hostname or endpoint
    text = f"{error} {error.__cause__ or ''} {error.__context__ or ''}"
    if "NO_CERTIFICATE_OR_CRL_FOUND" in text:
        return StoreError("the ca.crt in the Secret of the store's s3.caSecret holds no certificate (PEM)", Reason.SETTINGS)
    if isinstance(error, SSLError) and "EOF occurred" in text:  # it hung up; its certificate was taken
        return StoreError(f"the connection to {endpoint} broke: it hung up", Reason.UNAVAILABLE)
    if isinstance(error, SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return StoreError(_certificate(text, endpoint), Reason.CERTIFICATE)
    if isinstance(error, (ConnectTimeoutError, ReadTimeoutError)):
        return StoreError(
            f"{endpoint} does not answer in time: look at the way to it (network policy, firewall)", Reason.TIME_OUT
        )
    if any(words in text for words in NO_SUCH_HOST):
        return StoreError(f"there is no host '{host}': correct the store's s3.endpoint", Reason.HOST_NOT_FOUND)
    if "refused" in text:
        return StoreError(f"nothing listens at {endpoint} (connection refused): is it up, is the port right?", Reason.REFUSED)
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        return StoreError(f"the file with the store's own authority is missing ({error})", Reason.SETTINGS)
    if isinstance(error, ValueError | ParamValidationError):
        return StoreError(f"the store's s3 settings cannot be used: {' '.join(str(error).split())[:200]}", Reason.SETTINGS)
    if isinstance(error, ConnectionClosedError) and endpoint.startswith("http://"):
        message = f"{endpoint} hung up without an answer: is it up, or should the store's s3.endpoint begin with https://?"
        return StoreError(message, Reason.UNAVAILABLE)
    return StoreError(f"the connection to {endpoint} broke: {str(error)[:300]}", Reason.UNAVAILABLE)


def _certificate(text: str, endpoint: str) -> str:
    if any(words in text for words in ("Hostname mismatch", "IP address mismatch", "doesn't match")):
        return f"the certificate of {endpoint} is for another name: use the name that it stands for in s3.endpoint"
    if "expired" in text:
        return f"the certificate of {endpoint} has expired: renew it"
    if "WRONG_VERSION_NUMBER" in text:
        return f"{endpoint} speaks no TLS: should the store's s3.endpoint begin with http://, or is the port another one?"
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the certificate of {endpoint} is from an authority that is not trusted: name its ca.crt in s3.caSecret"
    return f"{endpoint} does not speak TLS as it should: {text.strip()[:200]}"
