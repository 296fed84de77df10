/// A sequence of keys that lets go of a container: `ctrl-p,ctrl-q` unless `--detach-keys` says otherwise.
package struct DetachKeys: Sendable, Hashable {
    package static let standard = DetachKeys(bytes: [16, 17])

    package let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// A key that has no name.
    package struct Unknown: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// Reads `ctrl-<letter>`, `ctrl-@ [ \ ] ^ _`, `DEL` and single characters, with commas between them. Empty text gives the standard.
    package init(_ text: String) throws(Unknown) {
        if text.isEmpty {
            self = .standard
            return
        }
        var bytes: [UInt8] = []
        for key in text.split(separator: ",", omittingEmptySubsequences: false) {
            let raw = Array(key.utf8)
            if raw.count == 1 {
                bytes.append(raw[0])
            } else if raw.count == 6, key.hasPrefix("ctrl-"), let letter = raw.last,
                let code = (97...122).contains(letter) ? letter - 96 : Array("@\0[\\]^_".utf8).firstIndex(of: letter).map({ $0 == 0 ? 0 : UInt8($0) + 25 })
            {
                bytes.append(code)
            } else if key == "DEL" {
                bytes.append(127)
            } else {
                throw Unknown(description: "Unknown character: '\(key)'")
            }
        }
        self.bytes = bytes
    }

    /// Watches a stream of input for the sequence. Keys that may begin it are held back until the next key tells.
    package struct Matcher: Sendable {
        private let keys: [UInt8]
        private var matched = 0

        package init(_ keys: DetachKeys) { self.keys = keys.bytes }

        /// What of `input` is to be passed on, and whether the sequence was completed; what follows it is dropped.
        package mutating func filter(_ input: [UInt8]) -> (passed: [UInt8], isDetached: Bool) {
            guard !keys.isEmpty else { return (input, false) }
            var passed: [UInt8] = []
            for byte in input {
                if byte == keys[matched] {
                    matched += 1
                    if matched == keys.count { return (passed, true) }
                } else {
                    passed += keys[..<matched]
                    matched = byte == keys[0] ? 1 : 0
                    if matched == 0 { passed.append(byte) }
                }
            }
            return (passed, false)
        }
    }
}
