"""Pauses `protocol`'s reading while a request waits for the answer to an earlier one."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """Resumes reading only while no request waits for the answer to the one before it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._is_held = False
        self._was_paused = False

    def hold(self) -> None:
        """Stop reading until `release`."""
        self._is_held = True
        super().pause_reading()

    def release(self) -> None:
        self._is_held = False
        super().resume_reading()

    def pause_reading(self) -> None:
        self._was_paused = True
        super().pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused and not self._is_held:
            super().resume_reading()

    def take_was_paused(self) -> bool:
        """Whether reading is paused, or was since the last call."""
        was_paused, self._was_paused = self._was_paused or self.read_paused, False
        return was_paused
