"""Worlds in which things go wrong: no network, a folder that cannot be written, a disk that is full."""

from __future__ import annotations

import contextlib
import functools
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Sets the flag IFF_UP of the loopback device and of no other, so that no route leads anywhere; as `ip link set lo up`.
LOOPBACK_UP = "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 1))"
NO_NETWORK = shlex.join([sys.executable, "-c", LOOPBACK_UP])
TRY_MOUNT = "mount -t tmpfs none /tmp"
NO_WRITING = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'


def sandboxed(*command: str | Path, offline: bool = False, read_only: Path | None = None) -> list[str]:
    """``command`` in namespaces of its own; skips the test where the system gives none.

    Args:
        command: what to run.
        offline: without any network but its own loopback.
        read_only: a folder that cannot be written, not even by root.
    """
    if missing := _missing(offline):
        pytest.skip(missing)
    flags = "-rm" + "n" * offline
    steps = [NO_NETWORK] * offline + [NO_WRITING] * (read_only is not None) + ["shift", 'cd "$PWD"', 'exec "$@"']
    return ["unshare", flags, "sh", "-c", " && ".join(steps), "sandbox", str(read_only or ""), *map(str, command)]


@functools.cache
def _missing(offline: bool) -> str:
    """What this system lacks for a sandbox, if anything."""
    if not sys.platform.startswith("linux"):
        return "only Linux has namespaces"
    flags, test = ("-rnm", f"{NO_NETWORK} && {TRY_MOUNT}") if offline else ("-rm", TRY_MOUNT)
    try:
        done = subprocess.run(["unshare", flags, "sh", "-c", test], capture_output=True, text=True)
    except OSError as fault:
        return f"no sandbox: {fault}"
    return f"no sandbox: unshare {flags} says {done.stderr.strip()!r}" if done.returncode else ""


@contextlib.contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """No file can grow beyond ``bytes_left``: a write breaks off in the middle, as on a disk that is full."""
    resource = pytest.importorskip("resource", reason="this system cannot limit the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
