internal import JSON

/// The functions that templates may call: Go's own and those of Docker's CLI.
enum Functions {
    static let names: Set<String> = [
        "and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "urlquery", "eq", "ne", "lt", "le", "gt", "ge",
        "json", "split", "join", "title", "lower", "upper", "pad", "truncate",
    ]

    struct Failure: Error { var reason: String }

    /// Calls anything but `and` and `or`, which do not evaluate all their arguments.
    static func call(_ name: String, _ values: [Value]) throws(Failure) -> Value {
        let wanted: ClosedRange<Int> =
            switch name {
            case "not", "len", "json", "title", "lower", "upper": 1...1
            case "join", "split", "truncate", "ne", "lt", "le", "gt", "ge": 2...2
            case "pad": 3...3
            case "eq": 2...Int.max
            case "index", "slice", "printf": 1...Int.max
            default: 0...Int.max
            }
        guard wanted.contains(values.count) else {
            let want = wanted.upperBound == Int.max ? "at least \(wanted.lowerBound)" : "\(wanted.lowerBound)"
            throw Failure(reason: "wrong number of args for \(name): want \(want) got \(values.count)")
        }
        switch name {
        case "not": return .json(.bool(!values[0].isTrue))
        case "len": return .json(JSONValue(try length(values[0].plain)))
        case "index":
            var value = values[0].plain
            for key in values.dropFirst() { value = try index(value, key) }
            return value
        case "slice": return try slice(values.map(\.plain))
        case "print": return string(spaced(values))
        case "println": return string(values.map(\.text).joined(separator: " ") + "\n")
        case "printf": return string(try Printf.format(try text(values[0], name), Array(values.dropFirst())))
        case "html": return string(spaced(values).map { htmlEscapes[$0] ?? String($0) }.joined())
        case "urlquery": return string(urlEscape(spaced(values)))
        case "eq":
            for other in values.dropFirst() where try equal(values[0], other) { return .json(.bool(true)) }
            return .json(.bool(false))
        case "ne": return .json(.bool(try !equal(values[0], values[1])))
        case "lt": return .json(.bool(try less(values[0], values[1])))
        case "le": return .json(.bool(try !less(values[1], values[0])))
        case "gt": return .json(.bool(try less(values[1], values[0])))
        case "ge": return .json(.bool(try !less(values[0], values[1])))
        case "json": return string(values[0].json.compactText)
        case "lower": return string(try text(values[0], name).lowercased())
        case "upper": return string(try text(values[0], name).uppercased())
        case "title": return string(titled(try text(values[0], name)))
        case "split":
            let (whole, separator) = (try text(values[0], name), try text(values[1], name))
            return .json(.array(split(whole, separator).map { .string($0) }))
        case "join":
            let separator = try text(values[1], name)
            guard let items = values[0].json.array ?? (values[0].json.isNull ? [] : nil) else {
                throw Failure(reason: "wrong type for value; expected []string; got \(values[0].typeName)")
            }
            return string(items.map(Value.show).joined(separator: separator))
        case "pad":
            let whole = try text(values[0], name)
            guard !whole.isEmpty else { return string("") }
            return string(blanks(try count(values[1])) + whole + blanks(try count(values[2])))
        case "truncate":
            return string(String(String.UnicodeScalarView(try text(values[0], name).unicodeScalars.prefix(try count(values[1])))))
        default: throw Failure(reason: "function \"\(name)\" not defined")
        }
    }

    private static func string(_ text: String) -> Value { .json(.string(text)) }
    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func count(_ value: Value) throws(Failure) -> Int {
        guard let number = value.json.int, (0...100_000).contains(number) else { throw Failure(reason: "wrong type for value; expected int") }
        return number
    }

    static func text(_ value: Value, _ function: String) throws(Failure) -> String {
        guard let text = value.json.string else { throw Failure(reason: "wrong type for value; expected string; got \(value.typeName)") }
        return text
    }

    /// As `fmt.Sprint`: a space between operands when neither is a string.
    private static func spaced(_ values: [Value]) -> String {
        var text = ""
        for (index, value) in values.enumerated() {
            if index > 0, value.json.string == nil, values[index - 1].json.string == nil { text += " " }
            text += value.text
        }
        return text
    }

