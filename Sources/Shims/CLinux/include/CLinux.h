// What Swift's Glibc module hides or cannot express, named as in the man pages.
// No policy, no allocation, no branches beyond errno.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <malloc.h>
#include <fcntl.h>
#include <grp.h>
// Before linux/if_bridge.h, which would bring the kernel's own in6_addr otherwise.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/mount.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <linux/xfrm.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// sys/mount.h collides with linux/mount.h in glibc 2.36, so what is needed of it stands here.
int mount(const char *source, const char *target, const char *filesystemtype, unsigned long mountflags, const void *data);
int umount2(const char *target, int flags);
enum {
    DAVIT_MNT_FORCE = 1,
    DAVIT_MNT_DETACH = 2,
};

// System calls without a (visible) glibc wrapper. Each returns as the man page says: -1 and errno on failure.
static inline long clinux_openat2(int dirfd, const char *path, const struct open_how *how) {
    return syscall(SYS_openat2, dirfd, path, how, sizeof *how);
}
// Where the first of the program's arguments lies, with the others behind it.
static inline char *clinux_first_argument(void) { return program_invocation_name; }
static inline int clinux_pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
static inline int clinux_pidfd_getfd(int pidfd, int number) { return (int)syscall(SYS_pidfd_getfd, pidfd, number, 0); }
static inline int clinux_pidfd_send_signal(int pidfd, int sig) { return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0); }
static inline int clinux_pivot_root(const char *new_root, const char *put_old) { return (int)syscall(SYS_pivot_root, new_root, put_old); }
static inline int clinux_open_tree(int dirfd, const char *path, unsigned flags) { return (int)syscall(SYS_open_tree, dirfd, path, flags); }
static inline int clinux_move_mount(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags) {
    return (int)syscall(SYS_move_mount, from_dirfd, from, to_dirfd, to, flags);
}
static inline int clinux_fsopen(const char *fsname, unsigned flags) { return (int)syscall(SYS_fsopen, fsname, flags); }
static inline int clinux_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux) {
    return (int)syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}
static inline int clinux_fsmount(int fd, unsigned flags, unsigned attr_flags) { return (int)syscall(SYS_fsmount, fd, flags, attr_flags); }
static inline int clinux_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr) {
    return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof *attr);
}
static inline int clinux_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}
static inline int clinux_capset(struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data) {
    return (int)syscall(SYS_capset, header, data);
}
static inline int clinux_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data) {
    return (int)syscall(SYS_capget, header, data);
}
static inline long clinux_seccomp(unsigned operation, unsigned flags, const void *args) {
    return syscall(SYS_seccomp, operation, flags, args);
}
static inline int clinux_sched_setattr(pid_t pid, const uint64_t *attributes) { return (int)syscall(SYS_sched_setattr, pid, attributes, 0); }
static inline int clinux_sched_setaffinity(size_t size, const uint64_t *mask) { return (int)syscall(SYS_sched_setaffinity, 0, size, mask); }
static inline int clinux_ioprio_set(int value) { return (int)syscall(SYS_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, value); }
static inline int clinux_personality(unsigned long value) { return personality(value); }
// The C library's own makes something up where the kernel says that the directory cannot be reached from the root.
static inline long clinux_getcwd(char *buffer, size_t size) { return syscall(SYS_getcwd, buffer, size); }
static inline int clinux_execveat(int fd, char *const *arguments, char *const *environment) {
    return (int)syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH);
}
static inline long clinux_keyctl_join_session(const char *name) { return syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, name); }
static inline int clinux_faccessat2(int dirfd, const char *path, int mode, int flags) {
    return (int)syscall(SYS_faccessat2, dirfd, path, mode, flags);
}
// glibc's wrappers apply these to all threads; ours must change the calling thread only, as the kernel does.
static inline int clinux_setgroups(size_t size, const gid_t *list) { return (int)syscall(SYS_setgroups, size, list); }
static inline int clinux_setresgid(gid_t r, gid_t e, gid_t s) { return (int)syscall(SYS_setresgid, r, e, s); }
static inline int clinux_setresuid(uid_t r, uid_t e, uid_t s) { return (int)syscall(SYS_setresuid, r, e, s); }

// Variadic calls that Swift cannot import.
static inline int clinux_prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5) {
    return prctl(option, a2, a3, a4, a5);
}
static inline int clinux_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }
static inline int clinux_ioctl_int(int fd, unsigned long request, long argument) { return ioctl(fd, request, argument); }
static inline int clinux_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
static inline int clinux_openat(int dirfd, const char *path, int flags, mode_t mode) { return openat(dirfd, path, flags, mode); }

// Macros that Swift cannot import.
/* The first child that has ended and is not waited for; 0 without one. */
static inline int clinux_ended_child(void) {
    siginfo_t info = {0};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}
