#!/usr/bin/env python3
"""Drives the program, as its users do, against real servers of PostgreSQL: `drive.py BINARY [PART...]`.

Each check prints a line, `ok …` or `FAILED …`; the status is 1 if one failed. Without a PART all are run.
"""

import argparse
import sys

import driving
from part_damaged import damaged
from part_idle import idle
from part_killed import killed
from part_locked_out import locked_out
from part_many import many
from part_places import places
from part_rights import rights
from part_same import same
from part_serve import serve
from part_trips import trips

PARTS = {
    part.__name__.replace("_", "-"): part
    for part in (same, locked_out, killed, many, rights, places, idle, serve, trips, damaged)
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("part", nargs="*", help=", ".join(PARTS))
    arguments = parser.parse_args()
    for name in arguments.part:
        if name not in PARTS:
            parser.error(f"no part {name}: {', '.join(PARTS)}")
    for name in arguments.part or PARTS:
        driving.run_part(name, PARTS[name], arguments.binary)
    failed = driving.failed()
    print(f"{len(failed)} failed" if failed else "all is well", flush=True)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
