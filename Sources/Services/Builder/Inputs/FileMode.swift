internal import Dockerfile

/// What `--chmod` says: octal digits, or chmod(1)'s letters such as `u=rwX,go=rX`.
struct FileMode {
    private struct Clause {
        var who: UInt32
        var operation: Character
        /// Bits as they are for everyone; `X` apart.
        var bits: UInt32
        var executesIfAny: Bool
    }

    private var fixed: UInt32?
    private var clauses: [Clause] = []

    /// Throws BuildKit's words.
    init(_ text: String) throws(DockerfileError) {
        if let number = UInt32(text, radix: 8), text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            guard number <= 0o7777 else { throw DockerfileError("invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777") }
            fixed = number
            return
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var rest = part[...]
            var who: UInt32 = 0
            while let letter = rest.first, let mask = ["u": UInt32(0o4700), "g": 0o2070, "o": 0o1007, "a": 0o7777][letter] {
                who |= mask
                rest.removeFirst()
            }
            if who == 0 { who = 0o7777 }
            guard let operation = rest.popFirst(), "+-=".contains(operation) else { throw Self.invalid(text) }
            var clause = Clause(who: who, operation: operation, bits: 0, executesIfAny: false)
            for letter in rest {
                switch letter {
                case "r": clause.bits |= 0o444
                case "w": clause.bits |= 0o222
                case "x": clause.bits |= 0o111
                case "X": clause.executesIfAny = true
                case "s": clause.bits |= 0o6000
                case "t": clause.bits |= 0o1000
                default: throw Self.invalid(text)
                }
            }
            clauses.append(clause)
        }
    }

    private static func invalid(_ text: String) -> DockerfileError {
        DockerfileError("invalid chmod parameter: '\(text)'. it should be octal string and between 0 and 07777")
    }

    /// The permissions of a file that has these.
    func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        if let fixed { return fixed }
        var mode = mode & 0o7777
        for clause in clauses {
            var bits = clause.bits
            if clause.executesIfAny, isDirectory || mode & 0o111 != 0 { bits |= 0o111 }
            bits &= clause.who
            switch clause.operation {
            case "+": mode |= bits
            case "-": mode &= ~bits
            default: mode = mode & ~(clause.who & 0o777) | bits
            }
        }
        return mode
    }
}
