"""Celery: the application and its tasks, nothing else."""
