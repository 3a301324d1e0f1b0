"""The way to the model: one thread asks it, all other requests wait in a line of bounded length."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dragoman.serve.limits import Limits
from dragoman.serve.refusal import Refusal

T = TypeVar("T")


class Scheduler:
    """Asks the model for one request after the other, in the order in which they came."""

    def __init__(self, limits: Limits) -> None:
        """Begin with an empty line."""
        self._limits = limits
        self._thread = ThreadPoolExecutor(1, "dragoman-model")
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._characters = 0

    async def ask(self, work: Callable[[], T], characters: int, gone: Callable[[], Awaitable[None]]) -> T | None:
        """Return what `work` returns; raises Refusal at once where too much is waiting already.

        `gone` returns when the client has left. What has not begun by then never does, and None is returned.
        """
        limits = self._limits
        if self._waiting >= limits.waiting or (
            self._waiting and self._characters + characters > limits.waiting_characters
        ):
            raise Refusal(503, "too many requests are waiting for the model; ask again in a moment")
        self._waiting += 1
        self._characters += characters
        leaving = asyncio.ensure_future(gone())
        turn = asyncio.ensure_future(self._turn.acquire())
        try:
            await asyncio.wait((turn, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not turn.done():
                return None
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            leaving.cancel()
            self._waiting -= 1
            self._characters -= characters
            if turn.done() and not turn.cancelled():
                self._turn.release()
            else:
                turn.cancel()

    def close(self) -> None:
        """Forget what has not begun."""
        self._thread.shutdown(wait=False, cancel_futures=True)
