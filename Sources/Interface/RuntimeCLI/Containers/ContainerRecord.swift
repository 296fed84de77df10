import JSON
import OCI
import Values

/// `state.json` of a container: what stays true of it until it is deleted.
struct ContainerRecord: JSONRecord, Sendable {
    var id = ""
    var ociVersion = ""
    /// Absolute, as is `rootfs`.
    var bundle = ""
    var rootfs = ""
    /// 0 while it is being created.
    var pid: Int32 = 0
    /// With the number it names the process for as long as the machine is up.
    var startTime: UInt64 = 0
    var created = ""
    var annotations: [String: String]?
    /// The path in each tree; nil where there is none.
    var cgroup: String?
    /// Whether the kernel kills all its processes with the first.
    var hasProcessNamespace = false
    /// Those still to be run.
    var hooks = RuntimeHooks()

    mutating func members(_ m: inout JSONMembers) throws {
        try m("id", &id, .required)
        try m("ociVersion", &ociVersion)
        try m("bundle", &bundle)
        try m("rootfs", &rootfs)
        try m("pid", &pid)
        try m("startTime", &startTime)
        try m("created", &created)
        try m("annotations", &annotations, .unlessNil)
        try m("cgroup", &cgroup, .unlessNil)
        try m("hasProcessNamespace", &hasProcessNamespace)
        try m("hooks", &hooks)
    }

    /// As the runtime specification has it.
    func state(_ status: RuntimeState.Status) -> RuntimeState {
        RuntimeState(
            ociVersion: ociVersion, id: id, status: status, pid: status == .stopped ? 0 : pid, bundle: bundle, annotations: annotations)
    }
}
