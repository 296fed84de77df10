internal import Patterns

/// How Docker's command line writes values: what Go's strconv and time packages and docker/go-units read.
package enum Syntax {
    /// `strconv.ParseBool`.
    package static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// `strconv.ParseInt` with base 0: decimal, 0x, 0o, 0b, a leading 0 for octal.
    package static func int(_ text: String) -> Int? {
        var digits = Substring(text)
        let negative = digits.first == "-"
        if negative || digits.first == "+" { digits = digits.dropFirst() }
        var radix = 10
        if digits.count > 1, digits.first == "0" {
            switch digits.dropFirst().first {
            case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
            case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
            case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
        }
        guard let first = digits.first, first != "+", first != "-" else { return nil }
        return Int((negative ? "-" : "") + String(digits), radix: radix)
    }

    static func intProblem(_ text: String) -> String? {
        if int(text) != nil { return nil }
        let digits = text.drop { $0 == "-" || $0 == "+" }
        let overflows = !digits.isEmpty && digits.utf8.allSatisfy { $0 >= 48 && $0 <= 57 }
        return goError("ParseInt", text, overflows ? "value out of range" : "invalid syntax")
    }

    static func unsignedProblem(_ text: String, bits: Int) -> String? {
        guard let number = int(text), number >= 0, !text.hasPrefix("+") else { return goError("ParseUint", text) }
        return bits < 63 && number >> bits != 0 ? goError("ParseUint", text, "value out of range") : nil
    }

    static func goError(_ function: String, _ text: String, _ why: String = "invalid syntax") -> String {
        "strconv.\(function): parsing \(quoted(text)): \(why)"
    }

    /// Go's `%q` for what appears on command lines.
    package static func quoted(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) { return "\"" + text + "\"" }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default:
                if scalar.value < 32 || scalar.value == 127 {
                    quoted += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }

    /// go-units' `RAMInBytes`: a number, then `b k m g t p` with an optional `b` or `ib`, each 1024 times the one before.
    package static func bytes(_ text: String) -> Int? {
        if case .success(let count) = size(text) { count } else { nil }
    }

    /// Why the text is no size, in go-units' words.
    static func bytesProblem(_ text: String) -> String? {
        if case .failure(let problem) = size(text) { problem.text } else { nil }
    }

    private static func size(_ text: String) -> Result<Int, FlagProblem> {
        // Up to the last digit, which may be that of an exponent.
        let invalid = Result<Int, FlagProblem>.failure(FlagProblem(text: "invalid size: '\(text)'"))
        guard let last = text.lastIndex(where: { $0.isASCII && ($0.isNumber || $0 == "." || $0 == " ") }) else { return invalid }
        var number = text[...last], unit = text[text.index(after: last)...].lowercased()[...]
        if number.last == " " { number.removeLast() }
        guard number.allSatisfy({ $0.isASCII && ($0.isNumber || ".eE+-".contains($0)) }), let value = Double(number) else {
            return .failure(FlagProblem(text: goError("ParseFloat", String(number))))
        }
        guard value.isFinite, value >= 0 else { return invalid }
        var scale = 1.0
        if let letter = unit.first, let power = ["b", "k", "m", "g", "t", "p"].firstIndex(of: String(letter)) {
            for _ in 0..<power { scale *= 1024 }
            let rest = unit.dropFirst()
            if rest.isEmpty || power > 0 && (rest == "b" || rest == "ib") { unit = "" }
        }
        guard unit.isEmpty else { return .failure(FlagProblem(text: "invalid suffix: '\(unit)'")) }
        return value * scale < 9.2e18 ? .success(Int(value * scale)) : invalid
    }

    /// `time.ParseDuration`: `1h2m3.5s`, `300ms`; in nanoseconds.
    package static func durationNanoseconds(_ text: String) -> Int? {
        var rest = Substring(text)
        let negative = rest.first == "-"
        if negative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        let units: [(String, Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(name.count)
            guard let value = Double(number), let unit = units.first(where: { $0.0 == name }) else { return nil }
            total += value * unit.1
        }
        guard total < 9.2e18 else { return nil }
        return Int((negative ? -total : total).rounded())
    }

    /// A decimal number of CPUs in billionths; nil when it is not a number, or has digits beyond the ninth.
    package static func nanoCPUs(_ text: String) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let fraction = parts.count > 1 ? parts[1] : "", digits = parts[0] + fraction
        guard !digits.isEmpty, fraction.count <= 9, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return Int(digits + String(repeating: "0", count: 9 - fraction.count))
    }

    /// Those of `names` that a typist may have meant by `word`, the nearest first, at most three.
    static func suggestions(for word: String, among names: [String]) -> [String] {
        let near = names.map { ($0, EditDistance.of(word, $0)) }
            .filter { name, steps in steps <= max(1, min(2, name.count / 2)) || (word.count > 1 && name.hasPrefix(word)) }
        return near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
    }
}
