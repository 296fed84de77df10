#include "CLinux.h"
#include <linux/bpf.h>

static long bpf(int command, union bpf_attr *attributes) { return syscall(SYS_bpf, command, attributes, sizeof *attributes); }

long clinux_bpf_load_device(const uint64_t *instructions, uint32_t count, const char *license) {
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insns = (uintptr_t)instructions,
        .insn_cnt = count,
        .license = (uintptr_t)license,
    };
    return bpf(BPF_PROG_LOAD, &attributes);
}

long clinux_bpf_attach_device(int cgroup, int program) {
    union bpf_attr attributes = {
        .target_fd = (uint32_t)cgroup,
        .attach_bpf_fd = (uint32_t)program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI,
    };
    return bpf(BPF_PROG_ATTACH, &attributes);
}

long clinux_bpf_detach_device(int cgroup, int program) {
    union bpf_attr attributes = {
        .target_fd = (uint32_t)cgroup,
        .attach_bpf_fd = (uint32_t)program,
        .attach_type = BPF_CGROUP_DEVICE,
    };
    return bpf(BPF_PROG_DETACH, &attributes);
}

long clinux_bpf_query_device(int cgroup, uint32_t *identifiers, uint32_t *count) {
    union bpf_attr attributes = {
        .query = {
            .target_fd = (uint32_t)cgroup,
            .attach_type = BPF_CGROUP_DEVICE,
            .prog_ids = (uintptr_t)identifiers,
            .prog_cnt = *count,
        },
    };
    long result = bpf(BPF_PROG_QUERY, &attributes);
    *count = attributes.query.prog_cnt;
    return result;
}

long clinux_bpf_open(uint32_t identifier) {
    union bpf_attr attributes = { .prog_id = identifier };
    return bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
}