static inline int clinux_wifexited(int status) { return WIFEXITED(status); }
static inline int clinux_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int clinux_wifsignaled(int status) { return WIFSIGNALED(status); }
static inline int clinux_wtermsig(int status) { return WTERMSIG(status); }
static inline int clinux_wcoredump(int status) { return WCOREDUMP(status); }
static inline unsigned clinux_major(dev_t dev) { return major(dev); }
static inline unsigned clinux_minor(dev_t dev) { return minor(dev); }
static inline dev_t clinux_makedev(unsigned ma, unsigned mi) { return makedev(ma, mi); }
static const unsigned long CLINUX_TIOCGWINSZ = TIOCGWINSZ, CLINUX_TIOCSWINSZ = TIOCSWINSZ, CLINUX_TIOCSCTTY = TIOCSCTTY;
static const unsigned long CLINUX_TIOCGPTPEER = TIOCGPTPEER, CLINUX_TIOCSPTLCK = TIOCSPTLCK, CLINUX_FIONREAD = FIONREAD, CLINUX_SIOCOUTQ = SIOCOUTQ;
static inline struct cmsghdr *clinux_cmsg_firsthdr(struct msghdr *m) { return CMSG_FIRSTHDR(m); }
static inline struct cmsghdr *clinux_cmsg_nxthdr(struct msghdr *m, struct cmsghdr *c) { return CMSG_NXTHDR(m, c); }
static inline unsigned char *clinux_cmsg_data(struct cmsghdr *c) { return CMSG_DATA(c); }
static inline size_t clinux_cmsg_space(size_t n) { return CMSG_SPACE(n); }
static inline size_t clinux_cmsg_len(size_t n) { return CMSG_LEN(n); }

// clone3(2): returns twice, which no Swift function may; so the child's body is called from here and never returns.
// `flags` without CLONE_VM; `cgroup` is used with CLONE_INTO_CGROUP. Writes the new pidfd to *pidfd (CLONE_PIDFD is always added).
pid_t clinux_clone3(uint64_t flags, int exit_signal, int cgroup, int *pidfd, void (*child)(void *), void *argument);

extern char **environ;
static inline char **clinux_environ(void) { return environ; }
static inline int clinux_errno(void) { return errno; }
static inline void clinux_set_errno(int value) { errno = value; }
static inline int clinux_flock(int fd, int operation) { return flock(fd, operation); }
static inline int clinux_signal_ignore(int number) { return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0; }
static inline int clinux_signal_default(int number) { return signal(number, SIG_DFL) == SIG_ERR ? -1 : 0; }
// Swift hides fork(2), and rightly so; an init process that is a copy of its parent is the one use for it.
static inline pid_t clinux_fork(void) { return fork(); }
// Calls whose socket address parameter is a transparent union in glibc.
static inline int clinux_bind(int fd, const struct sockaddr *address, socklen_t length) { return bind(fd, address, length); }
static inline int clinux_connect(int fd, const struct sockaddr *address, socklen_t length) { return connect(fd, address, length); }
static inline int clinux_accept4(int fd, int flags) { return accept4(fd, NULL, NULL, flags); }
static inline ssize_t clinux_sendto(int fd, const void *bytes, size_t count, const struct sockaddr *address, socklen_t length) {
    return sendto(fd, bytes, count, MSG_NOSIGNAL, address, length);
}
static inline int clinux_getsockname(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return getsockname(fd, (struct sockaddr *)address, length);
}
static inline int clinux_getpeername(int fd, struct sockaddr_storage *address, socklen_t *length) {
    return getpeername(fd, (struct sockaddr *)address, length);
}
static inline ssize_t clinux_recvfrom(int fd, void *bytes, size_t count, struct sockaddr_storage *address) {
    socklen_t length = sizeof *address;
    return recvfrom(fd, bytes, count, MSG_DONTWAIT, (struct sockaddr *)address, &length);
}
static inline int clinux_memfd_create(const char *name, unsigned flags) { return (int)syscall(SYS_memfd_create, name, flags); }

// bpf(2) for device programs of cgroups. Each fills the one union that the call takes; results as the man page says.
long clinux_bpf_load_device(const uint64_t *instructions, uint32_t count, const char *license);
long clinux_bpf_attach_device(int cgroup, int program);
long clinux_bpf_detach_device(int cgroup, int program);
long clinux_bpf_query_device(int cgroup, uint32_t *identifiers, uint32_t *count);
long clinux_bpf_open(uint32_t identifier);
static inline int clinux_sysinfo(struct sysinfo *info) { return sysinfo(info); }
// Its offsets are 64 bits wide under a name of their own.
static inline ssize_t clinux_copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t length) {
    return copy_file_range(in, in_offset, out, out_offset, length, 0);
}
