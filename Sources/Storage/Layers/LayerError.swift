/// A layer that cannot be unpacked or written, and the member it failed at.
package struct LayerError: Error, CustomStringConvertible {
    /// The member's name as the archive has it; empty when the layer as a whole is meant.
    package var path: String
    package var reason: String
    package var cause: (any Error)?
    /// True when the layer could not be unpacked by itself and no lower layers were given.
    package var needsParents = false

    package init(_ path: String, _ reason: String, cause: (any Error)? = nil) {
        self.path = path
        self.reason = reason
        self.cause = cause
    }

    package var description: String {
        let text = path.isEmpty ? "layer: \(reason)" : "layer: \(path): \(reason)"
        return cause.map { "\(text): \($0)" } ?? text
    }
}

/// Names that give whiteouts their meaning. See image-spec, layer.md, "Whiteouts", and the kernel's overlayfs.rst.
enum Whiteout {
    static let prefix = Array(".wh.".utf8)
    /// Aufs's own files, of which only the opaque marker means something elsewhere.
    static let metaPrefix = Array(".wh..wh.".utf8)
    static let opaqueMarker = Array(".wh..wh..opq".utf8)
}

/// A member's name taken apart: the parts between slashes, `.` and `..` resolved as text, as Docker does before it unpacks.
struct LayerPath: Hashable {
    /// Empty for the root of the layer.
    var parts: [[UInt8]]

    /// Nil when the name leads out of the layer.
    init?(_ name: [UInt8]) {
        parts = []
        for part in name.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                if parts.popLast() == nil { return nil }
                continue
            }
            parts.append(Array(part))
        }
    }

    init(parts: [[UInt8]]) { self.parts = parts }

    var parent: LayerPath { LayerPath(parts: Array(parts.dropLast())) }
    var bytes: [UInt8] { Array(parts.joined(separator: [UInt8(ascii: "/")])) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
