"""Short conversations for the tests of what is made of them."""

from __future__ import annotations

from speech.recognition.words import Speaker, Transcript, Utterance

SIGNS = {"c": Speaker.CALLER, "r": Speaker.ROBOT, "a": Speaker.AGENT, "u": Speaker.UNKNOWN}


def talk(text: str, *, language: str = "ru") -> Transcript:
    """Lines as ``c: words`` (caller, robot, agent, unknown); each lasts two seconds, one every three seconds."""
    rows = [line.strip().partition(": ") for line in text.strip().splitlines() if line.strip()]
    utterances = tuple(
        Utterance(speaker=SIGNS[who], start=3.0 * at, end=3.0 * at + 2, text=words, channel=0 if who == "c" else 1)
        for at, (who, _, words) in enumerate(rows)
    )
    return Transcript(language=language, engine="test", duration=3.0 * len(rows) + 1, utterances=utterances)


RUSSIAN = """
r: Здравствуйте! Это магазин «Ромашка». Чем помочь?
c: здравствуйте
c: я хотела узнать где мой заказ я жду уже вторую неделю
r: Назовите, пожалуйста, номер заказа.
c: четыре один два семь
r: Соединяю с оператором.
a: здравствуйте меня зовут пётр вижу заказ задержался
c: я заплатила две тысячи рублей
a: приношу извинения мы привезём его завтра до двенадцати
c: хорошо спасибо
"""
ENGLISH = """
r: Hello, this is the shop. How can I help?
c: hello
c: i would like to know where my order is i have been waiting for two weeks
r: Please tell me the order number.
c: four one two seven
r: I will put you through.
a: hello this is peter i can see the order is late
c: i paid two hundred dollars
a: i am sorry we will deliver it tomorrow at noon
c: all right thank you
"""
