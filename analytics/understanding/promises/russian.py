"""Russian promises: verbs in the future tense, "будет доставлен", "обещаю перезвонить", "ожидайте звонка"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from analytics.understanding.promises.clause import Said
from speech.recognition.words import Speaker
from speech.text.tokens import listed, morphology

VERBS: Mapping[str, tuple[str, ...]] = {
    "callback": listed("перезвонить позвонить созвониться набрать связаться отзвониться дозвониться"),
    "letter": listed(
        "прислать выслать отправить написать скинуть сбросить направить переслать отписаться продублировать ответить"
    ),
    "delivery": listed("привезти доставить довезти подвезти отвезти отгрузить завезти"),
    "refund": listed(
        "вернуть возвратить компенсировать возместить зачислить начислить перечислить вернуться поступить пересчитать"
    ),
    "check": listed("проверить уточнить узнать выяснить разобраться рассмотреть изучить запросить посмотреть"),
    "visit": listed("приехать подъехать заехать подойти зайти прийти выехать"),
    "other": listed(
        "подготовить оформить сделать исправить передать решить заказать забронировать заменить обменять продлить "
        "отменить оплатить сообщить уведомить проинформировать починить восстановить подключить отключить изменить"
    ),
}
KINDS = {verb: kind for kind, verbs in VERBS.items() for verb in verbs}
THINGS: Mapping[str, tuple[str, ...]] = {
    "callback": listed("звонок"),
    "letter": listed(
        "письмо смс сообщение ссылка чек документ договор счет код уведомление смска эсэмэска акт фото фотография скан "
        "скриншот копия заявление заявка реквизит квитанция"
    ),
    "delivery": listed("заказ посылка товар букет доставка курьер груз коробка цветы"),
    "refund": listed("деньги деньга средство возврат сумма рубль оплата"),
    "visit": listed("мастер специалист техник инженер бригада монтажник замерщик сантехник электрик"),
}
"""What is sent, comes or is awaited says more than the verb."""
KIND_OF_THING = {thing: kind for kind, things in THINGS.items() for thing in things}
BY_THING = frozenset(
    listed(
        "отправить прислать выслать направить прийти приехать подъехать поступить вернуться вернуть передать выехать"
    )
)
NEEDS_THING = frozenset(listed("поступить вернуться"))
VOWS = frozenset(listed("обещать обязаться постараться гарантировать обязываться"))
AWAIT = frozenset(listed("ждать ожидать"))
BE = frozenset(listed("будет будут"))
CONDITIONS = frozenset(
    listed("если когда пока чтобы чтоб ежели лишь только где куда откуда почему зачем сколько кто какой какая какие ли")
)
DOUBTS = frozenset(listed("вряд едва возможно наверное наверно вероятно навряд сомневаюсь допустим"))
REPORTED = frozenset(
    listed("обещал обещала обещали сказал сказала сказали говорил говорила говорили уверяли заверили утверждали писали")
)
AT_ONCE = frozenset(listed("сейчас секунду секундочку минутку минуточку минуту подождите повисите момент"))
SOON_DONE = frozenset(("check", "other"))
TO_THINGS = 4
"""Words after or before a verb in which its thing is looked for."""


def said(words: Sequence[str], speaker: Speaker) -> list[Said]:
    """Promises of a sentence; see the package."""
    found = []
    begin = 0
    for at, kind in _verbs(words, speaker):
        if not _taken_back(words, at, begin):
            kind = _by_thing(words, at, kind)
            if kind:
                at_once = kind in SOON_DONE and not AT_ONCE.isdisjoint(words)
                found.append(Said(kind=kind, first=begin, last=len(words), at_once=at_once))
                begin = at + 1
    ends = [one.first for one in found[1:]] + [len(words)]
    return [replace(one, last=end) for one, end in zip(found, ends, strict=False)]


def _verbs(words: Sequence[str], speaker: Speaker) -> Iterator[tuple[int, str]]:
    """Index and kind of each verb by which somebody says what will be done."""
    mine = speaker is Speaker.CALLER
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        ahead = range(at + 1, min(len(words), at + 1 + TO_THINGS))
        for lemma, tags in _forms(word):
            first, third = "1per" in tags, "3per" in tags and not mine
            if lemma in KINDS and "futr" in tags and (first or third):
                if "1per" in tags and _invites(words, at):
                    continue
                yield at, KINDS[lemma]
                break
            if lemma in KINDS and "INFN" in tags and _vowed(words, at):
                yield at, KINDS[lemma]
                break
            if lemma in KINDS and "PRTS" in tags and before in BE and not mine:
                yield at, KINDS[lemma]
                break
            if lemma in AWAIT and "impr" in tags and not mine and _thing(words, ahead):
                yield at, "await"
                break


def _by_thing(words: Sequence[str], at: int, kind: str) -> str:
    """The kind by what is sent, comes or is awaited; empty where the verb alone promises nothing."""
    verb = next((lemma for lemma, _ in _forms(words[at]) if lemma in KINDS), "")
    places = [*range(at + 1, min(len(words), at + 1 + TO_THINGS)), *range(at - 1, max(-1, at - 1 - TO_THINGS), -1)]
    thing = _thing(words, places)
    if kind == "await":
        return thing
    if verb in NEEDS_THING and not thing:
        return ""
    if verb in BY_THING and thing:
        return thing if verb != "передать" or thing == "delivery" else kind
    if verb == "прийти" and not thing and not any("1per" in tags for _, tags in _forms(words[at])):
        return ""
    return kind


def _thing(words: Sequence[str], places: Iterable[int]) -> str:
    """Kind of the first thing at some places; "на счёт" says where to, not what."""
    for place in places:
        for lemma, tags in _forms(words[place]):
            if "NOUN" in tags and lemma in KIND_OF_THING and (place == 0 or words[place - 1] != "на"):
                return KIND_OF_THING[lemma]
    return ""


def _invites(words: Sequence[str], at: int) -> bool:
    """ "Давайте проверим" is a proposal; "давайте я перезвоню" is a promise."""
    calls = [place for place in range(max(0, at - 3), at) if words[place] in ("давай", "давайте")]
    return bool(calls) and not {"я", "мы"} & set(words[calls[-1] : at])


def _vowed(words: Sequence[str], at: int) -> bool:
    """An infinitive after "обещаю", "постараемся"."""
    for place in range(max(0, at - 4), at):
        for lemma, tags in _forms(words[place]):
            if lemma in VOWS and "1per" in tags:
                return place == 0 or words[place - 1] != "не"
    return False


def _taken_back(words: Sequence[str], at: int, begin: int) -> bool:
    """Refused, doubted, asked, under a condition, or somebody else's word."""
    before = words[begin:at]
    if "не" in words[max(0, at - 1) : at] or ("не" in words[max(0, at - 2) : at] and words[at - 1] in BE):
        return True
    if "ли" in words[at + 1 : at + 2] or not REPORTED.isdisjoint(before) or not DOUBTS.isdisjoint(before):
        return True
    if any(words[place : place + 2] == ["может", "быть"] for place in range(begin, at)):
        return True
    if any(words[place] in ("не", "никто") and _negates(words, place) for place in range(begin, at)):
        return True
    conditions = [place for place in range(begin, at) if words[place] in CONDITIONS]
    return bool(conditions) and not any(_finite(word) for word in words[conditions[-1] + 1 : at])


def _negates(words: Sequence[str], place: int) -> bool:
    """Whether "не" makes what follows uncertain: "не обещаю что", "не уверен", "не факт", "не думаю"."""
    return words[place] == "никто" or (
        place + 1 < len(words)
        and words[place + 1]
        in {"обещаю", "обещаем", "уверен", "уверена", "уверены", "факт", "думаю", "гарантирую", "знаю"}
    )


def _finite(word: str) -> bool:
    return any("VERB" in tags for _, tags in _forms(word)[:1])


@lru_cache(maxsize=20_000)
def _forms(word: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Dictionary form and grammemes of each reading, likeliest first; ё as е."""
    return tuple(
        (reading.normal_form.replace("ё", "е"), frozenset(reading.tag.grammemes))
        for reading in morphology().parse(word)
    )
