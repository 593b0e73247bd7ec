"""`otklik`: the command line of an installation.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 something failed and was said, 2 wrong usage.
Heavy parts are imported by the command that needs them, so that ``--help`` is instant.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

Language = Annotated[str, typer.Option("--language", "-l", help="ru, en, …")]
RoleName = Literal["agent", "analyst", "quality", "supervisor", "admin"]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]
Files = Annotated[list[Path], typer.Argument(exists=True, readable=True)]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers a company's phone and learns from every call.",
)
models_app = typer.Typer(no_args_is_help=True, help="Speech models: list, pull, add, verify.")
calls_app = typer.Typer(no_args_is_help=True, help="Calls and what was found in them.")
scenario_app = typer.Typer(no_args_is_help=True, help="What the robot says and waits for.")
rules_app = typer.Typer(no_args_is_help=True, help="Versions of the rules: list, add, put in force, run over history.")
dictionary_app = typer.Typer(no_args_is_help=True, help="Keywords analytics looks for.")
intents_app = typer.Typer(no_args_is_help=True, help="What a phrase asks for, learnt from examples.")
sentiment_app = typer.Typer(help="How content people sound in their words.")
learn_app = typer.Typer(no_args_is_help=True, help="What the robot failed on, and a model that knows it.")
alerts_app = typer.Typer(no_args_is_help=True, help="Rules that tell somebody at once.")
scorecard_app = typer.Typer(no_args_is_help=True, help="What calls are scored by.")
agents_app = typer.Typer(no_args_is_help=True, help="Who takes calls: names and teams.")
draws_app = typer.Typer(no_args_is_help=True, help="Samples of calls drawn for evaluation.")
topics_app = typer.Typer(no_args_is_help=True, help="What callers ask that no intent knows.")
users_app = typer.Typer(no_args_is_help=True, help="Who may log in.")
audit_app = typer.Typer(no_args_is_help=True, help="Who did what that others must be able to check.")
privacy_app = typer.Typer(no_args_is_help=True, help="One person's data, legal holds, retention.")
for name, group in (
    ("models", models_app),
    ("calls", calls_app),
    ("scenario", scenario_app),
    ("dictionary", dictionary_app),
    ("rules", rules_app),
    ("intents", intents_app),
    ("sentiment", sentiment_app),
    ("learn", learn_app),
    ("alerts", alerts_app),
    ("scorecard", scorecard_app),
    ("agents", agents_app),
    ("draws", draws_app),
    ("topics", topics_app),
    ("users", users_app),
    ("audit", audit_app),
    ("privacy", privacy_app),
):
    app.add_typer(group, name=name)


@app.command()
def up() -> None:
    """Start all parts on this machine; Ctrl-C ends them."""
    from api.command.up import run_parts

    raise typer.Exit(run_parts())


@app.command()
def demo(
    language: Annotated[Literal["ru", "en"], typer.Option()] = "ru",
    once: Annotated[bool, typer.Option(help="End after the call; exit 0 only if all of it really happened.")] = False,
) -> None:
    """Start all parts and hold a real SIP call with a scripted caller and agent."""
    from api.command.demo import run_demo

    raise typer.Exit(run_demo(language, once=once))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at what is installed, reachable and listening, and say what to do about what is not."""
    from api.command.doctor import print_examination

    raise typer.Exit(print_examination(as_json=as_json))


