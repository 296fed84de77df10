/// One counter of one block device.
package struct BlkioEntry: Codable, Sendable, Hashable {
    package var major: UInt64 = 0
    package var minor: UInt64 = 0
    package var op: String = ""
    package var value: UInt64 = 0

    package init(major: UInt64 = 0, minor: UInt64 = 0, op: String = "", value: UInt64 = 0) {
        self.major = major
        self.minor = minor
        self.op = op
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case major
        case minor
        case op
        case value
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        major = try fields.value(.major)
        minor = try fields.value(.minor)
        op = try fields.value(.op)
        value = try fields.value(.value)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(major, .major)
        try fields.put(minor, .minor)
        try fields.put(op, .op)
        try fields.put(value, .value)
    }
}

/// Block I/O counters.
package struct BlkioStats: Codable, Sendable, Hashable {
    package var ioServiceBytesRecursive: [BlkioEntry]?
    package var ioServicedRecursive: [BlkioEntry]?
    package var ioQueueRecursive: [BlkioEntry]?
    package var ioServiceTimeRecursive: [BlkioEntry]?
    package var ioWaitTimeRecursive: [BlkioEntry]?
    package var ioMergedRecursive: [BlkioEntry]?
    package var ioTimeRecursive: [BlkioEntry]?
    package var sectorsRecursive: [BlkioEntry]?

    package init(
        ioServiceBytesRecursive: [BlkioEntry]? = nil,
        ioServicedRecursive: [BlkioEntry]? = nil,
        ioQueueRecursive: [BlkioEntry]? = nil,
        ioServiceTimeRecursive: [BlkioEntry]? = nil,
        ioWaitTimeRecursive: [BlkioEntry]? = nil,
        ioMergedRecursive: [BlkioEntry]? = nil,
        ioTimeRecursive: [BlkioEntry]? = nil,
        sectorsRecursive: [BlkioEntry]? = nil
    ) {
        self.ioServiceBytesRecursive = ioServiceBytesRecursive
        self.ioServicedRecursive = ioServicedRecursive
        self.ioQueueRecursive = ioQueueRecursive
        self.ioServiceTimeRecursive = ioServiceTimeRecursive
        self.ioWaitTimeRecursive = ioWaitTimeRecursive
        self.ioMergedRecursive = ioMergedRecursive
        self.ioTimeRecursive = ioTimeRecursive
        self.sectorsRecursive = sectorsRecursive
    }

    private enum CodingKeys: String, CodingKey {
        case ioServiceBytesRecursive = "io_service_bytes_recursive"
        case ioServicedRecursive = "io_serviced_recursive"
        case ioQueueRecursive = "io_queue_recursive"
        case ioServiceTimeRecursive = "io_service_time_recursive"
        case ioWaitTimeRecursive = "io_wait_time_recursive"
        case ioMergedRecursive = "io_merged_recursive"
        case ioTimeRecursive = "io_time_recursive"
        case sectorsRecursive = "sectors_recursive"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        ioServiceBytesRecursive = try fields.optional(.ioServiceBytesRecursive)
        ioServicedRecursive = try fields.optional(.ioServicedRecursive)
        ioQueueRecursive = try fields.optional(.ioQueueRecursive)
        ioServiceTimeRecursive = try fields.optional(.ioServiceTimeRecursive)
        ioWaitTimeRecursive = try fields.optional(.ioWaitTimeRecursive)
        ioMergedRecursive = try fields.optional(.ioMergedRecursive)
        ioTimeRecursive = try fields.optional(.ioTimeRecursive)
        sectorsRecursive = try fields.optional(.sectorsRecursive)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(ioServiceBytesRecursive, .ioServiceBytesRecursive)
        try fields.put(ioServicedRecursive, .ioServicedRecursive)
        try fields.put(ioQueueRecursive, .ioQueueRecursive)
        try fields.put(ioServiceTimeRecursive, .ioServiceTimeRecursive)
        try fields.put(ioWaitTimeRecursive, .ioWaitTimeRecursive)
        try fields.put(ioMergedRecursive, .ioMergedRecursive)
        try fields.put(ioTimeRecursive, .ioTimeRecursive)
        try fields.put(sectorsRecursive, .sectorsRecursive)
    }
}

