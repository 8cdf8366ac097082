"""What a machine has, from the texts of kernels that are not at hand; and what this one has, by what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beep_worker import cgroups
from beep_worker.cgroups import Place, counter, locate
from beep_worker.machine import find_machine

V1_CGROUP = "5:pids:/user.slice\n4:memory:/user.slice/app\n3:cpu,cpuacct:/\n1:name=systemd:/init\n"
V1_MOUNTS = (
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
    "39 31 0:36 / /sys/fs/cgroup/pids rw,nosuid - cgroup cgroup rw,pids\n"
    "40 31 0:37 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
)
V2_CGROUP = "0::/user.slice/user-1000.slice/app.scope\n"
V2_MOUNTS = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
HYBRID_CGROUP = V1_CGROUP + "0::/session\n"
HYBRID_MOUNTS = V1_MOUNTS + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"


@pytest.mark.parametrize(
    ("controller", "cgroup", "mounts", "place"),
    [
        pytest.param(
            "memory",
            V1_CGROUP,
            V1_MOUNTS,
            Place(1, "/sys/fs/cgroup/memory/user.slice/app", "/sys/fs/cgroup/memory"),
            id="v1",
        ),
        pytest.param(
            "cpuacct",
            V1_CGROUP,
            V1_MOUNTS,
            Place(1, "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"),
            id="v1-mounted-together",
        ),
        pytest.param(
            "memory",
            V2_CGROUP,
            V2_MOUNTS,
            Place(2, "/sys/fs/cgroup/user.slice/user-1000.slice/app.scope", "/sys/fs/cgroup"),
            id="v2",
        ),
        pytest.param(
            "pids",
            HYBRID_CGROUP,
            HYBRID_MOUNTS,
            Place(1, "/sys/fs/cgroup/pids/user.slice", "/sys/fs/cgroup/pids"),
            id="hybrid-in-v1",
        ),
        pytest.param(
            "io",
            HYBRID_CGROUP,
            HYBRID_MOUNTS,
            Place(2, "/sys/fs/cgroup/unified/session", "/sys/fs/cgroup/unified"),
            id="hybrid-in-v2",
        ),
        pytest.param(
            "memory",
            "4:memory:/docker/abc\n",
            "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            Place(1, "/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory"),
            id="container-whose-mount-is-its-own-part",
        ),
        pytest.param(
            "memory",
            "4:memory:/other\n",
            "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            None,
            id="mount-of-another-part",
        ),
        pytest.param("memory", "0::/../outside\n", V2_MOUNTS, None, id="outside-of-its-namespace"),
        pytest.param(
            "memory",
            "0::/a\n",
            "30 23 0:26 / /with\\040space rw - cgroup2 cgroup2 rw\n",
            Place(2, "/with space/a", "/with space"),
            id="escaped-mount-point",
        ),
        pytest.param("memory", V1_CGROUP, "", None, id="nothing-mounted"),
        pytest.param("memory", "", V1_MOUNTS, None, id="in-no-cgroup"),
        pytest.param("memory", "", "", None, id="none"),
        pytest.param("memory", "garbage\n::::\n4:memory\n", "a b\n - \n1 2 3 - x\n", None, id="garbage"),
    ],
)
def test_the_cgroup_of_a_process_is_found_in_the_texts_of_every_kernel(
    controller: str, cgroup: str, mounts: str, place: Place | None
) -> None:
    assert locate(controller, cgroup, mounts) == place


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n", "oom_kill", 2),
        ("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", "oom_kill", 1),
        ("oom_kill_disable 0\nunder_oom 0\n", "oom_kill", 0),
        ("max 7\n", "max", 7),
        ("max max\n", "max", 0),
        ("", "max", 0),
    ],
)
def test_a_counter_is_read_by_its_whole_name(text: str, name: str, count: int) -> None:
    assert counter(text, name) == count


def test_a_v2_cgroup_is_made_in_ones_own_or_in_one_above_that_was_left_to_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delegated = {"/cg/beep.service"}

    def getxattr(path: str, name: str) -> bytes:
        if path in delegated and name == "trusted.delegate":
            return b"1"
        raise OSError(61, os.strerror(61))

    monkeypatch.setattr(os, "getxattr", getxattr)
    assert cgroups.parents(Place(2, "/cg/beep.service/gateway", "/cg")) == [
        "/cg/beep.service/gateway",
        "/cg/beep.service",
    ]
    assert cgroups.parents(Place(2, "/cg/other.service/x", "/cg")) == ["/cg/other.service/x"]
    assert cgroups.parents(Place(2, "/cg", "/cg")) == ["/cg"]
    assert cgroups.parents(Place(1, "/cg/beep.service/x", "/cg")) == ["/cg/beep.service/x"]


def test_a_machine_that_gives_no_cgroup_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cgroup.procs").touch()  # and nothing by which it could hand controllers down
    monkeypatch.setattr(
        cgroups, "find", lambda name: Place(2, str(tmp_path), str(tmp_path)) if name == "pids" else None
    )
    machine = find_machine()
    assert machine.memory == "no cgroup hierarchy with the memory controller is mounted"
    assert machine.pids == "the pids controller of cgroup v2 is not ours to use: No such file or directory"
    assert machine.mechanisms[0] == f"memory limit: RLIMIT_AS for each process ({machine.memory})"
    assert machine.mechanisms[1] == f"no process limit: {machine.pids}"
    assert os.listdir(tmp_path) == ["cgroup.procs"]


def test_folders_of_the_living_stay_and_those_of_the_dead_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = f"beep-python-{int(gone.stdout)}-1"
    reused = f"beep-python-{os.getpid()}-1"  # our pid, but another process's start
    for name in (cgroups.own_name(), dead, reused, f"{dead}/session", "beep-python-x", "somebody-else"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(cgroups, "find", lambda name: Place(1, str(tmp_path), str(tmp_path)))
    cgroups.sweep(["memory"])
    assert sorted(os.listdir(tmp_path)) == sorted([cgroups.own_name(), "beep-python-x", "somebody-else"])
