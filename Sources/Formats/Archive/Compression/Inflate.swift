/// Decodes DEFLATE, RFC 1951, into a window of its own, as far as there is room.
///
/// zlib takes half as long again for it, libdeflate wants all input and output in memory at once: decision 15.
final class Inflate {
    private static let history = 32 << 10
    /// What one round of the loop may write past the limit: two literals, the longest match, and the rest of a word.
    private static let slack = 2 + 258 + 8
    private static let roomy = history + 512 << 10

    private enum State: Equatable { case header, stored(Int), codes, ended }

    private let input: InputBuffer
    private let window = UnsafeMutableRawPointer.allocate(byteCount: roomy + slack, alignment: 4096)
    /// What is decoded and not yet taken, as places in the window.
    private var ready = 0..<0
    /// Nothing before this place belongs to the stream.
    private var floor = 0
    private var state = State.ended
    /// True for the block after which there is none.
    private var isLast = false
    /// Bits of the input that are read and not yet used, the next one lowest, and how many.
    private var bits: UInt64 = 0
    private var count = 0
    private let literals = HuffmanTable.literalsAndLengths()
    private let distances = HuffmanTable.distances()
    private let codeLengths = HuffmanTable.codeLengths()

    init(_ input: InputBuffer) { self.input = input }

    deinit { window.deallocate() }

    /// Starts with the stream that comes next.
    func begin() {
        (state, isLast, bits, count) = (.header, false, 0, 0)
        floor = ready.upperBound
    }

    /// The next decoded bytes, at least one, valid until the next call; nil at the end of the stream.
    func next() throws -> UnsafeRawBufferPointer? {
        if ready.upperBound > Self.roomy / 2 { slide() }
        ready = ready.upperBound..<ready.upperBound
        // What is there already is worth going on with; what must be waited for is not.
        while state != .ended, ready.isEmpty || (ready.upperBound < Self.roomy && input.bytes.count > 1024) {
            switch state {
            case .header: try readHeader()
            case .stored(let missing): try copyStored(missing)
            case .codes: try decode()
            case .ended: break
            }
        }
        return ready.isEmpty ? nil : UnsafeRawBufferPointer(start: window + ready.lowerBound, count: ready.count)
    }

    /// Keeps of what is decoded only as much as matches may refer to.
    private func slide() {
        let kept = min(ready.upperBound, Self.history)
        let distance = ready.upperBound - kept
        window.copyMemory(from: window + distance, byteCount: kept)
        ready = kept..<kept
        floor = max(0, floor - distance)
    }

    private func error(_ reason: String) -> ArchiveError { ArchiveError("gzip", reason, at: input.offset) }

    // MARK: Blocks

    private func endBlock() {
        state = isLast ? .ended : .header
        if isLast { align() }
    }

    /// Drops what is left of a byte.
    private func align() {
        bits >>= UInt64(count & 7)
        count &= ~7
    }

    private func readHeader() throws {
        isLast = try take(1) == 1
        switch try take(2) {
        case 0:
            align()
            let size = try take(16)
            guard try take(16) == ~size & 0xffff else { throw error("invalid stored block lengths") }
            state = .stored(size)
        case 1:
            let lengths = [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)
            guard literals.build(lengths[...]), distances.build([UInt8](repeating: 5, count: 32)[...]) else { throw error("invalid block") }
            state = .codes
        case 2:
            try readCodes()
            state = .codes
        default: throw error("invalid block type")
        }
    }

