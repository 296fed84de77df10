/// A descriptor for classes, arrays and optionals to hold: it closes when the last reference goes.
package final class OpenFile: Sendable {
    package let descriptor: FileDescriptor

    package init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    /// Nil for nothing.
    package convenience init?(_ descriptor: consuming FileDescriptor?) {
        guard let descriptor else { return nil }
        self.init(descriptor)
    }
}
