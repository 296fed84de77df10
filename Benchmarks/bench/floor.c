// The floor: what the kernel alone takes to run a program in namespaces of its own on an overlay, with nothing kept, logged,
// limited or cleaned. Usage: floor LOWER SCRATCH PROGRAM…
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct arguments {
    unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static void check(int result, const char *what) {
    if (result == 0) return;
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    _exit(1);
}

int main(int argc, char **argv) {
    if (argc < 4) return 64;
    struct arguments arguments = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET,
        .exit_signal = SIGCHLD,
    };
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) check(-1, "clone3");
    if (pid > 0) {
        int status;
        waitpid((pid_t)pid, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }
    char options[16384], root[4096];
    snprintf(root, sizeof root, "%s/root", argv[2]);
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", argv[1], argv[2], argv[2]);
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    check(mount("overlay", root, "overlay", 0, options), "overlay");
    check(chdir(root), "chdir");
    check(mount("proc", "proc", "proc", 0, NULL), "proc");
    check(mount("tmpfs", "dev", "tmpfs", 0, NULL), "dev");
    check(mount("sysfs", "sys", "sysfs", MS_RDONLY, NULL), "sys");
    check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    check(umount2(".", MNT_DETACH), "detach");
    execv(argv[3], argv + 3);
    check(-1, "exec");
}
