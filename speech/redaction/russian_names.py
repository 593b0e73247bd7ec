"""Names of people in running Russian speech, in any case, by pymorphy3's tags and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from speech.redaction.line import BARRIER, TURN, TextLine, span_of
from speech.redaction.span import PrivateSpan
from speech.slots.russian.grammar import is_known, parses
from speech.slots.russian.names import LIKE_SURNAME, NEVER, UNLISTED
from speech.text.tokens import Token, listed

KINDS = ("Name", "Patr", "Surn")
STRONG = re.compile(
    r"(?:^| )(?:(?:меня|его|е[её]|нас|их|вас|мужа|жену|сына|дочь|маму|тебя) (?:зовут|звать)|зовут (?:меня|его|ее)|"
    r"зовут|(?:мое|ваше|его|ее|полное|по)? ?им(?:я|ени)|имя (?:и )?(?:фамилия|отчество)|"
    r"фамили[яиюей]+(?: имя)?(?: и)?(?: отчество)?|отчеств[оау]|на имя|на фамилию|господин\w*|госпож\w+|граждан(?:ин|"
    r"ка|ину|ке)|обраща(?:йтесь|ться)|представьтесь|зовите|называйте|звать|получател[ьяю]|отправител[ьяю]|"
    r"держатель(?: карты)?|плательщик|контактное лицо|фио|подпись|ответственный|вписан\w*|"
    r"мобильный телефон принадлежит)(?: (?:у меня|у нас|моя|мой|мое|моего|клиента|владельца|это|э|ну|вот|будет|просто|"
    r"меня|так|да|пожалуйста|девичья|по паспорту|получателя|отправителя|держателя|вашего|было|у него|у нее|ко мне|"
    r"можно))*$"
)
"""After these a name follows, however rare."""
WEAK = re.compile(
    r"(?:^| )(?:это|я|говорит|беспокоит|звонит|на связи|с вами(?: говорит)?|приветствует|здравствуйте|добрый (?:день|"
    r"вечер)|доброе утро|алло|ал[её]|привет|уважаем\w+|дорог(?:ая|ой)|менеджер\w*|оператор\w*|мастер\w*|курьер\w*|"
    r"врач\w*|доктор\w*|специалист\w*|консультант\w*|администратор\w*|сотрудник\w*|сотрудниц\w+|коллег\w+|позовите|"
    r"пригласите|соедините с|переключите на|можно просто|просто|муж\w*|жен[аеуы]|супруг\w*|сын\w*|дочь|дочк\w+|"
    r"мам[аеуы]|пап[аеуы]|брат\w*|сестр\w+|бабушк\w+|дедушк\w+|тет[яеи]|дяд[яеи]|начальник\w*|руководител\w+|"
    r"директор\w*|бухгалтер\w*|юрист\w*|водител\w+|пациент\w*|клиент\w*|инженер\w*|техник\w*|девушк\w+|молодой человек|"
    r"друг\w*|подруг\w+|извините|спасибо(?: (?:вам|большое|огромное))*|пожалуйста|представл\w+|да|меня|слушаю вас|"
    r"слушаю|слушает)$"
)
"""After these a word that can be a name is one."""
BEHIND = re.compile(
    r"^(?:меня зовут|зовут|моя фамилия|мое имя|на связи|слушает|слушаю|у телефона|вас беспокоит|беспокоит)"
)
"""Before these a name stands."""
GREETED = re.compile(r"[,!] *(?:здравствуйте|добр|привет|подскажите|спасибо|скажите|вы |ваш|извините)", re.I)
"""Behind a capital name with a comma: "Роман, добрый день"."""
PLACES = frozenset(
    listed(
        "улица улице улицу улицы ул проспект проспекте проспекта площадь площади город города городе городу переулок "
        "переулке район районе метро станция станции станцию проезд проезде бульвар бульваре шоссе имени набережная "
        "набережной аллея памятник памятника роман фильм фильма книга книгу песня ресторан кафе магазин магазине "
        "магазина компания компании фирма фирмы бренд бренда марка марки банк банка село деревня поселок озеро река "
        "гора сериал салон отель гостиница поезд паром теплоход театр музей школа аптека духи помада коллекция "
        "коллекции модель модели святой святого святая храм церковь собор колонка колонку колонки умная яндекс"
    )
)
"""After these a name is that of a thing or a place."""
AMBIGUOUS = frozenset(
    listed(
        "вера веры веру верой вере надежда надежды надежду надеждой надежде любовь любви любовью роман романа роману "
        "романом романе роза розы розу розой розе розах лев льва мая май майя лада лады ладу ладе мила злата рада "
        "слава славы света лилия лилии лилию лилией лиля рая том тома марк август августа ян ким ли ада ася рим рима "
        "риме мира карл адам рома рами али сан нора вика гай юг дан дана даны мина мины вита нила эра паж ага ален "
        "мартин кара джек ия самсон самсона оскар оскара марс марса аврора аврору виктория полин нина асе олимпия "
        "венера верой майей маем барби алисе алису алисой меня мне гена гене шура соне жанр жени женя мать жан сим аза "
        "азу леди граф лука луки луку луке агат маркой маркам лев левом оля роме рая раю рой роя каре каро зара зарой "
        "севера север рене ринат мари макс хамит веста весту весты весте гранта гранту гранты"
    )
) - frozenset(listed("вика нина женя ринат виктория оля"))
"""Names that are other words, cities, months or makes as well: names only where something else says so."""
CLEAR = frozenset(listed("ира юля лена рома женя оля вика нина соня шура гена катя"))
"""Names that are names first of all, whatever else the dictionary knows."""
STOP = frozenset(
    listed(
        "девушка женщина мужчина человек абонент клиент парень хозяин хозяйка получатель получателя получателю "
        "отправитель отправителя покупатель покупателя заказчик заказчика держатель плательщик господин госпожа "
        "гражданин гражданка доктор врач мастер курьер водитель ваш я вы он она они мы это да нет спасибо пожалуйста "
        "здравствуйте добрый день вечер утро алло хорошо так вот ну и а на в с у по не что как где когда имя фамилия "
        "отчество зовут меня номер телефон адрес заказ паспорт дата год другая другой одна один правильно неправильно "
        "верно точно понятно ошибка только просто можно нужно файла товара компании клиента сайта получателя владельца "
        "пользователя домена бренда запишите записывайте записали скажите подскажите хочу могу звоню звонит говорит "
        "говорите слушаю сейчас минуту секунду ладно конечно сменила сменил изменилась поменялась указано указана "
        "написана написано сменилась девичья мужа жены по до от из или если для про при очень приятно чем помочь могу "
        "оператор менеджер мама папа муж жена сын дочь мне вам нам ей ему их его ее вас нас там тут здесь через "
        "пишется начинается неважно секрет пока ваше ваша ваш мое моя мой простите извините бог зачем сама сам себя "
        "робот бот иначе одинаково наверное компания магазин почта карта"
    )
)
FULL = 4
"""Words of a name."""
LOOK = 6
ODD = 0.005
"""Share of readings as a name below which a word is none, even after a cue."""
POSSIBLE = 0.04
"""The same after a weak cue or beside another name."""
SURE = 0.45
"""Share from which a first name is one by itself."""
SURE_SURNAME = 0.75
SMALL = 3
"""Letters of an unknown word that may be a name after a cue."""


def find_names(line: TextLine) -> list[PrivateSpan]:
    """Names of people, first names alone as well."""
    words = line.words
    found: list[PrivateSpan] = []
    at = 0
    while at < len(words):
        end = _name_end(words, at, line.text) if _may_begin(words[at]) else at
        if end > at:
            found.append(span_of(words, at, end, "person"))
        at = max(end, at + 1)
    return found


def _may_begin(word: Token) -> bool:
    return word.text.isalpha() and len(word.text) > 1 and word.text not in STOP


def _name_end(words: Sequence[Token], at: int, text: str) -> int:
    """Index after the name that begins here; the index itself where none does."""
    before = _before(words, at)
    if at and words[at].text.startswith("владимир") and words[at - 1].text in {"во", "в", "из", "до", "под"}:
        return at
    if (
        at
        and words[at - 1].text in {"на", "по"}
        and _kind(words[at].text) == "Surn"
        and _kind_at(words, at + 1) != "Name"
    ):
        return at  # "в отделении на ленина"
    if at and words[at - 1].text in PLACES and not _is_patronymic(words, at + 1):
        return at
    strong = bool(STRONG.search(before))
    if strong and _fits_cue(words[at], surname="фамили" in before):
        return _rest(words, at + 1, cued=True)
    word = words[at].text
    kind, share = _kind(word), _share(word)
    if not kind:
        return at + _surname_first(words, at)
    sure = _is_sure(words[at], kind, share, text)
    named = bool(WEAK.search(before)) or bool(BEHIND.match(_text(words[at + 1 : at + 3])))
    if named and share >= POSSIBLE and not _is_thing(words, at, kind, share):
        sure = True
    end = _rest(words, at + 1, cued=sure)
    if sure:
        return end
    if word in AMBIGUOUS and end > at + 1 and not _agree(word, words[at + 1].text):
        return at
    company = [(_kind(token.text), _share(token.text)) for token in words[at + 1 : end]]
    if any(kind == "Patr" for kind, _ in company) or (
        share >= POSSIBLE and any(other != kind and score >= SURE for other, score in company)
    ):
        return end
    return at + _surname_first(words, at)


def _surname_first(words: Sequence[Token], at: int) -> int:
    """Words of a name that a word begins which is a surname only because of those behind: "кац игорь львович"."""
    following = _kind_at(words, at + 1)
    if following != "Name" or _share(words[at + 1].text) < SURE or _parted(words, at + 1):
        return 0
    patronymic = _kind_at(words, at + 2) == "Patr"
    word = words[at].text
    like = bool(LIKE_SURNAME.search(word)) or (_kind(word) == "Surn" and _share(word) >= POSSIBLE)
    odd = like or _kind(word) == "Surn" or not is_known(word)
    if _can_be_surname(word) and ((patronymic and odd) or (like and "VERB" not in parses(word)[0].tag)):
        return _rest(words, at + 1, cued=True) - at
    return 0


def _is_sure(word: Token, kind: str, share: float, text: str) -> bool:
    """Whether a word is a name wherever it stands."""
    if word.text in CLEAR:
        return True
    if word.text in AMBIGUOUS:
        greeted = bool(GREETED.match(text[word.end : word.end + 20]))
        if greeted and word.raw[:1].isupper() and kind == "Name":
            return True
        inside = word.start > 0 and not re.search(r"(?:^|[.!?…\n«\"]\s*)$", text[max(0, word.start - 4) : word.start])
        return inside and word.raw[:1].isupper() and not word.raw.isupper() and kind == "Name"
    if kind == "Surn":
        inside = word.start > 0 and word.raw[:1].isupper() and word.raw[1:].islower()
        return share >= SURE_SURNAME and bool(LIKE_SURNAME.search(word.text)) and (is_known(word.text) or inside)
    return share >= SURE and is_known(word.text)


def _is_thing(words: Sequence[Token], at: int, kind: str, share: float) -> bool:
    """Whether a word that can be a name is another word here: "слава богу", "это роман толстого"."""
    word, following = words[at].text, words[at + 1].text if at + 1 < len(words) else ""
    if (word, following) in {("слава", "богу"), ("света", "нет"), ("мая", "месяца"), ("надежда", "на")}:
        return True
    if kind == "Surn":
        return share < SURE or not LIKE_SURNAME.search(word)
    before = words[at - 1].text if at else ""
    return before in {"это", "я", "да", "просто", "меня"} and share < POSSIBLE * 3 and following not in {"", TURN}


def _rest(words: Sequence[Token], at: int, *, cued: bool) -> int:
    """Index after the words of the name that go on from here."""
    first = at
    while at < len(words) and at - first < FULL:
        word = words[at].text
        if _parted(words, at):
            break
        if _goes_on(words, at, cued=cued):
            at += 1
            continue
        initial = len(word) == 1 and words[at].raw.isupper() and words[at].after.startswith(".")
        if initial:
            at += 1
            continue
        inside = word in {"фамилия", "имя", "отчество", "э", "эм", "а", "по"} and at + 1 < len(words)
        if inside and cued and _share(words[at + 1].text) >= POSSIBLE and words[at + 1].text not in STOP:
            at += 2
            continue
        by = inside and word == "по" and words[at + 1].text in {"отчеству", "фамилии", "имени"}
        if by and at + 2 < len(words) and _share(words[at + 2].text) >= POSSIBLE:
            at += 3
            continue
        break
    return at


def _goes_on(words: Sequence[Token], at: int, *, cued: bool) -> bool:
    word = words[at].text
    if not word.isalpha() or word in STOP or len(word) < 2:
        return False
    kind, share = _kind(word), _share(word)
    if kind == "Patr" or (kind and share >= SURE and word not in AMBIGUOUS):
        return True
    previous = _kind(words[at - 1].text) if at else ""
    if word in AMBIGUOUS:
        return kind == "Name" and (previous == "Surn" or _kind_at(words, at + 1) == "Patr")
    if at and words[at - 1].text in AMBIGUOUS and not cued and not _agree(words[at - 1].text, word):
        return False
    if kind == "Surn" and share >= POSSIBLE and previous in {"Name", "Patr"}:
        return True
    surname = bool(LIKE_SURNAME.search(word)) and _can_be_surname(word)
    if previous in {"Name", "Patr", "Surn"} and surname and (previous != "Surn" or kind):
        return True
    unknown = not is_known(word) and len(word) >= SMALL
    if previous == "Patr" and (unknown or "ADJF" in parses(word)[0].tag) and _can_be_surname(word):
        return True
    return cued and unknown and previous != ""


def _agree(left: str, right: str) -> bool:
    """Whether two words can be names in one case: "роман петров", not "роман толстого"."""
    cases = [
        {str(reading.tag.case) for reading in parses(word) if _is_name(reading) and "Fixd" not in reading.tag}
        for word in (left, right)
    ]
    return bool(cases[0] & cases[1])


def _can_be_surname(word: str) -> bool:
    tag = parses(word)[0].tag
    return word not in STOP and tag.POS not in NEVER and len(word) > 2 and "plur" not in tag


def _fits_cue(word: Token, *, surname: bool) -> bool:
    """Whether a word can be the name that a cue announces; a surname may be any adjective or noun."""
    text = word.text
    if _share(text) >= ODD or LIKE_SURNAME.search(text):
        return text not in STOP and parses(text)[0].tag.POS not in {"PREP", "CONJ", "PRCL", "NPRO"}
    if not is_known(text):
        return len(text) >= SMALL
    tag = parses(text)[0].tag
    if text in STOP or tag.POS not in {"NOUN", "ADJF"} or tag.case != "nomn" or tag.number != "sing":
        return False
    return "anim" in tag or (surname and "Apro" not in tag)


def _is_patronymic(words: Sequence[Token], at: int) -> bool:
    return _kind_at(words, at) == "Patr"


def _kind_at(words: Sequence[Token], at: int) -> str:
    return _kind(words[at].text) if at < len(words) else ""


def _parted(words: Sequence[Token], at: int) -> bool:
    """Whether a mark parts a word from the name before it."""
    before = words[at].before
    if words[at].text in {BARRIER, TURN} or "," in before or ";" in before or "\n" in before or ":" in before:
        return True
    initial = at > 0 and len(words[at - 1].text) == 1
    return bool(re.search(r"[.!?…]", before)) and not initial


def _before(words: Sequence[Token], at: int) -> str:
    said: list[str] = []
    for place in range(at - 1, max(-1, at - 1 - LOOK), -1):
        if words[place].text == BARRIER:
            break
        if words[place].text != TURN:
            said.insert(0, words[place].text)
    return " ".join(said)


def _text(words: Sequence[Token]) -> str:
    return " ".join(word.text for word in words)


def is_name(word: str) -> bool:
    """Whether a word by itself is more likely a name than anything else."""
    return _share(word) >= SURE and word not in AMBIGUOUS


@lru_cache(maxsize=20_000)
def _share(word: str) -> float:
    """The share of a word's readings, 0..1, that are names of one person."""
    if not word.isalpha() or len(word) < 2:
        return 0.0
    share: float = sum(reading.score for reading in parses(word) if _is_name(reading))
    return max(share, SURE) if word in UNLISTED | CLEAR else share


@lru_cache(maxsize=20_000)
def _kind(word: str) -> str:
    if word in UNLISTED | CLEAR:
        return "Name"
    if not word.isalpha() or len(word) < 2:
        return ""
    reading = next((reading for reading in parses(word) if _is_name(reading)), None)
    return next((kind for kind in KINDS if reading and kind in reading.tag), "")


def _is_name(reading: Any) -> bool:
    return "NOUN" in reading.tag and reading.tag.number == "sing" and any(kind in reading.tag for kind in KINDS)
