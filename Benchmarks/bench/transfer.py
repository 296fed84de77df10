"""Images that come and go: pull, push, and what a registry serves."""
import hashlib, os, re, shutil, signal, statistics, subprocess, time
from . import place
from .measure import compare, judge, once, quiet, ratio
from .place import davit

_ours, _peer, _other = "127.0.0.1:5055", "127.0.0.1:5056", "127.0.0.1:5057"
_rounds = 4
# Two more rounds are for warming up.
_variants = _rounds + 2


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
    """A big image of a Debian's own files, and one with a layer of 500 MB; pushed to the registry.

    The first in variants, one for each round: ext4 is slow to give out inodes that were freed a moment ago, and nothing is to be removed between two."""
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
    maker = [place.program, "--root", place.state + "/maker", "--run-root", place.run_root + "/maker"]
    for name, archive in [(f"tree{index}", tree) for index in range(_variants)] + [("layer", place.state + "/layer.tar")]:
        if archive == tree:
            with open(place.state + "/variant", "w") as file:
                file.write(name)
            subprocess.run(["tar", "-C", place.state, "-rf", archive, "variant"], check=True)
        subprocess.run(maker + ["import", archive, f"{registry}/{name}"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(maker + ["push", "-q", f"{registry}/{name}"], check=True, stdout=subprocess.DEVNULL)


def _configuration(name, address):
    """The same for both kinds of registries; where it lies."""
    path = f"{place.state}/{name}.yml"
    os.makedirs(f"{place.state}/{name}")
    with open(path, "w") as file:
        file.write(f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: {place.state}/{name}}}}}\n"
                   f"http: {{addr: {address}}}\n")
    return path


def _in_turn(make):
    """A command that is another one each time: `make` gets the number."""
    count = [0]

    def run():
        count[0] += 1
        once(make(count[0] - 1))
    return run


def measure(podman, docker):
    log = open(place.state + "/registry.log", "w")
    started = []

    def serve(command, address, inside=lambda command: command):
        started.append(_start(inside(command), log, inside(["curl", "-sf", f"http://{address}/v2/"])))
    try:
        for name, address in (("ours", _ours), ("other", _other)):
            serve([place.program, "registry", "serve", _configuration(name, address)], address)
        theirs = ["docker-registry", "serve", _configuration("theirs", _peer)]
        serve(theirs, _peer)
        _make_images(_peer)
        if docker.command:
            serve(theirs, _peer, docker.inside)
        _pulling(podman, docker)
        _pushing()
        _serving()
    finally:
        for process in started:
            _stop(process)


def _pulling(podman, docker):
    unpacked = place.state + "/unpacked"

    def download(name):
        manifest = subprocess.run(["curl", "-s", "-H", "Accept: application/vnd.docker.distribution.manifest.v2+json", f"http://{_peer}/v2/{name}/manifests/latest"],
                                  capture_output=True, text=True, check=True).stdout
        blob = re.findall(r"sha256:[0-9a-f]{64}", manifest)[-1]
        return ["sh", "-c", f"mkdir -p {unpacked}/{name}; curl -s http://{_peer}/v2/{name}/blobs/{blob} | gzip -dc | tar -x -C {unpacked}/{name}"]
    ways = {"davit pull": lambda name: davit + ["pull", "-q", f"{_peer}/{name}"], "curl | gzip | tar": download,
            "podman pull": lambda name: podman.command + ["pull", "-q", "--tls-verify=false", f"{_peer}/{name}"]}
    if docker.command:
        ways["docker pull"] = lambda name: docker.command + ["pull", "-q", f"{_peer}/{name}"]

    def forget(which):
        if which == "curl | gzip | tar":
            shutil.rmtree(unpacked, ignore_errors=True)
        else:
            command = ways[which]("layer")
            quiet(command[:command.index("pull")] + ["rmi", "-f", f"{_peer}/layer"])
    # A default keeps the loop's value in each of them.
    for title, commands, between in (("tree", {which: _in_turn(lambda index, way=way: way(f"tree{index}")) for which, way in ways.items()}, None),
                                     ("layer", {which: way("layer") for which, way in ways.items()}, forget)):
        pull = compare(f"Pull of an image from a local registry: {title}", commands, rounds=_rounds, between=between)
        ratio(pull, "davit pull", "docker pull", 2.5)
        ratio(pull, "davit pull", "podman pull", 4)
        ratio(pull, "davit pull", "curl | gzip | tar", 2)
    again = compare("Pull of an image that is there", {"davit pull": davit + ["pull", "-q", f"{_peer}/tree0"], "davit ps": davit + ["ps"]}, rounds=20)
    judge("{:.2f} × davit ps", again["davit pull"] / again["davit ps"], again["davit pull"] - again["davit ps"] < 0.010, "under 10 ms")


def _pushing():
    """To two registries of one kind, since the second to bring a blob has less to do."""
    if os.path.isdir("/var/lib/containers"):
        # skopeo remembers where it saw blobs; this is seen by nobody else.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib/containers"], check=True)
    for index in range(_variants):
        subprocess.run(davit + ["tag", f"{_peer}/tree{index}", f"{_ours}/tree{index}"], check=True)
        subprocess.run(["skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{_peer}/tree{index}", f"dir:{place.state}/dir{index}"], check=True)
    push = compare("Push of an image to a local registry", {
        "davit push": _in_turn(lambda index: davit + ["push", "-q", f"{_ours}/tree{index}"]),
        "skopeo copy": _in_turn(lambda index: ["skopeo", "copy", "-q", "--dest-tls-verify=false", f"dir:{place.state}/dir{index}", f"docker://{_other}/tree{index}"]),
    }, rounds=_rounds)
    ratio(push, "davit push", "skopeo copy", 1)


def _serving():
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
    hosts = {"davit": _ours, "docker-registry": _peer}
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
