"""`otklik users`: who may log in, as what, what they have open, and their tokens for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

import typer

from api.cli.options import RoleName, account, app, refuse

Agent = Annotated[str, typer.Option(help="Endpoint of the phone they answer, as PJSIP/agent.")]

users_app = typer.Typer(no_args_is_help=True, help="Who may log in.")
app.add_typer(users_app, name="users")


@users_app.command("add")
def add_user(
    login: str,
    role: Annotated[RoleName, typer.Option(help="What they may do.")],
    language: Annotated[Literal["ru", "en"], typer.Option(help="Language of the pages.")] = "ru",
    agent: Agent = "",
) -> None:
    """Make a user; the password is asked for, or read from stdin when that is not a terminal."""
    from api.installation.installation import open_database
    from api.kit.roles import Role
    from api.operations import users
    from api.settings import WebSettings

    with _refusing():
        users.add_user(
            open_database(),
            login,
            _ask_password(),
            language=language,
            role=Role(role),
            agent=agent,
            by=account(),
            shared_phones=WebSettings().shared_phones,
        )
    print(f"{login} can log in as {role}", file=sys.stderr)


@users_app.command("role")
def change_role(
    login: str,
    role: RoleName,
    agent: Annotated[str | None, typer.Option(help="Endpoint of the phone they answer.")] = None,
) -> None:
    """Give a user another role, at once."""
    from api.installation.installation import open_database
    from api.kit.roles import Role
    from api.operations import users
    from api.settings import WebSettings

    shared = WebSettings().shared_phones
    with _refusing():
        users.change_role(open_database(), login, Role(role), agent=agent, by=account(), shared_phones=shared)
    print(f"{login} is {role} from now on", file=sys.stderr)


@users_app.command("list")
def list_users() -> None:
    """Login, role, phone, language, state, second factor and last use of every user."""
    from api.access import members
    from api.installation.installation import open_database
    from recordings.database import reading

    with reading(open_database()) as db:
        known = members.members(db)
    for user in known:
        state = "off" if user.off else "password not changed yet" if user.drawn else "on"
        factor = "second factor" if user.factor else "-"
        print(user.login, user.role, user.agent, user.language, state, factor, _time(user.seen_at), sep="\t")


@users_app.command("password")
def change_password(login: str) -> None:
    """Give a user a new password and end their sessions and tokens."""
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        users.change_password(open_database(), login, _ask_password(), by=account())
    print(f"the password of {login} is changed", file=sys.stderr)


@users_app.command("off")
def switch_off(login: str) -> None:
    """Let a user in no more; sessions and tokens end at once."""
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        done = users.switch_off(open_database(), login, by=account())
    print(f"{login} is switched off" if done else f"{login} was off already", file=sys.stderr)


@users_app.command("on")
def switch_on(login: str) -> None:
    """Let a user in again who was switched off."""
    from api.installation.installation import open_database
    from api.operations import users
    from api.settings import WebSettings

    with _refusing():
        done = users.switch_on(open_database(), login, by=account(), shared_phones=WebSettings().shared_phones)
    print(f"{login} can log in again" if done else f"{login} was not off", file=sys.stderr)


@users_app.command("remove")
def remove_user(login: str) -> None:
    """Take a user away for good; evaluations and the audit trail keep the name, and nobody else can have it."""
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        users.remove_user(open_database(), login, by=account())
    print(f"{login} is removed", file=sys.stderr)


@users_app.command("sessions")
def list_sessions(
    login: str,
    end: Annotated[str, typer.Option(help="End this one; `all` ends all.")] = "",
) -> None:
    """Browsers a user is logged in with: id, since when, last use, address, browser."""
    from api.access import members
    from api.installation.installation import open_database
    from api.kit.auth import find_user
    from api.operations import users
    from recordings.database import reading

    engine = open_database()
    with _refusing():
        if end:
            ended = users.end_sessions(engine, login, by=account(), only="" if end == "all" else end)
            if not ended:
                raise ValueError(f"{login} has no such session")
            print(f"{ended} ended", file=sys.stderr)
            return
        with reading(engine) as db:
            known = members.open_sessions(db, find_user(db, login).id)
    for one in known:
        print(one.id, _time(one.started_at), _time(one.seen_at), one.address, one.browser, sep="\t")


@users_app.command("reset-factor")
def reset_factor(login: str) -> None:
    """Forget a user's second factor, of which authenticator and recovery codes are lost; they set it up anew."""
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        done = users.reset_second_factor(open_database(), login, by=account())
    print(f"{login} has no second factor any more" if done else f"{login} had none", file=sys.stderr)


@users_app.command("token")
def make_token(
    login: str,
    name: Annotated[str, typer.Option(help="What the token is for.")] = "cli",
    days: Annotated[float, typer.Option(help="It ends after so many; 0: after OTKLIK_TOKEN_DAYS.")] = 0,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write, originals, …; `all`: all that the user may. By default read."),
    ] = None,
) -> None:
    """Make an API token; it is printed once."""
    from api.installation.installation import open_database
    from api.operations import users
    from api.settings import WebSettings

    most = WebSettings().token_days
    with _refusing():
        if days > most:
            raise ValueError(f"a token lives up to {most:g} days (OTKLIK_TOKEN_DAYS)")
        wanted = None if scope and "all" in scope else scope or ["read"]
        made = users.make_token(open_database(), login, name=name, by=account(), days=days or most, scopes=wanted)
        print(made)
    print("keep it: it is not shown again", file=sys.stderr)


@users_app.command("tokens")
def list_tokens(
    login: Annotated[str, typer.Argument(help="By default everybody's.")] = "",
    revoke: Annotated[str, typer.Option(help="Take this one back.")] = "",
) -> None:
    """API tokens: id, login, name, scopes, last use, end."""
    from api.access import members
    from api.installation.installation import open_database
    from api.kit.auth import find_user
    from api.operations import users
    from recordings.database import reading

    engine = open_database()
    with _refusing():
        if revoke:
            if users.revoke_token(engine, revoke, by=account()) is None:
                raise ValueError(f"there is no token {revoke}")
            print(f"{revoke} is revoked", file=sys.stderr)
            return
        with reading(engine) as db:
            known = members.tokens(db, find_user(db, login).id if login else "")
    for token in known:
        scopes = "all" if token.scopes is None else ",".join(token.scopes)
        print(token.id, token.login, token.name, scopes, _time(token.last_used_at), _time(token.expires_at), sep="\t")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"


def _ask_password() -> str:
    """A password typed twice, or the first line of stdin in scripts.

    Raises:
        ValueError: the two differ.
    """
    import getpass

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != first:
        raise ValueError("the two passwords differ; nothing was changed")
    return first


@contextmanager
def _refusing() -> Iterator[None]:
    """Say why what a command wants cannot be."""
    try:
        yield
    except ValueError as error:
        refuse(error)
