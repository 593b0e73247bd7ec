"""Who rings, over real SIP: what the network says, what it withholds, and what somebody only claims."""

from __future__ import annotations

from functools import partial

import pytest

from tests.ivr.conftest import CallBook, until
from tests.telephony import OpenPhone, Robot

pytestmark = pytest.mark.asterisk

ANNA = "+79161234567"
IDENTITY = {"P-Asserted-Identity": f"<sip:{ANNA}@127.0.0.1>"}


def texts(book: CallBook, node: str) -> list[str]:
    return [turn.text for turn in book.turns() if turn.node == node and turn.speaker == "robot"]


async def test_a_withheld_number_is_none_and_opens_nothing(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    """CLIR: the trunk tells whose number it is and that it may not be shown."""
    caller = await softphones("anonymous")
    await caller.dial("1000", headers=IDENTITY | {"Privacy": "id"})
    await caller.next("speech_started", timeout=15)
    await caller.press("4127#")
    await until(partial(texts, book, "tell"), seconds=40, what="the order")
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.caller_number, call.customer_id) == ("", None)
    assert not texts(book, "greet")[0].startswith("Здравствуйте,")  # a name would follow
    assert texts(book, "tell") == ["Заказ 4127 передан курьеру, доставка завтра."]


async def test_a_telephone_of_ours_has_the_number_of_its_account(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    caller = await softphones("phone")
    await caller.dial("1000", headers=IDENTITY)
    await caller.next("speech_started", timeout=15)
    await caller.press("4127#")
    await until(partial(texts, book, "tell"), seconds=40, what="the order")
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.caller_number, call.customer_id) == ("phone", None)
    assert "пионов" not in " ".join(texts(book, "tell"))


async def test_a_trunks_number_is_believed_as_far_as_it_goes(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("4127#")
    await until(partial(texts, book, "tell"), seconds=40, what="the order")
    await caller.hang_up()
    call = await book.ended_call()
    assert call.caller_number == ANNA
    assert call.customer_id is not None
    assert texts(book, "greet")[0].startswith("Здравствуйте, ")  # the keys cut it short
    assert "букет пионов" in texts(book, "tell")[0]  # her number and the number of her order
