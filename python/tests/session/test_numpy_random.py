"""numpy's global generator, whether we know where it keeps its state or not."""

from __future__ import annotations

import os

import pytest

from tests.session.worker_double import Template

# As much of numpy's as is used of it, with the state where numpy has it.
OF_NUMPY = """
import ctypes
from array import array

seeded = 0
memory = (ctypes.c_uint32 * 625)(*range(1, 625), 7)

class Generator:
    class ctypes:
        state_address = ctypes.addressof(memory)

    @property
    def state(self):
        return {"state": {"key": array("I", memory[:624]), "pos": memory[624] + LAYOUT}}

def get_bit_generator():
    return Generator()

def seed():
    global seeded
    seeded += 1
"""


def template_with(template: Template, text: str) -> Template:
    folder = os.path.join(template.folder.name, f"site-{abs(hash(text))}", "numpy")
    os.makedirs(folder)
    for name, content in (("__init__", "from . import random\n"), ("random", text)):
        with open(os.path.join(folder, f"{name}.py"), "w") as module:
            module.write(content)
    return Template(template.python, ["numpy"], folder=os.path.dirname(folder))


STATE = "import numpy; list(numpy.random.memory)[:624]"


def test_each_session_has_a_state_of_its_own(template: Template) -> None:
    with template_with(template, f"LAYOUT = 0\n{OF_NUMPY}") as other:
        states = set()
        for _ in range(3):
            with other.fork() as session:
                states.add(session.run(STATE).text)
                assert session.run("numpy.random.memory[624]").value == 624  # all of it has been drawn
                assert session.run("numpy.random.seeded").value == 1  # in the template
        assert len(states) == 3


def test_where_its_state_is_not_known_it_is_seeded_as_its_users_do(template: Template) -> None:
    with template_with(template, f"LAYOUT = 1\n{OF_NUMPY}") as other, other.fork() as session:
        assert session.run("import numpy; numpy.random.seeded").value == 2
        assert session.run("list(numpy.random.memory) == [*range(1, 625), 7]").value is True


@pytest.mark.parametrize("text", ["", "def seed(): raise TypeError('another generator')\n"])
def test_a_generator_that_cannot_be_seeded_does_no_harm(template: Template, text: str) -> None:
    with template_with(template, text) as other, other.fork() as session:
        assert session.run("1 + 1").value == 2
