internal import Database
package import Diagnostics
internal import Layers
package import OCI

extension Images {
    /// Finds an image by what a user typed: a name (`:latest` when it has no tag), `name@digest`, `sha256:…`, or the
    /// beginning of an id. A name wins over an id that begins with the same letters.
    ///
    /// Throws Docker's words: `No such image: x:latest`; and when `platform` is given and the image is for another one, that.
    package func resolve(_ name: String, platform: Platform? = nil) throws(Fault) -> Image {
        let wanted = try ImageName(name)
        let found = try asFault("cannot look up \(name)") { () throws -> Image? in
            try database.read { rows in
                guard let id = try Self.find(wanted, rows, for: platform) else { return nil }
                return try rows.image(id)
            }
        }
        guard let found else { throw wanted.notFound }
        if let platform, !found.platform.satisfies(platform) {
            throw Fault(.notFound, "image with reference \(name) was found but does not provide the specified platform (\(platform))")
        }
        return found
    }

    /// The id of the image that a name means now; nil when it means none. It reads no image, as those who list many containers need.
    package func id(of name: String) throws(Fault) -> Digest? {
        let wanted = try ImageName(name)
        return try asFault("cannot look up \(name)") { try database.read { try Self.find(wanted, $0) } }
    }

    /// The image with this id, also when it was removed by force while containers use it; nil when there is none.
    package func image(id: Digest) throws(Fault) -> Image? {
        try asFault("cannot look up \(id)") { try database.read { try $0.image(id) } }
    }

    /// The image and all that were made from it on this engine; empty when there is none of that name.
    package func family(of name: String) throws(Fault) -> [Digest] {
        let first: Digest
        do throws(Fault) { first = try resolve(name, platform: nil).id } catch  where error.kind == .notFound { return [] }
        return try asFault("cannot look up \(name)") { try database.read { try $0.family(of: first) } }
    }

    /// Absolute paths of the image's unpacked layers, the topmost first, as overlayfs wants its lower directories.
    /// An image without layers gives one empty directory. A layer that an image has twice is given once, at its upper place, as overlayfs
    /// takes no directory twice: there it already hides and shows all that it would below.
    package func layerDirectories(of image: Image) -> [String] {
        var seen: Set<String> = []
        let directories = image.layers.reversed().map(\.directory).filter { seen.insert($0).inserted }
        return directories.isEmpty ? [layers.empty] : directories.map { layers.path(of: $0) }
    }

    static func find(_ name: ImageName, _ rows: borrowing Transaction, for platform: Platform? = nil) throws -> Digest? {
        if let id = name.id {
            if try rows.first("SELECT 1 FROM images WHERE id = ? AND hidden = 0", .text(id.description)) != nil { return id }
            // Of what several platforms share a name for there is only the digest.
            return try rows.best(of: rows.rows("SELECT DISTINCT image FROM image_names WHERE target = ?", .text(id.description)), for: platform)
        }
        if let reference = name.reference {
            if let id = try rows.imageID(named: name.lookup ?? reference, for: platform) { return id }
            if let digest = reference.digest {
                // Content that is here under a tag of the same repository.
                for row in try rows.rows("SELECT id FROM images WHERE (manifest = ?1 OR id = ?1) AND hidden = 0", .text(digest.description)) {
                    guard let id = Digest(try row.text("id")) else { continue }
                    if try rows.names(of: id).contains(where: { $0.name == reference.name }) { return id }
                }
            }
        }
        guard let prefix = name.prefix else { return nil }
        let ids = try rows.imageIDs(prefix: prefix)
        return ids.count == 1 ? ids[0] : nil
    }
}

/// What a user may mean by the text that names an image.
struct ImageName {
    let text: String
    /// A whole id.
    private(set) var id: Digest?
    /// A name, with `:latest` filled in.
    private(set) var reference: Reference?
    /// What to look the name up by: a digest wins over a tag.
    private(set) var lookup: Reference?
    /// The beginning of an id, without `sha256:`.
    private(set) var prefix: String?

    /// Throws Docker's words for text that can be none of these.
    init(_ text: String) throws(Fault) {
        self.text = text
        if let digest = Digest(text) ?? Digest(sha256: text) {
            id = digest
            return
        }
        let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        if !digits.isEmpty, digits.utf8.count < 64, digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }) { prefix = String(digits) }
        do throws(ReferenceError) {
            let reference = try Reference(text).withDefaultTag
            self.reference = reference
            lookup = reference.digest.map { reference.pinned($0) }
        } catch {
            if prefix == nil { throw Fault(.invalid, error.description) }
        }
    }

    var notFound: Fault { Fault(.notFound, "No such image: \(reference?.familiar ?? text)") }

    /// Whether it names the image by the beginning of its id, not by one of its names.
    func isIDPrefix(of image: Digest) -> Bool { image.description.hasPrefix(text) || image.hex.hasPrefix(text) }
}
