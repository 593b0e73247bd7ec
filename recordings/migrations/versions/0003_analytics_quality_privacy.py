"""analytics, quality, privacy"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('agents',
    sa.Column('endpoint', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('team', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('endpoint', name=op.f('pk_agents'))
    )
    with op.batch_alter_table('agents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agents_team'), ['team'], unique=False)

    op.create_table('alert_rules',
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_alert_rules'))
    )
    with op.batch_alter_table('alert_rules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alert_rules_state'), ['state'], unique=False)

    op.create_table('audit',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=128), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_action'), ['action'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_login'), ['login'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_subject'), ['subject'], unique=False)

    op.create_table('erasures',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('why', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('requested_by', sa.String(length=64), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pending', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures'))
    )
    with op.batch_alter_table('erasures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasures_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_erasures_subject'), ['subject'], unique=False)

    op.create_table('jobs',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('cursor', sa.String(length=128), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('worker', sa.String(length=64), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_jobs_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_state'), ['state'], unique=False)

    op.create_table('legal_holds',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('phone', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_holds'))
    )
    with op.batch_alter_table('legal_holds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_holds_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_legal_holds_phone'), ['phone'], unique=False)

    op.create_table('rule_sets',
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_rule_sets'))
    )
    with op.batch_alter_table('rule_sets', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rule_sets_state'), ['state'], unique=False)

    op.create_table('scorecards',
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_scorecards'))
    )
    with op.batch_alter_table('scorecards', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scorecards_name'), ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_scorecards_state'), ['state'], unique=False)
        batch_op.create_index('uq_scorecards_running', ['name'], unique=True, sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))

    op.create_table('topics',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('centre', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topics'))
    )
    with op.batch_alter_table('topics', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_topics_language'), ['language'], unique=False)
        batch_op.create_index(batch_op.f('ix_topics_state'), ['state'], unique=False)

    op.create_table('draws',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('population', sa.Integer(), nullable=False),
    sa.Column('population_sha256', sa.String(length=64), nullable=False),
    sa.Column('drawn', sa.JSON(), nullable=False),
    sa.Column('scorecard', sa.String(length=12), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['scorecard'], ['scorecards.version'], name=op.f('fk_draws_scorecard')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draws'))
    )
    op.create_table('erased_sounds',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('erasure_id', sa.String(length=64), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['erasure_id'], ['erasures.id'], name=op.f('fk_erased_sounds_erasure_id')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_erased_sounds'))
    )
    with op.batch_alter_table('erased_sounds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erased_sounds_erasure_id'), ['erasure_id'], unique=False)

    op.create_table('queue_visits',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('call_id', sa.String(length=64), nullable=False),
    sa.Column('queue', sa.String(length=64), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_queue_visits_call_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue_visits'))
    )
    with op.batch_alter_table('queue_visits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_queue_visits_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_queue_visits_joined_at'), ['joined_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_queue_visits_queue'), ['queue'], unique=False)

    op.create_table('surveys',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('call_id', sa.String(length=64), nullable=True),
    sa.Column('chat_id', sa.String(length=64), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['calls.id'], name=op.f('fk_surveys_call_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['chat_id'], ['chats.id'], name=op.f('fk_surveys_chat_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surveys'))
    )
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_surveys_asked_at'), ['asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_surveys_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_surveys_chat_id'), ['chat_id'], unique=False)

    op.create_table('acoustics',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_acoustics_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acoustics')),
    sa.UniqueConstraint('recording_id', 'version', name=op.f('uq_acoustics_recording_id'))
    )
    op.create_table('alerts',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('rule', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('start', sa.Double(), nullable=True),
    sa.Column('end', sa.Double(), nullable=True),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_by', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_alerts_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts')),
    sa.UniqueConstraint('rule', 'contact_id', name=op.f('uq_alerts_rule'))
    )
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alerts_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_contact_id'), ['contact_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_rule'), ['rule'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_state'), ['state'], unique=False)

    op.create_table('coaching_notes',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('start', sa.Double(), nullable=False),
    sa.Column('end', sa.Double(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_coaching_notes_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coaching_notes'))
    )
    with op.batch_alter_table('coaching_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_coaching_notes_agent'), ['agent'], unique=False)
        batch_op.create_index(batch_op.f('ix_coaching_notes_recording_id'), ['recording_id'], unique=False)

    op.create_table('evaluations',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('scorecard', sa.String(length=12), nullable=False),
    sa.Column('evaluator', sa.String(length=64), nullable=False),
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('calibration', sa.String(length=64), nullable=False),
    sa.Column('draw_id', sa.String(length=64), nullable=True),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('settled_answers', sa.JSON(), nullable=False),
    sa.Column('settled_score', sa.Double(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('appeal', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_evaluations_draw_id')),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_evaluations_recording_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['scorecard'], ['scorecards.version'], name=op.f('fk_evaluations_scorecard')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluations')),
    sa.UniqueConstraint('recording_id', 'scorecard', 'calibration', 'evaluator', name=op.f('uq_evaluations_recording_id'))
    )
    with op.batch_alter_table('evaluations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evaluations_agent'), ['agent'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_calibration'), ['calibration'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_evaluator'), ['evaluator'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_scorecard'), ['scorecard'], unique=False)
        batch_op.create_index(batch_op.f('ix_evaluations_state'), ['state'], unique=False)
        batch_op.create_index('uq_evaluations_once', ['recording_id', 'scorecard'], unique=True, sqlite_where=sa.text("calibration = ''"), postgresql_where=sa.text("calibration = ''"))

    op.create_table('sentiment_samples',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('sentiment', sa.String(length=16), nullable=False),
    sa.Column('guess', sa.String(length=16), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_sentiment_samples_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sentiment_samples')),
    sa.UniqueConstraint('language', 'text', name=op.f('uq_sentiment_samples_language'))
    )
    with op.batch_alter_table('sentiment_samples', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sentiment_samples_recording_id'), ['recording_id'], unique=False)

    op.create_table('topic_calls',
    sa.Column('topic_id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('start', sa.Double(), nullable=False),
    sa.Column('end', sa.Double(), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('likeness', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_topic_calls_recording_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['topic_id'], ['topics.id'], name=op.f('fk_topic_calls_topic_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('topic_id', 'recording_id', name=op.f('pk_topic_calls'))
    )
    with op.batch_alter_table('topic_calls', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_topic_calls_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_topic_calls_recording_id'), ['recording_id'], unique=False)

    op.create_table('deliveries',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('alert_id', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('target', sa.String(length=512), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('log', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_deliveries_alert_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deliveries_alert_id'), ['alert_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deliveries_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deliveries_state'), ['state'], unique=False)

    op.create_table('meanings',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('transcript_id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_meanings_recording_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['transcript_id'], ['transcripts.id'], name=op.f('fk_meanings_transcript_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meanings')),
    sa.UniqueConstraint('transcript_id', 'version', name=op.f('uq_meanings_transcript_id'))
    )
    with op.batch_alter_table('meanings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_meanings_reason'), ['reason'], unique=False)
        batch_op.create_index(batch_op.f('ix_meanings_recording_id'), ['recording_id'], unique=False)

    op.create_table('redactions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('transcript_id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('spans', sa.JSON(), nullable=False),
    sa.Column('sound_key', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_redactions_recording_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['transcript_id'], ['transcripts.id'], name=op.f('fk_redactions_transcript_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redactions')),
    sa.UniqueConstraint('transcript_id', 'version', name=op.f('uq_redactions_transcript_id'))
    )
    with op.batch_alter_table('redactions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_redactions_recording_id'), ['recording_id'], unique=False)

    op.create_table('scores',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('analysis_id', sa.String(length=64), nullable=False),
    sa.Column('recording_id', sa.String(length=64), nullable=False),
    sa.Column('scorecard', sa.String(length=12), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['analysis_id'], ['analyses.id'], name=op.f('fk_scores_analysis_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_scores_recording_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['scorecard'], ['scorecards.version'], name=op.f('fk_scores_scorecard')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scores')),
    sa.UniqueConstraint('analysis_id', 'scorecard', name=op.f('uq_scores_analysis_id'))
    )
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scores_recording_id'), ['recording_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scores_scorecard'), ['scorecard'], unique=False)

    op.create_table('reviews',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('rule_set', sa.String(length=12), nullable=False),
    sa.Column('label', sa.String(length=64), nullable=False),
    sa.Column('finding_id', sa.String(length=64), nullable=False),
    sa.Column('right', sa.Boolean(), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reviewed_by', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['finding_id'], ['findings.id'], name=op.f('fk_reviews_finding_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('rule_set', 'finding_id', name=op.f('uq_reviews_rule_set'))
    )
    with op.batch_alter_table('reviews', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reviews_label'), ['label'], unique=False)
        batch_op.create_index(batch_op.f('ix_reviews_rule_set'), ['rule_set'], unique=False)

    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sound_deleted_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('transcripts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rank', sa.Integer(), server_default=sa.text('0'), nullable=False))

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role', sa.String(length=16), server_default=sa.text("'admin'"), nullable=False))
        batch_op.add_column(sa.Column('agent', sa.String(length=64), server_default=sa.text("('')"), nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_column('agent')
        batch_op.drop_column('role')

    with op.batch_alter_table('transcripts', schema=None) as batch_op:
        batch_op.drop_column('rank')

    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.drop_column('sound_deleted_at')

    with op.batch_alter_table('reviews', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reviews_rule_set'))
        batch_op.drop_index(batch_op.f('ix_reviews_label'))

    op.drop_table('reviews')
    with op.batch_alter_table('scores', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scores_scorecard'))
        batch_op.drop_index(batch_op.f('ix_scores_recording_id'))

    op.drop_table('scores')
    with op.batch_alter_table('redactions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_redactions_recording_id'))

    op.drop_table('redactions')
    with op.batch_alter_table('meanings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_meanings_recording_id'))
        batch_op.drop_index(batch_op.f('ix_meanings_reason'))

    op.drop_table('meanings')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deliveries_state'))
        batch_op.drop_index(batch_op.f('ix_deliveries_due_at'))
        batch_op.drop_index(batch_op.f('ix_deliveries_alert_id'))

    op.drop_table('deliveries')
    with op.batch_alter_table('topic_calls', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_topic_calls_recording_id'))
        batch_op.drop_index(batch_op.f('ix_topic_calls_at'))

    op.drop_table('topic_calls')
    with op.batch_alter_table('sentiment_samples', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sentiment_samples_recording_id'))

    op.drop_table('sentiment_samples')
    with op.batch_alter_table('evaluations', schema=None) as batch_op:
        batch_op.drop_index('uq_evaluations_once', sqlite_where=sa.text("calibration = ''"), postgresql_where=sa.text("calibration = ''"))
        batch_op.drop_index(batch_op.f('ix_evaluations_state'))
        batch_op.drop_index(batch_op.f('ix_evaluations_scorecard'))
        batch_op.drop_index(batch_op.f('ix_evaluations_recording_id'))
        batch_op.drop_index(batch_op.f('ix_evaluations_evaluator'))
        batch_op.drop_index(batch_op.f('ix_evaluations_created_at'))
        batch_op.drop_index(batch_op.f('ix_evaluations_calibration'))
        batch_op.drop_index(batch_op.f('ix_evaluations_agent'))

    op.drop_table('evaluations')
    with op.batch_alter_table('coaching_notes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_coaching_notes_recording_id'))
        batch_op.drop_index(batch_op.f('ix_coaching_notes_agent'))

    op.drop_table('coaching_notes')
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alerts_state'))
        batch_op.drop_index(batch_op.f('ix_alerts_rule'))
        batch_op.drop_index(batch_op.f('ix_alerts_recording_id'))
        batch_op.drop_index(batch_op.f('ix_alerts_contact_id'))
        batch_op.drop_index(batch_op.f('ix_alerts_at'))

    op.drop_table('alerts')
    op.drop_table('acoustics')
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_surveys_chat_id'))
        batch_op.drop_index(batch_op.f('ix_surveys_call_id'))
        batch_op.drop_index(batch_op.f('ix_surveys_asked_at'))

    op.drop_table('surveys')
    with op.batch_alter_table('queue_visits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_queue_visits_queue'))
        batch_op.drop_index(batch_op.f('ix_queue_visits_joined_at'))
        batch_op.drop_index(batch_op.f('ix_queue_visits_call_id'))

    op.drop_table('queue_visits')
    with op.batch_alter_table('erased_sounds', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_erased_sounds_erasure_id'))

    op.drop_table('erased_sounds')
    op.drop_table('draws')
    with op.batch_alter_table('topics', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_topics_state'))
        batch_op.drop_index(batch_op.f('ix_topics_language'))

    op.drop_table('topics')
    with op.batch_alter_table('scorecards', schema=None) as batch_op:
        batch_op.drop_index('uq_scorecards_running', sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))
        batch_op.drop_index(batch_op.f('ix_scorecards_state'))
        batch_op.drop_index(batch_op.f('ix_scorecards_name'))

    op.drop_table('scorecards')
    with op.batch_alter_table('rule_sets', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rule_sets_state'))

    op.drop_table('rule_sets')
    with op.batch_alter_table('legal_holds', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_legal_holds_phone'))
        batch_op.drop_index(batch_op.f('ix_legal_holds_contact_id'))

    op.drop_table('legal_holds')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_jobs_state'))
        batch_op.drop_index(batch_op.f('ix_jobs_kind'))
        batch_op.drop_index(batch_op.f('ix_jobs_due_at'))
        batch_op.drop_index(batch_op.f('ix_jobs_created_at'))

    op.drop_table('jobs')
    with op.batch_alter_table('erasures', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_erasures_subject'))
        batch_op.drop_index(batch_op.f('ix_erasures_state'))

    op.drop_table('erasures')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_subject'))
        batch_op.drop_index(batch_op.f('ix_audit_login'))
        batch_op.drop_index(batch_op.f('ix_audit_at'))
        batch_op.drop_index(batch_op.f('ix_audit_action'))

    op.drop_table('audit')
    with op.batch_alter_table('alert_rules', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alert_rules_state'))

    op.drop_table('alert_rules')
    with op.batch_alter_table('agents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_agents_team'))

    op.drop_table('agents')
