#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Usage: live_top.py REAPCTL [WORD…]

Sits at a pseudo-terminal before `reapctl top`: sees a picture of 80x24 which has each WORD, makes
the terminal larger, sees a picture of 200x50 with the same words, and leaves by a key or a signal.
Every time the terminal must be as it was found.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

PATIENCE_SEC = 60
ENTER = b"\x1b[?1049h\x1b[?25l"  # alternate screen, no cursor
LEAVE = b"\x1b[?25h\x1b[?1049l"


class Sitting:
    """One run of the command at a terminal of its own."""

    def __init__(self, command):
        self.master, self.slave = pty.openpty()
        self.resize(80, 24)
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.deadline = time.monotonic() + PATIENCE_SEC

        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        # The terminal is the controlling one, so that the kernel tells of its size and of Ctrl-C.
        self.process = subprocess.Popen(
            command, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            start_new_session=True, preexec_fn=take_terminal,
            env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})

    def resize(self, width, height):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self):
        """What comes next; false when nothing does."""
        left = self.deadline - time.monotonic()
        ready, _, _ = select.select([self.master], [], [], max(left, 0))
        if ready:
            self.output += os.read(self.master, 65536)
        return bool(ready)

    def picture(self):
        """The lines of the last whole picture, without colours."""
        pictures = re.findall(rb"\x1b\[H(.*?)\x1b\[J", self.output, re.DOTALL)
        if not pictures:
            return []
        text = re.sub(rb"\x1b\[[0-9;]*m", b"", pictures[-1]).decode()
        return [line.removesuffix("\x1b[K") for line in re.split(r"\r+\n", text)]

    def sees(self, width, height, words):
        """Waits for a picture of that size that has all words."""
        while True:
            lines = self.picture()
            text = "\n".join(lines)
            if (0 < len(lines) <= height and all(len(line) == width for line in lines)
                    and all(word in text for word in words)):
                return
            assert self.read(), f"no picture of {width}x{height} with {words}, but:\n{text}"

    def stops(self):
        """By Ctrl-Z; the terminal is as it was found meanwhile."""
        os.write(self.master, b"\x1a")
        while LEAVE not in self.output:
            assert self.read(), "Ctrl-Z: the screen is not given back"
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"Ctrl-Z: wait status {status}"
        assert termios.tcgetattr(self.slave) == self.before, "Ctrl-Z: other settings than before"
        self.output = b""

    def ends(self, how):
        """Waits for the end; the terminal is then as it was found."""
        while LEAVE not in self.output:
            assert self.read(), f"{how}: the screen is not given back"
        status = self.process.wait(PATIENCE_SEC)
        assert status == 0, f"{how}: exit status {status}"
        assert self.output.startswith(ENTER), f"{how}: begins with {self.output[:20]}"
        assert self.output.endswith(LEAVE), f"{how}: ends with {self.output[-20:]}"
        assert termios.tcgetattr(self.slave) == self.before, f"{how}: other settings than before"
        os.close(self.master)
        os.close(self.slave)
        print(f"{how}: the terminal is as before")


def leave_by(how, leave, command, words):
    sitting = Sitting(command)
    sitting.sees(80, 24, words)
    local = termios.tcgetattr(sitting.slave)[3]
    assert not local & (termios.ICANON | termios.ECHO), "keys do not come at once and unseen"
    sitting.resize(200, 50)
    sitting.sees(200, 50, words)
    sitting.resize(80, 24)
    sitting.sees(80, 24, words)
    leave(sitting)
    sitting.ends(how)


def stop_and_go_on(command, words):
    sitting = Sitting(command)
    sitting.sees(80, 24, words)
    sitting.stops()
    sitting.process.send_signal(signal.SIGCONT)
    sitting.sees(80, 24, words)
    os.write(sitting.master, b"q")
    sitting.ends("Ctrl-Z and back")


def main():
    command, words = [sys.argv[1], "top"], sys.argv[2:]
    for key in (b"q", b"Q", b"\x03"):
        leave_by(f"key {key}", lambda sitting: os.write(sitting.master, key), command, words)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        leave_by(number.name, lambda sitting: sitting.process.send_signal(number), command, words)
    stop_and_go_on(command, words)


main()
