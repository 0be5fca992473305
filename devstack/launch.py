"""Becomes a program that ends when the process that started it ends, however that happens.

Called as `launch.py PARENT SIGNAL USER -- PROGRAM …`.

Run as a script by a bare interpreter (`python -I -S`), so that nothing of Python runs between fork and exec in a
process with threads. Linux sends SIGNAL when the thread that started us ends; the mark survives exec, but not a
change of user, so the user is changed first. Elsewhere the next start ends what was left (see `leftovers.py`).
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: str, number: str, user: str, _separator: str, *command: str) -> None:
    """Changes the user (`-`: stays), ties itself to the parent and becomes the command."""
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("The process that started this part ended before the part had begun.")
    os.execv(command[0], command)  # noqa: S606 - that is what it is for


if __name__ == "__main__":
    main(*sys.argv[1:])
