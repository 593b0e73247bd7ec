"""AnalyticsError
├── DictionaryError  a rule set's files cannot be used; lists every fault with file and line (``dictionary.rule_set``)
├── AlertsError      alerts cannot be used; lists every fault with its line (``alerts.file``)
├── JobFault         a job cannot be done as it was ordered; it fails at once
├── Stopped          a person stopped the job, or another worker has it; what was done is written down
├── NothingToLearn   no model can be proposed; says what is lacking
└── NotDelivered     an alert did not arrive; sent again later
    └── Gone         its receiver, or the alert itself, is gone for good; not sent again

``retryable``: the fault passes, or a person mends it, so that the same work may be done later as it is. Workers read it
(``analytics.leases.faults``, ``analytics.alerts``); the same holds for ``speech.errors`` and ``recordings.errors``.
"""

from __future__ import annotations


class AnalyticsError(Exception):
    """Root of what goes wrong between a transcript and what people read of it. ``str()`` says what and where."""

    code = "analytics"
    retryable = False
    retry_after = 60.0
    """Seconds after which to look again, where it is retryable."""


class JobFault(AnalyticsError):
    code = "job"


class Stopped(AnalyticsError):
    code = "stopped"


class NothingToLearn(AnalyticsError):
    code = "nothing_to_learn"


class NotDelivered(AnalyticsError):
    code = "not_delivered"
    retryable = True


class Gone(NotDelivered):
    code = "gone"
    retryable = False
