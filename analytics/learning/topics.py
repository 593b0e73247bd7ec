"""Topics proposed from what callers ask and no intent knows: like questions are put together, new ones join old topics.

Questions are compared by meaning: sentence vectors of their telling words, less what everyday talk and all of them have
in common. Groups are those of agglomerative clustering with average linkage (scikit-learn), which needs no number of
groups, leaves what is like nothing alone, and gives the same for the same questions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.learning.topic_names import named
from analytics.leases.job import JobLease
from analytics.understanding.reason import ASKING, IDLE
from recordings.database import reading, transaction
from recordings.learning import topics
from recordings.learning.topics import Centre, Member, Proposal, Question
from speech.embeddings.embeddings import Encoder, embed
from speech.text.language import data
from speech.text.tokens import tokens

APART_FEW, APART_MANY = 0.75, 0.85
"""Mean cosine distance from which two groups are not one, of few questions and of many: what many have in common is
taken off, so that they are farther apart. Of 0.65 to 0.9 the best for the tests' themes in ru and en."""
MANY = 40
"""Questions whose mean tells what they have in common; of fewer it is what one theme has."""
LIKE = 0.33
"""Cosine to a topic's centre from which a question is of it: nine of ten are, and nothing of the tests' strays."""
BELONGS = 0.3
"""The same within a new group: what is less like its centre is left out of it again."""
FEWEST = 4
"""Calls that make a topic."""
MOST = 3_000
"""Newest questions of a language that are looked through at once; time and memory grow with the square."""
GATHERED = timedelta(days=92)
"""How far back a search looks by default."""

Vectors = NDArray[np.float32]
_PLACEHOLDER = re.compile(r"\[[^\[\]]*\]")


def propose(lease: JobLease) -> Mapping[str, Any]:
    """The job ``topics``: search in every language, or in ``parameters["language"]``.

    A language is one step: a worker killed in the middle of one begins it anew, and what is written down is not found
    again.
    """
    engine, wanted = lease.dependencies.engine, lease.job.parameters
    since = datetime.now(UTC) - (timedelta(days=int(wanted["days"])) if wanted.get("days") else GATHERED)
    with reading(engine) as db:
        languages = [wanted["language"]] if wanted.get("language") else topics.topic_languages(db)
    lease.advance(total=len(languages))
    found: dict[str, Any] = dict(lease.job.result)
    for language in languages:
        if language <= lease.job.cursor:
            continue
        with reading(engine) as db:
            questions = topics.unknown_questions(db, language, since=since, limit=MOST)
            known = topics.topic_centres(db, language)
        attached, proposals = search(questions, known, language)
        with transaction(engine) as db:
            joined, new, calls = topics.keep_found(db, language, attached=attached, proposals=proposals)
        found[language] = {"questions": len(questions), "attached": joined, "topics": new, "calls": calls}
        lease.advance(cursor=language, done=1)
    return found


def search(
    questions: Sequence[Question], known: Sequence[Centre], language: str
) -> tuple[list[tuple[str, Member]], list[Proposal]]:
    """Questions that join a known topic, and new topics of the rest, largest first. The same for the same questions.

    Args:
        questions: In any order.
        known: Topics to join, dismissed ones too: what is like those is not proposed again.
        language: Of all of them.
    """
    asked = [one for one in sorted(questions, key=lambda one: one.recording_id) if core(one.evidence.quote, language)]
    if not asked:
        return [], []
    vectors = embed([core(one.evidence.quote, language) for one in asked], _encoder(language))
    attached, left = _joined(asked, vectors, known, language)
    if len(left) < FEWEST:
        return attached, []
    groups = _groups(vectors[left], language)
    members = [[left[place] for place in group] for group in groups]
    lonely = set(left).difference(*members) if members else set(left)
    names = named(
        [[asked[place].evidence.quote for place in group] for group in members],
        [asked[place].evidence.quote for place in sorted(lonely)],
        language,
    )
    proposals = [_proposal(asked, vectors, group, name, language) for group, name in zip(members, names, strict=True)]
    return attached, sorted(proposals, key=lambda proposal: (-len(proposal.members), proposal.name))


def core(text: str, language: str) -> str:
    """The telling words of a question; empty where it has none."""
    idle = IDLE.get(language, frozenset()) | ASKING.get(language, frozenset())
    words = [word for word in tokens(_PLACEHOLDER.sub(" ", text)) if word not in idle and not word.isdecimal()]
    return " ".join(words)


def _joined(
    asked: Sequence[Question], vectors: Vectors, known: Sequence[Centre], language: str
) -> tuple[list[tuple[str, Member]], list[int]]:
    """Questions with the topics they join, and the places of the rest."""
    if not known:
        return [], [*range(len(asked))]
    centres = np.array([centre.vector for centre in known], np.float32)
    shift = (_everyday(language) + centres.mean(axis=0)) / 2 if len(known) > 1 else _everyday(language)
    likeness = _unit(vectors - shift) @ _unit(centres - shift).T
    attached, left = [], []
    for place, question in enumerate(asked):
        best = int(likeness[place].argmax())
        if likeness[place, best] >= LIKE:
            member = Member(question=question, likeness=round(float(likeness[place, best]), 4))
            attached.append((known[best].topic_id, member))
        else:
            left.append(place)
    return attached, left


def _groups(vectors: Vectors, language: str) -> list[list[int]]:
    """Places of the questions of each group."""
    from sklearn.cluster import AgglomerativeClustering

    share = min(1.0, len(vectors) / MANY) / 2
    centred = _unit(vectors - (1 - share) * _everyday(language) - share * vectors.mean(axis=0))
    apart = APART_FEW + 2 * share * (APART_MANY - APART_FEW)
    clustering = AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=apart)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(clustering.fit_predict(centred)):
        groups[int(label)].append(place)
    kept = []
    for group in groups.values():
        centre = _unit(centred[group].mean(axis=0))
        near = [place for place in group if float(centred[place] @ centre) >= BELONGS]
        if len(near) >= FEWEST:
            kept.append(near)
    return kept


def _proposal(asked: Sequence[Question], vectors: Vectors, group: Sequence[int], name: str, language: str) -> Proposal:
    centre = vectors[group].mean(axis=0)
    shift = _everyday(language)
    likeness = _unit(vectors[group] - shift) @ _unit(centre - shift)
    return Proposal(
        name=name,
        centre=tuple(round(float(value), 5) for value in centre),
        members=tuple(
            Member(question=asked[place], likeness=round(float(value), 4))
            for place, value in zip(group, likeness, strict=True)
        ),
    )


def _encoder(language: str) -> Encoder:
    return "english" if language == "en" else "multilingual"


@cache
def _everyday(language: str) -> Vectors:
    """Mean vector of what people say to anyone about anything; in other languages, of the English list."""
    file = data(language, "small_talk.txt")
    lines = (file if file.is_file() else data("en", "small_talk.txt")).read_text("utf-8").splitlines()
    mean: Vectors = embed(lines, _encoder(language)).mean(axis=0)
    return mean


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6), np.float32)
