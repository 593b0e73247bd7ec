"""What a dictionary can say, by marked lines: ``верните мне {деньги|возврат}`` — what is to be found, and its label."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analytics.dictionary import Lexicon, LexiconUtterance, read_dictionary, schema
from analytics.dictionary.words import placed_words
from analytics.rules.keywords import MOST_FINDINGS, keyword_findings
from speech.recognition.words import Speaker, Transcript, Utterance, Word
from tests.services import ROOT

pytestmark = pytest.mark.unit

MARK = re.compile(r"{([^|}]+)\|([^}]+)}")
FILE = Path("ru/shop.yaml")


def lexicon(text: str, language: str = "ru") -> Lexicon:
    reading = read_dictionary(text, language, FILE)
    assert not reading.problems
    return Lexicon(reading.categories, language)


def check_line(text: str, line: str, language: str = "ru") -> None:
    """What is found in a line is what is marked in it, to the letter."""
    plain = MARK.sub(r"\1", line)
    words = placed_words(plain)
    hits = lexicon(text, language).find([LexiconUtterance(words=[word.word for word in words])])
    found = sorted((plain[words[hit.first].start : words[hit.last].end], hit.label) for hit in hits)
    assert found == sorted(MARK.findall(line))


@pytest.mark.parametrize(
    ("dictionary", "line"),
    [
        # ways of writing
        ("возврат: вернуть деньги", "{верните мне мои деньги|возврат}"),
        ("возврат: [деньги, вернуть деньги]", "{Верните, пожалуйста, ДЕНЬГИ|возврат}!"),
        ("claims: {refund: [возврат], late: [опоздать]}", "{возврат|claims/refund}, курьер {опоздал|claims/late}"),
        ("claims: {phrases: [жалоба], late: [опоздать]}", "{жалоба|claims}: курьер {опоздал|claims/late}"),
        ("categories: {a: {b: {c: [суд]}}}", "подам в {суд|a/b/c}"),
        ("categories: [{name: a, phrases: [суд]}]", "подам в {суд|a}"),
        ("keywords: {a: [суд]}", "подам в {суд|a}"),
        ("keywords: [{label: claims/court, phrases: [суд]}]", "подам в {суд|claims/court}"),
        ("[{category: a, phrases: [суд]}]", "подам в {суд|a}"),
        ("службы: {112: [112, 03], нет: [нет]}", "звоните {112|службы/112} или {03|службы/112}, {нет|службы/нет}"),
        # forms of words: every reading of a heard word, one of a written word that is a dictionary form
        ("металл: [сталь]", "какая {стали|металл} марка"),
        ("стать: [стать]", "мы {стали|стать} ждать"),
        ("день: [день]", "рабочие дела"),
        ("ждать: [жду заказ]", "{ждём уже который заказ|ждать}"),
        ("ё: [ещё раз]", "{еще раз|ё} и {ЕЩЁ раз|ё}"),
        # distance and order
        ("a: [вернуть деньги]", "верните мне пожалуйста мои деньги"),
        ("{within: 3, a: [вернуть деньги]}", "{верните мне пожалуйста мои деньги|a}"),
        ("a: {within: 0, phrases: [вернуть деньги]}", "верните мне деньги"),
        ("a: [{phrase: вернуть деньги, within: 0}, вернуть товар]", "верните мне деньги и {верните мне товар|a}"),
        ("a: [вернуть деньги]", "деньги верните"),
        ("a: {any_order: true, phrases: [вернуть деньги мне]}", "{деньги мне верните|a}"),
        ("a: {any_order: true, phrases: [раз раз]}", "раз и готово"),
        ("{any_order: true, a: {any_order: false, phrases: [вернуть деньги]}}", "деньги верните"),
        ("a: [один два три]", "{один два один два три|a}"),
        # not
        ("a: {phrases: [брак], not: [не брак]}", "это не брак а вот это точно {брак|a}"),
        ("a: {phrases: [вернуть деньги], not: [не надо]}", "вернуть деньги не надо"),
        ("{not: [не надо], a: [возврат], b: [отмена]}", "не надо возврата, пожалуйста, просто {отмена|b}"),
        # fuzzy
        ("{fuzzy: 0.85, a: [роспотребнадзор]}", "жалоба в {роспотребнатзор|a}"),
        ("a: [роспотребнадзор]", "жалоба в роспотребнатзор"),
        ("{fuzzy: 0.85, a: [суд]}", "сад"),
        ("{fuzzy: 0.85, a: {fuzzy: off, phrases: [претензия]}}", "притензия"),
        ("{fuzzy: 0.85, a: [написать претензию]}", "{напешите притензию|a}"),
        # and, or
        ("a: {all: [суд, адвокат]}", "подам в {суд|a}, мой {адвокат|a}"),
        ("a: {all: [суд, адвокат]}", "подам в суд"),
        ("a: {phrases: [суд], all: [адвокат]}", "подам в {суд|a}, мой адвокат"),
        ("a: {any: [суд, {all: [адвокат, иск]}]}", "мой {адвокат|a} готовит {иск|a}"),
        ("a: {any: [суд, {all: [адвокат, иск]}]}", "мой адвокат"),
        ("a: {phrases: [отмена], unless: [[передумать]]}", "{отмена|a} заказа"),
        ("a: {phrases: [отмена], unless: [[передумать]]}", "отмена заказа хотя нет я передумала"),
    ],
)
def test_marked_lines(dictionary: str, line: str) -> None:
    check_line(dictionary, line)


@pytest.mark.parametrize(
    ("dictionary", "line"),
    [
        ("refund: [cancel my order]", "I was {cancelling my last order|refund}"),
        ("a: [doesn't work]", "it {doesn’t really work|a}"),
        ("{fuzzy: 0.85, a: [subscription]}", "my {subscribtion|a}"),
    ],
)
def test_marked_lines_in_english(dictionary: str, line: str) -> None:
    check_line(dictionary, line, "en")


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        ("claims:\n  refund:\n    phrases: []\n", 3, "claims.refund.phrases"),
        ("claims:\n  refund: {}\n", 2, "phrases are missing"),
        ("claims:\n  refund:\n    speakr: caller\n    phrases: [a]\n", 3, "is it 'speaker'"),
        ("claims:\n  refund:\n    within: many\n    phrases: [a]\n", 3, "claims.refund.within"),
        ("fuzzy: 0.2\na: [b]\n", 1, "fuzzy"),
        ("a: [b]\nc: [d]\na: [e]\n", 3, "'a' stands twice"),
        ("a:\n  phrases: [b]\n  not:\n    - '!'\n", 4, "no word"),
        ("a:\n  - b\n  - {phrase: c, distance: 3}\n", 3, "distance"),
        ("a:\n  all:\n    - {speaker: caller}\n", 3, "phrases are missing"),
        ("phrases: [a]\n", 1, "want the name of a category"),
        ("a: &a\n  b: *a\n", 1, "nested deeper"),
        (f"{'x' * 40}:\n  {'y' * 40}: [z]\n", 2, "at most 64"),
        ("just words\n", 1, "want categories"),
        ("a: [b]\n\tc: [d]\n", 2, "not YAML"),
    ],
)
def test_faults_are_told_by_line(content: str, line: int, text: str) -> None:
    problem = read_dictionary(content, "ru", FILE).problems[0]
    assert (problem.line, text in problem.text) == (line, True), str(problem)


def test_a_file_that_unfolds_without_end_is_refused() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    (problem,) = read_dictionary(bomb, "ru", FILE).problems
    assert "more than" in problem.text


def call(*said: tuple[Speaker, float, str]) -> Transcript:
    """Utterances of half a second a word; the channel goes with the speaker."""
    utterances = []
    for speaker, start, text in said:
        words = tuple(
            Word(text=word, start=start + 0.5 * at, end=start + 0.5 * at + 0.5) for at, word in enumerate(text.split())
        )
        channel = 0 if speaker is Speaker.CALLER else 1
        utterances.append(
            Utterance(speaker=speaker, start=start, end=words[-1].end, text=text, words=words, channel=channel)
        )
    return Transcript(language="ru", engine="e-1", duration=60.0, utterances=tuple(utterances))


C, A = Speaker.CALLER, Speaker.AGENT


@pytest.mark.parametrize(
    ("dictionary", "starts"),
    [
        ("a: {speaker: caller, phrases: [алло]}", [1, 30, 59]),
        ("a: {role: agent, phrases: [алло]}", [20]),
        ("a: {first_seconds: 10, phrases: [алло]}", [1]),
        ("a: {last_seconds: 5, phrases: [алло]}", [59]),
        ("a: {after_pause: 10, phrases: [алло]}", [20, 59]),
        ("a: {after_interruption: true, phrases: [слушать]}", [32.5, 40]),
        ("a: {after_interruption: caller, phrases: [слушать]}", []),
        ("a: {after_interruption: agent, speaker: caller, phrases: [слушать]}", [40]),
    ],
)
def test_who_and_when(dictionary: str, starts: list[float]) -> None:
    transcript = call(
        (C, 1, "алло"),
        (A, 3, "слушаю"),
        (A, 20, "алло"),
        (C, 30, "алло вы меня вообще слышите там"),
        (A, 32, "я слушаю"),
        (C, 40, "вы не слушаете"),
        (C, 59, "алло"),
    )
    found = list(keyword_findings(transcript, lexicon(dictionary)))
    assert [round(finding.evidence.start, 1) for finding in found] == pytest.approx(
        [start + 0.5 if start == 40 and "слушать" in dictionary else start for start in starts], abs=0.6
    )


def test_conditions_hold_over_the_utterances_of_one_call() -> None:
    rules = lexicon(
        "угроза:\n  all:\n    - {speaker: caller, phrases: [суд]}\n    - {speaker: agent, phrases: [извинить]}\n"
    )
    both = call((C, 1, "подам в суд"), (A, 5, "извините нас"))
    found = list(keyword_findings(both, rules))
    assert [(f.label, f.speaker, f.evidence.start, f.evidence.quote) for f in found] == [
        ("угроза", C, 2.0, "суд"),
        ("угроза", A, 5.0, "извините"),
    ]
    assert not list(keyword_findings(call((A, 1, "подам в суд"), (C, 5, "извините нас")), rules))


def test_a_fuzzy_finding_tells_how_like_it_is() -> None:
    (found,) = keyword_findings(call((C, 1, "роспотребнатзор")), lexicon("{fuzzy: 0.8, a: [роспотребнадзор]}"))
    assert found.value == pytest.approx(14 / 15, abs=1e-3)


def test_findings_of_one_label_are_bounded() -> None:
    said = call(*((C, 1.0 + 0.6 * n, "да") for n in range(MOST_FINDINGS + 20)))
    assert len(list(keyword_findings(said, lexicon("a: [да]")))) == MOST_FINDINGS


def test_no_words_and_another_language_find_nothing() -> None:
    nothing = Transcript(language="ru", engine="e-1", duration=1.0, utterances=())
    assert not list(keyword_findings(nothing, lexicon("a: [да]")))
    assert not list(keyword_findings(call((C, 1, "да")), None))


def test_four_hours_of_talk_and_a_thousand_phrases() -> None:
    letters = "абвгдежзик"
    names = [f"слово{a}{b}{c}" for a in letters for b in letters for c in letters]
    words = [names[7], "и", "дело", "нет"] * 9000
    rules = lexicon(f"a: [{', '.join(f'{name} дело' for name in names)}]")
    assert len(rules.find([LexiconUtterance(words=words[at : at + 12]) for at in range(0, len(words), 12)])) == 9000


def test_schema_knows_every_setting() -> None:
    text = json.dumps(schema())
    for name in ("within", "any_order", "fuzzy", "first_seconds", "after_pause", "after_interruption", "unless"):
        assert name in text


def otklik(*arguments: object, lines: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from api.cli import app; app()", *map(str, arguments)]
    return subprocess.run(command, input=lines, capture_output=True, text=True, cwd=ROOT, timeout=60)


def rows(output: str) -> list[Any]:
    return [json.loads(line) for line in output.splitlines()]


def test_keywords_over_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("claims:\n  refund: {speaker: caller, phrases: [Вернуть деньги]}\n")
    texts = ["😀 Ещё раз: ВЕРНИТЕ — мне — деньги!", "", "ничего"]
    lines = [{"text": text} for text in texts] + [{"text": "верните деньги", "speaker": "agent"}]
    run = otklik("keywords", "--language", "ru", "--dictionary", file, lines="\n".join(map(json.dumps, lines)))
    hit = {"category": "claims/refund", "phrase": "Вернуть деньги", "start": 11, "end": 33}
    assert texts[0][11:33] == "ВЕРНИТЕ — мне — деньги"
    assert rows(run.stdout) == [{"hits": [hit]}, {"hits": []}, {"hits": []}, {"hits": []}], run.stderr
    bad = otklik("keywords", "-l", "ru", "--dictionary", file, lines='{"text": "да"}\n{"txt": 1}\n')
    assert (bad.returncode, len(rows(bad.stdout)), bad.stderr) == (1, 1, "line 2: 'text' is missing\n")
    file.write_text("claims:\n  refund: {speaker: boss, phrases: [да]}\n")
    faulty = otklik("keywords", "-l", "ru", "--dictionary", file, lines="")
    assert (faulty.returncode, faulty.stdout) == (1, "")
    assert faulty.stderr.startswith(f"{file}:2: claims.refund.speaker: ")
    assert otklik("keywords", "-l", "xx", "--dictionary", file).returncode == 2


def test_places_count_letters_of_the_text_as_it_was_given() -> None:
    text = "İİ Мо\u0438\u0306 заказ"  # a capital that grows when made small, a letter written as two signs
    assert [(word.word, text[word.start : word.end]) for word in placed_words(text)][1:] == [
        ("мой", "Мо\u0438\u0306"),
        ("заказ", "заказ"),
    ]


@pytest.mark.parametrize("order", ["", "any_order: true, "])
def test_a_phrase_of_one_word_many_times_is_looked_for_only_once_at_a_place(order: str) -> None:
    """Each further word made it twenty times slower: six took two seconds, twelve held a worker for ever."""
    rules = lexicon(f"a: {{within: 20, {order}phrases: [{'да ' * 12}нет]}}")
    assert not rules.find([LexiconUtterance(words=["да"] * 60)])
    assert not rules.find([LexiconUtterance(words=["да"] * 60 + ["ой"] * 30 + ["нет"])])
    assert rules.find([LexiconUtterance(words=["да"] * 60 + ["нет"])])
