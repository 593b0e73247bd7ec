"""Dictionary files as pydantic sees them: what may stand in one, in any of its two ways of writing.

A tree of categories, in which every key that is not a setting is a category::

    within: 3                      # settings hold for all below, until somebody says otherwise
    claims:
      refund:
        speaker: caller
        phrases: [вернуть деньги, {phrase: деньги назад, any_order: true}]
        not: [не вернуть деньги]
      late: [заказ не пришёл]      # a list alone is a list of phrases

or a list of entries with labels::

    keywords:
      - {label: claims/refund, speaker: caller, phrases: [вернуть деньги], not: [не вернуть деньги]}
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag
from pydantic.json_schema import GenerateJsonSchema

from analytics.conditions.file import Seconds, WhoseShape
from speech.recognition.words import Speaker

LONGEST_LABEL = 64
"""Letters, parents included, as the table takes them."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LABEL)]
Likeness = Annotated[float, Field(ge=0.7, le=1)]


def _shape(value: Any) -> str:
    return "phrase" if isinstance(value, str) else "phrases" if isinstance(value, list) else "settings"


class WordTerms(BaseModel):
    """How the words of a phrase have to stand."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True)

    within: Annotated[int, Field(ge=0, le=20)] | None = None
    """Most other words between two neighbouring words of the phrase; 2 where nothing is said."""
    any_order: bool | None = None
    """The words may stand in any order."""
    fuzzy: Likeness | Literal["off"] | None = None
    """Least likeness of a wrongly heard word, 0.7 to 1: 0.85 forgives one letter of seven. Words of fewer than five
    letters have to be right. off: exact words only, as where nothing is said."""


class PhraseTerms(WordTerms):
    """A phrase with terms of its own."""

    phrase: Words = Field(validation_alias=AliasChoices("phrase", "text"))


AnyPhrase = Annotated[Annotated[Words, Tag("phrase")] | Annotated[PhraseTerms, Tag("settings")], Discriminator(_shape)]


class PartTerms(WordTerms, WhoseShape):
    """What has to be said, by whom and when; all, any and unless join it as ``analytics.conditions`` says."""

    speaker: Speaker | None = Field(default=None, validation_alias=AliasChoices("speaker", "role"))
    """Who says it: caller, robot, agent. Anybody where nothing is said."""
    phrases: list[AnyPhrase] | None = Field(default=None, min_length=1)
    """Any of these, in any form of their words."""
    excluded: list[AnyPhrase] = Field(default_factory=list, alias="not")
    """Said in the same breath, they take a hit back."""
    after_pause: Seconds | None = None
    """Only in an utterance before which nobody spoke for so many seconds."""
    after_interruption: bool | Speaker | None = None
    """Only when somebody was interrupted just before: true, or by whom."""
    all_of: list[AnyCondition] = Field(default_factory=list, alias="all")
    """Each of these is said somewhere in the call."""
    any_of: list[AnyCondition] = Field(default_factory=list, alias="any")
    """At least one of these is said somewhere in the call."""
    unless: list[AnyCondition] = Field(default_factory=list)
    """None of these is said anywhere in the call."""


AnyCondition = Annotated[
    Annotated[Words, Tag("phrase")]
    | Annotated[list[AnyPhrase], Tag("phrases")]
    | Annotated[PartTerms, Tag("settings")],
    Discriminator(_shape),
]


class EntryTerms(PartTerms):
    """One entry of a list."""

    label: Label = Field(validation_alias=AliasChoices("label", "category", "name"))


class CategoryTerms(PartTerms):
    """A category; what is no setting is a category within."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, AnyCategory] = Field(init=False)


AnyCategory = Annotated[
    Annotated[Words, Tag("phrase")]
    | Annotated[list[AnyPhrase], Tag("phrases")]
    | Annotated[CategoryTerms, Tag("settings")],
    Discriminator(_shape),
]
AnyCategories = Annotated[
    Annotated[list[EntryTerms], Field(min_length=1), Tag("phrases")]
    | Annotated[dict[Label, AnyCategory], Tag("settings")],
    Discriminator(_shape),
]


class DictionaryFile(CategoryTerms):
    """One dictionary: keywords of one language."""

    language: str | None = None
    """Told by the folder it is in; may be said for readers."""
    keywords: AnyCategories | None = None
    """Categories in a list, each with its label."""
    categories: AnyCategories | None = None
    """Categories, where one wants them apart from the settings of the file."""


SETTINGS = ("phrases", "speaker", "within", "any_order", "fuzzy", "first_seconds", "last_seconds", "after_pause",
            "after_interruption", "unless")  # fmt: skip
"""Long enough that a key one letter off is a slip, not a category."""


def schema() -> dict[str, Any]:
    """JSON schema of dictionary files, for editors."""
    return {"$schema": GenerateJsonSchema.schema_dialect, **DictionaryFile.model_json_schema(by_alias=True)}
