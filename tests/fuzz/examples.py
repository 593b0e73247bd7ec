"""Good inputs, small ones: what the targets change."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ivr.dialog.dialog import step
from ivr.dialog.events import Answered, Silent
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import begin
from ivr.scenario.scenario import load
from tests.sounds import encoded

RUSSIAN = """
да нет не иван петрович петров анна мария меня зовут мой номер телефона восемь девятьсот шестнадцать двести
тридцать четыре пятьдесят шесть семьдесят восемь один два три двадцать сто тысяча миллион миллиарда половина
полтора минус точка ноль первый двадцать первое мая июня завтра послезавтра в понедельник через неделю в три часа
утра вечера без пятнадцати полдень рублей копеек долларов евро процентов собака яндекс ру джимейл ком дом улица
ленина проспект корпус квартира город москва карта паспорт серия снилс инн пароль код из смс родился года рождения
день срок действия заказ перезвоните мы вам пришлём до конца дня нет вернее извините супер анти сверх плюс дефис
тире нижнее подчёркивание www три дабл ю
"""
ENGLISH = """
yes no not john smith mary anne my name is phone number eight hundred five five five one two three twenty first
thirty hundred and thousand million billion half quarter dozen minus negative point oh zero double triple may june
tomorrow next monday in two weeks at three o'clock pm am noon half past quarter to dollars cents bucks pounds pence
euros percent at gmail dot com dash underscore street avenue road apartment suite zip code london card expires
passport social security sort iban password pin born date of birth order we will call you back send refund by the
end of the day sorry wait actually i mean http://www.example.com/a?b=c user@example.org
"""
PHONES = "+7 8 9 0 1 2 3 ( ) - 495 800 916 +1 +44 +372 00 007 ext. доб. tel: ; # * sip:100@host 112 911 +99999999999999"
YAML = """a: &x [1, 2.5, true, null, "text", 'it''s', 2026-11-30, 12:30]
b: {<<: {c: d}, e: *x}
"f": |
  one
  two
g: >-
  folded
h: !!str 5
"""
SCENARIO = """name: desk
language: en
extension: "4000"
start: who
fallback: person
anywhere:
  person: {go: person, key: "0"}
  no_recording: {go: unrecorded, key: "9"}
intents:
  status:
    go: ask
    about: your order
    examples: [where is my order, order status, has it shipped, when will it arrive, track it, what about it,
    is it late, any news]
    phrases: [my order]
nodes:
  who: {check: caller.number, go: {known: greet, missing: greet}}
  greet: {say: Hello., go: {next: topic}}
  topic:
    say: [How can I help?, What can I do for you?]
    when_silent: Are you there?
    again: An order?
    listen: {open: true, alone: {done: [bye]}}
    go: {done: bye}
  ask:
    say: What is the order number?
    again: Digit by digit, please.
    by_keys: Please key in the number and press hash.
    listen: {slot: {fill: order.number, kind: digits, length: [4, 6]}, confirm: "Number {order.number:digits}, right?"}
    go: {filled: look_up}
  look_up: {do: orders.status, go: {found: tell, missing: topic, failed: person}}
  tell: {say: "It is {order.state}.", go: {next: topic}}
  unrecorded: {say: Not recorded., stop_recording: true, go: {next: topic}}
  person: {say: One moment., transfer: "[About {order.number:digits}. ]A person is wanted.", go: {done: bye,
  unanswered: bye}}
  bye: {say: Good bye., hang_up: true}
"""
SCENARIOS = (
    SCENARIO,
    'name: a\nlanguage: ru\nextension: "1"\nstart: a\nfallback: a\nnodes: {a: {say: Да, hang_up: true}}\n',
)
CONVERSATIONS = """language: en
now: 2026-11-24T10:00
conversations:
- name: status
  tags: [order]
  turns:
  - {hear: where is my order, expect: ask, within: 1.5}
  - {hear: "4127", says: "It is (on its way|ready)"}
  - {press: "0"}
  end: {outcome: settled}
