"""IvrError
├── ScenarioError     a scenario file cannot be used; lists every fault with its line
├── KnowledgeError    articles cannot be used; lists every fault with its file and line
├── ConversationError a file of simulated callers cannot be used; says where and why
├── AriError          Asterisk refused a request: its status and words
│   ├── AriNotFound   the channel, bridge or recording is gone: mostly a caller who hung up
│   ├── AriRefused    wrong user or password of ARI; names the settings
│   ├── AriUnreachable  nothing answers there now; retried with back-off
│   └── NoSlot        as many robots as can be take calls at this Asterisk; retried until one ends
├── MediaLost         the sound socket of a call was closed
├── StoreError        the database of calls did not answer when the robot started; names the setting
├── BusinessError     the business system did not answer; the caller is told, the call goes on
│   └── BusinessRefused  it answers, but will never take this request: a fact is wrong; not sent again
└── PhoneError        our own softphone could not do what it was told: refused, wrong password, its process gone
    ├── CallEnded     something was awaited in a call that is over; says how it ended
    └── PhoneTimeout  what was awaited has not happened in time
"""

from __future__ import annotations


class IvrError(Exception):
    """Root of what goes wrong in a live conversation. ``str()`` says what, where and what to do."""

    code = "ivr"


class ScenarioError(IvrError):
    code = "scenario"


class KnowledgeError(IvrError):
    code = "knowledge"


class ConversationError(IvrError):
    code = "conversation"


class AriError(IvrError):
    code = "ari"


class AriNotFound(AriError):
    code = "ari_not_found"


class AriRefused(AriError):
    code = "ari_refused"


class AriUnreachable(AriError):
    code = "ari_unreachable"


class NoSlot(AriError):
    code = "no_slot"


class MediaLost(IvrError):
    code = "media_lost"


class StoreError(IvrError):
    code = "store"


class BusinessError(IvrError):
    code = "business"
    retryable = True
    """Whether the same request may be sent again later: the outbox reads it."""


class BusinessRefused(BusinessError):
    code = "business_refused"
    retryable = False


class PhoneError(IvrError):
    code = "phone"


class CallEnded(PhoneError):
    code = "call_ended"


class PhoneTimeout(PhoneError):
    code = "phone_timeout"
