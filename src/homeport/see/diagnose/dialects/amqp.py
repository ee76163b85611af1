"""AMQP 0-9-1 (RabbitMQ): header, login, tuning, virtual host, and good-bye.

The login is that of the URL; clients without one log in as guest. PLAIN sends the password as it
is, as every client does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, is_this_machine, told_user
from homeport.wire import amqp_login as amqp
from homeport.wire.amqp import HEADER
from homeport.wire.exchange import Conversation, Heard, Turn

if TYPE_CHECKING:
    from homeport.wire.amqp_login import Method
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_GUEST = "guest"


def converse(service: Service) -> Conversation[Talk]:
    """One connection without a channel."""
    return (yield from told_user(_opened(service), service, service.user or _GUEST))


def _opened(service: Service) -> Conversation[Talk]:
    alpn = () if service.over_tls else None
    verify = service.host if service.over_tls else None
    heard = yield Turn(HEADER, _is_settled, WAIT_MS, alpn=alpn, verify=verify)
    if _last(heard, amqp.START) is None:
        return _refused(heard)
    if not (is_this_machine(service) or service.over_tls):
        note = "The login was not tried: the password would leave this machine in the clear."
        return Talk(heard, healthy=True, facts=(("note", note),))
    user, password = service.user or _GUEST, service.password or (service.user or _GUEST)
    heard = yield _next(amqp.start_ok(user, password))
    tune = _last(heard, amqp.TUNE)
    if tune is None:
        return _refused(heard)
    heard = yield _next(amqp.tune_ok_and_open(tune.arguments, service.database or "/"))
    if _last(heard, amqp.OPEN_OK) is None:
        return _refused(heard)
    yield Turn(amqp.close(), _is_settled, 200, fresh=False)
    return Talk(heard, healthy=True)


def _next(said: bytes) -> Turn:
    return Turn(said, _is_settled, WAIT_MS, fresh=False)


def _is_settled(data: bytes) -> bool:
    found = amqp.read_methods(data)
    return found is None or bool(found)


def _last(heard: Heard, number: tuple[int, int]) -> Method | None:
    found = amqp.read_methods(heard.data) or ()
    return next((each for each in found if each.number == number), None)


def _refused(heard: Heard) -> Talk:
    closed = _last(heard, amqp.CLOSE)
    return Talk(heard, error=None if closed is None else amqp.read_close(closed.arguments))


DIALECT = Dialect(converse)
