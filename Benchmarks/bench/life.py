"""Containers that come and go: run, exec, ps, and what an idle supervisor weighs."""
import json, os, statistics, subprocess
from . import place
from .measure import compare, judge, milliseconds_over, quiet, ratio
from .place import davit

containers = int(os.environ.get("BENCH_CONTAINERS", "200"))


def bundle(rootfs, arguments):
    """An OCI bundle of the same files. Its spec is the runtimes' own default, without a system call filter: an advantage for them."""
    directory = f"{place.state}/bundle-{os.path.basename(arguments[0])}"
    os.makedirs(directory)
    subprocess.run(["crun", "spec"], cwd=directory, check=True)
    with open(directory + "/config.json") as file:
        spec = json.load(file)
    spec["process"].update(terminal=False, args=arguments)
    spec["root"] = {"path": rootfs, "readonly": False}
    with open(directory + "/config.json", "w") as file:
        json.dump(spec, file)
    return directory


def steps(count=20):
    """Medians between the places that `DAVIT_STEPS` tells of, as parts of the whole."""
    gaps, order = {}, []
    for _ in range(count):
        path = place.state + "/steps"
        open(path, "w").close()
        subprocess.run(davit + ["run", "--rm", "--network", "none", "busybox", "true"], env=dict(os.environ, DAVIT_STEPS=path), check=True)
        with open(path) as file:
            rows = sorted((int(time), name) for time, name in map(str.split, file))
        for (start, _), (end, name) in zip(rows, rows[1:]):
            if name not in gaps:
                order.append(name)
            gaps.setdefault(name, []).append(end - start)
    medians = {name: statistics.median(gaps[name]) for name in order}
    whole = sum(medians.values())
    print("\nWhere the time of run --rm goes, from the directories' making to the row's removal")
    for name in order:
        print(f"  up to {name:<28} {100 * medians[name] / whole:5.1f} %")


def supervisors():
    """KiB of private memory of each supervisor of ours."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{entry}/smaps_rollup") as file:
                private = sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
        except OSError:
            continue
        if words[0] == b"davit-supervisor" and place.davit[2].encode() in words:
            yield private


def measure(podman, docker):
    rootfs = place.state + "/rootfs"
    os.makedirs(rootfs)
    made = subprocess.check_output(davit + ["create", "busybox", "true"], text=True).strip()
    export = subprocess.Popen(davit + ["export", made], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-xf", "-", "-C", rootfs], stdin=export.stdout, check=True)
    export.wait()
    quiet(davit + ["rm", made])
    floor = place.state + "/floor"
    subprocess.run(["cc", "-O2", "-o", floor, place.here + "/floor.c"], check=True)
    for name in ("root", "upper", "work"):
        os.makedirs(f"{place.state}/scratch/{name}")
    short, long = bundle(rootfs, ["/bin/true"]), bundle(rootfs, ["/bin/sleep", "3600"])
    peers = {"podman": podman.command, "docker": docker.command}
    peers = {name: command for name, command in peers.items() if command}

    words = ["run", "--rm", "--network", "none", "busybox", "true"]
    run = compare("A short container without network: run --rm busybox true", {
        "davit run": davit + words,
        "crun run": ["crun", "run", "--bundle", short, "bench-crun"],
        "runc run": ["runc", "run", "--bundle", short, "bench-runc"],
        "floor: clone3, mounts, exec": [floor, rootfs, place.state + "/scratch", "/bin/true"],
    } | {f"{name} run": command + words for name, command in peers.items()})
    ratio(run, "davit run", "crun run", 1)
    ratio(run, "davit run", "runc run")
    ratio(run, "davit run", "podman run", 15)
    ratio(run, "davit run", "docker run", 15)
    ratio(run, "davit run", "floor: clone3, mounts, exec")
    steps()

    sleeper = ["run", "-d", "--name", "sleeper", "--network", "none", "busybox", "sleep", "3600"]
    for command in [davit, *peers.values()]:
        quiet(command + sleeper)
    pid = subprocess.check_output(davit + ["inspect", "--format", "{{.State.Pid}}", "sleeper"], text=True).strip()
    commands = {"davit exec": davit + ["exec", "sleeper", "true"]}
    for name in ("crun", "runc"):
        if quiet([name, "run", "--detach", "--bundle", long, "bench-exec-" + name]) == 0:
            commands[name + " exec"] = [name, "exec", "bench-exec-" + name, "/bin/true"]
    commands["floor: nsenter"] = ["nsenter", "-t", pid, "-m", "-u", "-i", "-n", "-p", "/bin/true"]
    commands |= {f"{name} exec": command + ["exec", "sleeper", "true"] for name, command in peers.items()}
    execution = compare("A command in a running container: exec true", commands)
    ratio(execution, "davit exec", "crun exec", 2)
    ratio(execution, "davit exec", "runc exec")
    ratio(execution, "davit exec", "podman exec")
    ratio(execution, "davit exec", "docker exec", 10)
    ratio(execution, "davit exec", "floor: nsenter")
    for name in ("crun", "runc"):
        quiet([name, "delete", "--force", "bench-exec-" + name])

    print(f"\nStarting {containers} containers of each engine", flush=True)
    for command in [davit, *peers.values()]:
        for _ in range(containers - 1):
            quiet(command + ["run", "-d", "--network", "none", "busybox", "sleep", "3600"])
    listing = compare(f"A list of {containers} running containers", {
        "davit ps": davit + ["ps"], "davit ps --help": davit + ["ps", "--help"],
    } | {f"{name} ps": command + ["ps"] for name, command in peers.items()}, rounds=20)
    milliseconds_over(listing, "davit ps", "davit ps --help", 2)
    ratio(listing, "davit ps", "podman ps")
    ratio(listing, "davit ps", "docker ps", 10)
    memory = list(supervisors())
    if memory:
        print(f"\nMemory of {len(memory)} idle supervisors")
        mean = statistics.mean(memory)
        judge(f"{{:.0f}} KiB private each on average, {max(memory)} at most", mean, mean < 512, "under 512")
