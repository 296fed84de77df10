package import OCI

/// What the manifests of a new image shall say beside what they must.
package struct ImageAnnotations: Sendable {
    package enum Place: String, Sendable {
        case manifest, index
        /// What an index says of a manifest.
        case manifestDescriptor = "manifest-descriptor"
        /// What a layout says of the whole.
        case indexDescriptor = "index-descriptor"
    }

    package struct Entry: Sendable {
        package var place: Place
        /// Nil for all.
        package var platform: Platform?
        package var name: String
        package var value: String

        package init(place: Place, platform: Platform?, name: String, value: String) {
            (self.place, self.platform, self.name, self.value) = (place, platform, name, value)
        }
    }

    package var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// Nil for none.
    func values(_ place: Place, _ platform: Platform? = nil) -> [String: String]? {
        let wanted = entries.filter { $0.place == place && ($0.platform == nil || $0.platform?.normalised == platform?.normalised) }
        return wanted.isEmpty ? nil : Dictionary(wanted.map { ($0.name, $0.value) }) { $1 }
    }
}
