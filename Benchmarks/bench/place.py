"""Where everything that a benchmark makes lies, and the program that is measured."""
import os, shutil, subprocess, sys, tempfile

here = os.path.dirname(os.path.realpath(__file__))
program = os.path.realpath(os.environ.get("DAVIT", os.path.join(here, "../../build/davit")))
state = ""
run_root = f"/run/davit-bench.{os.getpid()}"
davit = []


def enter():
    """Goes on in namespaces of its own: networks are made there alone, and the empty version 2 tree of a machine that has both kinds of
    cgroups is hidden, which crun and podman refuse."""
    if "BENCH_ENTERED" in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["BENCH_ENTERED"] = "1"
    hide = "! mountpoint -q /sys/fs/cgroup/unified || umount /sys/fs/cgroup/unified; "
    os.execvp("unshare", ["unshare", "-m", "-n", "sh", "-c", hide + 'exec "$@"', "sh", sys.executable] + sys.argv)


def make():
    """Makes the directories, and a busybox image to begin with."""
    global state
    state = tempfile.mkdtemp(prefix="davit-bench.", dir="/var/tmp")
    davit[:] = [program, "--root", state + "/data", "--run-root", run_root]
    subprocess.run(davit + ["image", "bootstrap", "busybox"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(davit + ["save", "-o", state + "/busybox.tar", "busybox"], check=True)


def clean():
    """Removes everything again."""
    if not davit:
        return
    ids = subprocess.run(davit + ["ps", "-aq"], capture_output=True, text=True).stdout.split()
    for start in range(0, len(ids), 50):
        subprocess.run(davit + ["rm", "-f"] + ids[start:start + 50], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(state, ignore_errors=True)
    shutil.rmtree(run_root, ignore_errors=True)
