package import JSON

/// One counter of one block device.
package struct BlkioEntry: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("major", &major)
        try m("minor", &minor)
        try m("op", &op)
        try m("value", &value)
    }
}

/// Block I/O counters.
package struct BlkioStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("io_service_bytes_recursive", &ioServiceBytesRecursive)
        try m("io_serviced_recursive", &ioServicedRecursive)
        try m("io_queue_recursive", &ioQueueRecursive)
        try m("io_service_time_recursive", &ioServiceTimeRecursive)
        try m("io_wait_time_recursive", &ioWaitTimeRecursive)
        try m("io_merged_recursive", &ioMergedRecursive)
        try m("io_time_recursive", &ioTimeRecursive)
        try m("sectors_recursive", &sectorsRecursive)
    }
}

/// Counters of one interface.
package struct NetworkStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("rx_bytes", &rxBytes)
        try m("rx_packets", &rxPackets)
        try m("rx_errors", &rxErrors)
        try m("rx_dropped", &rxDropped)
        try m("tx_bytes", &txBytes)
        try m("tx_packets", &txPackets)
        try m("tx_errors", &txErrors)
        try m("tx_dropped", &txDropped)
    }
}

/// Counters of the storage driver; Windows only, kept for its place on the wire.
package struct StorageStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("read_count_normalized", &readCountNormalized, .unlessEmpty)
        try m("read_size_bytes", &readSizeBytes, .unlessEmpty)
        try m("write_count_normalized", &writeCountNormalized, .unlessEmpty)
        try m("write_size_bytes", &writeSizeBytes, .unlessEmpty)
    }
}
