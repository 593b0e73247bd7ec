"""Where the database makes a difference, and where it makes none."""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("old_url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

BORIS = "+79990000102"
