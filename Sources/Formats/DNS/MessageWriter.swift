import Values

extension DNSMessage {
    /// The message in at most `limit` bytes. What does not fit is left out, whole records from the end, and the message then says that it
    /// is truncated. The extensions always stay.
    package func bytes(limit: Int = 65535) -> [UInt8] {
        var writer = MessageWriter(limit: limit - (edns.map { 11 + $0.options.count } ?? 0))
        writer.number(id)
        writer.number(flags(truncated: isTruncated))
        for _ in 0..<4 { writer.number(UInt16(0)) }
        var counts: [UInt16] = [0, 0, 0, 0]
        for question in questions {
            guard writer.append(question) else { break }
            counts[0] += 1
        }
        var isWhole = Int(counts[0]) == questions.count
        for (section, records) in [answers, authorities, additional].enumerated() where isWhole {
            for record in records {
                guard writer.append(record) else {
                    isWhole = false
                    break
                }
                counts[section + 1] += 1
            }
        }
        var bytes = writer.bytes
        if let edns {
            bytes += [0] + Self.big(RecordType.opt.rawValue) + Self.big(edns.udpSize) + [edns.extendedStatus, edns.version]
            bytes += Self.big(edns.flags) + Self.big(UInt16(clamping: edns.options.count)) + edns.options.prefix(Int(UInt16.max))
            counts[3] += 1
        }
        for (index, count) in counts.enumerated() { bytes.replaceSubrange((4 + 2 * index)..<(6 + 2 * index), with: Self.big(count)) }
        if !isWhole { bytes.replaceSubrange(2..<4, with: Self.big(flags(truncated: true))) }
        return bytes
    }

    private func flags(truncated: Bool) -> UInt16 {
        var flags = UInt16(operation & 15) << 11 | UInt16(status.rawValue)
        if isResponse { flags |= 0x8000 }
        if isAuthoritative { flags |= 0x0400 }
        if truncated { flags |= 0x0200 }
        if wantsRecursion { flags |= 0x0100 }
        if offersRecursion { flags |= 0x0080 }
        if isAuthentic { flags |= 0x0020 }
        if checkingDisabled { flags |= 0x0010 }
        return flags
    }

    fileprivate static func big(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
}

/// Puts a message together. What would go beyond the limit is taken back whole.
private struct MessageWriter {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    /// Where names, and ends of names, stand that others may point to.
    private var places: [ArraySlice<UInt8>: Int] = [:]

    init(limit: Int) { self.limit = limit }

    mutating func number(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ question: Question) -> Bool {
        keeping { writer in
            writer.name(question.name)
            writer.number(question.type.rawValue)
            writer.number(question.class)
        }
    }

    mutating func append(_ record: ResourceRecord) -> Bool {
        keeping { writer in
            writer.name(record.name)
            writer.number(record.type.rawValue)
            writer.number(record.class)
            writer.number(record.lifetime)
            let start = writer.bytes.count
            writer.number(UInt16(0))
            switch record.content {
            case .address(let address): writer.bytes += address.bytes
            case .name(let name): writer.name(name)
            case .service(let priority, let weight, let port, let target):
                for number in [priority, weight, port] { writer.number(number) }
                // RFC 2782: not compressed.
                writer.bytes += target.wire + [0]
            case .other(let content): writer.bytes += content
            }
            writer.bytes.replaceSubrange(start..<start + 2, with: DNSMessage.big(UInt16(clamping: writer.bytes.count - start - 2)))
        }
    }

    private mutating func keeping(_ body: (inout MessageWriter) -> Void) -> Bool {
        let before = bytes.count
        body(&self)
        if bytes.count <= limit { return true }
        bytes.removeSubrange(before...)
        places = places.filter { $0.value < before }
        return false
    }

    /// A name, its end replaced by a pointer where it stands already: RFC 1035, 4.1.4.
    private mutating func name(_ name: DomainName) {
        let folded = name.folded
        var position = 0
        while position < folded.count {
            let rest = folded[position...]
            if let place = places[rest] {
                number(0xc000 | UInt16(place))
                return
            }
            if bytes.count < 0x4000 { places[rest] = bytes.count }
            let end = position + 1 + Int(folded[position])
            bytes += name.wire[position..<end]
            position = end
        }
        bytes.append(0)
    }
}
