internal import Diagnostics

/// Gives the interfaces of one container their names.
struct InterfaceNames {
    private(set) var taken: Set<String> = ["lo"]

    init(_ taken: some Sequence<String> = []) { self.taken.formUnion(taken) }

    /// The one asked for, or the lowest number behind the prefix that is free. Throws when the one asked for is not.
    mutating func next(_ asked: String?, prefix: String) throws(Fault) -> String {
        if let asked {
            guard taken.insert(asked).inserted else { throw Fault(.conflict, "interface name \(asked) is already in use in the container") }
            return asked
        }
        var number = 0
        while !taken.insert("\(prefix)\(number)").inserted { number += 1 }
        return "\(prefix)\(number)"
    }
}
