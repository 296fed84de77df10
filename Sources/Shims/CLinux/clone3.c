#include "CLinux.h"

pid_t clinux_clone3(uint64_t flags, int exit_signal, int cgroup, int *pidfd, void (*child)(void *), void *argument) {
    struct clone_args args = {
        .flags = flags | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = (uint64_t)exit_signal,
        .cgroup = (uint64_t)cgroup,
    };
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        child(argument);
        _exit(127);
    }
    return (pid_t)pid;
}
