"""What one server takes: sizes of requests, how many wait, and how long a client may need to send one."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The bounds of a server; what goes beyond one is refused in words."""

    body_bytes: int = 1_000_000
    characters: int = 20_000  # of all texts of a request
    texts: int = 64
    alternatives: int = 5
    beam: int = 16
    waiting: int = 64  # requests that wait for the model, the one that it answers among them
    waiting_characters: int = 200_000  # of all these
    traced_numbers: int = 16_000_000  # of one packed trace, which has some 45 MB then
    connections: int = 256
    header_seconds: float = 10.0  # from the connection, or the last answer, to the end of a request's header
    body_seconds: float = 30.0
    closing_seconds: int = 20  # for what is begun when the server is told to stop
