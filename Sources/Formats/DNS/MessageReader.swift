import Values

extension DNSMessage {
    /// Reads a message: a whole datagram, or what follows the length over TCP.
    package init(parsing bytes: [UInt8]) throws(DNSError) {
        var reader = MessageReader(bytes: bytes)
        self.init(id: try reader.number())
        let flags: UInt16 = try reader.number()
        isResponse = flags & 0x8000 != 0
        operation = UInt8(flags >> 11 & 15)
        isAuthoritative = flags & 0x0400 != 0
        isTruncated = flags & 0x0200 != 0
        wantsRecursion = flags & 0x0100 != 0
        offersRecursion = flags & 0x0080 != 0
        isAuthentic = flags & 0x0020 != 0
        checkingDisabled = flags & 0x0010 != 0
        status = Status(rawValue: UInt8(flags & 15))
        let counts = [try reader.number(), try reader.number(), try reader.number(), try reader.number()] as [UInt16]
        // The counts are only claims: nothing is reserved by them, and each record takes bytes that must be there.
        for _ in 0..<counts[0] {
            questions.append(Question(try reader.name(), RecordType(rawValue: try reader.number()), class: try reader.number()))
        }
        for _ in 0..<counts[1] { answers.append(try reader.record()) }
        for _ in 0..<counts[2] { authorities.append(try reader.record()) }
        for _ in 0..<counts[3] {
            let start = reader.position
            let record = try reader.record()
            guard record.type == .opt, case .other(let options) = record.content else {
                additional.append(record)
                continue
            }
            guard edns == nil, record.name == .root else { throw DNSError(problem: "more than one OPT record, or one with a name", byte: start) }
            edns = EDNS(
                udpSize: record.class, extendedStatus: UInt8(record.lifetime >> 24), version: UInt8(record.lifetime >> 16 & 255),
                flags: UInt16(record.lifetime & 0xffff), options: options)
        }
    }
}

/// Goes through a message from its first byte to its last. No index comes from the message unchecked.
private struct MessageReader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>() throws(DNSError) -> Number {
        let size = Number.bitWidth / 8
        guard bytes.count - position >= size else { throw DNSError(problem: "the message ends", byte: bytes.count) }
        var value: UInt64 = 0
        for byte in bytes[position..<position + size] { value = value << 8 | UInt64(byte) }
        position += size
        return Number(truncatingIfNeeded: value)
    }

    mutating func block(_ count: Int) throws(DNSError) -> [UInt8] {
        guard bytes.count - position >= count else { throw DNSError(problem: "the message ends", byte: bytes.count) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A name, with the pointers of RFC 1035, 4.1.4 followed. Each must lead to before all that was read of the name, so that every name
    /// ends.
    mutating func name() throws(DNSError) -> DomainName {
        var wire: [UInt8] = []
        var place = position
        var bound = position
        var isAside = false
        while true {
            guard place < bytes.count else { throw DNSError(problem: "a name without end", byte: place) }
            let length = Int(bytes[place])
            switch length >> 6 {
            case 0:
                let end = place + 1 + length
                guard end <= bytes.count else { throw DNSError(problem: "a label without end", byte: place) }
                if !isAside { position = end }
                if length == 0 { return DomainName(wire: wire) }
                guard wire.count + 1 + length <= DomainName.limit else { throw DNSError(problem: "a name of more than 255 bytes", byte: place) }
                wire += bytes[place..<end]
                place = end
            case 3:
                guard place + 1 < bytes.count else { throw DNSError(problem: "half a pointer", byte: place) }
                let target = (length & 63) << 8 | Int(bytes[place + 1])
                guard target < bound else { throw DNSError(problem: "a pointer that does not lead back", byte: place) }
                if !isAside { position = place + 2 }
                isAside = true
                place = target
                bound = target
            default: throw DNSError(problem: "a label of unknown kind", byte: place)
            }
        }
    }

    mutating func record() throws(DNSError) -> ResourceRecord {
        let name = try name()
        let type = RecordType(rawValue: try number())
        let `class`: UInt16 = try number()
        let lifetime: UInt32 = try number()
        let length = Int(try number() as UInt16)
        let start = position
        guard bytes.count - start >= length else { throw DNSError(problem: "a record without end", byte: start) }
        let content = try content(type, `class`, length)
        guard position == start + length else { throw DNSError(problem: "a record of the wrong length", byte: start) }
        return ResourceRecord(name, type, class: `class`, lifetime: lifetime, content)
    }

    private mutating func content(_ type: RecordType, _ class: UInt16, _ length: Int) throws(DNSError) -> ResourceRecord.Content {
        guard `class` == 1 else { return .other(try block(length)) }
        switch type {
        case .a, .aaaa:
            let start = position
            guard length == (type == .a ? 4 : 16), let address = IPAddress(bytes: try block(length)) else {
                throw DNSError(problem: "an address of the wrong length", byte: start)
            }
            return .address(address)
        case .cname, .ns, .ptr: return .name(try name())
        case .srv:
            return .service(priority: try number(), weight: try number(), port: try number(), target: try name())
        default: return .other(try block(length))
        }
    }
}
