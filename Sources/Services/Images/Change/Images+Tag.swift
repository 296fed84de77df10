internal import Database
package import Diagnostics
internal import Linux
internal import OCI
internal import Values

extension Images {
    /// Gives the image called `source` the name `target` (`:latest` when it has no tag), taking it from whatever had it.
    package func tag(_ source: String, as target: String) throws(Fault) {
        let reference = try newName(target)
        let wanted = try ImageName(source)
        let found = try asFault("cannot tag \(source)") { () throws -> Digest? in
            try database.transaction { rows in
                guard let id = try Self.find(wanted, rows) else { return nil }
                let source = wanted.id == nil ? wanted.lookup ?? wanted.reference : nil
                try rows.name(reference, image: id, at: .now, target: source.flatMap { try rows.target(of: $0) })
                if let source { try rows.copyName(source, to: reference) }
                return id
            }
        }
        guard let found else { throw wanted.notFound }
        publish("tag", found, name: reference.familiar)
    }
}
