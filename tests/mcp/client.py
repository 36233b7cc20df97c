#!/usr/bin/env python3
"""Checks that real clients can use `qsearch mcp`: the Python SDK of the protocol, and the Inspector's command line.

  client.py PROGRAM

The first time it makes a virtual environment with the SDK below the target folder and goes on in there; the Inspector is
installed beside it if there is npm. Each check prints a line; the first that fails says what came instead, and ends it all.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from kept import go_on_with, target_folder

SDK = "mcp==2.3.*"
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
# What the Inspector runs on; Debian's own may be older.
OLDEST_NODE = 20
NOTES = {
    "owls.md": "# Owls\n\nMost owls hunt at night. They hear a mouse under the snow.\n",
    "bread.md": "---\ntags: [kitchen]\n---\n# Bread\n\nFeed the sourdough starter twice a day.\n",
    "long.md": "# Log\n\n" + "An owl was seen near the barn, and flew away.\n" * 22000,
}
CALLS = [
    ("search", {"query": "where do owls hunt", "limit": 3, "paths": ["*.md"]}),
    ("ask", {"question": "When do owls hunt?"}),
    ("get", {"target": "notes/owls.md:1-3"}),
    ("get", {"target": "notes/long.md", "max_chars": 1000000}),
    ("status", {}),
]
# A result that is longer is refused by the client with the narrowest limit: 25,000 tokens.
MOST_BYTES = 100_000


def check(what, holds, said=""):
    if not holds:
        sys.exit(f"FAILED: {what}\n{said}")
    print(f"ok  {what}", flush=True)


async def use(program, folder, mode):
    """Everything that a client does, by one of both lifecycles of the protocol."""
    from mcp import Client, StdioServerParameters, stdio_client

    server = StdioServerParameters(command=program, args=["--index", os.path.join(folder, "index"), "mcp"], env={})
    began = time.monotonic()
    async with Client(stdio_client(server), mode=mode, read_timeout_seconds=60) as client:
        version = client.protocol_version
        newest = version >= "2026-07-28"
        check(f"{mode}: connects, revision {version}", newest == (mode == "auto"), version)
        check(f"{mode}: instructions name the notes", "3 notes" in client.instructions, client.instructions)
        tools = (await client.list_tools()).tools
        check(f"{mode}: lists the tools", [tool.name for tool in tools] == ["search", "ask", "get", "status"], tools)
        for name, arguments in CALLS:
            # The SDK compares documents with their schemas.
            result = await client.call_tool(name, arguments)
            text = result.content[0].text
            check(f"{mode}: {name} {next(iter(arguments.values()), '')}", not result.is_error and text, text)
            size = len(result.model_dump_json())
            check(f"{mode}: {size} bytes", size < MOST_BYTES)
            if name == "search":
                check(f"{mode}: search has a document", result.structured_content["results"][0]["path"] == "notes/owls.md")
            if name == "ask":
                check(f"{mode}: ask answers", text.startswith("Most owls hunt at night."), text)
                print(f"    {1000 * (time.monotonic() - began):.0f} ms after its start, with the SDK's own time")
        refused = await client.call_tool("search", {"query": "x", "colour": "red"})
        check(f"{mode}: what nothing is known of is refused in words", refused.is_error, refused)
        check(f"{mode}: with the names that there are", "`limit`" in refused.content[0].text, refused.content[0].text)
        templates = (await client.list_resource_templates()).resource_templates
        check(f"{mode}: lists the template", templates[0].uri_template == "qsearch://{root}/{+path}", templates)
        read = await client.read_resource("qsearch://notes/owls.md")
        check(f"{mode}: reads a resource", read.contents[0].text.startswith("# Owls"), read)
        for number in range(200):
            result = await client.call_tool(*CALLS[number % 3])
            if result.is_error:
                sys.exit(f"FAILED: {mode}: call {number}: {result}")
        check(f"{mode}: 200 calls in a row", True)


def inspect(program, folder):
    """Lists and calls every tool with the Inspector's command line."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        print("--  no npm, so the Inspector isn't tried")
        return
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        print(f"--  Node.js {version} is too old for the Inspector, so it isn't tried")
        return
    home = os.path.join(target_folder(), "mcp-inspector")
    cli = os.path.join(home, "node_modules", ".bin", "mcp-inspector")
    if not os.path.exists(cli):
        os.makedirs(home, exist_ok=True)
        subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", home, INSPECTOR],
            check=True, timeout=900)
    server = [program, "--index", os.path.join(folder, "index"), "mcp"]

    def run(*args):
        run = subprocess.run(
            [cli, "--cli", *server, "--method", *args], capture_output=True, text=True, timeout=300, check=False)
        if run.returncode != 0:
            sys.exit(f"FAILED: the Inspector\n{run.stdout}{run.stderr}")
        return json.loads(run.stdout)

    names = [tool["name"] for tool in run("tools/list")["tools"]]
    check("the Inspector lists the tools", names == ["search", "ask", "get", "status"], names)
    for name, arguments in [("search", "query=owls"), ("ask", "question=When do owls hunt?"), ("get", "target=notes/owls.md"),
                            ("status", None)]:
        args = ["--tool-arg", arguments] if arguments else []
        result = run("tools/call", "--tool-name", name, *args)
        check(f"the Inspector calls {name}", not result.get("isError") and result["content"][0]["text"], result)


def main():
    program = os.path.abspath(sys.argv[1])
    go_on_with("mcp-venv", SDK)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in NOTES.items():
            os.makedirs(os.path.join(folder, "notes"), exist_ok=True)
            with open(os.path.join(folder, "notes", name), "w", encoding="utf-8") as file:
                file.write(text)
        environment = {"HOME": os.path.join(folder, "home")}
        subprocess.run([program, "--quiet", "index", "notes"], cwd=folder, env=environment, check=True, timeout=600)
        for mode in ["auto", "legacy"]:
            asyncio.run(use(program, folder, mode))
        inspect(program, folder)
    left = subprocess.run(["pgrep", "-f", f"{program} .*mcp$"], capture_output=True, text=True, check=False).stdout
    check("no process is left", not left, left)


main()
