"""python -m dinghy, and the script `dinghy`: `predict`, or the program of all other commands in this process' place."""

import os
import subprocess
import sys

from dinghy.command import program
from dinghy.errors import Error


def main():
    if sys.argv[1:2] == ["predict"]:
        from dinghy.predicting import main as predict

        sys.exit(predict(sys.argv[2:]))
    try:
        command = [program(), *sys.argv[1:]]
    except Error as error:
        sys.exit(f"dinghy: {error}")
    if os.name == "nt":  # os.execv would give the terminal back before the command ends
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