@app.command()
def transcribe(
    files: Files,
    language: Language,
    engine: Annotated[str, typer.Option(help="vosk or whisper; by default Vosk where its model is there.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recognise the speech of sound files, each channel apart. Needs no server."""
    from api.command.speech import transcribe_files

    raise typer.Exit(transcribe_files(files, language=language, engine=engine, as_json=as_json))


@app.command()
def analyse(
    files: Files,
    language: Language,
    engine: Annotated[str, typer.Option(help="vosk or whisper; by default Vosk where its model is there.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recognise sound files and look for keywords, sentiment, silences, overlaps and loudness. Needs no server."""
    from api.command.speech import analyse_files

    raise typer.Exit(analyse_files(files, language=language, engine=engine, as_json=as_json))


@app.command()
def slots(
    language: Annotated[str, typer.Option("--language", "-l", help="ru or en")],
    expect: Annotated[str, typer.Option(help="number, ordinal, digits, date, time, datetime, name, phone, email, …")],
    now: Annotated[str, typer.Option(help="What relative dates start from, as 2026-11-24T10:00; by default now.")] = "",
    region: Annotated[str, typer.Option(help="Of phones, currency and typed dates; RU for ru, US for en.")] = "",
) -> None:
    """Find a value of a kind in each {"text"} of stdin: {"value", "confidence"}, a JSON line a line."""
    from api.command.meaning import print_slots

    raise typer.Exit(print_slots(language, expect, now, region))


@app.command()
def numbers(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Write the spoken numbers of each {"text"} of stdin in digits: {"text"}, a JSON line a line."""
    from api.command.meaning import print_written

    raise typer.Exit(print_written(language))


@app.command()
def redact(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Put personal data out of each {"text"} of stdin: {"text", "spans": [{"start", "end", "kind"}]}, a line a line."""
    from api.command.redaction import print_redacted

    raise typer.Exit(print_redacted(language))


@app.command("redact-audio")
def redact_audio(
    file: Annotated[Path, typer.Argument(exists=True, readable=True, dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="WAV to write; never the file itself.")],
    language: Annotated[str, typer.Option("--language", "-l", help="ru, en, …")] = "ru",
    engine: Annotated[str, typer.Option(help="vosk or whisper; by default Vosk where its model is there.")] = "",
    silence: Annotated[bool, typer.Option("--silence", help="Silence instead of a tone.")] = False,
) -> None:
    """Recognise a sound file and put a tone over the personal data in it; prints where. Needs no server."""
    from api.command.redaction import redact_audio as redact_file

    raise typer.Exit(redact_file(file, out, language=language, engine=engine, silence=silence))


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders to search for sound.")],
    language: Language,
) -> None:
    """Take recordings into the archive for the workers. A file already there is not taken twice."""
    from api.command.speech import import_paths

    raise typer.Exit(import_paths(paths, language=language))


@app.command("demo-data")
def demo_data(
    calls: Annotated[int, typer.Option(min=1, max=100_000)] = 2000,
    language: Annotated[Literal["ru", "en", "both"], typer.Option()] = "both",
    sound: Annotated[int, typer.Option(min=0, max=1000, help="Calls that are given a voice.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed, the same month.")] = 1,
    again: Annotated[bool, typer.Option(help="Make it anew where there is some already.")] = False,
    remove: Annotated[bool, typer.Option(help="Take out what was made, and nothing else.")] = False,
) -> None:
    """Fill a month with generated calls, so that every page and figure can be tried."""
    from api.command.demo_data import fill, remove_all

    if remove:
        raise typer.Exit(remove_all())
    raise typer.Exit(fill(calls=calls, language=language, sound=sound, seed=seed, again=again))


@app.command()
def export(
    what: Annotated[
        Literal["calls", "findings", "evaluations", "figures", "utterances", "views"],
        typer.Argument(help="Table to write; views tells about those for BI programs."),
    ],
    form: Annotated[Literal["csv", "xlsx", "parquet"], typer.Option("--format")] = "csv",
    since: Annotated[str, typer.Option(help="First day (UTC), as 2026-11-01; by default all.")] = "",
    until: Annotated[str, typer.Option(help="Last day, included.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; CSV goes to stdout without it.")] = None,
    bom: Annotated[bool, typer.Option(help="Begin CSV with a byte order mark, for Excel.")] = False,
) -> None:
    """Write calls, findings, evaluations, figures or utterances as a table, private data taken out."""
    from api.command.export import export_table, print_views

    if what == "views":
        raise typer.Exit(print_views())
    raise typer.Exit(export_table(what, form=form, since=since, until=until, language=language, out=out, bom=bom))


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """The catalogue, and which of it is here."""
    from api.command.models import print_models

    raise typer.Exit(print_models(as_json=as_json))


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str] | None, typer.Argument()] = None,
    needed: Annotated[bool, typer.Option(help="What Russian and English calls need.")] = False,
    tests: Annotated[bool, typer.Option(help="With --needed: what the tests need as well.")] = False,
) -> None:
    """Fetch models from the catalogue's sources in order; interrupted downloads go on where they stopped."""
    from api.command.models import pull_models, pull_needed

    raise typer.Exit(pull_needed(tests=tests) if needed else pull_models(names or []))


@models_app.command("add")
def models_add(
    path: Annotated[Path, typer.Argument(exists=True, help="Folder or zip brought from elsewhere.")],
    language: Annotated[str, typer.Option("--language", "-l", help="Of a model the catalogue does not know.")] = "",
    engine: Annotated[str, typer.Option(help="vosk or whisper; guessed from the files.")] = "",
) -> None:
    """Take a model brought by hand, for machines without a network."""
    from api.command.models import add_model

    raise typer.Exit(add_model(path, language=language, engine=engine))


@models_app.command("verify")
def models_verify(names: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Check the files of installed models against what was verified when they came."""
    from api.command.models import verify_models

    raise typer.Exit(verify_models(names or []))


@calls_app.command("list")
def calls_list(limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False) -> None:
    """Newest calls first."""
    from api.command.calls import print_calls

    raise typer.Exit(print_calls(limit=limit, as_json=as_json))


@calls_app.command("show")
def calls_show(
    call_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: AsJson = False,
    original: Annotated[bool, typer.Option("--original", help="With private parts; leaves an audit line.")] = False,
) -> None:
    """One call turn by turn, with its findings."""
    from api.command.calls import print_call

    raise typer.Exit(print_call(call_id, as_json=as_json, original=original))


@calls_app.command("retry")
def calls_retry(call_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Give a parked recording back to the workers."""
    from api.command.calls import retry_recording

    raise typer.Exit(retry_recording(call_id))


@scenario_app.command("check")
def scenario_check(files: Files) -> None:
    """Find unreachable nodes, dead ends, missing prompts and unknown slots; prints file:line."""
    from ivr.scenario import check

    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} scenarios, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@scenario_app.command("schema")
def scenario_schema(
    job: Annotated[bool, typer.Option(help="Of the files that scenarios include.")] = False,
) -> None:
    """JSON schema of scenario files: editors complete and check while one types."""
    import json

    from ivr.scenario_file import JobFile, ScenarioFile, schema

    print(json.dumps(schema(JobFile if job else ScenarioFile), indent=2, ensure_ascii=False))


@scenario_app.command("test")
def scenario_test(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Conversations: YAML files, or folders of them.")],
    way: Annotated[Literal["text", "audio", "call"], typer.Option("--as", help="Typed, heard, or over SIP.")] = "text",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only conversations that have one of these.")] = None,
    noise: Annotated[float | None, typer.Option(help="Speech above the line's noise, dB.", min=-10, max=60)] = None,
    verbose: Annotated[bool, typer.Option(help="Print every conversation word by word.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have simulated callers hold conversations and compare; calls go to a running robot."""
    from api.command.scenario_test import hold_conversations

    raise typer.Exit(
        hold_conversations(
            paths, way=way, language=language, tags=tag or [], noise=noise, as_json=as_json, verbose=verbose
        )
    )


@scenario_app.command("talk")
def scenario_talk(file: Annotated[Path, typer.Argument(exists=True)]) -> None:
    """Talk with a scenario by text."""
    from ivr.console import talk

    raise typer.Exit(talk(file))


@app.command()
def keywords(
    language: Annotated[str, typer.Option("--language", "-l", help="ru, en, …")],
    dictionary: Annotated[Path, typer.Option(exists=True, readable=True, help="YAML file, or a folder of them.")],
    likeness: Annotated[bool, typer.Option(help="Add likeness and threshold, for phrases matched fuzzily.")] = False,
) -> None:
    """Find a dictionary's categories in each {"text"} of stdin: {"hits": [{"category", "phrase", "start", "end"}]}."""
    from api.command.keywords import print_keywords

    raise typer.Exit(print_keywords(language, dictionary, likeness=likeness))


@sentiment_app.callback(invoke_without_command=True)
def sentiment(
    context: typer.Context,
    language: Annotated[str, typer.Option("--language", "-l", help="ru or en")] = "",
) -> None:
    """Tell how each {"text"} of stdin sounds: {"sentiment", "score"}, a line a line; negative, neutral or positive."""
    from api.command.sentiment import print_sentiment

    if context.invoked_subcommand is None:
        raise typer.Exit(print_sentiment(language))


@sentiment_app.command("train")
def sentiment_train(language: Annotated[str, typer.Option("--language", "-l", help="ru or en")]) -> None:
    """Learn our phrases and people's corrections; the model is put in use unless it is worse than the running one."""
    from api.command.sentiment import train_model

    raise typer.Exit(train_model(language))


@dictionary_app.command("schema")
def dictionary_schema() -> None:
    """JSON schema of dictionaries: editors complete and check while one types."""
    import json

    from analytics.dictionary import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


@dictionary_app.command("check")
def dictionary_check(paths: Annotated[list[Path], typer.Argument(exists=True)]) -> None:
    """Check keyword dictionaries; prints file:line."""
    from analytics.dictionary import check

    files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} dictionaries, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@rules_app.command("list")
def rules_list() -> None:
    """Versions, the newest first."""
    from api.command.rules import print_rule_sets

    raise typer.Exit(print_rule_sets())


@rules_app.command("add")
def rules_add(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="With <language>/<name>.yaml in it.")],
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
) -> None:
    """Take the dictionaries of a folder as a draft; prints its version. Nothing changes until it is put in force."""
    from api.command.rules import add_folder

    raise typer.Exit(add_folder(folder, note))


@rules_app.command("activate")
def rules_activate(version: Annotated[str, typer.Argument(help="As many letters of it as are needed.")]) -> None:
    """Put a version in force for new recordings and for what lists and figures show; an old one too."""
    from api.command.rules import activate_version

    raise typer.Exit(activate_version(version))


@rules_app.command("show")
def rules_show(version: Annotated[str, typer.Argument(help="By default the one in force.")] = "") -> None:
    """The files of a version as they were written."""
    from api.command.rules import show_version

    raise typer.Exit(show_version(version))


@rules_app.command("rerun")
def rules_rerun(
    since: Annotated[str, typer.Option(help="Day or moment in ISO 8601, as 2026-11-01.")],
    version: Annotated[str, typer.Option(help="By default the one in force.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Work the difference out and write nothing.")] = False,
    processes: Annotated[int, typer.Option(min=0, max=64, help="That share the work; 0: one a core.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run rules over stored transcripts again, without sound: progress on stderr, the difference on stdout."""
    from api.command.rules import rerun_rules

    raise typer.Exit(rerun_rules(since, version=version, only_try=dry_run, processes=processes, as_json=as_json))


@learn_app.command("candidates")
def learn_candidates(
    language: Language,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 31,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Phrases the robot failed on or handed over, most often said first."""
    from api.command.learn import print_candidates

    raise typer.Exit(print_candidates(language, days=days, limit=limit, as_json=as_json))


@learn_app.command("label")
def learn_label(
    sample: Annotated[str, typer.Argument(metavar="ID", help="As many letters of it as are needed.")],
    intent: Annotated[str, typer.Argument(help="An intent of the scenario, or none: none of ours.")],
) -> None:
    """Say what a phrase means."""
    from api.command.learn import label_phrase

    raise typer.Exit(label_phrase(sample, intent))


@learn_app.command("reject")
def learn_reject(sample: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Put a phrase aside: it teaches nothing."""
    from api.command.learn import reject_phrase

    raise typer.Exit(reject_phrase(sample))


@learn_app.command("train")
def learn_train(language: Language) -> None:
    """Train a model on all that is labelled and compare it with the running one. Nothing changes for callers."""
    from api.command.learn import train_model

    raise typer.Exit(train_model(language))


@learn_app.command("compare")
def learn_compare(version: str) -> None:
    """How a model did on the kept-back phrases, and where it differs from the running one."""
    from api.command.learn import compare_models

    raise typer.Exit(compare_models(version))


@learn_app.command("promote")
def learn_promote(version: str) -> None:
    """Make a model the running one; refused when it is worse."""
    from api.command.learn import promote_model

    raise typer.Exit(promote_model(version))


@learn_app.command("models")
def learn_models(language: Language) -> None:
    """Models trained so far."""
    from api.command.learn import print_models

    raise typer.Exit(print_models(language))


@intents_app.command("train")
def intents_train(
    source: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - reads stdin.")],
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
) -> None:
    """Learn intents from {"text", "intent"}, a JSON line an example; intent null: asks for none of them."""
    from api.command.intents import train_model

    raise typer.Exit(train_model(source, out))


@intents_app.command("predict")
def intents_predict(model: Annotated[Path, typer.Argument(metavar="MODEL")]) -> None:
    """Say what each {"text"} of stdin asks for: {"intent", "confidence"}, a JSON line a line; null is out of scope."""
    from api.command.intents import predict_lines

    raise typer.Exit(predict_lines(model, sys.stdin.buffer, sys.stdout.buffer))


@scorecard_app.command("check")
def scorecard_check(files: Files) -> None:
    """Check scorecards; prints file:line."""
    from api.command.quality import check_scorecards

    raise typer.Exit(check_scorecards(files))


@scorecard_app.command("add")
def scorecard_add(files: Files) -> None:
    """Make each file the running version of its name; with an error in any of them nothing changes."""
    from api.command.quality import add_scorecards

    raise typer.Exit(add_scorecards(files))


@scorecard_app.command("list")
def scorecard_list(as_json: AsJson = False) -> None:
    """All versions, the running ones first."""
    from api.command.quality import print_scorecards

    raise typer.Exit(print_scorecards(as_json=as_json))


@scorecard_app.command("schema")
def scorecard_schema() -> None:
    """JSON schema of scorecards: editors complete and check while one types."""
    from api.command.quality import print_schema

    raise typer.Exit(print_schema())


@agents_app.command("set")
def agents_set(
    endpoint: Annotated[str, typer.Argument(help="Of the phone, as PJSIP/101.")],
    name: Annotated[str, typer.Option(help="As pages and figures name them.")],
    team: Annotated[str, typer.Option(help="Of one of the teams, or a new one.")] = "",
) -> None:
    """Name who answers a phone."""
    from api.command.quality import set_agent

    raise typer.Exit(set_agent(endpoint, name=name, team=team))


@agents_app.command("list")
def agents_list(as_json: AsJson = False) -> None:
    """Everybody who is named or has taken a call."""
    from api.command.quality import print_agents

    raise typer.Exit(print_agents(as_json=as_json))


@draws_app.command("list")
def draws_list(as_json: AsJson = False) -> None:
    """Samples drawn so far, newest first."""
    from api.command.quality import print_draws

    raise typer.Exit(print_draws(as_json=as_json))


@draws_app.command("verify")
def draws_verify(draw: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Draw a sample again and compare; exit 1 when it does not repeat."""
    from api.command.quality import verify_draw

    raise typer.Exit(verify_draw(draw))


@topics_app.command("find")
def topics_find(
    language: Annotated[str, typer.Option("--language", "-l", help="By default all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 92,
    as_json: AsJson = False,
) -> None:
    """Put like questions together and propose new topics; a person accepts them on the page Topics."""
    from api.command.topics import find_topics

    raise typer.Exit(find_topics(language, days=days, as_json=as_json))


@topics_app.command("list")
def topics_list(
    language: Annotated[str, typer.Option("--language", "-l", help="By default all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to count.")] = 56,
    as_json: AsJson = False,
) -> None:
    """Topics with their calls and growth."""
    from api.command.topics import print_topics

    raise typer.Exit(print_topics(language, days=days, as_json=as_json))


@users_app.command("add")
def users_add(
    login: str,
    language: Annotated[Literal["ru", "en"], typer.Option(help="Language of the pages.")] = "ru",
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "admin",
    agent: Annotated[str, typer.Option(help="Endpoint of the phone they answer, as PJSIP/agent.")] = "",
) -> None:
    """Make a user; the password is asked for, or read from stdin when that is not a terminal."""
    from api.command.users import add_user

    raise typer.Exit(add_user(login, language=language, role=role, agent=agent))


@users_app.command("role")
def users_role(
    login: str,
    role: RoleName,
    agent: Annotated[str | None, typer.Option(help="Endpoint of the phone they answer.")] = None,
) -> None:
    """Give a user another role, at once."""
    from api.command.users import change_role

    raise typer.Exit(change_role(login, role, agent=agent))


@users_app.command("list")
def users_list() -> None:
    """Login, role, phone and language of every user."""
    from api.command.users import print_users

    raise typer.Exit(print_users())


@users_app.command("password")
def users_password(login: str) -> None:
    """Give a user a new password and end the sessions."""
    from api.command.users import change_password

    raise typer.Exit(change_password(login))


@users_app.command("token")
def users_token(login: str, name: Annotated[str, typer.Option(help="What the token is for.")] = "cli") -> None:
    """Make an API token; it is printed once."""
    from api.command.users import make_token

    raise typer.Exit(make_token(login, name=name))


@alerts_app.command("check")
def alerts_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Check rules of alerts; prints file:line."""
    from api.command.alerts import check_alerts

    raise typer.Exit(check_alerts(file))


@alerts_app.command("use")
def alerts_use(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put rules of alerts in force; with a fault in them the running ones stay."""
    from api.command.alerts import use_alerts

    raise typer.Exit(use_alerts(file))


@alerts_app.command("list")
def alerts_list(
    state: Annotated[Literal["new", "seen", "done", "all"], typer.Option()] = "new",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """What was raised, newest first."""
    from api.command.alerts import print_alerts

    raise typer.Exit(print_alerts(state="" if state == "all" else state, limit=limit, as_json=as_json))


@alerts_app.command("schema")
def alerts_schema() -> None:
    """JSON schema of the rules: editors complete and check while one types."""
    import json

    from analytics.alerts import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


@audit_app.command("verify")
def audit_verify() -> None:
    """Check that no line was changed, taken out or put in between."""
    from api.command.privacy import verify_audit

    raise typer.Exit(verify_audit())


@audit_app.command("list")
def audit_list(
    wanted: Annotated[str, typer.Argument(help="Part of a login or an action, or the id of a call.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """Newest lines first, as JSON lines."""
    from api.command.privacy import print_audit

    raise typer.Exit(print_audit(wanted=wanted, limit=limit))


@privacy_app.command("export")
def privacy_export(phone: str, out: Annotated[Path, typer.Option(help="ZIP to write.")]) -> None:
    """Write all that is kept of a person into a ZIP: JSON and sound, nothing hidden."""
    from api.command.privacy import export

    raise typer.Exit(export(phone, out))


@privacy_app.command("erase")
def privacy_erase(
    phone: str, sure: Annotated[bool, typer.Option("--yes", help="Do not ask for the number once more.")] = False
) -> None:
    """Erase all that is kept of a person, for good; prints the receipt."""
    from api.command.privacy import erase

    raise typer.Exit(erase(phone, sure=sure))


@privacy_app.command("verify")
def privacy_verify(phone: str) -> None:
    """Look for a number in every table and file; exit code 1 when it is somewhere but among other people's words."""
    from api.command.privacy import verify

    raise typer.Exit(verify(phone))


@privacy_app.command("hold")
def privacy_hold(
    phone: Annotated[str, typer.Option(help="Everything of this person.")] = "",
    contact: Annotated[str, typer.Option(help="One call, chat or recording.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for those who come after.")] = "",
) -> None:
    """Forbid to delete; without options, list the holds."""
    from api.command.privacy import hold

    raise typer.Exit(hold(phone=phone, contact=contact, reason=reason))


@privacy_app.command("release")
def privacy_release(hold_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Let what a hold covers be deleted again."""
    from api.command.privacy import release

    raise typer.Exit(release(hold_id))


@privacy_app.command("retain")
def privacy_retain(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False) -> None:
    """Delete what has outlived the policy now; the workers' clock does so every night."""
    from api.command.privacy import apply_policy

    raise typer.Exit(apply_policy(dry_run=dry_run))
