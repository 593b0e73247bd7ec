"""How content someone sounds in words: the model of ``sentiment_model``, and the lexicon alone where there is no model.

Loudness and pitch are no part of it: a raised voice is a finding of its own (``analytics.rules.loudness``).
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from speech.embeddings.embeddings import clean
from speech.sentiment import kept_models
from speech.sentiment.lexicon import Cues, cues
from speech.sentiment.model import SentimentModel
from speech.sentiment.samples import LABELS, Label, samples

log = logging.getLogger(__name__)

TELLS = 0.05
"""Value of the lexicon alone from which a text is not neutral."""
MOST_READ = 500
"""Different texts of one question that the model reads, some 15 ms each: an hour and a half of two people's talk. Of
more, those with the strongest cues are read, then the longest; the lexicon alone tells of the rest."""
SCRIPTS = {"ru": "CYRILLIC", "en": "LATIN"}
"""Letters of a language as Unicode names them; a text in other letters is in another language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """How content someone sounds."""

    value: float
    """-1 (angry) .. 1 (happy): the probability of positive less that of negative."""
    cues: tuple[str, ...] = ()
    """Words of the lexicon that tell, as they were said; a model may know better than they do."""
    label: Label = "neutral"
    """The likeliest of the three."""


def sentiment(text: str, language: str) -> Sentiment:
    """How content the speaker of one text sounds."""
    return sentiments([text], language)[0]


def sentiments(texts: Sequence[str], language: str) -> list[Sentiment]:
    """How content the speaker of each text sounds, in order.

    A text without words of the language (empty, pictures, digits, another script) is neutral. Of a long one the start
    and the end are read (``embeddings.LONGEST``): time grows with the number of texts and not with their length.
    """
    read = [clean(text) for text in texts]
    told = {text: cues(text, language) for text in dict.fromkeys(read) if _in_language(text, language)}
    chosen = sorted(told, key=lambda text: (-abs(told[text].value), -len(text)))[:MOST_READ]
    shares = dict(zip(chosen, _probabilities(chosen, language), strict=True))
    return [_sentiment(told.get(text), shares.get(text)) for text in read]


def _sentiment(found: Cues | None, shares: Sequence[float] | None) -> Sentiment:
    """Of a text with its cues, and its probabilities where the model has read it."""
    if found is None:
        return Sentiment(value=0.0)
    if shares is None:
        label: Label = "neutral" if abs(found.value) < TELLS else "positive" if found.value > 0 else "negative"
        return Sentiment(value=found.value, cues=found.words, label=label)
    likeliest = LABELS[max(range(len(LABELS)), key=shares.__getitem__)]
    return Sentiment(value=shares[2] - shares[0], cues=found.words, label=likeliest)


def version(language: str) -> str:
    """Of what ``sentiments`` answers by in this installation: another one may answer otherwise."""
    return kept_models.running_version(language) if samples(language) else "lexicon"


def _probabilities(texts: Sequence[str], language: str) -> Sequence[Sequence[float] | None]:
    """Of ``LABELS`` for each text; None for each where there is no model."""
    model = _model(language) if texts and samples(language) else None
    return [[float(share) for share in row] for row in model.probabilities(texts)] if model else [None] * len(texts)


def _model(language: str) -> SentimentModel | None:
    try:
        return kept_models.running(language)
    except ImportError as error:
        _without_model(language, str(error))
        return None


@cache
def _without_model(language: str, reason: str) -> None:
    """Said once a process."""
    log.warning("sentiment of %r is told by single words alone: %s", language, reason)


def _in_language(text: str, language: str) -> bool:
    """Whether most letters are of the language's script; of a language without a known one any letter will do."""
    letters = [char for char in text if char.isalpha()]
    script = SCRIPTS.get(language, "")
    own = sum(unicodedata.name(char, "").startswith(script) for char in letters)
    return 2 * own > len(letters)
