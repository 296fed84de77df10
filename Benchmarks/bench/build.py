"""Images out of Dockerfiles: with every step done before, with none, and with one file changed."""
import os
from . import place
from .measure import compare, ratio
from .place import davit

dockerfile = """FROM docker.io/library/busybox
WORKDIR /app
COPY src src
RUN find src -type f | sort | xargs sha256sum > sums
ENV LANG=C.UTF-8
CMD ["cat", "/app/sums"]
"""
files = 500


def context():
    """A directory with a small tree to copy."""
    directory = place.state + "/context"
    for index in range(files):
        folder = f"{directory}/src/{index % 20}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{index}.txt", "w") as file:
            file.write(f"{index}\n" * 2000)
    with open(directory + "/Dockerfile", "w") as file:
        file.write(dockerfile)
    return directory


def measure(podman, docker):
    directory = context()
    engines = {"davit": davit, "podman": podman.command}
    if docker.command:
        # The stock client without its plugin: the engine's own builder.
        engines["docker"] = ["env", "DOCKER_BUILDKIT=0"] + docker.command

    def change(_):
        with open(directory + "/src/0/0.txt", "a") as file:
            file.write("again\n")

    for title, flags, rounds, between, target in [
        ("A build of which every step was done before", [], 20, None, 10),
        ("A build anew", ["--no-cache"], 5, None, None),
        (f"A build after one file of {files} has changed", [], 5, change, None),
    ]:
        words = ["build", "-q", "--network", "none", "-t", "built"] + flags + [directory]
        times = compare(title, {f"{name} build": command + words for name, command in engines.items()}, rounds=rounds, between=between)
        ratio(times, "davit build", "docker build", target)
        ratio(times, "davit build", "podman build")
