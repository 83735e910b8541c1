"""Several processes that share work; none of them outlives the first one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import connection
from typing import Any

_worker: Callable[[Any], Any]
"""What this process does with a piece of work, once it has begun."""


@contextmanager
def crew(
    jobs: int, begin: Callable[..., Callable[[Any], Any]], *told: object
) -> Iterator[Callable[[Iterable[Any]], Iterable[Any]]]:
    """Give a function that has pieces of work done and yields what comes of each, in order.

    A process begins when there is work for it: it calls `begin(*told, lock)`, and then what that
    returned for each piece. The lock is one for all of them. `begin` must be found in its module.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        jobs, mp_context=context, initializer=partial(_begin, begin, *told, context.Lock())
    ) as pool:
        try:
            yield partial(pool.map, _work)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begin(begin: Callable[..., Callable[[Any], Any]], *told: object) -> None:
    global _worker  # noqa: PLW0603 - a process of a pool has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends all of them
    parent = multiprocessing.parent_process()
    if parent is not None:  # a killed one cannot
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _worker = begin(*told)


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _work(piece: object) -> object:
    return _worker(piece)
