"""Keywords: what people say, in any form of the words, and who has to say it, when, and what else.

How a dictionary is written stands in ``analytics.dictionary.file``; what comes with Otklik in ``dictionaries/``.
"""

from __future__ import annotations

from analytics.dictionary.category import Category, Phrase
from analytics.dictionary.file import schema
from analytics.dictionary.lexicon import Hit, Lexicon, LexiconUtterance
from analytics.dictionary.reading import read_dictionary
from analytics.dictionary.rule_set import (
    RULES_VERSION,
    DictionaryError,
    RuleSet,
    check,
    load_rule_set,
    read_files,
    read_rule_set,
    version_of,
)
from speech.yaml_source import Problem

__all__ = [
    "RULES_VERSION",
    "Category",
    "DictionaryError",
    "Hit",
    "Lexicon",
    "LexiconUtterance",
    "Phrase",
    "Problem",
    "RuleSet",
    "check",
    "load_rule_set",
    "read_dictionary",
    "read_files",
    "read_rule_set",
    "schema",
    "version_of",
]
