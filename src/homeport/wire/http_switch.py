"""Whether a server agrees to another protocol: the first answer that is final, or 101 (RFC 9110).

Informational answers (100, 102, 103) may come before; more than the status is not looked at.
"""

from __future__ import annotations

import re

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})[ \r]")
_MOST_BYTES = 1 << 16


class SwitchReader:
    """Reads along until it is known."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> bool | None:
        """True: the protocol changes; False: it does not; None: not known yet."""
        self._data += data
        while (found := _STATUS.match(self._data)) is not None:
            status = int(found[1])
            if status == 101:
                return True
            if status >= 200:
                return False
            _, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                break
            self._data = rest
        hopeless = len(self._data) >= 13 and found is None
        return False if hopeless or len(self._data) > _MOST_BYTES else None
