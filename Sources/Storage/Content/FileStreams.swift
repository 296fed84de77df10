internal import Archive
package import Linux

/// A file or socket as a source of bytes, from where it stands.
package final class FileSource: ByteSource {
    private let file: FileDescriptor

    package init(_ file: consuming FileDescriptor) { self.file = file }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try unsafe file.read(into: buffer) }
}

/// A file or socket as a sink of bytes.
package final class FileSink: ByteSink {
    private let file: FileDescriptor

    package init(_ file: consuming FileDescriptor) { self.file = file }

    package func write(_ bytes: UnsafeRawBufferPointer) throws { try unsafe file.writeAll(bytes) }

    /// fsync(2).
    package func sync() throws { try file.sync() }
}
