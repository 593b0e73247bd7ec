"""Who may be told what: the one rule, on the telephone as in writing.

A number, said or sent by the network, is no proof. A number that a trusted trunk gives opens a greeting and the state
of the caller's own orders, as far as ``OTKLIK_CALLER_ID_OPENS`` goes. Everything else that belongs to a person takes
what only that person knows: the number of a booking or an order, named in answer to the question for it, which opens
that one; or a code that the company's system has sent, which opens all of that person. What each request takes stands
in ``protocol.REQUESTS``. Wrong ones are counted, see ``recordings.customers.tries``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.business.protocol import LOCKED, REFUSED, REQUESTS, STATES, TOO_MANY, UNPROVEN, Level, Option, Reply
from ivr.business.requests import Requests
from ivr.business.settings import BusinessSettings
from ivr.errors import BusinessError
from recordings.calls.callback_rules import may_ring
from recordings.calls.settings import CallbackSettings, callback_settings
from recordings.contacts.phone_numbers import e164
from recordings.customers.tries import Scope, Tries, Try
from recordings.database import transaction
from recordings.privacy import audit
from recordings.privacy.settings import privacy_settings

log = logging.getLogger(__name__)

CODES_A_CONVERSATION = 2
SHARE_ADDRESS = 10
"""People behind one network address: an office, a mobile operator's door. It may try so many times as often."""
PHONE = "phone:"
"""Before a telephone number among what was proved; bookings and orders have the like."""
ROBOT = "robot"
"""Who the lines of the audit trail are of."""
_PLACES = ("orders.first", "orders.second", "orders.third")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an installation has decided."""

    opens: Level = Level.ORDERS
    """What a number of a trusted trunk is enough for."""
    tries: int = 3
    """Wrong numbers and codes in one conversation."""
    tries_day: int = 6
    """The same in a day of one caller or visitor."""
    tries_number: int = 10
    """The same in a day about one customer's number."""
    codes_day: int = 3
    """Codes in a day to one customer."""
    callbacks: CallbackSettings
    """Which numbers are rung back, and how many in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is in a conversation, as far as anybody but themselves says so."""

    contact: str
    """Id of the call or chat."""
    number: str = ""
    """Number that the network of a trusted trunk, or a messenger, gives; empty for one that is withheld or claimed."""
    visitor: str = ""
    """By what somebody without a number is known again, as a browser's secret: to count, never to tell by."""
    address: str = ""
    """Network address, in writing; many people may share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The way of all conversations of a process to what the company knows."""

    requests: Requests
    rules: Rules
    tries: Tries

    def may_begin(self, address: str) -> bool:
        """Whether one more conversation in writing may begin from a network address; empty where it is not known.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        place = Scope(name="address", value=address, limit=self.rules.callbacks.chats_day)
        return self.tries.take("chat", (place,)).allowed if address else True

    def guard(self, caller: Caller, language: str, proven: frozenset[str] = frozenset()) -> Guard:
        """The one of a conversation; ``proven`` is what its kept state says."""
        return Guard(self.requests, caller, language=language, rules=self.rules, tries=self.tries, proven=proven)


def open_access(requests: Requests, settings: BusinessSettings, database: Engine | None) -> Access:
    """As the installation is set up.

    Args:
        requests: Who knows the answers.
        settings: What a number is enough for, and how many tries there are.
        database: Where tries are counted; None: in this process alone.
    """
    rules = Rules(
        opens=Level[settings.caller_id_opens.upper()] if settings.caller_id_opens != "nothing" else Level.OPEN,
        tries=settings.proof_tries,
        tries_day=settings.proof_tries_day,
        tries_number=settings.proof_tries_number,
        codes_day=settings.proof_codes_day,
        callbacks=callback_settings(),
    )
    secret = privacy_settings().erasure_secret.get_secret_value()
    return Access(requests=requests, rules=rules, tries=Tries(database=database, secret=secret))


def proven_numbers(proven: frozenset[str]) -> frozenset[str]:
    """Telephone numbers, in E.164, that somebody has shown to be theirs."""
    return frozenset(name.removeprefix(PHONE) for name in proven if name.startswith(PHONE))


class Guard:
    """Puts the requests of one conversation. Every request of every conversation goes through here.

    Args:
        requests: Who knows the answers.
        caller: Who asks.
        language: Of the conversation.
        rules: What the installation has decided.
        tries: Counts what was wrong.
        proven: What was proved earlier in this conversation, as its state has kept it.
    """

    def __init__(
        self,
        requests: Requests,
        caller: Caller,
        *,
        language: str,
        rules: Rules,
        tries: Tries,
        proven: frozenset[str] = frozenset(),
    ) -> None:
        self._requests = requests
        self._caller = caller
        self._language = language
        self._rules = rules
        self._tries = tries
        self._network = e164(caller.number, language) or ""
        self.proven = proven

    def ask(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        """Answer one of ``REQUESTS``, as far as this caller may be told.

        Raises:
            BusinessError: no answer; also where a try cannot be counted.
            ValueError: no such request.
        """
        try:
            match request:
                case "orders.status":
                    reply = self._order(facts, language)
                case "bookings.find":
                    reply = self._bookings(facts, language)
                case "bookings.move" | "bookings.cancel":
                    reply = self._change(request, facts, language)
                case "bookings.create":
                    reply = self._created(self._put(request, facts, language))
                case "codes.send":
                    reply = self._send_code(facts, language)
                case "codes.check":
                    reply = self._check_code(facts, language)
                case "callbacks.allow":
                    reply = self._callback(facts)
                case _:
                    reply = self._by_level(request, facts, language)
        except SQLAlchemyError as error:
            raise BusinessError(f"{request}: tries cannot be counted now: {error}") from error
        return replace(reply, proven=self.proven)

    def _put(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        return self._requests.ask(request, facts, language, contact=self._caller.contact)

    def _by_level(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        """What takes no number of its own: told as far as the caller has come."""
        if request not in REQUESTS:
            raise ValueError(f"no request {request!r}")
        known = REQUESTS[request]
        subject = self._subject(facts, any_number="contact.phone" in known.needs)
        standing = self._standing(subject)
        if standing < known.level:
            return _closed(request)
        reply = self._put(request, {**facts, "caller.number": subject} if known.level else facts, language)
        if standing >= Level.PROOF:
            self._learn(_numbers(reply))
            return reply
        return _as_states(reply) if STATES in known.besides and reply.options else _limited(request, reply, standing)

    def _order(self, facts: Mapping[str, str], language: str) -> Reply:
        """One order: its state for whoever names its number, all of it for whose it is."""
        request, number = "orders.status", facts.get("order.number", "")
        if f"order:{number}" in self.proven:
            return self._put(request, facts, language)
        said = e164(facts.get("contact.phone", ""), language) or ""
        guess = self._guess(said or self._network)
        if not guess.allowed:
            return self._locked(request, guess)
        reply = self._put(request, facts, language)
        whose = reply.facts.get("order.phone", "")
        if whose and whose in {*proven_numbers(self.proven), self._network, said}:
            self._tries.give_back(guess.id)
            self._learn({f"order:{number}"})
            return reply
        if reply.outcome == "missing":
            return self._locked(request, guess) if not guess.left else reply
        if not whose or not (said or self._network):  # a right number of nobody in particular: no guess at a person
            self._tries.give_back(guess.id)
            self._tries.take("proof", (self._in_conversation(),))
        return _limited(request, reply, Level.ORDERS)

    def _bookings(self, facts: Mapping[str, str], language: str) -> Reply:
        """A person's bookings: all after a code, one for who names its number beside the telephone's."""
        request, named = "bookings.find", facts.get("booking.number", "")
        phone = e164(facts.get("contact.phone", ""), language) or ""
        if phone and phone in proven_numbers(self.proven):
            reply = self._put(request, {**facts, "booking.number": ""}, language)
            self._learn(_numbers(reply))
            return reply
        if not named or not phone:
            return Reply(outcome=UNPROVEN)
        guess = self._guess(phone)
        if not guess.allowed:
            return self._locked(request, guess)
        reply = self._put(request, facts, language)
        found = (reply.facts, *(option.facts for option in reply.options))
        own = next((one for one in found if one.get("booking.number") == named), None)
        if own is None:
            reply = Reply(outcome="missing") if guess.left else self._locked(request, guess)
            return replace(reply, facts={"booking.number": ""})  # or it would be tried again by itself
        self._tries.give_back(guess.id)
        self._learn({f"booking:{named}"})
        return Reply(outcome="one", facts=own)

    def _change(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        """A change of a booking: of one that was proved, or is now."""
        if f"booking:{facts.get('booking.number', '')}" not in self.proven:
            found = self._bookings(facts, language)
            if f"booking:{facts.get('booking.number', '')}" not in self.proven:
                return found if found.outcome in {UNPROVEN, LOCKED} else Reply(outcome="missing")
        return self._put(request, facts, language)

    def _created(self, reply: Reply) -> Reply:
        """Who has just booked may change that booking; it proves nothing about any other."""
        self._learn(_numbers(reply))
        return reply

    def _send_code(self, facts: Mapping[str, str], language: str) -> Reply:
        request, phone = "codes.send", e164(facts.get("contact.phone", ""), language) or ""
        if not phone:
            return Reply(outcome="unavailable")
        conversation = Scope(name="conversation", value=self._caller.contact, limit=CODES_A_CONVERSATION)
        number = Scope(name="number", value=phone, limit=self._rules.codes_day)
        sent = self._tries.take(request, (conversation, number, *self._own_scopes(self._rules.tries_day)))
        if not sent.allowed:
            return self._locked(request, sent)
        return self._put(request, {**facts, "contact.phone": phone}, language)

    def _check_code(self, facts: Mapping[str, str], language: str) -> Reply:
        request, phone = "codes.check", e164(facts.get("contact.phone", ""), language) or ""
        guess = self._guess(phone)
        if not guess.allowed:
            return self._locked(request, guess)
        reply = self._put(request, {**facts, "contact.phone": phone}, language)
        if reply.outcome != "right" or not phone:
            return self._locked(request, guess) if not guess.left else Reply(outcome="wrong", facts={"code.number": ""})
        self._tries.give_back(guess.id)
        self._learn({f"{PHONE}{phone}"})
        return Reply(outcome="right", facts={"code.number": ""})  # used up: nobody need keep it

    def _callback(self, facts: Mapping[str, str]) -> Reply:
        """Whether somebody may be rung back. Where this cannot be counted the promise counts more."""
        number, rules = facts.get("callback.number") or facts.get("caller.number", ""), self._rules.callbacks
        if not may_ring(number, self._language, rules):
            return Reply(outcome=REFUSED)
        phone = Scope(name="number", value=e164(number, self._language) or number, limit=rules.callbacks_day)
        try:
            asked = self._tries.take("callback", (phone, *self._own_scopes(rules.callbacks_day)))
        except SQLAlchemyError as error:
            log.warning("%s: call-backs cannot be counted now: %s", self._caller.contact, error)
            return Reply(outcome="allowed")
        return Reply(outcome="allowed" if asked.allowed else TOO_MANY)

    def _subject(self, facts: Mapping[str, str], *, any_number: bool) -> str:
        """Number whose owner's things are asked for: one that a code has proved, or that of the line."""
        proven = proven_numbers(self.proven)
        said = e164(facts.get("contact.phone", ""), self._language) or ""
        if said in proven or any_number:
            return said
        return min(proven, default=self._network)

    def _standing(self, subject: str) -> Level:
        """How sure it is that the caller owns a number."""
        if subject and subject in proven_numbers(self.proven):
            return Level.PROOF
        return self._rules.opens if subject and subject == self._network else Level.OPEN

    def _learn(self, proven: set[str]) -> None:
        self.proven |= proven

    def _own_scopes(self, limit: int) -> tuple[Scope, ...]:
        """Who tries: the number of the line, or else what a stranger is known by."""
        return (
            Scope(name="caller", value=self._network or self._caller.visitor, limit=limit),
            Scope(name="address", value=self._caller.address, limit=limit * SHARE_ADDRESS),
        )

    def _in_conversation(self) -> Scope:
        return Scope(name="conversation", value=self._caller.contact, limit=self._rules.tries)

    def _guess(self, phone: str) -> Try:
        """Count a try at a number or a code, before it is looked at.

        About a customer the line of that customer is counted apart from all others: who guesses from elsewhere does
        not lock the owner out.
        """
        rules = self._rules
        whose = f"{phone} {'own' if phone == self._network else 'other'}" if phone else ""
        scopes = (
            self._in_conversation(),
            Scope(name="number", value=whose, limit=rules.tries_number),
            *self._own_scopes(rules.tries_day),
        )
        return self._tries.take("proof", scopes)

    def _locked(self, request: str, tried: Try) -> Reply:
        """No more tries: said once in the log and in the audit trail, without any number."""
        contact = self._caller.contact
        log.warning("%s: %s: too many wrong ones of this %s, closed for now", contact, request, tried.scope)
        if self._tries.database is not None:
            with transaction(self._tries.database) as db:
                audit.note_once(db, ROBOT, f"proof.locked.{tried.scope}", contact)
        return Reply(outcome=LOCKED)


