"""Images that come and go: pull, push, and what a registry serves."""
import hashlib, os, re, shutil, signal, statistics, subprocess, time
from . import place
from .measure import compare, judge, quiet, ratio
from .place import davit

_port = 5055
_peer = "127.0.0.1:5056"


def _start(command, log, probe):
    process = subprocess.Popen(command, stdout=log, stderr=log)
    for _ in range(200):
        if quiet(probe) == 0:
            return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"did not start: {' '.join(command)}")


def _stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _make_images(registry):
    """A big image of a Debian's own files, and one with a layer of 500 MB; pushed to the registry."""
    tree = place.state + "/tree.tar"
    subprocess.run("tar --ignore-failed-read -C / -cf - usr/share/doc usr/share/perl usr/lib/python3 usr/bin usr/lib/x86_64-linux-gnu 2>/dev/null"
                   f" | head -c 170000000 > {tree}.cut; tar -xf {tree}.cut --to-command=true 2>/dev/null; "
                   f"mkdir {place.state}/tree; tar -C {place.state}/tree --warning=none -xf {tree}.cut 2>/dev/null; tar -C {place.state}/tree -cf {tree} .",
                   shell=True, check=False)
    layer = place.state + "/layer"
    os.makedirs(layer)
    block = os.urandom(1 << 19)
    with open(layer + "/big", "wb") as file:
        for index in range(500):
            file.write(hashlib.sha256(index.to_bytes(4, "big")).digest() * 16384)
            file.write(block)
    subprocess.run(["tar", "-C", layer, "-cf", place.state + "/layer.tar", "."], check=True)
    for name, archive in (("tree", tree), ("layer", place.state + "/layer.tar")):
        subprocess.run(davit + ["import", archive, f"{registry}/{name}"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(davit + ["push", "-q", f"{registry}/{name}"], check=True, stdout=subprocess.DEVNULL)
        quiet(davit + ["rmi", f"{registry}/{name}"])
        os.remove(archive)
    shutil.rmtree(place.state + "/tree")
    shutil.rmtree(layer)


def measure(podman, docker):
    root = place.state + "/registry"
    os.makedirs(root)
    configuration = place.state + "/registry.yml"
    with open(configuration, "w") as file:
        file.write(f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {root}}}}}\n"
                   f"http: {{addr: {_peer}}}\n")
    log = open(place.state + "/registry.log", "w")
    ours = _start([place.program, "registry", "serve", "--address", f"127.0.0.1:{_port}", "--directory", place.state + "/ours"], log,
                  ["curl", "-sf", f"http://127.0.0.1:{_port}/v2/"])
    theirs = _start(["docker-registry", "serve", configuration], log, ["curl", "-sf", f"http://{_peer}/v2/"])
    there = None
    try:
        _make_images(_peer)
        if docker.command:
            there = _start(docker.inside(["docker-registry", "serve", configuration]), log, docker.inside(["curl", "-sf", f"http://{_peer}/v2/"]))
        for name in ("tree", "layer"):
            reference = f"{_peer}/{name}"
            digest = subprocess.run(["curl", "-s", "-H", "Accept: application/vnd.docker.distribution.manifest.v2+json", f"http://{_peer}/v2/{name}/manifests/latest"],
                                    capture_output=True, text=True, check=True).stdout
            blob = re.findall(r"sha256:[0-9a-f]{64}", digest)[-1]
            unpacked = place.state + "/unpacked"
            baseline = ["sh", "-c", f"mkdir -p {unpacked}; curl -s http://{_peer}/v2/{name}/blobs/{blob} | gzip -dc | tar -x -C {unpacked}"]
            commands = {"davit pull": davit + ["pull", "-q", reference], "curl | gzip | tar": baseline,
                        "podman pull": podman.command + ["pull", "-q", "--tls-verify=false", reference]}
            if there:
                commands["docker pull"] = docker.command + ["pull", "-q", reference]

            def forget(which):
                if which == "curl | gzip | tar":
                    shutil.rmtree(unpacked, ignore_errors=True)
                else:
                    quiet(commands[which][:commands[which].index("pull")] + ["rmi", "-f", reference])
            pull = compare(f"Pull of an image from a local registry: {name}", commands, rounds=4, between=forget)
            ratio(pull, "davit pull", "docker pull", 2.5)
            ratio(pull, "davit pull", "podman pull", 4)
            ratio(pull, "davit pull", "curl | gzip | tar", 2)
        quiet(davit + ["pull", "-q", f"{_peer}/tree"])
        again = compare("Pull of an image that is there", {"davit pull": davit + ["pull", "-q", f"{_peer}/tree"], "davit ps": davit + ["ps"]}, rounds=20)
        judge("{:.2f} × davit ps", again["davit pull"] / again["davit ps"], again["davit pull"] - again["davit ps"] < 0.010, "under 10 ms")
        _serving(ours, theirs)
    finally:
        for process in (ours, theirs, there):
            if process:
                _stop(process)


