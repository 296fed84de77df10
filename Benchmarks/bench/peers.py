"""Those that Davit is compared with, each with state of its own: podman, and Docker's engine in namespaces of its own."""
import os, signal, subprocess, time
from . import place
from .measure import quiet

# podman wants to raise limits, which a nested machine may not.
_containers_conf = """[containers]
default_ulimits = []
pids_limit = 0
[engine]
cgroup_manager = "cgroupfs"
"""


class Podman:
    def __init__(self):
        conf = place.state + "/containers.conf"
        with open(conf, "w") as file:
            file.write(_containers_conf)
        os.environ["CONTAINERS_CONF"] = conf
        self.command = ["podman", "--root", place.state + "/podman", "--runroot", place.state + "/podman-run", "--log-level=error"]
        quiet(self.command + ["load", "-i", place.state + "/busybox.tar"])

    def close(self):
        quiet(self.command + ["system", "reset", "--force"])


class DockerEngine:
    """dockerd with containerd and runc as Debian has them; `command` is the stock client. Absent when it cannot be started."""

    def __init__(self, arguments=()):
        self.command, self.process = [], None
        root = place.state + "/docker"
        os.makedirs(root)
        socket = f"unix://{root}/docker.sock"
        script = f"""mount --make-rprivate /; mount -t tmpfs tmpfs /run; mkdir /run/docker-bench; ip link set lo up
            exec dockerd --data-root {root}/data --exec-root /run/docker-bench -p /run/docker-bench/pid -H {socket} --storage-driver overlay2 \
                --cgroup-parent docker-bench --ip6tables=false --insecure-registry 127.0.0.0/8 {' '.join(arguments)}"""
        try:
            self.log = open(root + "/log", "w")
            self.process = subprocess.Popen(["unshare", "-m", "-n", "sh", "-c", script], stdout=self.log, stderr=self.log)
        except OSError:
            return
        command = ["docker", "-H", socket]
        for _ in range(200):
            if quiet(command + ["version"]) == 0:
                self.command = command
                quiet(command + ["load", "-i", place.state + "/busybox.tar"])
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        print("  Docker's engine cannot be started here")

    def inside(self, command):
        """The command, in the network namespace that is this engine's host."""
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"] + command

    def close(self):
        if self.process and self.process.poll() is None:
            if self.command:
                ids = subprocess.run(self.command + ["ps", "-aq"], capture_output=True, text=True).stdout.split()
                if ids:
                    quiet(self.command + ["rm", "-f"] + ids)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
