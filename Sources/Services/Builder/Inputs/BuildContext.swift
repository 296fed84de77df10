internal import Archive
internal import Content
internal import Diagnostics
internal import DockerAPI
internal import Dockerfile
internal import Layers
internal import Linux

/// The files that a build is given, and its Dockerfile.
struct BuildContext: Sendable {
    let tree: SourceTree
    /// On the host.
    let path: String
    let dockerfile: Dockerfile
    /// How it is called, and its lines.
    let name: String
    private let lines: [String]
    var text: String { lines.joined(separator: "\n") }

    private static let dockerfileLimit = Dockerfile.sizeLimit

    /// `path`: a directory. Throws Docker's words.
    init(_ path: String, _ request: BuildRequest) throws {
        self.path = path
        let root = OpenFile(try FileDescriptor.open(path, [.path, .directory]))
        let name = request.dockerfile.isEmpty ? "Dockerfile" : request.dockerfile
        let bytes: [UInt8]
        if let text = request.inputs.dockerfile {
            bytes = Array(text.utf8)
        } else if let found = try Self.read(name, in: root.descriptor) ?? (name == "Dockerfile" ? Self.read("dockerfile", in: root.descriptor) : nil) {
            bytes = found
        } else {
            throw Fault(.invalid, "Cannot locate specified Dockerfile: \(name)")
        }
        if bytes.isEmpty { throw Fault(.invalid, "the Dockerfile (\(name)) cannot be empty") }
        self.name = name
        lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let ignored = try request.inputs.ignore.map { Array($0.utf8) } ?? Self.read("\(name).dockerignore", in: root.descriptor) ?? Self.read(".dockerignore", in: root.descriptor)
        do throws(DockerfileError) {
            var file = try Dockerfile(bytes)
            // Questions are about what is written.
            if request.inputs.question.isEmpty { file.replaceStages(besides: request.target) { request.hasContext($0) } }
            dockerfile = file
            tree = SourceTree(root: root, ignored: try ignored.map { bytes throws(DockerfileError) in try IgnorePatterns(file: bytes) } ?? .none)
        } catch {
            throw Fault(.invalid, error.description, cause: error.line.map { Build.Place(file: name, text: String(decoding: bytes, as: UTF8.self), lines: $0...$0) })
        }
    }

    /// Some lines of the Dockerfile, marked, and what stands around them, as BuildKit shows them. Numbers of lines count from 1; an instruction
    /// that stands elsewhere has none.
    func excerpt(_ marked: ClosedRange<Int>) -> String {
        guard marked.lowerBound > 0, marked.upperBound <= lines.count else { return "" }
        let rule = String(repeating: "-", count: 20)
        let shown = (max(1, marked.lowerBound - 2)...min(lines.count, marked.upperBound + 2)).map { number in
            let digits = String(number)
            return String(repeating: " ", count: max(0, 4 - digits.count)) + digits + " | \(marked.contains(number) ? ">>>" : "   ") \(lines[number - 1])"
        }
        return (["\(name):\(marked.lowerBound)", rule] + shown + [rule]).joined(separator: "\n") + "\n"
    }

    /// Nil when it is not there.
    static func read(_ name: String, in root: borrowing FileDescriptor) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            let file = try root.open(name, [.readOnly, .nonBlocking], resolve: [.inRoot, .noMagicLinks])
            guard try file.status().kind == .regular else { return nil }
            return try file.readToEnd(limit: dockerfileLimit)
        } catch  where error.errno == .noEntry || error.errno == .notDirectory { return nil }
    }

    /// The path of a directory in a context.
    static func path(of directory: String, in path: String) throws -> String {
        let root = try FileDescriptor.open(path, [.path, .directory])
        do throws(SyscallError) {
            return try root.open(directory, [.path, .directory], resolve: [.inRoot, .noMagicLinks]).currentPath()
        } catch { throw Fault(.invalid, "subdirectory \(directory) does not exist in the context", cause: error) }
    }

    /// Unpacks an archive of a context, however compressed; what is no archive is a Dockerfile.
    static func unpack(_ archive: borrowing FileDescriptor, into path: String) throws {
        let root = try FileDescriptor.open(path, [.directory])
        do {
            try TreeExtraction(owner: .caller, keepsKinds: false).run(FileSource(archive.duplicate()), in: root)
        } catch let error as LayerError {
            throw Fault(.invalid, "Error processing tar file: \(error.path.isEmpty ? error.reason : "\(error.path): \(error.reason)")", cause: error.cause)
        } catch let error as ArchiveError { throw Fault(.invalid, "Error processing tar file: \(error)", cause: error) }
    }
}