def _closed(request: str) -> Reply:
    """What a request comes to for who may not be told: the system is not asked, so that nothing shows whether there is
    anything."""
    known = REQUESTS[request]
    if UNPROVEN in known.besides:
        return Reply(outcome=UNPROVEN)
    return Reply(outcome=next(name for name in ("missing", "none") if name in known.outcomes))


def _limited(request: str, reply: Reply, standing: Level) -> Reply:
    """The reply without the facts that take more."""
    tells = REQUESTS[request].tells
    if not any(level > standing for level in tells.values()):
        return reply

    def told(facts: Mapping[str, str]) -> dict[str, str]:
        return {name: "" if tells.get(name, Level.OPEN) > standing else value for name, value in facts.items()}

    options = tuple(Option(facts=told(option.facts)) for option in reply.options)  # ways to name one would tell, too
    return replace(reply, facts=told(reply.facts), options=options)


def _as_states(reply: Reply) -> Reply:
    """Several orders, as far as they have come and no more; ``missing`` where the system does not tell."""
    states = [option.facts.get("order.state", "") for option in reply.options]
    if not all(states):
        return Reply(outcome="missing")
    places = dict.fromkeys(_PLACES, "") | dict(zip(_PLACES, states, strict=False))
    return Reply(outcome=STATES, facts=places)


def _numbers(reply: Reply) -> set[str]:
    """Orders and bookings that a reply names."""
    found = (reply.facts, *(option.facts for option in reply.options))
    return {
        f"{noun}:{facts[f'{noun}.number']}"
        for facts in found
        for noun in ("order", "booking")
        if facts.get(f"{noun}.number")
    }
