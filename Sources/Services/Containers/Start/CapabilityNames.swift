import Diagnostics
import Linux

/// Which capabilities a container has: the default ones, with `--cap-add` and `--cap-drop` applied.
enum CapabilityNames {
    static func resolve(add: [String], drop: [String], privileged: Bool) throws(Fault) -> [String] {
        var set: CapabilitySet = []
        let all = CapabilitySet(rawValue: 1 << UInt64(CapabilitySet.names.count) - 1)
        func parse(_ name: String) throws(Fault) -> CapabilitySet {
            if name.uppercased() == "ALL" { return all }
            guard let one = CapabilitySet(name: name) else { throw Fault(.invalid, "invalid capability: \"\(name)\"") }
            return one
        }
        if privileged {
            set = all
        } else {
            for name in DefaultSpec.capabilities { set.formUnion(try parse(name)) }
            // ALL on one side begins from there, whatever stands on the other.
            if drop.contains(where: { $0.uppercased() == "ALL" }) { set = [] }
            if add.contains(where: { $0.uppercased() == "ALL" }) { set = all }
            for name in drop where name.uppercased() != "ALL" { set.subtract(try parse(name)) }
            for name in add where name.uppercased() != "ALL" { set.formUnion(try parse(name)) }
        }
        return set.capabilityNames
    }
}
