package import Archive
internal import AsyncIO
internal import Diagnostics
internal import Dockerfile
internal import Images
internal import Layers
package import Linux
package import OCI
internal import Synchronization
internal import Values

// For clients who say apart from the build what becomes of it.
extension Build {
    /// What a build has come to, before it is anything to anybody else.
    package struct Result: Sendable {
        var state: BuildState
        /// Its base as it is.
        var base: Digest?

        /// The image's configuration.
        package func document() throws -> [UInt8] { try Document.encode(state.document) }
    }

    /// Builds all stages that are needed. Cancelling the task ends it. Whoever calls this calls `close` in the end.
    package func solve() async throws -> Result {
        try await withTaskCancellationHandler {
            try finished(await stages())
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Makes it an image with these names, which take them from other images.
    package func keep(_ result: Result, tags: [Reference]) throws -> Digest {
        let images = builder.images
        let image = try result.base ?? images.record(result.state.document, layers: result.state.layers)
        images.announce(image, name: tags.first?.familiar)
        for tag in tags { try images.tag("\(image)", as: "\(tag)") }
        return image
    }

    /// Writes its files as a tar.
    package func archive(_ result: Result, to sink: any ByteSink) throws {
        try TreeArchiver.write(merged: LowerLayers(builder.images.directories(of: result.state.layers).reversed()), to: sink)
    }

    /// Its files as a container would see them, to be read: the directory stays as long as it is open.
    package func files(_ result: Result) throws -> OpenFile {
        let view = try workplace.makeDirectory("view"), layers = result.state.layers
        return try PrivateMounts.run {
            try builder.images.mountView(of: layers, on: view)
            // The mount goes with its last user.
            return OpenFile(try FileDescriptor.open(view, [.directory]))
        }
    }

    /// A place that goes with the build.
    package func makeDirectory() throws -> String { try workplace.makeDirectory("export") }

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

    /// Where the build failed; nil when it did not, or nowhere in particular.
    package var failure: Place? { failedLines.withLock { $0 }.map { Place(file: context.name, text: context.text, lines: $0) } }

    /// A step fails.
    func fail(_ step: BuildStep, _ reason: String, _ lines: ClosedRange<Int>) throws {
        if lines.lowerBound > 0 { failedLines.withLock { $0 = $0 ?? lines } }
        try report.fail(step, reason, excerpt: context.excerpt(lines))
    }
}