    /// The codes of a block that brings its own: RFC 1951 §3.2.7.
    private func readCodes() throws {
        let literalCount = try take(5) + 257, distanceCount = try take(5) + 1, lengthCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw error("too many length or distance symbols") }
        var ofLengths = [UInt8](repeating: 0, count: 19)
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(lengthCount) { ofLengths[symbol] = UInt8(try take(3)) }
        guard codeLengths.build(ofLengths[...]) else { throw error("invalid code lengths set") }
        var lengths: [UInt8] = []
        lengths.reserveCapacity(literalCount + distanceCount)
        while lengths.count < literalCount + distanceCount {
            try want(7)
            let entry = codeLengths.entries[Int(bits & 0x7f)]
            guard entry != HuffmanTable.special else { throw error("invalid code lengths set") }
            _ = try take(Int(HuffmanTable.dropped(entry)))
            let symbol = UInt8(HuffmanTable.value(entry))
            if symbol < 16 {
                lengths.append(symbol)
                continue
            }
            guard symbol > 16 || !lengths.isEmpty else { throw error("invalid bit length repeat") }
            let length = symbol == 16 ? lengths[lengths.count - 1] : 0
            let times = symbol == 16 ? try take(2) + 3 : symbol == 17 ? try take(3) + 3 : try take(7) + 11
            guard lengths.count + times <= literalCount + distanceCount else { throw error("invalid bit length repeat") }
            lengths.append(contentsOf: repeatElement(length, count: times))
        }
        guard lengths[256] > 0 else { throw error("invalid code: missing end of block") }
        guard literals.build(lengths[..<literalCount]) else { throw error("invalid literal/lengths set") }
        guard distances.build(lengths[literalCount...]) else { throw error("invalid distances set") }
    }

    private func copyStored(_ missing: Int) throws {
        if missing == 0 { return endBlock() }
        try input.fill(atLeast: 1)
        let step = min(missing, input.bytes.count, Self.roomy - ready.upperBound)
        guard let start = input.bytes.baseAddress, !input.bytes.isEmpty else { throw error("unexpected end of data") }
        (window + ready.upperBound).copyMemory(from: start, byteCount: step)
        input.use(step)
        ready = ready.lowerBound..<(ready.upperBound + step)
        state = .stored(missing - step)
    }

    // MARK: Bits

    /// Makes at least so many bits ready, as far as there are any.
    private func want(_ wanted: Int) throws {
        while count < wanted {
            try input.fill(atLeast: 1)
            guard let byte = input.bytes.first else { return }
            bits |= UInt64(byte) << UInt64(count)
            count += 8
            input.use(1)
        }
    }

    /// The next bits, at most 16, as a number; also of what follows a stream, before anything is read from the input.
    func take(_ wanted: Int) throws -> Int {
        try want(wanted)
        guard count >= wanted else { throw error("unexpected end of data") }
        defer {
            bits >>= UInt64(wanted)
            count -= wanted
        }
        return Int(bits & (1 << UInt64(wanted) - 1))
    }

    // MARK: Codes

    /// Decodes until the block ends, the window is full, or the input at hand is used up.
    ///
    /// The loop reads words of input and writes words of output without looking at the ends each time: `InputBuffer.slack` bytes may be read
    /// behind the input, and `slack` written behind the window's room. What was read behind the input's end is an error afterwards.
    private func decode() throws {
        try input.fill(atLeast: InputBuffer.slack)
        guard let begin = input.bytes.baseAddress else { throw error("unexpected end of data") }
        let available = input.bytes.count
        var next = begin, bits = bits, count = UInt64(count)
        let last = input.atEnd ? begin + available + 8 : begin + (available - InputBuffer.slack)
        var out = window + ready.upperBound
        let full = window + Self.roomy, floor = window + floor
        let literals = literals.entries, distances = distances.entries
        var problem: String?, isEnd = false

        @inline(__always) func refill() {
            bits |= UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) &<< count
            next += Int(truncatingIfNeeded: (~count & 63) &>> 3)
            count |= 56
        }
        @inline(__always) func drop(_ entry: UInt32) {
            // Shifts look at six bits only, and so does everything that looks at the count.
            bits &>>= UInt64(entry)
            count &-= UInt64(entry)
        }
        @inline(__always) func put(_ entry: UInt32) {
            out.storeBytes(of: UInt8(truncatingIfNeeded: entry &>> 16), as: UInt8.self)
            out += 1
        }
        /// The base of a length or distance and its extra bits, which are dropped.
        @inline(__always) func amount(_ entry: UInt32) -> Int {
            let extra = (bits & ~(~0 &<< UInt64(entry))) &>> HuffmanTable.codeBits(entry)
            drop(entry)
            return HuffmanTable.value(entry) &+ Int(truncatingIfNeeded: extra)
        }
        /// The entry in the second table that this one leads to.
        @inline(__always) func second(_ entry: UInt32, _ table: UnsafeMutablePointer<UInt32>) -> UInt32 {
            drop(entry)
            return table[HuffmanTable.value(entry) &+ Int(truncatingIfNeeded: bits & ~(~0 &<< HuffmanTable.codeBits(entry)))]
        }

        loop: while next <= last, out < full {
            // 56 bits: enough for two literals of the first table and a length, or three literals.
            refill()
            var entry = literals[Int(truncatingIfNeeded: bits & HuffmanTable.literalMask)]
            if entry & HuffmanTable.literal != 0 {
                drop(entry)
                put(entry)
                entry = literals[Int(truncatingIfNeeded: bits & HuffmanTable.literalMask)]
                if entry & HuffmanTable.literal != 0 {
                    drop(entry)
                    put(entry)
                    entry = literals[Int(truncatingIfNeeded: bits & HuffmanTable.literalMask)]
                }
            }
            if entry & HuffmanTable.longer != 0 { entry = second(entry, literals) }
            if entry & HuffmanTable.literal != 0 {
                drop(entry)
                put(entry)
                continue
            }
            if entry & HuffmanTable.special != 0 {
                if entry & HuffmanTable.end == 0 { problem = "invalid literal/length code" }
                drop(entry)
                isEnd = true
                break
            }
            let length = amount(entry)

            refill()
            entry = distances[Int(truncatingIfNeeded: bits & HuffmanTable.distanceMask)]
            if entry & HuffmanTable.longer != 0 { entry = second(entry, distances) }
            guard entry & HuffmanTable.special == 0 else {
                problem = "invalid distance code"
                break
            }
            let distance = amount(entry)
            guard distance <= out - floor else {
                problem = "invalid distance too far back"
                break
            }
            var from = UnsafeRawPointer(out - distance)
            let end = out + length
            if distance >= 8 {
                repeat {
                    out.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
                    out += 8
                    from += 8
                } while out < end
            } else if distance == 1 {
                let word = UInt64(from.load(as: UInt8.self)) &* 0x0101_0101_0101_0101
                repeat {
                    out.storeBytes(of: word, as: UInt64.self)
                    out += 8
                } while out < end
            } else {
                repeat {
                    out.storeBytes(of: from.load(as: UInt8.self), as: UInt8.self)
                    out += 1
                    from += 1
                } while out < end
            }
            out = end
        }

        // Whole bytes go back, as far as they came from here.
        count &= 63
        let back = min(Int(count >> 3), next - begin)
        guard next - begin - back <= available else { throw error("unexpected end of data") }
        input.use(next - begin - back)
        if let problem { throw error(problem) }
        self.count = Int(count) - 8 * back
        self.bits = bits & (1 << UInt64(self.count) - 1)
        ready = ready.lowerBound..<(out - window)
        if isEnd { endBlock() }
    }
}
