internal import Diagnostics
internal import Values

/// The options of a network, `--opt name=value`, read with Docker's errors. Unknown ones are kept and mean nothing, as in Docker.
struct DriverOptions {
    var values: [String: String]

    private func fault(_ name: String, _ value: String, _ why: String) -> Fault { Fault(.invalid, "failed to parse \(name) value: \(value) (\(why))") }

    /// In all the spellings of Go's ParseBool.
    func bool(_ name: String, default standard: Bool) throws(Fault) -> Bool {
        guard let text = values[name] else { return standard }
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw fault(name, standard ? "true" : "false", "strconv.ParseBool: parsing \"\(text)\": invalid syntax")
        }
    }

    /// Bytes; 0 when not given.
    func mtu() throws(Fault) -> Int {
        guard let text = values[MTU.option] else { return 0 }
        guard let number = Int(text) else { throw fault(MTU.option, "0", "strconv.Atoi: parsing \"\(text)\": invalid syntax") }
        // The least that IPv4 works with, and the most that the kernel's devices have.
        guard number == 0 || (68...65535).contains(number) else { throw Fault(.invalid, "invalid MTU number: \(number)") }
        return number
    }

    func address(_ name: String) throws(Fault) -> IPAddress? {
        guard let text = values[name] else { return nil }
        guard let address = IPAddress(text) else { throw fault(name, "<nil>", "nil ip") }
        return address
    }

    /// What an interface may be called: 15 bytes, see `dev_valid_name` of the kernel.
    static func isInterfaceName(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && name != "." && name != ".." && !name.utf8.contains { $0 <= 32 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
    }

    /// Whether an interface that comes up says so to its neighbours: the kernel does so once, or not at all, where Docker counts and has
    /// intervals.
    func announces() throws(Fault) -> Bool {
        func number(_ name: String, _ unit: String, _ range: ClosedRange<Int>) throws(Fault) -> Int {
            guard let text = values[name] else { return range.upperBound }
            guard let number = Int(text) else { throw Fault(.invalid, "value for option \(name) \"\(text)\" must be \(unit)") }
            guard range.contains(number) else { throw Fault(.invalid, "\(name) must be in the range \(range.lowerBound) to \(range.upperBound)") }
            return number
        }
        _ = try number("com.docker.network.advertise_addr_ms", "integer milliseconds", 100...2000)
        return try number("com.docker.network.advertise_addr_nmsgs", "an integer", 0...3) > 0
    }

    private enum MTU { static let option = "com.docker.network.driver.mtu" }
}