/// Counters of one interface.
package struct NetworkStats: Codable, Sendable, Hashable {
    package var rxBytes: UInt64 = 0
    package var rxPackets: UInt64 = 0
    package var rxErrors: UInt64 = 0
    package var rxDropped: UInt64 = 0
    package var txBytes: UInt64 = 0
    package var txPackets: UInt64 = 0
    package var txErrors: UInt64 = 0
    package var txDropped: UInt64 = 0

    package init(
        rxBytes: UInt64 = 0,
        rxPackets: UInt64 = 0,
        rxErrors: UInt64 = 0,
        rxDropped: UInt64 = 0,
        txBytes: UInt64 = 0,
        txPackets: UInt64 = 0,
        txErrors: UInt64 = 0,
        txDropped: UInt64 = 0
    ) {
        self.rxBytes = rxBytes
        self.rxPackets = rxPackets
        self.rxErrors = rxErrors
        self.rxDropped = rxDropped
        self.txBytes = txBytes
        self.txPackets = txPackets
        self.txErrors = txErrors
        self.txDropped = txDropped
    }

    private enum CodingKeys: String, CodingKey {
        case rxBytes = "rx_bytes"
        case rxPackets = "rx_packets"
        case rxErrors = "rx_errors"
        case rxDropped = "rx_dropped"
        case txBytes = "tx_bytes"
        case txPackets = "tx_packets"
        case txErrors = "tx_errors"
        case txDropped = "tx_dropped"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        rxBytes = try fields.value(.rxBytes)
        rxPackets = try fields.value(.rxPackets)
        rxErrors = try fields.value(.rxErrors)
        rxDropped = try fields.value(.rxDropped)
        txBytes = try fields.value(.txBytes)
        txPackets = try fields.value(.txPackets)
        txErrors = try fields.value(.txErrors)
        txDropped = try fields.value(.txDropped)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(rxBytes, .rxBytes)
        try fields.put(rxPackets, .rxPackets)
        try fields.put(rxErrors, .rxErrors)
        try fields.put(rxDropped, .rxDropped)
        try fields.put(txBytes, .txBytes)
        try fields.put(txPackets, .txPackets)
        try fields.put(txErrors, .txErrors)
        try fields.put(txDropped, .txDropped)
    }
}

/// Counters of the storage driver; Windows only, kept for its place on the wire.
package struct StorageStats: Codable, Sendable, Hashable {
    package var readCountNormalized: UInt64 = 0
    package var readSizeBytes: UInt64 = 0
    package var writeCountNormalized: UInt64 = 0
    package var writeSizeBytes: UInt64 = 0

    package init(readCountNormalized: UInt64 = 0, readSizeBytes: UInt64 = 0, writeCountNormalized: UInt64 = 0, writeSizeBytes: UInt64 = 0) {
        self.readCountNormalized = readCountNormalized
        self.readSizeBytes = readSizeBytes
        self.writeCountNormalized = writeCountNormalized
        self.writeSizeBytes = writeSizeBytes
    }

    private enum CodingKeys: String, CodingKey {
        case readCountNormalized = "read_count_normalized"
        case readSizeBytes = "read_size_bytes"
        case writeCountNormalized = "write_count_normalized"
        case writeSizeBytes = "write_size_bytes"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        readCountNormalized = try fields.value(.readCountNormalized)
        readSizeBytes = try fields.value(.readSizeBytes)
        writeCountNormalized = try fields.value(.writeCountNormalized)
        writeSizeBytes = try fields.value(.writeSizeBytes)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(readCountNormalized, .readCountNormalized)
        try fields.putUnlessZero(readSizeBytes, .readSizeBytes)
        try fields.putUnlessZero(writeCountNormalized, .writeCountNormalized)
        try fields.putUnlessZero(writeSizeBytes, .writeSizeBytes)
    }
}

extension BlkioEntry: GoZero { package static var zero: Self { Self() } }
extension BlkioStats: GoZero { package static var zero: Self { Self() } }
extension NetworkStats: GoZero { package static var zero: Self { Self() } }
extension StorageStats: GoZero { package static var zero: Self { Self() } }
