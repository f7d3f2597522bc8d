"""Encryption by age: keys, small texts, and streams through its native code."""

import base64
from collections.abc import Callable
from typing import Any, Protocol

import pyrage

from moorage.backup.errors import ArchiveError, IdentityError, Reason, StoreError


class Readable(Protocol):
    """Gives up to so many bytes; none at its end."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """Takes all bytes."""

    def write(self, data: bytes, /) -> int: ...


def encrypt(source: Readable, sink: Writable, recipient: str) -> None:
    """Raises `StoreError` when the recipient is none, and whatever source and sink raise."""
    whom = _recipient(recipient)
    bridges = _Bridge(source.read), _Bridge(sink.write)
    try:
        pyrage.encrypt_io(*bridges, [whom])
    except Exception as error:
        raise _kept(bridges) or error from error


def decrypt(source: Readable, sink: Writable, identity: Any) -> None:
    """Raises `ArchiveError` with age's own words when it cannot be decrypted, and whatever source and sink raise."""
    bridges = _Bridge(source.read), _Bridge(sink.write)
    try:
        pyrage.decrypt_io(*bridges, [identity])
    except Exception as error:
        kept = _kept(bridges)
        if kept is not None:
            raise kept from None
        raise ArchiveError(str(error)) from error


def seal(text: bytes, recipient: str) -> str:
    """A small text for a recipient, in base64. Raises `StoreError` when the recipient is none."""
    sealed: bytes = pyrage.encrypt(text, [_recipient(recipient)])
    return base64.b64encode(sealed).decode()


def unseal(sealed: str, name: str, recipient: str | None, identity: str | None) -> bytes:
    """The inverse, for the backup of this name. Raises `ArchiveError`."""
    found = identity_for(identity, name, recipient)
    try:
        text: bytes = pyrage.decrypt(base64.b64decode(sealed, validate=True), [found])
    except (ValueError, pyrage.DecryptError) as error:
        raise ArchiveError(f"the passwords in the manifest of '{name}' cannot be decrypted ({error})") from error
    return text


def identity_for(text: str | None, name: str, recipient: str | None) -> Any:
    """The one for the recipient in a mounted identity file. Raises `IdentityError` with a sentence about this backup."""
    if text is None:
        raise IdentityError(f"archive '{name}' is encrypted for {recipient}: the store must name the Secret with its identity")
    lines = [line.strip() for line in text.splitlines()]
    try:
        identities = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        identities = []
    if not identities:
        raise IdentityError(
            "the store's identitySecret holds no private key of age (AGE-SECRET-KEY-1…) under 'identity': put the right one there"
        )
    for identity in identities:
        if str(identity.to_public()) == recipient:
            return identity
    have = ", ".join(str(identity.to_public()) for identity in identities)
    raise IdentityError(
        f"archive '{name}' is encrypted for {recipient}, and the store's identity is that of {have}: put the old one there"
    )


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        message = f"'{text}' is no public key of age (age1…): correct the store's encryption.recipient"
        raise StoreError(message, Reason.SETTINGS) from error


class _Bridge:
    """A file object for the native code, which turns an exception of ours into a text: the exception is kept here."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.call = call
        self.error: BaseException | None = None

    def read(self, size: int) -> Any:
        return self._do(size)

    def write(self, data: bytes) -> Any:
        return self._do(data)

    def flush(self) -> None:
        """There is nothing to flush."""

    def _do(self, argument: Any) -> Any:
        try:
            return self.call(argument)
        except BaseException as error:
            self.error = error
            raise


def _kept(bridges: tuple[_Bridge, _Bridge]) -> BaseException | None:
    return next((each.error for each in bridges if each.error is not None), None)