    private static func length(_ value: Value) throws(Failure) -> Int {
        switch value {
        case .nilList, .nilMap: return 0
        case .json(.string(let text)): return text.utf8.count
        case .json(.array(let items)): return items.count
        case .json(.object(let object)): return object.members.count
        default: throw Failure(reason: "error calling len: len of type \(value.typeName)")
        }
    }

    private static func index(_ value: Value, _ key: Value) throws(Failure) -> Value {
        switch value {
        case .json(.object(let object)):
            guard let name = key.json.string else { throw Failure(reason: "error calling index: value has type \(key.typeName); should be string") }
            if let found = object[name] { return found.isNull ? .nilList : .json(found) }
            // The zero value of a typed Go map, as far as its other values tell the type.
            if object.members.allSatisfy({ $0.value.string != nil }) { return string("") }
            return object.members.allSatisfy { $0.value.isNull || $0.value.array != nil } ? .nilList : .none
        case .nilMap: return string("")
        case .json(.array(let items)):
            guard let number = key.json.int else { throw Failure(reason: "error calling index: cannot index slice/array with type \(key.typeName)") }
            guard items.indices.contains(number) else { throw Failure(reason: "error calling index: reflect: slice index out of range") }
            return .json(items[number])
        case .json(.string(let text)):
            let bytes = Array(text.utf8)
            guard let number = key.json.int, bytes.indices.contains(number) else { throw Failure(reason: "error calling index: index out of range: \(key.text)") }
            return .json(JSONValue(Int(bytes[number])))
        case .nilList: throw Failure(reason: "error calling index: reflect: slice index out of range")
        default: throw Failure(reason: value.json.isNull ? "error calling index: index of untyped nil" : "error calling index: can't index item of type \(value.typeName)")
        }
    }

    private static func slice(_ values: [Value]) throws(Failure) -> Value {
        let total = try length(values[0])
        var bounds: [Int] = []
        for value in values.dropFirst() {
            guard let number = value.json.int, (0...total).contains(number) else { throw Failure(reason: "error calling slice: index out of range: \(value.text)") }
            bounds.append(number)
        }
        let low = bounds.first ?? 0
        let high = bounds.count > 1 ? bounds[1] : total
        guard low <= high else { throw Failure(reason: "error calling slice: invalid slice index: \(low) > \(high)") }
        switch values[0].json {
        case .string(let text): return string(String(decoding: Array(text.utf8)[low..<high], as: UTF8.self))
        case .array(let items): return .json(.array(Array(items[low..<high])))
        default: throw Failure(reason: "error calling slice: can't slice item of type \(values[0].typeName)")
        }
    }

    private static func equal(_ a: Value, _ b: Value) throws(Failure) -> Bool {
        switch (a.json, b.json) {
        case (.null, _), (_, .null): return a.json == b.json
        case (.number, .number): return a.json.int.flatMap { x in b.json.int.map { x == $0 } } ?? (a.json.double == b.json.double)
        case (.string, .string), (.bool, .bool): return a.json == b.json
        case (.array, _), (.object, _), (_, .array), (_, .object): throw Failure(reason: "error calling eq: non-comparable type")
        default: throw Failure(reason: "error calling eq: incompatible types for comparison")
        }
    }

    private static func less(_ a: Value, _ b: Value) throws(Failure) -> Bool {
        switch (a.json, b.json) {
        case (.number, .number):
            if let x = a.json.int, let y = b.json.int { return x < y }
            return (a.json.double ?? 0) < (b.json.double ?? 0)
        case (.string(let x), .string(let y)): return x.utf8.lexicographicallyPrecedes(y.utf8)
        default: throw Failure(reason: "error calling lt: incompatible types for comparison")
        }
    }

    private static func split(_ whole: String, _ separator: String) -> [String] {
        if separator.isEmpty { return whole.unicodeScalars.map { String($0) } }
        return whole.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    private static func titled(_ text: String) -> String {
        var result = "", startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : character.lowercased()
            startsWord = !(character.isLetter || character.isNumber || character == "'")
        }
        return result
    }

    private static let htmlEscapes: [Character: String] = ["<": "&lt;", ">": "&gt;", "&": "&amp;", "\"": "&#34;", "'": "&#39;"]

    private static func urlEscape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            case 32: escaped += "+"
            default: escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
