"""One ingest at a time: a lock that the operating system lets go when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from kansrijke_start.errors import DeliveryError


@contextmanager
def only_one(registers: Path) -> Generator[None, None, None]:
    """Hold the lock beside a folder of registers.

    Raises:
        DeliveryError: another process holds it.
    """
    path = registers.with_name(registers.name + ".lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        try:
            _lock(handle)
        except OSError as error:
            raise DeliveryError(
                str(registers),
                "another ingest is writing these registers",
                "Wait until it has ended, or stop it, and run ingest again.",
            ) from error
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
