"""Sound files and the models that hear them; none of it needs a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, Files, Language, app

models_app = typer.Typer(no_args_is_help=True, help="Speech models: list, pull, add, verify.")
app.add_typer(models_app, name="models")


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
