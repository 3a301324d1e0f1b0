"""A request that gets no answer, and why: a status of HTTP and a sentence."""

from dragoman.errors import RequestError


class Refusal(RequestError):
    """A request that is refused; the client reads the sentence as `{"error": sentence}`."""

    def __init__(self, status: int, sentence: str) -> None:
        """Take the status, 4xx or 503, and a sentence for the one who asked."""
        super().__init__(sentence)
        self.status = status


def shortened(given: object, most: int = 60) -> str:
    """Return what a client gave as it may stand in a sentence: not long, and not over lines."""
    text = " ".join(str(given).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
