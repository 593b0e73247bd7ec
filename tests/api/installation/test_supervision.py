"""The configuration of the parts, read by supervisord itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from api.installation.processes import PROCESSES
from api.installation.settings import InstallationSettings
from api.installation.supervision import NotSupervised, configuration

pytestmark = pytest.mark.unit


def test_supervisord_reads_what_was_meant(tmp_path: Path) -> None:
    home = tmp_path / "a home, 100 %h"
    (home / "run").mkdir(parents=True)
    (home / "logs").mkdir()
    file = tmp_path / "supervisord.conf"
    file.write_text(configuration(PROCESSES, home, InstallationSettings(log_bytes=12_345, log_backups=3)))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    assert (options.logfile_maxbytes, options.logfile_backups) == (12_345, 3)
    assert options.server_configs[0]["file"] == str(home / "run" / "up.sock")
    groups = sorted(options.process_group_configs, key=lambda group: group.priority)
    assert [part.name for part in groups[0].process_configs] == ["asterisk"]  # first, and so the last to end
    parts = {part.name: part for group in groups for part in group.process_configs}
    assert set(parts) == {process.name for process in PROCESSES}
    for process in PROCESSES:
        part = parts[process.name]
        assert (part.stopwaitsecs, part.startsecs) == (process.stop_seconds, process.start_seconds)
        assert (part.stdout_logfile, part.stdout_logfile_maxbytes) == (str(home / "logs" / f"{part.name}.log"), 12_345)
        assert part.redirect_stderr
    assert f"'{home}/redis/redis.conf'" in parts["redis"].command
    assert "transcriber@%h" in parts["transcriber"].command


def test_a_path_that_would_mean_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotSupervised):
        configuration(PROCESSES, tmp_path / "a ;b", InstallationSettings())
