internal import OCI
internal import Patterns

/// Where layers may come from that a registry does not keep: `validation.manifests.urls`, by expressions in Go's syntax.
package struct LayerURLs: Sendable {
    /// One of these must match; none here is any.
    private let allowed: [Patterns.Pattern]
    /// None of these may.
    private let denied: [Patterns.Pattern]

    /// Nil where the configuration says nothing of them, which leaves them to who pushes. Throws what is wrong with an expression.
    init?(allow: [String], deny: [String]) throws(PatternError) {
        if allow.isEmpty, deny.isEmpty { return nil }
        allowed = try allow.map { text throws(PatternError) in try Patterns.Pattern(text) }
        denied = try deny.map { text throws(PatternError) in try Patterns.Pattern(text) }
    }

    /// Throws `MANIFEST_INVALID` for a layer from elsewhere that may not come from there.
    func check(_ manifest: CheckedManifest) throws(RegistryError) {
        for layer in manifest.references where layer.kind == .foreign {
            if layer.urls.isEmpty { throw RegistryError(.manifestInvalid, "missing URL on layer") }
            guard layer.urls.allSatisfy(isAllowed) else { throw RegistryError(.manifestInvalid, "invalid URL on layer") }
        }
    }

    private func isAllowed(_ url: String) -> Bool {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https", !url.contains("#") else { return false }
        return (allowed.isEmpty || allowed.contains { $0.matches(url) }) && !denied.contains { $0.matches(url) }
    }
}
