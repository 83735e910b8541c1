"""One kernel held ready, so that a module's page need not wait for a kernel to start.

Starting Python and importing what a card needs takes most of the time until the first card. The
app does it while a learner reads the course map. What a page shows is still read when the page is
visited: the spare kernel has run nothing of any notebook.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.services.kernels.kernelmanager import (  # noqa: TID253 - the server's process
    AsyncMappingKernelManager,
)

if TYPE_CHECKING:
    from jupyter_server.utils import ApiPath

NAME = "python3"
PAUSE = 4.0
"""Seconds that a page has the machine for itself before the next spare kernel is started."""
PAGE = "VOILA_REQUEST_URL"
"""Variable that a kernel has from Voila: it is for a page, which sees to the folder itself."""


class SpareKernels(AsyncMappingKernelManager):
    """Jupyter's kernels, one of them started in advance, in the course's folder.

    A page of the app takes it and begins by moving it to its notebook's folder. The spare kernel
    ends like any other: when it was idle too long, or with the server.
    """

    _spare: str | None = None
    _preparing: asyncio.Task[None] | None = None

    def prepare(self, pause: float = 0.0) -> None:
        """Start a spare kernel in the background, after `pause` seconds."""
        if self._preparing is not None:
            self._preparing.cancel()
        self._preparing = asyncio.ensure_future(self._prepare(pause))

    async def _prepare(self, pause: float) -> None:
        await asyncio.sleep(pause)
        if self._spare is None or self._spare not in self:
            # Shielded: a kernel that has begun to start is never left behind unknown.
            await asyncio.shield(asyncio.ensure_future(self._start_spare()))

    async def _start_spare(self) -> None:
        self._spare = await super()._async_start_kernel(kernel_name=NAME, path=cast("ApiPath", ""))

    async def _async_start_kernel(
        self,
        *,
        kernel_id: str | None = None,
        path: ApiPath | None = None,
        **kwargs: Any,  # noqa: ANN401 - handed on to Jupyter as it came
    ) -> str:
        """Return the id of a kernel, for a page of the app that of the spare one."""
        if kernel_id is not None or PAGE not in kwargs.get("env", {}):
            return await super()._async_start_kernel(kernel_id=kernel_id, path=path, **kwargs)
        taken, self._spare = self._spare, None
        self.prepare(PAUSE)
        if (
            taken is not None
            and taken in self
            and kwargs.get("kernel_name") == NAME
            and await cast("Any", self.get_kernel(taken)).is_alive()
        ):
            return taken
        return await super()._async_start_kernel(path=path, **kwargs)

    start_kernel = _async_start_kernel  # type: ignore[assignment]
