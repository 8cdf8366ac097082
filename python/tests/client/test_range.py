"""The client as users have it: from its wheel, with the oldest and the newest of what it needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import beep_python_client
from tests import interpreters
from tests.client.gateway import ROOT, Gateway
from tests.client.venvs import kept_venv

# What docs/guides/client-python.md promises. The oldest gRPC has wheels up to Python 3.10.
LOWEST = ("protobuf==3.20.3", "grpcio==1.48.2")
NEWEST = ("protobuf==7.36.2", "grpcio==1.85.1", "numpy==2.5.5", "pandas==3.1.1", "pyarrow==26.0.1")


def newest_python() -> str:
    """The newest interpreter here that the newest of all have wheels for."""
    found = interpreters.found()
    version = next((version for version in ("3.13", "3.12") if version in found), None)
    if version is None:
        pytest.skip("neither Python 3.13 nor 3.12 is on this machine")
    return found[version]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, since a build leaves its files beside what it builds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = shutil.copytree(Path(beep_python_client.__file__).parent, folder / "source")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*build, str(source)], check=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def target(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed."""
    folder = tmp_path_factory.mktemp("target")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    subprocess.run(install, check=True)
    return folder


def scenarios(python: Path, target: Path, gateway: Gateway, venv: Path, implementation: str = "") -> str:
    """What they print at the end."""
    program = str(Path(__file__).with_name("scenarios.py"))
    env = {"PYTHONPATH": str(target), "PATH": "/usr/bin:/bin"}
    if implementation:
        env["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = implementation
    run = [str(python), "-W", "error::DeprecationWarning:beep_python_client", program, str(gateway.home), str(venv)]
    done = subprocess.run(run, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_what_it_should(wheel: Path, target: Path) -> None:
    assert wheel.name == f"beep_python_client-{beep_python_client.__version__}-py3-none-any.whl"
    names = {str(path.relative_to(target)) for path in target.rglob("*.py*") if "__pycache__" not in path.parts}
    source = Path(beep_python_client.__file__).parent
    wanted = {f"beep_python_client/{path.relative_to(source)}" for path in source.rglob("*.py*")}
    assert names == {name for name in wanted if "__pycache__" not in name and not name.endswith("pyproject.toml")}


@pytest.mark.timeout(300)
def test_the_oldest_that_is_promised_will_do(target: Path, gateway: Gateway) -> None:
    if "3.9" not in interpreters.found():
        pytest.skip("Python 3.9 is not on this machine")
    python = kept_venv("lowest", interpreters.found()["3.9"], LOWEST)
    newest = kept_venv("newest", newest_python(), NEWEST).parent.parent
    assert scenarios(python, target, gateway, newest) == "python 3.9 protobuf 3.20.3 grpcio 1.48.2\n"
    # Where there is no compiled protobuf, as on machines without wheels.
    assert "3.20.3" in scenarios(python, target, gateway, newest, implementation="python")


@pytest.mark.timeout(300)
def test_the_newest_will_do_with_numpy_pandas_and_pyarrow(target: Path, gateway: Gateway) -> None:
    python = kept_venv("newest", newest_python(), NEWEST)
    assert "protobuf 7.36.2 grpcio 1.85.1" in scenarios(python, target, gateway, python.parent.parent)


@pytest.mark.timeout(300)
def test_a_frame_of_polars_comes_without_pyarrow(target: Path, gateway: Gateway) -> None:
    python = kept_venv("polars", newest_python(), (*NEWEST[:2], "polars==2.1.0"))
    scenarios(python, target, gateway, python.parent.parent)


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12"])
def test_every_python_between_the_ends_will_do(target: Path, gateway: Gateway, version: str) -> None:
    if version not in interpreters.found():
        pytest.skip(f"Python {version} is not on this machine")
    python = kept_venv(f"between-{version}", interpreters.found()[version], NEWEST[:2])
    newest = kept_venv("newest", newest_python(), NEWEST).parent.parent
    assert f"python {version} " in scenarios(python, target, gateway, newest)


def test_one_version_is_told_everywhere() -> None:
    version = f'"version": "{beep_python_client.__version__}"'
    assert version in (ROOT / "package.json").read_text()
    project = (ROOT / "python" / "beep_python_client" / "pyproject.toml").read_text()
    assert f'version = "{beep_python_client.__version__}"' in project


def test_the_client_meets_no_other_copy_of_the_contract() -> None:
    program = (
        "from beep.python.v1 import object_pb2 as theirs\n"
        "from beep_python_client.contract import object_pb2 as ours\n"
        "import beep_python_client, sys\n"
        "assert ours.ApplyRequest is not theirs.ApplyRequest\n"
        "data = ours.ApplyRequest(session_id='s').SerializeToString()\n"
        "assert theirs.ApplyRequest.FromString(data).session_id == 's'\n"
        "assert not any(name.startswith(('beep_session', 'beep_worker')) for name in sys.modules)\n"
    )
    path = f"{ROOT / 'python'}:{ROOT / 'python' / 'gen'}"
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": path})


PROGRAM = """
import asyncio
from beep_python_client import AsyncClient, Client, Output, Result, RemoteError, errors

def blocking() -> str:
    with Client() as client, client.create_session(idle_timeout=60.0, limits={"open_files": 64}) as session:
        result: Result = session.run("1", timeout=5.0, mime_types=["text/html"])
        for event in session.execute("print(1)"):
            if isinstance(event, Output):
                print(event.text, event.offset + 1)
        remote = session.import_("math").sqrt(16) + 1
        remote.handle_()
        try:
            session.run("x")
        except errors.SessionClosed as closed:
            return closed.reason + str(closed.metadata.get("x"))
        except RemoteError as error:
            return error.remote_traceback
        return result.outcome

async def awaited() -> int:
    async with AsyncClient() as client, await client.create_session() as session:
        return len([event async for event in session.execute("1")])

blocking().upper()
asyncio.run(awaited()).bit_length()
"""


@pytest.mark.timeout(300)
def test_a_typed_program_is_checked_against_the_client_s_types(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), str(wheel)]
    subprocess.run(install, check=True)

    def complaints(program: str) -> str:
        (tmp_path / "program.py").write_text(program)
        check = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path / "cache")]
        executable = ["--python-executable", str(tmp_path / "venv" / "bin" / "python")]
        done = subprocess.run(
            [*check, *executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.stdout

    assert complaints(PROGRAM) == ""
    assert 'Unexpected keyword argument "time_out"' in complaints(PROGRAM.replace("timeout=5.0", "time_out=5.0"))
