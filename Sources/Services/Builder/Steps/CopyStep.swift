internal import Containers
internal import Diagnostics
internal import Dockerfile
internal import Images
internal import Layers
internal import Linux
internal import OCI
internal import Values

/// One `COPY` or `ADD`: files put into a view of the layers, or with `--link` into an empty one.
struct CopyStep {
    /// Where the sources are.
    enum Origin: Sendable {
        case tree(SourceTree)
        /// What a stage, or an image, has.
        case layers([ImageLayer])
    }

    /// Something of the network, fetched beforehand.
    struct Fetched: Sendable {
        var directory: String
        /// What of the directory is meant; nil for all of it, which is a repository.
        var file: String?
        /// What the file is called.
        var name: String
        /// How provenance names it.
        var material: Material
    }

    let builder: Builder
    let workplace: Workplace
    let style: BuildRequest.Style
    var copy: Copy
    let origin: Origin
    let fetched: [Fetched]
    let state: BuildState
    /// Absolute, with its slash.
    let destination: String

    /// What is to be copied.
    struct Sources: Sendable {
        fileprivate var all: [Found]
        /// Decides on the outcome.
        var key: Digest
        /// What history calls it.
        var content: String
    }

    /// What the files go over.
    var below: [ImageLayer] { copy.isLinked ? [] : state.layers }

    func find() throws -> Sources {
        try withTree { tree in
            let sources = try find(in: tree, IgnorePatterns(copy.excludes))
            let contents = try sources.map { ($0.isDirectory ? "dir" : "file", try $0.source.digest(keepsOwner: keepsOwner)) }
            var key = StepKey(copy.isAdd ? "add" : "copy", layers: copy.isLinked ? "" : state.chain, platform: state.document.platform)
            key.add("to", [destination, copy.owner ?? "-", copy.mode ?? "-", "\(unpacks)", "\(copy.keepsParents)", "\(keepsOwner)"])
            key.add("content", contents.map { "\($0.1)" })
            key.add("below", sources.map(\.below))
            key.add("documents", copy.heredocs.flatMap { [$0.name, $0.text] })
            return Sources(all: sources, key: key.digest, content: Self.name(contents))
        }
    }

    /// Nil when it changes nothing.
    func make(_ sources: Sources) throws -> ImageLayer? {
        try builder.images.makeLayer(over: below) { root in try place(sources.all, in: root) }
    }

    /// Files of a stage or image keep their owners; all others are root's.
    private var keepsOwner: Bool { if case .layers = origin { copy.owner == nil } else { false } }

    private var unpacks: Bool { copy.unpacks ?? (copy.isAdd && fetched.isEmpty) }

    fileprivate struct Found: Sendable {
        var source: SourceTree.Source
        /// Where in the destination.
        var below: String
        var isDirectory: Bool { source.isDirectory }
    }

    private func withTree<Value>(_ body: (SourceTree) throws -> Value) throws -> Value {
        switch origin {
        case .tree(let tree): return try body(tree)
        case .layers(let layers):
            let view = try workplace.makeDirectory("view")
            return try PrivateMounts.run {
                try builder.images.mountView(of: layers, on: view)
                return try body(SourceTree(root: OpenFile(try FileDescriptor.open(view, [.path, .directory]))))
            }
        }
    }

    private func find(in tree: SourceTree, _ excludes: IgnorePatterns) throws -> [Found] {
        var found: [Found] = []
        for text in copy.sources where !RemoteSource.isRemote(text) || !copy.isAdd {
            let sources = try tree.find(text, excluding: excludes)
            // BuildKit takes a pattern for what may be there.
            if sources.isEmpty, style == .classic || !Glob.isPattern(text) { throw Fault(.invalid, missing(text)) }
            found += sources.map { Found(source: $0, below: below($0, text)) }
        }
        for item in fetched {
            let place = SourceTree(root: OpenFile(try FileDescriptor.open(item.directory, [.path, .directory])))
            found += try place.find(item.file ?? ".", excluding: excludes).map { source in
                var source = source
                if item.file != nil { source.path = item.name }
                return Found(source: source, below: "")
            }
        }
        let count = (style == .classic ? found.count : copy.sources.count) + copy.heredocs.count
        guard count > 0 else { throw Fault(.invalid, "\(keyword) failed: no source files were specified") }
        if count > 1, !destination.hasSuffix("/") {
            throw Fault(
                .invalid,
                "\(style == .classic ? "\(keyword) failed: " : "")When using \(keyword) with more than one source file, the destination must be a directory and end with a /")
        }
        return found
    }

    private var keyword: String { copy.isAdd ? "ADD" : "COPY" }

    /// In the words of Docker's builder, or of BuildKit.
    private func missing(_ text: String) -> String {
        if style == .buildKit { return "failed to compute cache key: failed to calculate checksum of ref \(workplace.name): \"/\(SourceTree.clean(text))\": not found" }
        if Glob.isPattern(text) { return "\(keyword) failed: no source files were specified" }
        let place = if case .tree = origin { "file not found in build context or excluded by .dockerignore: " } else { "" }
        return "\(keyword) failed: \(place)stat \(SourceTree.clean(text)): file does not exist"
    }

    /// With `--parents` a source keeps the directories that it is in, or those after a `/./`.
    private func below(_ source: SourceTree.Source, _ text: String) -> String {
        guard copy.keepsParents else { return "" }
        var parts = source.path.split(separator: "/").map(String.init)
        if let pivot = text.firstRange(of: "/./") {
            let dropped = SourceTree.clean(String(text[..<pivot.lowerBound])).split(separator: "/").count
            parts = Array(parts.dropFirst(dropped))
        }
        if !source.isDirectory { parts = parts.dropLast() }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    private func place(_ sources: [Found], in root: borrowing FileDescriptor) throws {
        let mode = try copy.mode.map { text throws(DockerfileError) in try FileMode(text) }
        let placement = try Placement(in: root, at: destination, owner: keepsOwner ? nil : try owner(in: root), mode: mode, unpacks: unpacks)
        for found in sources { try placement.put(found.source, below: found.below) }
        for heredoc in copy.heredocs { try placement.put(Array(heredoc.text.utf8), named: heredoc.name) }
    }

    /// A number without a group is the group too.
    private func owner(in root: borrowing FileDescriptor) throws -> (user: UInt32, group: UInt32) {
        guard let text = copy.owner, !text.isEmpty else { return (user: 0, group: 0) }
        if let number = UInt32(text) { return (user: number, group: number) }
        guard case .fixed(let user, let group) = try FileOwner.resolve(text, in: root) else { return (user: 0, group: 0) }
        return (user: user, group: group)
    }

    /// As Docker's builder names what is copied.
    private static func name(_ contents: [(String, Digest)]) -> String {
        guard contents.count == 1, let only = contents.first else { return "multi:\(StepContent.digest(contents.map { "\($0.1)" }).hex)" }
        return "\(only.0):\(only.1.hex)"
    }
}

/// Several contents as one.
enum StepContent {
    static func digest(_ parts: [String]) -> Digest {
        var key = StepKey("contents", layers: "", platform: .host)
        key.add("parts", parts)
        return key.digest
    }
}
