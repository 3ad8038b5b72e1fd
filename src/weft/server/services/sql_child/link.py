"""Messages between the server and the process that forks, about one fork. Pure."""

from __future__ import annotations

import struct
from typing import Final

KILL: Final = b"k"
"""The server asks for the end of the fork."""

STATUS: Final = struct.Struct("<i")
"""The fork has ended: its exit status, or the negative number of the signal that ended it."""
