internal import Linux

/// Why a container or a process in it could not be made: at which stage, on what, and the kernel's word.
/// It crosses from the child to its parent as text, so a failure after `clone3` arrives whole.
package struct RuntimeError: Error, Sendable, CustomStringConvertible {
    /// In words that end a sentence such as "unable to start container process: …".
    package var description: String

    package init(_ description: String) { self.description = description }

    /// `stage`: the kernel's error, as Docker's messages have it.
    init(_ stage: String, _ cause: SyscallError) { description = "\(stage): \(cause)" }
}

/// Gives a system call's failure the stage at which it happened.
func at<Result: ~Copyable>(_ stage: @autoclosure () -> String, _ body: () throws(SyscallError) -> Result) throws(RuntimeError) -> Result {
    do { return try body() } catch { throw RuntimeError(stage(), error) }
}
