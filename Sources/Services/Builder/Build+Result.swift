package import Archive
internal import AsyncIO
internal import Content
internal import Diagnostics
internal import Dockerfile
package import Images
internal import Layers
package import Linux
package import OCI
internal import Synchronization
internal import Values

// For clients who say apart from the build what becomes of it.
extension Build {
    /// What a build has come to for one platform, before it is anything to anybody else.
    package struct Result: Sendable {
        /// What was asked for: an image from elsewhere may be for another one.
        package var platform: Platform
        var state: BuildState
        /// Its base as it is.
        var base: Digest?
        var statements: [ImageStatement] = []

        /// The image's configuration.
        package func document() throws -> [UInt8] { try Document.encode(state.document) }
    }

    /// Builds all stages that are needed; one result for each platform. Cancelling the task ends it. Whoever calls this calls `close` in the end.
    package func solve() async throws -> [Result] {
        try await withTaskCancellationHandler {
            try await attested(finished(await stages()))
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Makes them one image with these names, which take them from other images.
    package func keep(_ results: [Result], tags: [Reference], annotations: ImageAnnotations = ImageAnnotations()) throws -> ImageSet {
        let images = builder.images
        let set = try images.join(
            results.map { result in
                let id = try result.base ?? images.record(result.state.document, layers: result.state.layers)
                return ImageSet.Member(id: id, isFromElsewhere: result.base != nil, statements: result.statements)
            }, annotations, as: tags)
        for id in set.images { images.publish("create", id, name: tags.first?.familiar) }
        return set
    }

    /// Writes their files as a tar.
    package func archive(_ results: [Result], to sink: any ByteSink) throws {
        try TreeArchiver.write(files(results).descriptor, as: .plain, to: sink)
    }

    /// Their files as a container would see them, to be read: the directory stays as long as it is open. Those of several platforms are in a
    /// directory each.
    package func files(_ results: [Result]) throws -> OpenFile {
        let view = try workplace.makeDirectory("view")
        let places = try results.map { result in
            let place = results.count == 1 ? view : "\(view)/\(result.platform.directoryName)"
            if results.count > 1 { try FileSystem.makeDirectory(place, mode: 0o755) }
            return place
        }
        return try PrivateMounts.run {
            for (result, place) in zip(results, places) { try builder.images.mountView(of: result.state.layers, on: place) }
            // A copy that is in no namespace goes with its last user, and all that is mounted in it.
            let tree = try Mounts.cloneDetached(view, recursive: true)
            return OpenFile(try tree.open(".", [.directory]))
        }
    }

    /// An image as the blobs of an image layout, each with its path, which stays as long as the build.
    package func layout(of set: ImageSet, names: [Reference], _ annotations: ImageAnnotations) throws -> [(digest: Digest, path: String)] {
        let archive = "\(try workplace.makeDirectory("export"))/archive", path = try workplace.makeDirectory("layout"), blobs = "\(path)/blobs/sha256"
        try builder.images.save(set, names: names, annotations, to: FileSink(FileDescriptor.open(archive, [.writeOnly, .create, .exclusive], mode: 0o600)))
        try TreeExtraction(owner: .caller, keepsKinds: false).run(FileSource(FileDescriptor.open(archive)), in: FileDescriptor.open(path, [.directory]))
        return try FileDescriptor.open(blobs, [.directory]).entries().compactMap { name in Digest("sha256:\(name)").map { ($0, "\(blobs)/\(name)") } }
    }

    /// Nothing of it is needed any more, but what it made an image.
    package func close() {
        workplace.remove()
        hold.end()
        // Images that were lent are nobody's any more; what stays goes with the next.
        if hasLent.load(ordering: .relaxed) { try? builder.images.recover() }
    }

    /// Lines of the Dockerfile that something was wrong with: the cause of the error of a Dockerfile that cannot be read.
    package struct Place: Error {
        /// The Dockerfile's name and text.
        package var file: String
        package var text: String
        package var lines: ClosedRange<Int>
    }

    /// The Dockerfile.
    package var file: (name: String, text: String) { (context.name, context.text) }

    /// Where the build failed; nil when it did not, or nowhere in particular.
    package var failure: Place? { failedLines.withLock { $0 }.map { Place(file: context.name, text: context.text, lines: $0) } }

    /// A step fails.
    func fail(_ step: BuildStep, _ reason: String, _ lines: ClosedRange<Int>) throws {
        if lines.lowerBound > 0 { failedLines.withLock { $0 = $0 ?? lines } }
        try report.fail(step, reason, excerpt: context.excerpt(lines))
    }
}
