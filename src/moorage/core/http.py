"""The little of HTTP that a page for the kubelet or for Prometheus needs. Pure, standard library only."""


def path_of(request_line: bytes) -> str:
    """Empty when it is no request."""
    parts = request_line.split()
    return parts[1].partition(b"?")[0].decode("ascii", "replace") if len(parts) == 3 else ""


def answer(status: str, body: str = "", content_type: str = "text/plain") -> bytes:
    """After it the connection is closed."""
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode() + content
