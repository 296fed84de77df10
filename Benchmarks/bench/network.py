"""Containers on a bridge: what joining one costs, what publishing ports costs, and what goes through."""
import json, os, re, statistics, subprocess, time
from . import place
from .measure import compare, judge, milliseconds_over, quiet, ratio
from .place import davit

# Programs of the host, in a container that has nothing of its own.
_host_programs = ["-v", "/usr:/usr:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro"]
_seconds = os.environ.get("BENCH_SECONDS", "3")
_port = 5201


def _wait(probe):
    for _ in range(200):
        if quiet(["timeout", "5"] + probe) == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"never came up: {' '.join(probe)}")


def _output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class _Host:
    """An engine, and how a command runs on the host that it has its networks on."""

    def __init__(self, name, command, inside=lambda command: command):
        self.name, self.command, self.inside = name, command, inside

    def server(self, name, port, words):
        quiet(self.command + ["rm", "-f", name])
        _output(self.command + ["run", "-d", "--name", name, "-p", f"{port}:{port}"] + _host_programs + words)

    def address(self, name):
        document = json.loads(_output(self.command + ["inspect", name]))[0]["NetworkSettings"]["Networks"]
        return next(iter(document.values()))["IPAddress"]


def _bits(host, target, extra=()):
    report = json.loads(_output(host.inside(["iperf3", "-c", target, "-p", str(_port), "-t", _seconds, "-J", *extra])))
    return report["end"]["sum_received"]["bits_per_second"]


def _throughput(title, hosts, measure):
    """Bits or requests a second of each, three times in turn."""
    print("\n" + title, flush=True)
    rates = {host.name: [] for host in hosts}
    for _ in range(3):
        for host in hosts:
            rates[host.name].append(measure(host))
    rates = {name: statistics.median(values) for name, values in rates.items()}
    for name in rates:
        if name != "davit":
            judge(f"davit carries {{:.2f}} × {name}", rates["davit"] / rates[name], rates["davit"] / rates[name] >= 0.97, "at least 1, within 3 %")


def measure(podman, docker):
    peers = {"podman": podman.command, "docker": docker.command}
    peers = {name: command for name, command in peers.items() if command}
    run = compare("A short container on the default bridge: run --rm busybox true", {
        "davit run": davit + ["run", "--rm", "busybox", "true"],
        "davit run --network none": davit + ["run", "--rm", "--network", "none", "busybox", "true"],
    } | {f"{name} run": command + ["run", "--rm", "busybox", "true"] for name, command in peers.items()})
    milliseconds_over(run, "davit run", "davit run --network none", 3)
    ratio(run, "davit run", "podman run", 20)
    ratio(run, "davit run", "docker run", 20)

    print("\nPublishing 500 ports of one container, one by one", flush=True)
    quiet(davit + ["run", "-d", "--name", "ports", "busybox", "sleep", "3600"])
    taken = []
    for port in range(20000, 20500):
        start = time.perf_counter()
        subprocess.run(davit + ["container", "update", "--publish-add", f"{port}:80", "ports"], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    first, last = statistics.median(taken[:25]), statistics.median(taken[-25:])
    judge("the last 25 took {:.2f} × the first 25", last / first, last / first < 1.25, "1")
    quiet(davit + ["rm", "-f", "ports"])

    hosts = [_Host("davit", davit)]
    if docker.command:
        hosts.append(_Host("docker", docker.command, docker.inside))
    for host in hosts:
        host.server("iperf", _port, ["busybox", "/usr/bin/iperf3", "-s", "-p", str(_port)])
        _wait(host.inside(["iperf3", "-c", "127.0.0.1", "-p", str(_port), "-n", "1K"]))
    _throughput("Bits through a published port on 127.0.0.1, host to container", hosts, lambda host: _bits(host, "127.0.0.1"))
    _throughput("Bits through a published port on 127.0.0.1, container to host", hosts, lambda host: _bits(host, "127.0.0.1", ["-R"]))
    _throughput("Bits to the container's own address", hosts, lambda host: _bits(host, host.address("iperf")))

    page = place.state + "/page"
    os.makedirs(page)
    with open(page + "/index.html", "w") as file:
        file.write("x" * 1024)
    with open(page + "/nginx.conf", "w") as file:
        file.write(f"daemon off; worker_processes 1; pid /tmp/nginx.pid; error_log /dev/null; events {{}}\n"
                   f"http {{ access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f;"
                   f" uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s; server {{ listen 8081; root {page}; }} }}\n")
    for host in hosts:
        quiet(host.command + ["rm", "-f", "iperf"])
        host.server("nginx", 8081, ["-v", f"{page}:{page}:ro", "--tmpfs", "/tmp", "--tmpfs", "/var", "busybox", "sh", "-c",
                                    f"mkdir -p /var/log/nginx /var/lib/nginx; echo root:x:0:0::/:/bin/sh > /etc/passwd; echo nobody:x:65534:65534::/:/bin/sh >> /etc/passwd;"
                                    f" echo nogroup:x:65534: > /etc/group; exec /usr/sbin/nginx -c {page}/nginx.conf"])
        _wait(host.inside(["curl", "-sf", "http://127.0.0.1:8081/"]))

    def requests(host):
        text = _output(host.inside(["wrk", "-t1", "-c32", f"-d{_seconds}s", "http://127.0.0.1:8081/"]))
        return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    _throughput("Requests a second of nginx behind a published port", hosts, requests)
    for host in hosts:
        quiet(host.command + ["rm", "-f", "nginx"])
