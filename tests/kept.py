"""A virtual environment below the target folder, with what a check needs of PyPI. It is kept between runs."""

import os
import subprocess
import sys


def target_folder():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("CARGO_TARGET_DIR") or os.path.join(here, "..", "target")


def go_on_with(name, package):
    """Goes on with this program under a Python that has the package, and gives the folder of its environment."""
    venv = os.path.join(target_folder(), name)
    python = os.path.join(venv, "bin", "python")
    if os.path.abspath(sys.prefix) == os.path.abspath(venv):
        return venv
    if not os.path.exists(os.path.join(venv, "bin", "pip")):
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", package], check=True)
    return os.execv(python, [python, *sys.argv])
