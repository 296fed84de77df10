internal import CYAML
package import JSON

/// Text that is not YAML, or not what is allowed here, and where.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    package var reason: String
    /// From 1; 0 when it is not about a place.
    package var line: Int

    package var description: String { line > 0 ? "yaml: line \(line): \(reason)" : "yaml: \(reason)" }
}

/// YAML documents as JSON values; keys are text and stay in order.
package enum YAML {
    /// The longest text, in bytes.
    package static let sizeLimit = 4 << 20
    /// How deep sequences and mappings nest.
    package static let depthLimit = 128
    /// What one document may come to with all its aliases put in: bytes of text, and one for each node.
    package static let expandedLimit = 16 << 20

    /// What a node with a tag of the file's own (`!reset`) becomes; nil refuses it.
    package typealias TagReader = (_ tag: String, _ value: JSONValue) -> JSONValue?

    /// The one document that the text holds; `null` for a text without any.
    package static func parse(_ text: [UInt8], tags: @escaping TagReader = { _, _ in nil }) throws(YAMLError) -> JSONValue {
        let all = try documents(text, tags: tags)
        guard all.count <= 1 else { throw YAMLError(reason: "expected a single document", line: 0) }
        return all.first ?? .null
    }

    /// Every document of the text.
    package static func documents(_ text: [UInt8], tags: @escaping TagReader = { _, _ in nil }) throws(YAMLError) -> [JSONValue] {
        guard text.count <= sizeLimit else { throw YAMLError(reason: "\(text.count) bytes, more than the limit of \(sizeLimit)", line: 0) }
        var result: [JSONValue] = []
        var failure: YAMLError?
        text.withUnsafeBufferPointer { buffer in
            do throws(YAMLError) {
                let events = EventReader(buffer)
                while true {
                    var reader = DocumentReader(events, tags)
                    guard let document = try reader.next() else { break }
                    result.append(document)
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return result
    }
}

/// libyaml's events, one at a time. The text must outlive it.
final class EventReader {
    enum Event {
        case streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case alias(String)
        case scalar(Scalar)
        case sequence(anchor: String?, tag: String?)
        case mapping(anchor: String?, tag: String?)
    }

    struct Scalar {
        var anchor: String?
        var tag: String?
        var text: String
        var isPlain: Bool
    }

    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    /// Where the last event began.
    private(set) var line = 1

    init(_ text: UnsafeBufferPointer<UInt8>) {
        // Fails only when memory runs out.
        precondition(yaml_parser_initialize(parser) == 1)
        yaml_parser_set_input_string(parser, text.baseAddress ?? UnsafePointer(bitPattern: 1), text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    func next() throws(YAMLError) -> Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
            defer { yaml_event_delete(&event) }
            line = Self.line(event.start_mark)
            switch event.type {
            case YAML_STREAM_END_EVENT: return .streamEnd
            case YAML_DOCUMENT_START_EVENT: return .documentStart
            case YAML_DOCUMENT_END_EVENT: return .documentEnd
            case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
            case YAML_MAPPING_END_EVENT: return .mappingEnd
            case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
                return .scalar(
                    Scalar(
                        anchor: Self.text(scalar.anchor), tag: Self.text(scalar.tag), text: text,
                        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE))
            case YAML_SEQUENCE_START_EVENT:
                return .sequence(anchor: Self.text(event.data.sequence_start.anchor), tag: Self.text(event.data.sequence_start.tag))
            case YAML_MAPPING_START_EVENT:
                return .mapping(anchor: Self.text(event.data.mapping_start.anchor), tag: Self.text(event.data.mapping_start.tag))
            default: continue
            }
        }
    }

    private var failure: YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
        if parser.pointee.error == YAML_READER_ERROR { return YAMLError(reason: "\(problem) at byte \(parser.pointee.problem_offset)", line: 0) }
        return YAMLError(reason: problem, line: Self.line(parser.pointee.problem_mark))
    }

    private static func line(_ mark: yaml_mark_t) -> Int { Int(clamping: mark.line) + 1 }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? { pointer.map { String(cString: $0) } }
}
