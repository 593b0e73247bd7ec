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
    op.create_index(op.f('ix_agents_team'), 'agents', ['team'], unique=False)
    op.create_table('alert_rules',
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_alert_rules'))
    )
    op.create_index(op.f('ix_alert_rules_state'), 'alert_rules', ['state'], unique=False)
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
    op.create_index(op.f('ix_audit_action'), 'audit', ['action'], unique=False)
    op.create_index(op.f('ix_audit_at'), 'audit', ['at'], unique=False)
    op.create_index(op.f('ix_audit_login'), 'audit', ['login'], unique=False)
    op.create_index(op.f('ix_audit_subject'), 'audit', ['subject'], unique=False)
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
    op.create_index(op.f('ix_erasures_state'), 'erasures', ['state'], unique=False)
    op.create_index(op.f('ix_erasures_subject'), 'erasures', ['subject'], unique=False)
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
    op.create_index(op.f('ix_jobs_created_at'), 'jobs', ['created_at'], unique=False)
    op.create_index(op.f('ix_jobs_due_at'), 'jobs', ['due_at'], unique=False)
    op.create_index(op.f('ix_jobs_kind'), 'jobs', ['kind'], unique=False)
    op.create_index(op.f('ix_jobs_state'), 'jobs', ['state'], unique=False)
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
    op.create_index(op.f('ix_legal_holds_contact_id'), 'legal_holds', ['contact_id'], unique=False)
    op.create_index(op.f('ix_legal_holds_phone'), 'legal_holds', ['phone'], unique=False)
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
    op.create_index(op.f('ix_rule_sets_state'), 'rule_sets', ['state'], unique=False)
    op.create_table('scorecards',
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_scorecards'))
    )
    op.create_index(op.f('ix_scorecards_name'), 'scorecards', ['name'], unique=False)
    op.create_index(op.f('ix_scorecards_state'), 'scorecards', ['state'], unique=False)
    op.create_index('uq_scorecards_running', 'scorecards', ['name'], unique=True, sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))
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
    op.create_index(op.f('ix_topics_language'), 'topics', ['language'], unique=False)
    op.create_index(op.f('ix_topics_state'), 'topics', ['state'], unique=False)
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
    op.create_index(op.f('ix_erased_sounds_erasure_id'), 'erased_sounds', ['erasure_id'], unique=False)
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
    op.create_index(op.f('ix_queue_visits_call_id'), 'queue_visits', ['call_id'], unique=False)
    op.create_index(op.f('ix_queue_visits_joined_at'), 'queue_visits', ['joined_at'], unique=False)
    op.create_index(op.f('ix_queue_visits_queue'), 'queue_visits', ['queue'], unique=False)
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
    op.create_index(op.f('ix_surveys_asked_at'), 'surveys', ['asked_at'], unique=False)
    op.create_index(op.f('ix_surveys_call_id'), 'surveys', ['call_id'], unique=False)
    op.create_index(op.f('ix_surveys_chat_id'), 'surveys', ['chat_id'], unique=False)
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
    op.create_index(op.f('ix_alerts_at'), 'alerts', ['at'], unique=False)
    op.create_index(op.f('ix_alerts_contact_id'), 'alerts', ['contact_id'], unique=False)
    op.create_index(op.f('ix_alerts_recording_id'), 'alerts', ['recording_id'], unique=False)
    op.create_index(op.f('ix_alerts_rule'), 'alerts', ['rule'], unique=False)
    op.create_index(op.f('ix_alerts_state'), 'alerts', ['state'], unique=False)
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
    op.create_index(op.f('ix_coaching_notes_agent'), 'coaching_notes', ['agent'], unique=False)
    op.create_index(op.f('ix_coaching_notes_recording_id'), 'coaching_notes', ['recording_id'], unique=False)
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
    op.create_index(op.f('ix_evaluations_agent'), 'evaluations', ['agent'], unique=False)
    op.create_index(op.f('ix_evaluations_calibration'), 'evaluations', ['calibration'], unique=False)
    op.create_index(op.f('ix_evaluations_created_at'), 'evaluations', ['created_at'], unique=False)
    op.create_index(op.f('ix_evaluations_evaluator'), 'evaluations', ['evaluator'], unique=False)
    op.create_index(op.f('ix_evaluations_recording_id'), 'evaluations', ['recording_id'], unique=False)
    op.create_index(op.f('ix_evaluations_scorecard'), 'evaluations', ['scorecard'], unique=False)
    op.create_index(op.f('ix_evaluations_state'), 'evaluations', ['state'], unique=False)
    op.create_index('uq_evaluations_once', 'evaluations', ['recording_id', 'scorecard'], unique=True, sqlite_where=sa.text("calibration = ''"), postgresql_where=sa.text("calibration = ''"))
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
    op.create_index(op.f('ix_sentiment_samples_recording_id'), 'sentiment_samples', ['recording_id'], unique=False)
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
    op.create_index(op.f('ix_topic_calls_at'), 'topic_calls', ['at'], unique=False)
    op.create_index(op.f('ix_topic_calls_recording_id'), 'topic_calls', ['recording_id'], unique=False)
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
    op.create_index(op.f('ix_deliveries_alert_id'), 'deliveries', ['alert_id'], unique=False)
    op.create_index(op.f('ix_deliveries_due_at'), 'deliveries', ['due_at'], unique=False)
    op.create_index(op.f('ix_deliveries_state'), 'deliveries', ['state'], unique=False)
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
    op.create_index(op.f('ix_meanings_reason'), 'meanings', ['reason'], unique=False)
    op.create_index(op.f('ix_meanings_recording_id'), 'meanings', ['recording_id'], unique=False)
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
    op.create_index(op.f('ix_redactions_recording_id'), 'redactions', ['recording_id'], unique=False)
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
    op.create_index(op.f('ix_scores_recording_id'), 'scores', ['recording_id'], unique=False)
    op.create_index(op.f('ix_scores_scorecard'), 'scores', ['scorecard'], unique=False)
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
    op.create_index(op.f('ix_reviews_label'), 'reviews', ['label'], unique=False)
    op.create_index(op.f('ix_reviews_rule_set'), 'reviews', ['rule_set'], unique=False)
    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sound_deleted_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('transcripts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rank', sa.Integer(), server_default=sa.text('0'), nullable=False))

    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role', sa.String(length=16), server_default=sa.text("'admin'"), nullable=False))
        batch_op.add_column(sa.Column('agent', sa.String(length=64), server_default=sa.text("('')"), nullable=False))



def downgrade() -> None:
    """Indexes go with their tables."""
    with op.batch_alter_table('users', schema=None) as batch_op:
        batch_op.drop_column('agent')
        batch_op.drop_column('role')

    with op.batch_alter_table('transcripts', schema=None) as batch_op:
        batch_op.drop_column('rank')

    with op.batch_alter_table('recordings', schema=None) as batch_op:
        batch_op.drop_column('sound_deleted_at')

    for table in (
        "reviews scores redactions meanings deliveries topic_calls sentiment_samples evaluations "
        "coaching_notes alerts acoustics surveys queue_visits erased_sounds draws topics scorecards rule_sets "
        "legal_holds jobs erasures audit alert_rules agents "
    ).split():
        op.drop_table(table)
