internal import Values

/// The records of a pax extended header: `length key=value\n`, and nothing else. See pax(1), "pax Extended Header".
struct PaxRecords {
    /// In the order of the archive; later ones win, but sparse maps of version 0.0 repeat their keys and need them all.
    var records: [(key: [UInt8], value: [UInt8])] = []

    /// `offset` is where the data starts in the archive, for errors.
    init(_ data: [UInt8], at offset: UInt64) throws(ArchiveError) {
        var position = 0
        while position < data.count {
            let start = position
            // Some writers pad with NULs.
            if data[position] == 0, data[position...].allSatisfy({ $0 == 0 }) { return }
            var length = 0
            while position < data.count, data[position] >= 48, data[position] <= 57, length <= data.count {
                length = length * 10 + Int(data[position] - 48)
                position += 1
            }
            let end = start + length
            guard position > start, position < data.count, data[position] == 32, length > position - start + 1, end <= data.count,
                data[end - 1] == UInt8(ascii: "\n"), let equals = data[position..<end].firstIndex(of: UInt8(ascii: "=")), equals > position + 1
            else { throw ArchiveError("tar", "invalid extended header record", at: offset + UInt64(start)) }
            records.append((Array(data[(position + 1)..<equals]), Array(data[(equals + 1)..<(end - 1)])))
            position = end
        }
    }

    init() {}

    /// The last value given for a key; an empty one takes the key back.
    func value(_ key: String) -> [UInt8]? {
        let bytes = Array(key.utf8)
        guard let value = records.last(where: { $0.key == bytes })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// A non-negative decimal number; nil when the key is missing.
    func number(_ key: String, at offset: UInt64) throws(ArchiveError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let number = Self.decimal(value) else { throw ArchiveError("tar", "invalid \(key) in extended header", at: offset) }
        return number
    }

    /// Seconds with an optional fraction, of which nine digits count.
    func time(_ key: String, at offset: UInt64) throws(ArchiveError) -> Timestamp? {
        guard var text = value(key)?[...] else { return nil }
        let error = ArchiveError("tar", "invalid \(key) in extended header", at: offset)
        let negative = text.first == UInt8(ascii: "-")
        if negative { text = text.dropFirst() }
        let whole = text.prefix { $0 != UInt8(ascii: ".") }
        guard let seconds = Self.decimal(whole) else { throw error }
        var fraction: Int64 = 0
        let digits = text.dropFirst(whole.count + 1)
        guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { throw error }
        for place in 0..<9 { fraction = fraction * 10 + Int64(place < digits.count ? digits[digits.startIndex + place] - 48 : 0) }
        return Timestamp(clampedSeconds: negative ? -seconds : seconds, nanoseconds: negative ? -fraction : fraction)
    }

    /// Digits only; nil for anything else or what does not fit.
    static func decimal(_ text: some Collection<UInt8>) -> Int64? {
        guard !text.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard byte >= 48, byte <= 57 else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(Int64(byte - 48))
            if overflow || more { return nil }
            value = sum
        }
        return value
    }
}

extension Timestamp {
    /// The nearest time that nanoseconds since 1970 can hold (1677 to 2262).
    init(clampedSeconds seconds: Int64, nanoseconds: Int64 = 0) {
        let limit: Int64 = 9_223_372_035
        self.init(seconds: max(-limit, min(limit, seconds)), nanoseconds: nanoseconds)
    }
}