"""
ARTICLES = (
    "---\nquestions: [where are you, what is your address, how do I get there]\nfollow_up: May I send it?\n---\n"
    "# Address\n\nWe are in the High Street.\n\n- by bus\n- [by train](https://example.com)\n\n```\ncode\n```\n",
    "---\nquestions:\n- где вы\n- какой у вас адрес\n- как проехать\n---\n# Адрес\n\nМы на Тверской улице, дом пять.\n\n> цитата **жирно**\n",  # noqa: E501
)  # fmt: skip
RETENTION = "rules:\n- {keep: sound, days: 30, outcome: settled}\n- {keep: call, days: null, segment: vip}\n- {keep: words, days: 90}\n"  # noqa: E501
ALERTS = (
    "alerts:\n- name: court\n  title: {ru: Суд, en: Court}\n  when: live\n  all: [{said: {ru: [суд, иск]}, speaker: caller}]\n"  # noqa: E501
    "  send: {mail: [boss@example.com], webhook: ['https://example.com:8443/hook?x=1']}\n  callback: true\n",
    "alerts:\n- name: quiet\n  title: {ru: Тишина}\n  any: [{silence: 60}, {rating: {at_most: 2}}]\n  unless: [{call: {segment: [vip]}}]\n",  # noqa: E501
)  # fmt: skip
SCORECARD = """name: service
title: Service
language: en
sections:
- name: opening
  title: Opening
  items:
  - {name: greeting, title: Greeted, weight: 10, rule: {category: greeting, speaker: agent, first_seconds: 20}}
  - name: right
    title: Right
    weight: 5
    answer: choice
    choices: [{name: full, title: Right, points: 1}, {name: wrong, title: Wrong, points: 0}]
    critical: section
"""
DICTIONARY = """within: 3
fuzzy: 0.8
greeting:
  speaker: agent
  first_seconds: 20
  phrases: [good morning, {phrase: how can I help, any_order: true, within: 5}, добрый день]
anger:
  claims: [this is a shame, верните деньги]
  threat: {any: [court, {phrases: [суд], after_pause: 2}], not: [tennis court]}
"""
MESSAGES = (
    {"id": "1", "from": "@anna", "text": "Где мой заказ 4127?", "language": "ru", "phone": "+79162345678"},
    {"id": "2", "from": "a@b.ru", "text": "> quoted\nyes\n-- \nAnna", "source": "mail", "reply_to": "x"},
)
MAILS = (
    "Где мой заказ 4127?\r\n\r\n-- \r\nАнна\r\n> Заказ 3850\r\n",
    "yes please\n\nOn Mon, 30 Nov 2026 at 10:00, Shop <shop@example.com> wrote:\n> Shall we?\n",
    "Да\n\n---------- Forwarded message ----------\nпн, 30 нояб. 2026 г. в 10:00, Магазин пишет:\n\nИсходное сообщение\n",  # noqa: E501
)
FRAMES = (
    {"type": "hello", "visitor": "A" * 43, "source": "site"},
    {"type": "say", "id": "1", "text": "где мой заказ"},
    {"type": "look"},
)
REPLIES = (
    {"outcome": "found", "facts": {"order.number": "4127", "order.state": "on its way", "order.items": "a comb",
    "order.sum": "10.50 RUB"}},
    {"outcome": "several", "facts": {}, "options": [{"facts": {"booking.number": "1", "booking.day": "2026-11-30",
     "booking.time": "10:00", "booking.service": "cut", "product.price": "5 USD"}, "ways": ["the first"]}]},
    {"outcome": "known", "facts": {"customer.name": "Анна", "customer.phone": "+79162345678",
    "customer.language": "ru"}},
)  # fmt: skip
EVENTS = (
    {
        "type": "StasisStart",
        "args": ["in"],
        "channel": {"id": "1.7", "name": "PJSIP/trunk-1", "caller": {"number": "1"}},
    },
    {"type": "ChannelDtmfReceived", "digit": "5", "channel": {"id": "1.7", "name": "PJSIP/trunk-1"}},
    {"type": "ChannelDestroyed", "cause": 16, "channel": {"id": "1.7", "name": ""}},
    {"type": "RecordingFinished", "recording": {"name": "call-1.7-in", "state": "done"}},
)
NAMES = (
    "Иван Петров (+7 999 000-00-05) 2026-11-30.3gp", "call-89161234567-20261130-101500.wav", "../../etc/passwd",
    "a.b.c.MP3",
    "in-79162345678-1764500000.12.wav", ".wav", "COM1.wav",
)  # fmt: skip


@cache
def scenario() -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "desk.yaml"
        file.write_text(SCENARIO)
        return load(file)


@cache
def states() -> Sequence[Any]:
    """States of a conversation, one after the other."""
    found = []
    state, _ = step(scenario(), begin(scenario()), Answered(facts={"caller.number": "+79162345678"}))
    for _ in range(3):
        found.append(json.loads(json.dumps(state.to_json())))
        state, _ = step(scenario(), state, Silent(node=state.node))
    return tuple(found)


@cache
def sounds() -> Sequence[bytes]:
    """A quarter of a second in several kinds of files, WAV first."""
    kinds = (("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("opus.ogg", "libopus"),
             ("a.flac", "flac"), ("a.m4a", "aac"), ("b.wav", "pcm_alaw"))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        return tuple(
            encoded(Path(folder) / name, codec=codec,
            rate=48000 if "opus" in name else 8000 if "wav" in name else 44100,
                    channels=2, seconds=0.25).read_bytes()
            for name, codec in kinds
        )  # fmt: skip
