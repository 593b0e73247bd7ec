"""Check sums of cards, taxpayers, pension insurance and bank accounts."""

from __future__ import annotations

INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
INN_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
INN_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
"""Weights of the digits before each check digit, Federal Tax Service order of 29.06.2012."""
IBAN_LENGTHS = range(15, 35)


def luhn(digits: str) -> bool:
    """Whether a card's check digit fits, ISO/IEC 7812-1."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and any(digit != "0" for digit in digits)


def is_inn(digits: str) -> bool:
    """Whether the check digits of a Russian taxpayer's number fit, 10 digits for a company, 12 for a person."""
    if len(digits) == 10:
        return _weighed(digits, INN_10)
    return len(digits) == 12 and _weighed(digits, INN_11) and _weighed(digits, INN_12)


def _weighed(digits: str, weights: tuple[int, ...]) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))
    return total % 11 % 10 == int(digits[len(weights)])


def is_snils(digits: str) -> bool:
    """Whether the last two of the 11 digits of a Russian pension insurance number check the nine before."""
    if len(digits) != 11 or not digits.isdecimal() or int(digits[:9]) <= 1_001_998:  # older ones have no check
        return False
    total = sum((9 - place) * int(digit) for place, digit in enumerate(digits[:9]))
    return total % 101 % 100 == int(digits[9:])


def is_iban(code: str) -> bool:
    """Whether an account of ISO 13616 without spaces fits its check digits."""
    code = code.upper()
    if len(code) not in IBAN_LENGTHS or not code.isascii() or not code.isalnum():
        return False
    if not (code[:2].isalpha() and code[2:4].isdigit()):
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1