def _serving(ours, theirs):
    """Blobs and manifests of the two servers."""
    data = os.urandom(64 << 20)
    path = place.state + "/blob"
    count = [0]

    def put(host):
        def run():
            # New content each time: what is there already costs nothing.
            count[0] += 1
            with open(path, "wb") as file:
                file.write(count[0].to_bytes(8, "big") + data)
            digest = hashlib.file_digest(open(path, "rb"), "sha256").hexdigest()
            where = subprocess.run(["curl", "-s", "-X", "POST", "-D", "-", "-o", "/dev/null", f"http://{host}/v2/bench/blobs/uploads/"], capture_output=True, text=True, check=True).stdout
            location = re.search(r"(?i)location: (\S+)", where).group(1)
            location = location if location.startswith("http") else f"http://{host}{location}"
            separator = "&" if "?" in location else "?"
            started = time.perf_counter()
            subprocess.run(["curl", "-sf", "-X", "PUT", "-T", path, "-H", "Content-Type: application/octet-stream", "-o", "/dev/null", f"{location}{separator}digest=sha256:{digest}"], check=True)
            return time.perf_counter() - started, digest
        return run
    print("\nA registry's blobs of 64 MiB, and its manifests", flush=True)
    hosts = {"davit": f"127.0.0.1:{_port}", "docker-registry": _peer}
    took = {name: [] for name in hosts}
    digests = {}
    for _ in range(6):
        for name, host in hosts.items():
            seconds, digests[name] = put(host)()
            took[name].append(seconds)
    value = statistics.median(took["docker-registry"]) / statistics.median(took["davit"])
    judge("PUT: docker-registry takes {:.2f} × davit", value, value >= 1.5, "at least 1.5")
    got = {name: [] for name in hosts}
    for _ in range(10):
        for name, host in hosts.items():
            started = time.perf_counter()
            subprocess.run(["curl", "-sf", "-o", "/dev/null", f"http://{host}/v2/bench/blobs/sha256:{digests[name]}"], check=True)
            got[name].append(time.perf_counter() - started)
    value = statistics.median(got["docker-registry"]) / statistics.median(got["davit"])
    judge("GET: docker-registry takes {:.2f} × davit", value, value >= 1, "at least 1")
    config = b"{}"
    digest = hashlib.sha256(config).hexdigest()
    manifest = ('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",'
                f'"digest":"sha256:{digest}","size":2}},"layers":[]}}')
    rates = {}
    for name, host in hosts.items():
        where = subprocess.run(["curl", "-s", "-X", "POST", "-D", "-", "-o", "/dev/null", f"http://{host}/v2/bench/blobs/uploads/"], capture_output=True, text=True, check=True).stdout
        location = re.search(r"(?i)location: (\S+)", where).group(1)
        location = location if location.startswith("http") else f"http://{host}{location}"
        separator = "&" if "?" in location else "?"
        subprocess.run(["curl", "-sf", "-X", "PUT", "--data-binary", "{}", "-H", "Content-Type: application/octet-stream", f"{location}{separator}digest=sha256:{digest}"], check=True)
        subprocess.run(["curl", "-sf", "-X", "PUT", "--data-binary", manifest, "-H", "Content-Type: application/vnd.oci.image.manifest.v1+json", f"http://{host}/v2/bench/manifests/latest"], check=True)
        text = subprocess.run(["wrk", "-t1", "-c16", "-d3s", "-H", "Accept: application/vnd.oci.image.manifest.v1+json", f"http://{host}/v2/bench/manifests/latest"], capture_output=True, text=True, check=True).stdout
        rates[name] = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    value = rates["davit"] / rates["docker-registry"]
    judge("manifests a second: davit serves {:.1f} × docker-registry", value, value >= 20, "at least 20")
