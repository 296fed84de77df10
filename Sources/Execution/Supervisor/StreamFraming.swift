/// The output streams, numbered as Docker's attach frames number them.
package enum OutputStream: UInt8, Sendable {
    case stdout = 1
    case stderr = 2

    /// The eight bytes before each piece of output of a container without terminal: the stream, three zeros, and the
    /// length, most significant byte first. https://docs.docker.com/reference/api/engine (ContainerAttach)
    package func header(length: Int) -> [UInt8] {
        let count = UInt32(clamping: length)
        return [rawValue, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) }
    }
}

/// Watches what a client types for the keys that let go of a container.
struct DetachKeys {
    private let keys: [UInt8]
    private var matched = 0

    init(_ keys: [UInt8]) { self.keys = keys }

    /// What may be passed on of `bytes`, and whether the keys are complete. A beginning of the keys is held back until the
    /// next byte tells what it was.
    mutating func filter(_ bytes: [UInt8]) -> (passed: [UInt8], detached: Bool) {
        if keys.isEmpty { return (bytes, false) }
        var passed: [UInt8] = []
        for byte in bytes {
            if byte == keys[matched] {
                matched += 1
                if matched == keys.count { return (passed, true) }
                continue
            }
            passed += keys[..<matched]
            matched = 0
            if byte == keys[0] { matched = 1 } else { passed.append(byte) }
        }
        return (passed, false)
    }
}
