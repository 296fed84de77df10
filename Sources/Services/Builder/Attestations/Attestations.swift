package import Diagnostics
internal import Values

/// What a build shall say of its images for others to check, as `--attest` asks for it.
package struct Attestations: Sendable {
    /// Of how it was made: `mode`, `version`, `builder-id`, `reproducible`. Nil for nothing.
    package private(set) var provenance: [String: String]?
    /// Of what is in it: `generator`, which is an image, and parameters for that. Nil for nothing.
    package private(set) var contents: [String: String]?
    /// What the build was asked for, in the words of BuildKit's frontend: provenance tells of it.
    package var parameters: [String: String] = [:]

    /// BuildKit's own, which is not part of it either.
    static let defaultGenerator = "docker/buildkit-syft-scanner:stable-1"

    package init() {}

    /// One of a kind, `provenance` or `sbom`, with options as in `mode=max,version=v0.2`. Throws for what is not there.
    package mutating func add(_ kind: String, _ text: String) throws(Fault) {
        var options: [String: String] = [:]
        for field in text.split(separator: ",") {
            let (name, value) = field.cut("=") ?? (String(field), "")
            guard !name.isEmpty else { throw Fault(.invalid, "invalid value \(field)") }
            options[name] = value
        }
        // Clients ask for that unless they are told not to: without a wish of somebody's an image stays one image.
        if options["inline-only"] == "true" || options["disabled"] == "true" { return }
        switch kind {
        case "provenance":
            if let mode = options["mode"], !["min", "max", "full"].contains(mode) { throw Fault(.invalid, "invalid mode \"\(mode)\"") }
            if let version = options["version"], !["v1", "v0.2"].contains(version) { throw Fault(.invalid, "invalid provenance SLSA version: \(version)") }
            provenance = options
        case "sbom": contents = options
        default: throw Fault(.invalid, "unknown attestation type \"\(kind)\"")
        }
    }
}
