package import Diagnostics
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

    /// As `--annotation` has them: `name=value`, of the manifest, or `manifest[linux/amd64],index:name=value`. Throws buildx's words.
    package init(flags: [String]) throws(Fault) {
        entries = []
        for text in flags {
            guard let equals = text.firstIndex(of: "=") else { throw Fault(.invalid, "invalid annotation \"\(text)\", expected key=value") }
            let value = String(text[text.index(after: equals)...]), key = text[..<equals]
            // A name may have a colon in it.
            let colon = key.firstIndex(of: ":"), kinds = colon.map { key[..<$0].split(separator: ",") } ?? []
            guard let colon, kinds.allSatisfy({ Place(rawValue: String($0.prefix { $0 != "[" })) != nil }) else {
                entries.append(Entry(place: .manifest, platform: nil, name: String(key), value: value))
                continue
            }
            for kind in kinds {
                let parts = kind.split(separator: "[", maxSplits: 1), place = Place(rawValue: String(parts.first ?? "")) ?? .manifest
                var platform: Platform?
                if parts.count > 1 {
                    do throws(PlatformError) { platform = try Platform(String(parts[1].prefix { $0 != "]" })) } catch { throw Fault(.invalid, "\(error)") }
                }
                entries.append(Entry(place: place, platform: platform, name: String(key[key.index(after: colon)...]), value: value))
            }
        }
    }

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// Nil for none.
    func values(_ place: Place, _ platform: Platform? = nil) -> [String: String]? {
        let wanted = entries.filter { $0.place == place && ($0.platform == nil || $0.platform?.normalised == platform?.normalised) }
        return wanted.isEmpty ? nil : Dictionary(wanted.map { ($0.name, $0.value) }) { $1 }
    }
}
