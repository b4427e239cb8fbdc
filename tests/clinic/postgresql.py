"""A PostgreSQL server of this test run's own: private port, private folder, gone at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

MEMORY = Path("/dev/shm")  # the server of a test is thrown away: nothing of it has to reach a disk
USER = "emscontrol"
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest where there are several."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for pattern in _PLACES for folder in Path("/").glob(pattern.lstrip("/")) if (folder / "initdb").exists()]
    return max(folders, key=lambda folder: (len(folder.parts), str(folder)), default=None)


class Server:
    """One running server. `url(database)` is what a book's settings would say."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._folder = Path(tempfile.mkdtemp(prefix="ems-postgresql-", dir=MEMORY if MEMORY.is_dir() else None))
        self._data = self._folder / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._as = _unprivileged()
        if self._as:
            shutil.chown(self._folder, self._as, self._as)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8")
        self.start()

    def url(self, database: str, port: int | None = None) -> str:
        """The URL of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{port or self.port}/{database}"

    def start(self) -> None:
        """Start it (again) and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._bin / "postgres",
                    *("-D", self._data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self._folder),
                    *(
                        "-c",
                        "fsync=off",
                        "-c",
                        "full_page_writes=off",
                        "-c",
                        "synchronous_commit=off",
                        "-c",
                        "max_connections=120",
                    ),
                ],
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=self._as,
                group=self._as,
                extra_groups=[] if self._as else None,
            )
        self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), until_it_works=True)

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def ask_for_password(self, user: str) -> None:
        """From now on this user needs one."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"host all {user} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        self.statement("SELECT pg_reload_conf()")

    def statement(self, words: str, database: str = "postgres") -> None:
        """One statement of SQL, outside of any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(words.encode())

    def copy(self, name: str, of: str) -> None:
        """A new database that is a copy of another; file by file, which is four times as quick as through the log."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            by_file = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""  # the only way before 15
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {of}{by_file}".encode())

    def close(self) -> None:
        """Stop it and remove everything of it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *words: str, until_it_works: bool = False) -> None:
        for left in range(100 if until_it_works else 1, 0, -1):
            done = subprocess.run(
                [self._bin / program, *words],
                capture_output=True,
                check=False,
                user=self._as,
                group=self._as,
                extra_groups=[] if self._as else None,
                cwd=self._folder,
            )
            if done.returncode == 0:
                return
            if left > 1 and self._process is not None and self._process.poll() is None:
                _pause()
        raise RuntimeError(f"{program} failed: {done.stdout.decode()} {done.stderr.decode()}")


def server_or_skip() -> Server:
    """A server. Where none can be had the test is skipped with a loud reason, on CI it fails."""
    folder = programs()
    if folder is None:
        reason = "NO POSTGRESQL HERE: half of the book's tests do not run. Install it: make postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Server(folder)


def _unprivileged() -> str | None:
    """The user to run it as: a server refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pause() -> None:
    """Between two looks at a server that is starting."""
    import select

    select.select([], [], [], 0.05)
