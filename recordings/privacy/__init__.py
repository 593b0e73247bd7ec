"""One person's data: export, erasure, legal holds, retention, the audit trail."""
