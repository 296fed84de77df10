#include <seccomp.h>
#include <stdlib.h>

// What seccomp_syscall_resolve_num_arch(3) returns is the caller's to free.
static inline void cseccomp_free(char *name) { free(name); }
