"""Tables, one module a subject. Times are UTC; ids of calls are Asterisk channel ids, all others UUIDs as text."""

from __future__ import annotations

from recordings.tables.archive import (
    AcousticsRow,
    AnalysisRow,
    FindingRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
)
from recordings.tables.columns import EMPTY, LeasedTable, Table, Utc
from recordings.tables.contacts import (
    CallbackRow,
    CallRow,
    ChatRow,
    CustomerRow,
    LegRow,
    MessageRow,
    OutboxRow,
    QueueVisitRow,
    SurveyRow,
    TurnRow,
)
from recordings.tables.learning import IntentModelRow, SampleRow, SentimentSampleRow, TopicCallRow, TopicRow
from recordings.tables.people import AgentRow, AuditRow, SessionRow, TokenRow, UserRow
from recordings.tables.privacy import ErasedSoundRow, ErasureRow, LegalHoldRow, SoundSpoolRow
from recordings.tables.quality import CoachingNoteRow, DrawRow, EvaluationRow, ScorecardRow, ScoreRow
from recordings.tables.rules import (
    AlertRow,
    AlertRulesRow,
    DeliveryRow,
    JobRow,
    ReviewRow,
    RuleSetRow,
    RuleSetState,
)

__all__ = [
    "EMPTY",
    "AcousticsRow",
    "AgentRow",
    "AlertRow",
    "AlertRulesRow",
    "AnalysisRow",
    "AuditRow",
    "CallRow",
    "CallbackRow",
    "ChatRow",
    "CoachingNoteRow",
    "CustomerRow",
    "DeliveryRow",
    "DrawRow",
    "ErasedSoundRow",
    "ErasureRow",
    "EvaluationRow",
    "FindingRow",
    "IntentModelRow",
    "JobRow",
    "LeasedTable",
    "LegRow",
    "LegalHoldRow",
    "MeaningRow",
    "MessageRow",
    "OutboxRow",
    "QueueVisitRow",
    "RecordingRow",
    "RedactionRow",
    "ReviewRow",
    "RuleSetRow",
    "RuleSetState",
    "SampleRow",
    "ScoreRow",
    "ScorecardRow",
    "SentimentSampleRow",
    "SessionRow",
    "SoundSpoolRow",
    "SurveyRow",
    "Table",
    "TokenRow",
    "TopicCallRow",
    "TopicRow",
    "TranscriptRow",
    "TurnRow",
    "UserRow",
    "Utc",
]
