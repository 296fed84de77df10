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
