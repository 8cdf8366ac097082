"""Packs the interpreter that runs it as uv expects an interpreter to be packed: `pack_python.py <file> [--with-pip]`.

What is not needed to start it, to import venv and ssl and to make environments is left out; so is pip, unless it is
wanted. Prints its version.
"""

import os
import sys
import sysconfig
import tarfile

LEFT_OUT = {
    "__pycache__",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
}


if "--with-pip" in sys.argv:
    LEFT_OUT.remove("ensurepip")


def is_needed(member):
    name = os.path.basename(member.name)
    return None if name in LEFT_OUT or name.startswith("config-") or name.endswith(".a") else member


def main(path):
    name = "python{}.{}".format(*sys.version_info)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(os.path.realpath(sys.executable), "python/bin/" + name)
        for link in ("python", "python3"):
            member = tarfile.TarInfo("python/bin/" + link)
            member.type = tarfile.SYMTYPE
            member.linkname = name
            archive.addfile(member)
        archive.add(sysconfig.get_path("stdlib"), "python/lib/" + name, filter=is_needed)
    print("{}.{}.{}".format(*sys.version_info))


main(sys.argv[1])
