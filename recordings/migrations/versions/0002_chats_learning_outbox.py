"""chats, learning, outbox"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('intent_models',
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('promoted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('promoted_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_intent_models'))
    )
    with op.batch_alter_table('intent_models', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_intent_models_language'), ['language'], unique=False)
        batch_op.create_index(batch_op.f('ix_intent_models_state'), ['state'], unique=False)

    op.create_table('outbox',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('request', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('contact', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reply', sa.JSON(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_outbox'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_outbox_state'), ['state'], unique=False)

    op.create_table('samples',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('guess', sa.String(length=64), nullable=False),
    sa.Column('intent', sa.String(length=64), nullable=True),
    sa.Column('held_back', sa.Boolean(), nullable=False),
    sa.Column('in_use', sa.Boolean(), nullable=False),
    sa.Column('contact', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('labelled_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_samples')),
    sa.UniqueConstraint('language', 'text', name=op.f('uq_samples_language'))
    )
    with op.batch_alter_table('samples', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_samples_state'), ['state'], unique=False)

    op.create_table('chats',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('address', sa.String(length=128), nullable=False),
    sa.Column('customer_id', sa.String(length=64), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('scenario', sa.String(), nullable=False),
    sa.Column('scenario_version', sa.String(length=12), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('consent', sa.Boolean(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('handed_over_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customers.id'], name=op.f('fk_chats_customer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chats'))
    )
    with op.batch_alter_table('chats', schema=None) as batch_op:
        batch_op.create_index('ix_chats_channel_address', ['channel', 'address'], unique=False)
        batch_op.create_index(batch_op.f('ix_chats_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_chats_last_at'), ['last_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_chats_started_at'), ['started_at'], unique=False)

    op.create_table('messages',
    sa.Column('chat_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('speaker', sa.String(length=16), nullable=False),
    sa.Column('node', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('intent', sa.String(length=64), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=True),
    sa.Column('model', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['chat_id'], ['chats.id'], name=op.f('fk_messages_chat_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('chat_id', 'number', name=op.f('pk_messages'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_messages_key'), ['key'], unique=False)

    with op.batch_alter_table('callbacks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('chat_id', sa.String(length=64), nullable=True))
        batch_op.alter_column('call_id',
               existing_type=sa.VARCHAR(length=64),
               nullable=True)
        batch_op.create_unique_constraint(batch_op.f('uq_callbacks_chat_id'), ['chat_id'])
        batch_op.create_foreign_key(batch_op.f('fk_callbacks_chat_id'), 'chats', ['chat_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('calls', schema=None) as batch_op:
        batch_op.add_column(sa.Column('facts', sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f('ix_calls_customer_id'), ['customer_id'], unique=False)

    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email', sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column('segment', sa.String(length=32), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column('source', sa.String(length=64), server_default=sa.text("('')"), nullable=False))
        batch_op.alter_column('phone',
               existing_type=sa.VARCHAR(length=32),
               nullable=True)
        batch_op.create_unique_constraint(batch_op.f('uq_customers_email'), ['email'])

    with op.batch_alter_table('turns', schema=None) as batch_op:
        batch_op.add_column(sa.Column('intent', sa.String(length=64), server_default=sa.text("('')"), nullable=False))
        batch_op.add_column(sa.Column('model', sa.String(length=64), server_default=sa.text("('')"), nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('turns', schema=None) as batch_op:
        batch_op.drop_column('model')
        batch_op.drop_column('intent')

    with op.batch_alter_table('customers', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_customers_email'), type_='unique')
        batch_op.alter_column('phone',
               existing_type=sa.VARCHAR(length=32),
               nullable=False)
        batch_op.drop_column('source')
        batch_op.drop_column('segment')
        batch_op.drop_column('email')

    with op.batch_alter_table('calls', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calls_customer_id'))
        batch_op.drop_column('facts')

    with op.batch_alter_table('callbacks', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_callbacks_chat_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_callbacks_chat_id'), type_='unique')
        batch_op.alter_column('call_id',
               existing_type=sa.VARCHAR(length=64),
               nullable=False)
        batch_op.drop_column('chat_id')

    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_messages_key'))

    op.drop_table('messages')
    with op.batch_alter_table('chats', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chats_started_at'))
        batch_op.drop_index(batch_op.f('ix_chats_last_at'))
        batch_op.drop_index(batch_op.f('ix_chats_customer_id'))
        batch_op.drop_index('ix_chats_channel_address')

    op.drop_table('chats')
    with op.batch_alter_table('samples', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_samples_state'))

    op.drop_table('samples')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_state'))
        batch_op.drop_index(batch_op.f('ix_outbox_due_at'))

    op.drop_table('outbox')
    with op.batch_alter_table('intent_models', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_intent_models_state'))
        batch_op.drop_index(batch_op.f('ix_intent_models_language'))

    op.drop_table('intent_models')
