import Linux

/// The source tree that these tests stand in.
struct Repository {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    /// A Swift file, its path relative to the root.
    struct File {
        var path: String
        var lines: [Substring]

        /// `Linux` for `Sources/System/Linux/Mount.swift`.
        var module: String? {
            let parts = path.split(separator: "/")
            return parts.count > 3 ? String(parts[2]) : parts.count == 3 ? String(parts[1]) : nil
        }
    }

    /// Every Swift file below a directory of the root.
    static func files(in directory: String) throws -> [File] {
        var result: [File] = []
        func walk(_ path: String) throws {
            for name in try FileDescriptor.open("\(root)/\(path)", [.readOnly, .directory]).entries().sorted() {
                let child = "\(path)/\(name)"
                if try FileSystem.status("\(root)/\(child)")?.isDirectory == true {
                    try walk(child)
                } else if name.hasSuffix(".swift") {
                    result.append(File(path: child, lines: try text(child).split(separator: "\n", omittingEmptySubsequences: false)))
                }
            }
        }
        try walk(directory)
        return result
    }

    static func text(_ path: String) throws -> String { String(decoding: try FileSystem.read("\(root)/\(path)"), as: UTF8.self) }
}

/// The map in `Package.swift`: modules in their order, each with what it may import.
struct ModuleMap {
    struct Module {
        var name: String
        var floor: String
        var dependencies: [String]
        var wrapsUnsafe: Bool
    }

    var modules: [Module] = []

    /// Reads the calls of `module(…)`. They are plain literals, so counting brackets and quotes is enough.
    init(manifest: String) {
        var rest = manifest[...]
        while let call = rest.firstRange(of: "  module(") {
            rest = rest[call.upperBound...]
            var depth = 1
            let end = rest.firstIndex { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth == 0
            }
            let body = rest[..<(end ?? rest.endIndex)]
            let words = body.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
            guard words.count >= 2 else { continue }
            modules.append(
                Module(name: words[0], floor: words[1], dependencies: Array(words.dropFirst(2)), wrapsUnsafe: body.contains("wrapsUnsafe: true")))
        }
    }

    subscript(name: String) -> Module? { modules.first { $0.name == name } }
}
