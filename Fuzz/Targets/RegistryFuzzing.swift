import JSON
import OCI
import RegistryServer
import YAML

/// What clients push to a registry and ask it for, and what its operator writes.
enum RegistryFuzzing {
    /// Reads the input as YAML; what is YAML can be written as JSON, which is YAML too and means the same.
    static func yaml(_ input: [UInt8]) throws {
        let value = try YAML.parse(input) { _, value in value }
        // JSON nests as deep as YAML may, and long text grows by its escapes.
        guard let again = try? YAML.parse(value.compact) else { return }
        precondition(again == value, "a value comes back changed")
    }

    /// Checks the input as a manifest and reads it as a path; what is taken names only what can be a place on disk.
    static func manifest(_ input: [UInt8]) throws {
        if let endpoint = try RegistryEndpoint(path: String(decoding: input, as: UTF8.self)) {
            precondition(!endpoint.path.contains("/../") && !endpoint.path.contains("/./"), "a path that leaves its place")
            precondition((try? RegistryEndpoint(path: endpoint.path)) == endpoint, "a path means something else")
        }
        let manifest = try ManifestCheck.check(input, contentType: nil)
        for reference in manifest.references { precondition(reference.size >= 0 && !reference.digest.hex.contains("/"), "an impossible reference") }
        precondition(MediaType.isIndex(manifest.mediaType) || MediaType.isManifest(manifest.mediaType), "a manifest of another kind")
    }
}
