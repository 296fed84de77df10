package import OCI

/// What a container's system calls are filtered by.
package enum SeccompProfile: Sendable, Hashable {
    /// Docker's default: about 44 of more than 300 calls refused.
    case `default`
    /// A profile document as `--security-opt seccomp=FILE` takes it.
    case json([UInt8])
    /// A runtime spec's filter, conditions already decided.
    case oci(LinuxSeccomp)

    /// The filter for one container on one machine; nil when the profile turns filtering off, which an empty one does in Docker.
    ///
    /// `capabilities` are the container's bounding set, as `CAP_…` names.
    package func resolved(capabilities: [String], host: SeccompHost) throws(SeccompError) -> LinuxSeccomp? {
        switch self {
        case .default: try DefaultProfile.document.resolved(capabilities: capabilities, host: host)
        case .json(let bytes): try ProfileDocument(json: bytes).resolved(capabilities: capabilities, host: host)
        case .oci(let filter): filter
        }
    }
}

/// The words that a filter may use. https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp
package enum SeccompWords {
    package static let actions = [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
        "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ]
    package static let operators = ArgumentCondition.Comparison.allCases.map(\.rawValue)
    /// Of seccomp(2). They tune logging and speed, and a filter without them is no weaker.
    package static let flags = [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]
}
