"""What is said around a row of digits and tells what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from speech.redaction.line import BARRIER, TURN
from speech.text.tokens import Token

KEEP = "keep"
"""Not private: orders, goods, amounts."""
LOOK_BACK = 9
"""Words before a number that may tell its kind."""
LOOK_AHEAD = 6

RUSSIAN = {
    "phone": (
        r"телефон\w*|тел|мобильн\w+|сотов\w+|мой номер|моего номера|номер\w* для связи|по (?:этому )?номеру|номерок|"
        r"номер\w* (?:мужа|жены|сына|дочери|мамы|папы|брата|сестры)|"
        r"набер\w+|перезвон\w+|позвон\w+|звонит\w*|в[ао]тсап\w*|whatsapp|вайбер\w*|viber|телеграм\w*|контактн\w+ номер|"
        r"дозвон\w+|смс на|добавочн\w+|факс\w*"
    ),
    "card": r"карт(?:а|ы|у|е|ой|очк\w+)|номер\w* карт\w*|виза|visa|мастеркард\w*|mastercard|карта мир|пан",
    "passport": (
        r"паспорт\w*|сери[яиюей]+|загран\w*|код подразделения|подразделени\w+|удостоверение личности|"
        r"свидетельств\w+ о рождении"
    ),
    "inn": r"инн|налогоплательщик\w*|и н н|и эн эн",
    "snils": r"снилс\w*|пенсионн\w+ (?:номер\w*|страхов\w+|свидетельств\w+)|страхов\w+ свидетельств\w+",
    "account": (
        r"сч[её]т|счета|сч[её]ту|сч[её]те|расч[её]тн\w+ сч[её]т\w*|лицев\w+ сч[её]т\w*|лицев\w+|корсч[её]т\w*|р с|iban|"
        r"ибан\w*|реквизит\w+"
    ),
    "address": r"индекс\w*",
    "other": (
        r"(?:cvv|cvc|свв|цвв)(?: код\w*)?|cvv|cvc|свв|сививи|си ви ви|цвв|свс|сивиси|код\w* безопасности|на обороте|"
        r"(?:трехзначн\w+|секретн\w+) код\w*|обратн\w+ сторон\w+(?: карт\w+)?|(?:пин|pin)(?: код\w*)?|пинкод\w*|"
        r"парол\w+|кодовое слово|(?:смс|эсэмэс\w*|"
        r"сообщени\w+)(?: \w+){0,3} код\w*|код\w* из (?:смс|эсэмэс\w*|сообщени\w+|пуша?)|код подтверждения|смс код\w*|"
        r"срок\w* действия(?: карт\w+)?|код\w* (?:безопасности )?карт\w+|действует до|действительна до|полис\w*|омс|"
        r"осаго|водительск\w+ (?:прав\w*|удостоверени\w+)|ссн"
    ),
    KEEP: (
        r"заказ\w*|трек\w*|заявк\w+|обращени\w+|артикул\w*|товар\w*|накладн\w+|договор\w*|брон\w+|модел\w+|"
        r"код\w* товара|код\w* заказа|промокод\w*|чек\w*|квитанци\w+|серийн\w+|отправлени\w+|посылк\w+|билет\w*|"
        r"рейс\w*|скидк\w+|сумм\w+|цен\w+|стоит|стоимост\w+|стоил\w*|бонус\w*|тариф\w*|инцидент\w*|тикет\w*|"
        r"штрихкод\w*|штрих код\w*|позици\w+|талон\w*|очеред\w+|размер\w*|лот\w*|парти[яию]|бик|кпп|огрн\w*|версия|"
        r"версии|счет фактур\w+|накладн\w+|номер\w* (?:заказа|заявки|обращения|договора|брони)|показани\w+|счетчик\w*|"
        r"регистрационн\w+|выдан\w*|дат\w+ выдачи|дело|дела|ячейк\w+|постамат\w*|автобус\w*|поезд\w*|вагон\w*|объем\w*|"
        r"вес\w*|кредит\w*|долг\w*|баланс\w*|остат\w+|оплатил\w*|плат[её]ж\w*|списал\w*|сняли|комисси\w+|внутренн\w+|"
        r"номер\w* дела|инвентарн\w+"
    ),
}
ENGLISH = {
    "phone": (
        r"phone|phone number|telephone|mobile|cell(?:phone)?|landline|my number|our number|(?:his|her) number|"
        r"contact number|call(?:back| back)? number|call (?:me|us|him|her)(?: back)?|"
        r"reach (?:me|us|him|her)|text me|whats ?app|fax|number to call|number(?: is)? to reach|ring me|dial|extension|"
        r"callback|home number|work number|best number|a good number"
    ),
    "card": r"card|card number|visa|mastercard|master card|amex|american express|debit|credit card|discover",
    "passport": r"passport\w*",
    "inn": r"inn|tax id\w*|taxpayer\w*(?: id\w*| number)?|tin|itin|ein|employer id\w*|tax number|tax identification",
    "snils": r"snils",
    "account": (
        r"account(?: number)?|sort code|routing(?: number)?|iban|bank account|checking|savings|aba|transit number|"
        r"swift|i b a n"
    ),
    "address": r"zip(?: code)?|zipcode|postal code|post ?code|p o box|po box",
    "other": (
        r"cvv\d?|cvc\d?|c v v|c v c|security code|(?:digit|secret) code|on the back|back of (?:the|my|your) card|"
        r"pin(?: code| number)?|"
        r"password|passcode|verification code|one time (?:code|password)|otp|code (?:you|they) (?:sent|texted)|"
        r"code from the text|text(?:ed)? (?:me )?(?:a|the) code|expir\w+(?: date)?|valid (?:thru|through|until)|exp|"
        r"social(?: security)?(?: number)?|ssn|s s n|national insurance(?: number)?|nino|driver'?s? licen[cs]e|"
        r"licen[cs]e|policy(?: number)?|member(?:ship)? id|medicare|medicaid|nhs number|insurance number"
    ),
    KEEP: (
        r"order(?:s|ed)?|order number|order id|tracking(?: number)?|confirmation(?: number| code)?|"
        r"reference(?: number)?|ticket(?: number)?|case(?: number)?|invoice|product|item|model|serial(?: number)?|"
        r"booking|reservation|flight|promo(?: code)?|coupon|sku|part number|parcel|package|shipment|quote|gate|room|"
        r"version|costs?|price|paid|total|amount|balance|charged|refund(?:ed)?|meter|reading|batch|lot|size|bus|train|"
        r"channel|code is for|discount|receipt|transaction(?: id)?|request(?: number)?|complaint(?: number)?|barcode|"
        r"isbn|locker|platform|catalog\w*|issued(?: on)?|incident|asin|upc"
    ),
}
TABLES = {"ru": RUSSIAN, "en": ENGLISH}
"""Kind → the words that announce it. Of several cues before a number the nearest counts."""
LINKS = {
    "ru": re.compile(r"(?:вот |это |и )*+(?:это |вот |мой |моя |наш |номер |будет |есть )*$"),
    "en": re.compile(r"(?:and )?(?:that's|that is|is|it's|this is|as|for)?(?: my| the| our| his| her)*+(?: \w+)?$"),
}
"""Words that stand between a number and the cue behind it: "… это мой телефон", "… is my number"."""


def kind_before(words: Sequence[Token], at: int, language: str) -> tuple[str, int]:
    """Kind that the words before a number announce, and how many words lie between; empty where none does."""
    start = max(0, at - LOOK_BACK)
    said: list[str] = []
    for place in range(at - 1, start - 1, -1):
        if words[place].text == BARRIER:
            break
        if words[place].text != TURN:
            said.insert(0, words[place].text)
    text = " ".join(said)
    best, kind = (-1, 0), ""
    for name, pattern in _patterns(language).items():
        for match in pattern.finditer(text):
            rank = match.end(), len(match.group())  # "срок действия карты" is more than "карты"
            if rank > best or (rank == best and name == KEEP):
                best, kind = rank, name
    return kind, len(text[best[0] :].split()) if kind else 0


def kind_after(words: Sequence[Token], at: int, language: str) -> str:
    """Kind that the words right behind a number tell; empty where they do not."""
    said: list[str] = []
    for word in words[at : at + LOOK_AHEAD]:
        if word.text in {BARRIER, TURN} or word.text.isdecimal() or set(word.before) & set(",.;!?\n"):
            break
        said.append(word.text)
    text = " ".join(said)
    found = [
        (match.start(), -len(match.group()), kind)
        for kind, pattern in _patterns(language).items()
        if (match := pattern.search(text))
    ]
    if not found or language not in LINKS:
        return ""
    start, _, kind = min(found)
    between = text[:start].strip()
    return kind if between and LINKS[language].fullmatch(between) else ""


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    return {kind: re.compile(rf"\b(?:{words})\b") for kind, words in TABLES.get(language, {}).items()}
