"""Agreement of evaluators by worked examples of the literature."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.quality.agreement import agreement, alpha, kappa
from analytics.quality.scorecard_file import read_scorecard
from recordings.quality.evaluation import Answer, Evaluation, EvaluationState

pytestmark = pytest.mark.unit

UNITS = ("111", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", "555", "11", "3")
"""Four observers, twelve units, some unseen: Krippendorff (2011), section C."""
CARD = """
name: card
title: Анкета
sections:
  - name: s
    title: С
    items:
      - {name: a, title: А, weight: 1}
      - {name: b, title: Б, weight: 1, answer: scale}
      - {name: c, title: В, weight: 1}
"""


def evaluation(login: str, **answers: str) -> Evaluation:
    return Evaluation(
        id=login,
        recording_id="1",
        contact_id="1",
        scorecard="0" * 12,
        evaluator=login,
        agent="",
        state=EvaluationState.SUBMITTED,
        answers={item: Answer(answer=answer) for item, answer in answers.items()},
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_alpha_of_the_source() -> None:
    assert alpha(UNITS, lambda a, b: float(a != b)) == pytest.approx(0.743, abs=0.0005)
    assert alpha([[int(v) for v in u] for u in UNITS], lambda a, b: (a - b) ** 2) == pytest.approx(0.849, abs=0.0005)


def test_alpha_at_its_ends() -> None:
    assert alpha(["aa", "bb"], lambda a, b: float(a != b)) == 1
    # every pair differs: observed 4/4, expected 8/12 pairs
    assert alpha(["ab", "ba"], lambda a, b: float(a != b)) == pytest.approx(1 - 1 / (2 / 3))
    assert alpha(["aa", "aa"], lambda a, b: float(a != b)) is None
    assert alpha(["a", ""], lambda a, b: float(a != b)) is None


def test_kappa_by_hand() -> None:
    # 20 both yes, 15 both no, 5 and 10 differ: observed 0.7, by chance 0.5 · 0.6 + 0.5 · 0.4
    first, second = "y" * 20 + "y" * 5 + "n" * 10 + "n" * 15, "y" * 20 + "n" * 5 + "y" * 10 + "n" * 15
    assert kappa(list(first), list(second)) == pytest.approx(0.4)
    assert kappa(["y", "y"], ["y", "y"]) is None


def test_agreement_item_by_item() -> None:
    card, _ = read_scorecard(CARD)
    assert card is not None
    found = agreement(card, [evaluation("ann", a="yes", b="5", c="na"), evaluation("bob", a="yes", b="3", c="no")])
    assert [(item.item.name, item.agree, item.spread) for item in found.items] == [
        ("a", True, 0.0),
        ("b", False, pytest.approx(0.4)),
        ("c", False, None),
    ]
    assert found.alike == pytest.approx(1 / 3)
    assert found.items[2].answers == {"ann": "na", "bob": "no"}
    assert found.kappa is not None
    assert agreement(card, [evaluation("ann", a="yes")]).alike is None
